"""Whatever JSON object arrives, a reader returns an event or raises ``InvalidInput``."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laurel.http import orders_in
from laurel.ingestion import events, generic, shopify, woocommerce
from laurel.model.errors import InvalidInput
from tests.support.webhook_events import body_of, load, names

LAYER = Path(__file__).parents[3] / "layers" / "shared"
READERS: dict[str, Callable[[Mapping[str, str], Mapping[str, Any]], events.Event]] = {
    "shopify": shopify.read,
    "woocommerce": woocommerce.read,
    "generic": partial(generic.read, shapes=orders_in),
}
SAMPLES = [name for name in names() if not name.endswith("-ping")]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(
        ["1e999999", "-0.001", "\ud800", "2026-11-22T10:30:00Z", "0001-01-01T00:00:00+14:00", "EUR", "-5", 10**60]
    )
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def read(name: str, body: Mapping[str, Any]) -> None:
    event = load(name)
    try:
        result = READERS[event["pathParameters"]["platform"]](event["headers"], body)
    except InvalidInput as error:
        json.dumps([[fault.pointer, fault.detail] for fault in error.errors], ensure_ascii=False).encode()
        return
    assert isinstance(result, get_args(events.Event))
    if isinstance(result, events.OrderReport):
        assert len(result.order.digest) == 16
        assert result.order.customer.encode()
        assert result.order.total >= 0
        assert all(amount >= 0 for amount in result.order.refunds.values())


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Paths of all members and entries of a body."""
    children: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    return [found for key, child in children for found in [(*path, key), *places(child, (*path, key))]]


def replaced(body: Any, path: tuple[Any, ...], value: object) -> Any:
    if not path:
        return value
    copy: Any = dict(body) if isinstance(body, dict) else list(body)
    copy[path[0]] = replaced(body[path[0]], path[1:], value)
    return copy


@pytest.mark.parametrize("name", SAMPLES)
@given(st.data())
def test_a_sample_with_any_member_replaced_by_anything(name: str, data: st.DataObject) -> None:
    body = body_of(name)
    for _ in range(data.draw(st.integers(1, 3))):
        body = replaced(
            body, data.draw(st.sampled_from(places(body)) if places(body) else st.just(())), data.draw(values)
        )
        if not isinstance(body, dict):
            return
    read(name, body)


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=30)
@given(st.dictionaries(st.text(max_size=8), values, max_size=4))
def test_any_object_at_all(name: str, body: dict[str, Any]) -> None:
    read(name, body)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_with_any_member_missing_or_null(name: str) -> None:
    body = body_of(name)
    for path in places(body):
        read(name, replaced(body, path, None))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_read(name: str) -> None:
    event = load(name)
    result = READERS[event["pathParameters"]["platform"]](event["headers"], body_of(name))
    assert not isinstance(result, events.Ignored)


def test_the_readers_import_nothing_that_costs_a_cold_start() -> None:
    program = (
        "import sys; import laurel.ingestion.signatures, laurel.ingestion.shopify, laurel.ingestion.woocommerce, "
        "laurel.ingestion.generic; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    loaded = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(LAYER)!r}); {program}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"boto3", "botocore", "pydantic", "aws_lambda_powertools", "jmespath", "asyncio", "urllib3"} & set(
        loaded
    )
