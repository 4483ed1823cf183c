"""What was bought is kept with an order, in little room, and never stands in the order's way."""

from __future__ import annotations

from typing import Any

import pytest

from laurel.ingestion.fields import Fields
from laurel.ingestion.products import kept, products_of


def bought(*lines: Any) -> tuple[str, ...]:
    return products_of(Fields({"line_items": list(lines)}), "product_id", "sku", "title")


def test_each_line_is_known_by_id_sku_and_name() -> None:
    lines = [
        {"product_id": 7, "sku": "TEA-1", "title": " Tea  strainer "},
        {"product_id": None, "sku": "", "title": "Gift card", "price": "9"},
        {"product_id": 7, "sku": "TEA-2", "title": "Tea strainer"},
    ]

    assert bought(*lines) == ("7", "TEA-1", "Tea strainer", "Gift card", "TEA-2")


@pytest.mark.parametrize("lines", [None, "x", 7, {}, ["x"], [None]])
def test_lines_that_are_none_are_no_products(lines: Any) -> None:
    assert products_of(Fields({"line_items": lines}), "sku") == ()


@pytest.mark.parametrize("odd", [True, 1.5, {}, [], "\ud800", 10**60])
def test_what_cannot_be_read_is_left_out(odd: Any) -> None:
    assert bought({"product_id": odd, "sku": "TEA-1"}) == ("TEA-1",)


def test_twenty_lines_are_enough() -> None:
    assert bought(*({"sku": f"{number}"} for number in range(25))) == tuple(f"{number}" for number in range(20))


def test_all_products_together_have_a_thousand_bytes() -> None:
    assert kept("ü" * 99 + str(number) for number in range(9)) == tuple("ü" * 99 + str(number) for number in range(5))
    assert kept(["x" * 1000, "y"]) == ("x" * 1000,)
    assert kept(["", "x", "x"]) == ("x",)
