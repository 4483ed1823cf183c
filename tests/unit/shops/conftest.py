"""A shop that answers over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.shop_server import ShopServer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[ShopServer]:
    with serving(ShopServer()) as shop:
        yield shop
