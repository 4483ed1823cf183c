"""A webhook that never came, made good by the deployed stack."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from laurel.model.account import Platform
from tests.e2e.deployed import eventually
from tests.support.shop_server import ShopServer, serving
from tests.support.webhook_events import body_of

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant

_SECONDS = 180


def test_an_order_that_no_webhook_told_of_is_on_the_board(deployed: Deployed, tenant: Tenant) -> None:
    store = tenant.connect("woocommerce")
    sold = datetime.now(UTC) + timedelta(minutes=1)
    order = body_of("webhooks-woocommerce-order-created") | {"date_modified_gmt": f"{sold:%Y-%m-%dT%H:%M:%S}"}

    with serving(ShopServer(order)) as shop:
        shop.date = sold + timedelta(hours=1)  # its clock says that the order is not of just now
        tenant.owner.ok("replaceShopCredentials", store=store["id"], body=shop.body(Platform.WOOCOMMERCE))
        begun = tenant.owner.ok("reconcileStore", store=store["id"])
        run = eventually(
            lambda: tenant.owner.ok("getReconciliation", store=store["id"])["runs"][0],
            lambda it: it["state"] == "done",
            _SECONDS,
        )

    assert run["id"] == begun["id"]
    assert (run["shop"]["missing"], run["shop"]["repaired"], run["boards"]["differences"]) == (1, 1, 0)
    assert deployed.board(tenant.owner, store["id"]) == {"joao.silva@example.com": (1, "64.90")}
