"""Fixtures: the API in this process, and a fresh account for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import gateway

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.client import Tenant
    from tests.support.gateway import Gateway


@pytest.fixture(scope="module")
def api() -> Iterator[Gateway]:
    """The API, on tables that a module's tests share; tenants keep them apart."""
    with gateway.running() as running:
        yield running


@pytest.fixture
def tenant(api: Gateway) -> Tenant:
    return api.tenant()


@pytest.fixture
def store(tenant: Tenant) -> Any:
    """A connected store that takes orders from signed-in clients."""
    return tenant.connect()
