"""Nothing of one tenant can be read, guessed or written by another, on the deployed stack with two real users."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from tests.e2e.deployed import eventually
from tests.support import tenancy
from tests.support.estate import furnish

if TYPE_CHECKING:
    from laurel.http.routes import Route
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant
    from tests.support.estate import Estate

QUIET = 15.0
"""Seconds in which nothing of an account may have changed; each part of the work takes a fraction of one."""


@pytest.fixture(scope="module")
def estates(deployed: Deployed) -> tuple[Estate, Estate]:
    def project(tenant: Tenant, store: Any, rows: int) -> None:
        eventually(lambda: deployed.board(tenant.owner, store["id"]), lambda board: len(board) == rows)

    first, second = (
        furnish(deployed.tenant(mark, (Role.OWNER,)), mark, project, deployed.allow) for mark in ("amber", "birch")
    )
    for estate in (first, second):
        _settle(deployed, estate.tenant.account_id)
    return first, second


def _settle(deployed: Deployed, account_id: str) -> None:
    """Wait until what streams and queues do with an account's new things is done, as far as anybody can see."""

    def stands_still() -> bool:
        before = deployed.items_of(account_id)
        time.sleep(QUIET)
        return deployed.items_of(account_id) == before

    eventually(stands_still, bool, seconds=300)


@pytest.mark.parametrize("route", tenancy.routes(), ids=lambda route: route.operation)
def test_no_route_leads_to_another_tenant(route: Route, deployed: Deployed, estates: tuple[Estate, Estate]) -> None:
    mine, theirs = estates

    assert tenancy.check(route, mine, theirs, deployed.items_of) > 0
