"""A restart keeps the stack, its users and its data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.installation import emulator_python
from tests.e2e.deployed import eventually
from tests.support.shop import ADA, BEN, order

if TYPE_CHECKING:
    from local.process import Emulator
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant


def test_boards_and_sign_in_outlive_a_restart(deployed: Deployed, tenant: Tenant, emulator: Emulator | None) -> None:
    if emulator is None:
        pytest.skip("the stack is not of these tests' own making")
    store = tenant.connect()
    tenant.owner.ok("recordOrders", store=store["id"], body=order("1", ADA))
    eventually(lambda: deployed.board(tenant.owner, store["id"]), bool)

    assert emulator.stop()
    emulator.start(emulator_python())

    assert deployed.board(tenant.owner, store["id"]) == {ADA: (1, "10.00")}
    assert deployed.demo.ok("getAccount")["id"] == deployed.stack["account_id"]
    tenant.owner.ok("recordOrders", store=store["id"], body=order("2", BEN))
    eventually(lambda: deployed.board(tenant.owner, store["id"]), lambda board: len(board) == 2)
