"""Nothing of one tenant can be read, guessed or written by another, by any route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import tenancy
from tests.support.estate import furnish

if TYPE_CHECKING:
    from laurel.http.routes import Route
    from tests.support.client import Tenant
    from tests.support.estate import Estate
    from tests.support.gateway import Gateway


@pytest.fixture(scope="module")
def estates(api: Gateway) -> tuple[Estate, Estate]:
    def project(_tenant: Tenant, _store: Any, _rows: int) -> None:
        api.settle()

    first, second = (
        furnish(api.tenant(email=f"{mark}@example.com"), mark, project, api.allow) for mark in ("amber", "birch")
    )
    return first, second


@pytest.mark.parametrize("route", tenancy.routes(), ids=lambda route: route.operation)
def test_no_route_leads_to_another_tenant(route: Route, api: Gateway, estates: tuple[Estate, Estate]) -> None:
    mine, theirs = estates

    def items_of(account_id: str) -> Any:
        return [
            item
            for table in api.database.tables._fields
            for item in api.items(table)
            if item["pk"]["S"].split("#")[0] == account_id
        ]

    assert tenancy.check(route, mine, theirs, items_of) > 0


def test_items_of_a_tenant_are_found_by_their_first_key_part(api: Gateway, estates: tuple[Estate, Estate]) -> None:
    for estate in estates:
        for table in api.database.tables._fields:
            for item in api.items(table):
                if estate.mark in str(item):
                    assert item["pk"]["S"].split("#")[0] == estate.tenant.account_id
