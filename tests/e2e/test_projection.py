"""The stream: a record that cannot be projected ends in the dead-letter queue, and holds up nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.deployed import eventually
from tests.support.shop import ADA, BEN, order

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant


@pytest.mark.slow
def test_a_poisonous_record_goes_to_the_dead_letters_while_others_go_on(deployed: Deployed, tenant: Tenant) -> None:
    store = tenant.connect()
    waiting = len(deployed.dead_letters())
    key = f"{tenant.account_id}#{tenant.audience_id}#customer-poison"
    poison = {"pk": {"S": key}, "sk": {"S": f"order#{store['id']}#poison"}, "state": {"S": "no such state"}}

    tenant.owner.ok("recordOrders", store=store["id"], body=order("1", ADA))
    deployed.put("ledger", poison)
    tenant.owner.ok("recordOrders", store=store["id"], body=order("2", BEN))

    assert eventually(lambda: deployed.board(tenant.owner, store["id"]), lambda board: len(board) == 2) == {
        ADA: (1, "10.00"),
        BEN: (1, "10.00"),
    }
    letters = eventually(deployed.dead_letters, lambda letters: len(letters) > waiting, seconds=180)
    assert letters[-1]["requestContext"]["functionArn"]
    assert letters[-1]["DDBStreamBatchInfo"]["batchSize"] == 1

    tenant.owner.ok("recordOrders", store=store["id"], body=order("3", BEN))
    eventually(lambda: deployed.board(tenant.owner, store["id"]), lambda board: board[BEN] == (2, "20.00"))
