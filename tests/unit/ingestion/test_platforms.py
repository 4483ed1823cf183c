from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from laurel.http import orders_in
from laurel.ingestion.events import OrderReport
from laurel.ingestion.generic import Shapes
from laurel.ingestion.platforms import dialects
from laurel.model.account import Platform
from tests.support.functions import UNUSED, environment
from tests.support.webhook_events import body_of, load

ROOT = Path(__file__).parents[3]


def test_every_platform_that_sends_webhooks_has_a_dialect() -> None:
    assert set(dialects(lambda: orders_in)) == set(Platform) - {Platform.API}


@pytest.mark.parametrize(
    ("sample", "asked"),
    [
        ("webhooks-shopify-orders-create", 0),
        ("webhooks-woocommerce-order-created", 0),
        ("webhooks-generic-order-created", 1),
    ],
)
def test_only_laurels_own_format_asks_for_its_shapes(sample: str, asked: int) -> None:
    asking = []

    def shapes() -> Shapes:
        asking.append(1)
        return orders_in

    dialect = dialects(shapes)[Platform(sample.split("-")[1])]

    assert isinstance(dialect.read(load(sample)["headers"], body_of(sample)), OrderReport)
    assert len(asking) == asked


def test_the_function_starts_without_pydantic() -> None:
    paths = [str(ROOT), str(ROOT / "layers" / "shared")]
    program = f"import sys; sys.path[:0] = {paths}; import functions.ingestion.webhooks; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-I", "-c", program],
        env={**environment("WebhooksFunction", UNUSED), "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "laurel.ingestion.generic" in loaded
    assert "pydantic" not in loaded
