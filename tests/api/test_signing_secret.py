"""The secret that an account's outgoing webhooks are signed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from laurel.model.account import Role

if TYPE_CHECKING:
    from tests.support.client import Tenant


def test_a_secret_is_made_once_and_can_be_replaced(tenant: Tenant) -> None:
    first = tenant.owner.ok("getSigningSecret")
    assert first["secret"].startswith("whsec_")
    assert first["replaced"] == []
    assert tenant.owner.ok("getSigningSecret") == first

    second = tenant.owner.ok("rotateSigningSecret")

    assert second["secret"] != first["secret"]
    assert [it["secret"] for it in second["replaced"]] == [first["secret"]]
    assert tenant.owner.ok("getSigningSecret") == second


@pytest.mark.parametrize("operation", ["getSigningSecret", "rotateSigningSecret"])
def test_it_is_for_owners(tenant: Tenant, operation: str) -> None:
    for role in (Role.VIEWER, Role.MARKETER):
        assert tenant.as_(role)(operation).problem == "forbidden"
