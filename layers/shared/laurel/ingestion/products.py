"""What was bought, as rules of points may ask for it: products' ids, SKUs and names, as the shop writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from laurel.ingestion.fields import Fields
from laurel.model.errors import InvalidInput

MOST_LINES = 20

_MOST_BYTES = 1_000
"""Of all together: rankings read orders whole, and pay for their size."""


def products_of(body: Fields, *names: str) -> tuple[str, ...]:
    """The given members of an order's ``line_items``. One that cannot be read is left out, and refuses no order."""
    return kept(_described(body, names))


def kept(products: Iterable[str]) -> tuple[str, ...]:
    """Products without empty ones and repetitions, as many as there is room for."""
    room = _MOST_BYTES
    fitting = []
    for product in dict.fromkeys(products):
        room -= len(product.encode())
        if room < 0:
            break
        if product:
            fitting.append(product)
    return tuple(fitting)


def _described(body: Fields, names: Iterable[str]) -> Iterator[str]:
    with suppress(InvalidInput):
        for line in body.children("line_items")[:MOST_LINES]:
            for name in names:
                with suppress(InvalidInput):
                    yield line.label(name) or ""
