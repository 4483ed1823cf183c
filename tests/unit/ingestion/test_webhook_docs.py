"""docs/webhooks.md shows what works."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from laurel.http import orders_in
from laurel.http.schemas import OrderIn
from laurel.ingestion import generic, shopify, signatures, woocommerce
from laurel.ingestion.events import OrderReport
from laurel.model.account import Platform
from tests.support import webhook_events

DOCS = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text()


def block(language: str) -> str:
    match = re.search(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)
    assert match
    return match[1]


def test_the_signing_example_is_accepted() -> None:
    namespace: dict[str, Any] = {}
    exec(block("python"), namespace)
    secret = signatures.new_secret(Platform.GENERIC)

    headers = namespace["signed_headers"](secret, "msg_1", b"{}")

    signatures.verify_standard(b"{}", headers, [secret], datetime.now(UTC))


def test_the_example_delivery_is_an_order() -> None:
    _, body = block("http").split("\n\n", 1)
    event = generic.read({}, json.loads(body), orders_in)
    assert isinstance(event, OrderReport)
    assert (event.order.id, event.order.total, event.order.refunds) == ("A-1001", 5990, {"r-1": 990})
    assert event.person
    assert event.person.tags == ("vip",)


def test_every_sample_topic_is_described() -> None:
    for name in webhook_events.names():
        headers, body = webhook_events.load(name)["headers"], webhook_events.load(name)["body"]
        topic = headers.get("x-shopify-topic") or (json.loads(body).get("type") if body.startswith("{") else None)
        assert topic is None or f"`{topic}`" in DOCS, name


def test_every_status_is_described() -> None:
    described = get_args(OrderIn.model_fields["status"].annotation)
    assert "refunded" in described
    for statuses in (shopify._STATES, woocommerce._STATES, described):
        for status in statuses:
            assert f"`{status}`" in DOCS, status
