"""Fixtures: the API in this process, and a fresh account for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import gateway, mailchimp

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


@pytest.fixture(scope="module")
def address(api: Gateway) -> Iterator[str]:
    """Where the API is for a client that speaks HTTP."""
    with mailchimp.serving(api.send) as address:
        yield address


@pytest.fixture
def plugin(address: str, tenant: Tenant) -> Any:
    """Mailchimp's own client with an API key of the tenant's, of an owner."""
    return mailchimp.client(address, api_key=mailchimp.api_key(tenant))


@pytest.fixture
def shop(plugin: Any, tenant: Tenant) -> str:
    """Id of a store that was made by Mailchimp's client."""
    plugin.ecommerce.add_store(mailchimp.store(tenant))
    return mailchimp.SHOP
