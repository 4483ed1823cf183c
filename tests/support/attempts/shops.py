"""What one may try with the other's stores: their shops, orders, boards and imports, and webhooks to them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.support import webhook_events
from tests.support.attempts.attempt import Attempt, erasure_of, nothing, only_asked, with_key
from tests.support.estate import Estate
from tests.support.shop import ADA, BEN, BODIES, contact_id, order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _connect(mine: Estate, theirs: Estate) -> list[Attempt]:
    plan, audience = BODIES["connectStore"], theirs.tenant.audience_id
    foreign = [audience, f"{theirs.tenant.account_id}#audience#{audience}", f"{audience}#", f"../{audience}"]
    own = {"audience_id": mine.tenant.audience_id}
    return [
        *(Attempt("connectStore", body=plan | {"audience_id": it}) for it in foreign),
        *with_key("connectStore", **own)(mine, theirs),
    ]


def _change_store(mine: Estate, theirs: Estate) -> list[Attempt]:
    move = {"audience_id": theirs.tenant.audience_id}
    return [
        Attempt("changeStore", {"store": mine.spare["id"]}, body=move),
        *with_key("changeStore", "store", name="Mine")(mine, theirs),
    ]


def _shop_credentials(operation: str) -> Callable[[Estate, Estate], list[Attempt]]:
    """What the other's shop may be read with, and one's own by the other's key; the one in the body does not answer."""

    def made(mine: Estate, theirs: Estate) -> list[Attempt]:
        own, foreign = mine.stores["woocommerce"]["id"], theirs.stores["woocommerce"]["id"]
        body = BODIES.get(operation)
        return [
            Attempt(operation, {"store": foreign}, body=body),
            Attempt(operation, {"store": own}, body=body, headers=theirs.key, own=body is None, refused=424),
        ]

    return made


def _orders(mine: Estate, theirs: Estate) -> list[Attempt]:
    """Orders of both have the same ids, and one's own store must never find the other's."""
    path, tenant = {"store": mine.spare["id"]}, theirs.tenant
    reaching = [
        order(f"{tenant.account_id}#{theirs.stores['generic']['id']}#1", customer={"id": f"{tenant.account_id}#x"}),
        order("1", customer={"email": BEN}, updated_at="2199-01-01T00:00:00Z"),
        order("1", None, customer={"id": f"customer-{theirs.customer}"}, status="cancelled"),
    ]
    return [
        *(Attempt("recordOrders", path, body=it, own=True) for it in reaching),
        Attempt("recordOrders", path, body=order("5") | {"store_id": theirs.stores["generic"]["id"]}),
        Attempt("recordOrders", path, body=order("6"), headers=theirs.key, own=True),
    ]


def _board(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"store": mine.stores["generic"]["id"]}
    reaching = f"all#{theirs.tenant.account_id}"
    return [
        Attempt("getLeaderboard", path, {"cursor": theirs.board_cursor, "limit": "1"}),
        Attempt("getLeaderboard", path, {"cursor": theirs.timeline_cursor}),
        Attempt("getLeaderboard", path, {"period": reaching}),
        Attempt("getLeaderboard", path, {"period": f"../{theirs.tenant.account_id}/all"}),
        Attempt("getLeaderboard", {"store": theirs.stores["generic"]["id"]}, {"cursor": theirs.board_cursor}),
        Attempt("getLeaderboard", path, {"period": "all"}, headers={"Accept": "text/csv"}, own=True),
    ]


def _place(mine: Estate, _theirs: Estate) -> list[Attempt]:
    """A customer of both: one's own figures."""
    path = {"store": mine.stores["generic"]["id"], "customer": contact_id(ADA)}
    return [Attempt("getPlace", path, {"period": "all"}, own=True)]


def _explanation(mine: Estate, _theirs: Estate) -> list[Attempt]:
    path = {"store": mine.stores["generic"]["id"], "customer": contact_id(ADA)}
    return [Attempt("explainRank", path, {"period": "all"}, own=True)]


def _changes(mine: Estate, theirs: Estate) -> list[Attempt]:
    """No period of either was closed."""
    path, operation = {"store": mine.stores["generic"]["id"]}, "getLeaderboardChanges"
    return [
        Attempt(operation, path, {"period": "2026-10"}),
        Attempt(operation, path, {"period": "2026-10", "cursor": theirs.board_cursor}),
        Attempt(operation, path, {"period": f"../{theirs.tenant.account_id}/all"}),
    ]


def _snapshots(mine: Estate, theirs: Estate) -> list[Attempt]:
    path, operation = {"store": mine.stores["generic"]["id"]}, "listBoardSnapshots"
    return [
        Attempt(operation, path, own=True),
        Attempt(operation, path, {"kind": "running"}, own=True),
        Attempt(operation, path, {"cursor": theirs.board_cursor}),
    ]


def _import_list(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"store": mine.stores["generic"]["id"]}
    foreign = (theirs.imports_cursor, theirs.jobs_cursor)
    return [
        Attempt("listImports", path, own=True),
        *(Attempt("listImports", path, {"cursor": it}) for it in foreign),
        Attempt("listImports", {"store": theirs.stores["generic"]["id"]}, {"cursor": theirs.imports_cursor}),
    ]


def _cancel_import(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {name: mine.path[name] for name in ("store", "import_id")}
    return [Attempt("cancelImport", path, headers=theirs.key, own=True)]


def _webhooks(mine: Estate, theirs: Estate) -> list[Attempt]:
    """Deliveries to the other's stores, signed with one's own secrets, and to mixed-up addresses."""
    made = []
    for platform in ("shopify", "woocommerce", "generic"):
        ours, others = mine.stores[platform], theirs.stores[platform]
        for account, store in (
            (theirs.tenant.account_id, others["id"]),
            (theirs.tenant.account_id, ours["id"]),
            (mine.tenant.account_id, others["id"]),
            (f"{mine.tenant.account_id}#", f"{theirs.tenant.account_id}#{others['id']}"),
        ):
            path = {"account": account, "store": store, "platform": platform}
            made.append(_delivery(path, ours["webhook_secret"]))
        for other in ("shopify", "woocommerce", "generic", "api"):
            if other != platform:
                path = {"account": theirs.tenant.account_id, "store": others["id"], "platform": other}
                made.append(_delivery(path, mine.stores["generic"]["webhook_secret"]))
    return made


def _delivery(path: dict[str, str], secret: str) -> Attempt:
    body = json.dumps(BODIES["receiveWebhook"])
    headers = {
        "generic": {"webhook-id": "delivery-1"},
        "woocommerce": {"x-wc-webhook-topic": "order.created"},
    }.get(path["platform"], {"x-shopify-topic": "orders/create"})
    event = {"pathParameters": path, "body": body, "headers": headers}
    platform = path["platform"] if path["platform"] != "api" else "shopify"
    signed = webhook_events.signed(event | {"pathParameters": {"platform": platform}}, datetime.now(UTC), secret)
    return Attempt("receiveWebhook", path, body=body, headers=signed["headers"])


ATTEMPTS: dict[str, Callable[[Estate, Estate], Iterable[Attempt]]] = {
    "listStores": only_asked("listStores"),
    "connectStore": _connect,
    "getStore": nothing,
    "changeStore": _change_store,
    "disconnectStore": with_key("disconnectStore", "store"),
    "rotateSecret": with_key("rotateSecret", "store"),
    "rebuildStore": with_key("rebuildStore", "store"),
    "reconcileStore": lambda mine, theirs: [
        Attempt("reconcileStore", {"store": mine.stores["generic"]["id"]}, headers=theirs.key, own=True)
    ],
    "getReconciliation": lambda mine, _: [Attempt("getReconciliation", {"store": mine.expendable["id"]}, own=True)],
    "getRates": lambda mine, _: [Attempt("getRates", {"store": mine.expendable["id"]}, own=True)],
    "replaceRates": with_key("replaceRates", "store"),
    "getShopCredentials": _shop_credentials("getShopCredentials"),
    "replaceShopCredentials": _shop_credentials("replaceShopCredentials"),
    "deleteShopCredentials": _shop_credentials("deleteShopCredentials"),
    "listSetAside": lambda mine, _: [Attempt("listSetAside", {"store": mine.stores["generic"]["id"]}, own=True)],
    "receiveWebhook": _webhooks,
    "recordOrders": _orders,
    "startImport": lambda mine, theirs: [
        Attempt(
            "startImport",
            {"store": mine.stores["generic"]["id"]},
            body=BODIES["startImport"],
            headers=theirs.key,
            own=True,
        )
    ],
    "listImports": _import_list,
    "getImport": lambda mine, _: [
        Attempt("getImport", {name: mine.path[name] for name in ("store", "import_id")}, own=True)
    ],
    "cancelImport": _cancel_import,
    "eraseStore": erasure_of("eraseStore", "store"),
    "getLeaderboard": _board,
    "getPlace": _place,
    "explainRank": _explanation,
    "getLeaderboardChanges": _changes,
    "listBoardSnapshots": _snapshots,
}
"""Of these routes, what can be tried besides its path."""
