"""POST orders of a signed-in client, one or a batch."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from laurel.http import problems
from laurel.http.app import App, lambda_handler
from laurel.http.orders_in import order_report
from laurel.http.schemas import OrderBatch, read
from laurel.ingestion.record import OrderResult, Outcome, record_orders
from laurel.model.account import Store
from laurel.model.errors import InvalidInput, LaurelError
from laurel.settings import settings
from laurel.store.contacts import Contacts
from laurel.store.ledger import Ledger
from laurel.store.process import dynamodb
from laurel.store.workspace import Workspace
from laurel.telemetry import count
from laurel.workspace.stores import existing, require_open

# Of each order of a batch: the answer must fit into the item that keeps it for its idempotency key.
_FAULTS_TOLD, _ID_TOLD = 10, 100

app = App(dynamodb)
_ledger = Ledger(dynamodb(), settings().ledger_table)
_contacts = Contacts(dynamodb(), settings().contacts_table)
_workspace = Workspace(dynamodb(), settings().workspace_table)


@app.post("/stores/{store}/orders")
def record(store: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    target = existing(_workspace, app.caller.account_id, store)
    require_open(target)
    body = app.json_body()
    if isinstance(body, dict) and "orders" in body:
        results = _record_each(target, read(OrderBatch, body).orders, now)
    else:
        (result,) = record_orders(_ledger, _contacts, target, [order_report(body)], now)
        if result.error:
            raise result.error
        results = [result]
    for result in results:
        count(f"Orders{result.outcome.capitalize()}")
    return {"results": [_answer(result) for result in results]}


def _record_each(store: Store, orders: list[dict[str, Any]], now: datetime) -> list[OrderResult]:
    """A result for every order of a batch, in its order; an order that cannot be read holds up no other."""
    reports = []
    faults: dict[int, LaurelError] = {}
    for index, order in enumerate(orders):
        try:
            reports.append(order_report(order, f"/orders/{index}"))
        except InvalidInput as error:
            faults[index] = InvalidInput(str(error), error.errors[:_FAULTS_TOLD])
    recorded = iter(record_orders(_ledger, _contacts, store, reports, now))
    return [
        OrderResult(str(order.get("id", ""))[:_ID_TOLD], Outcome.REJECTED, faults[index])
        if index in faults
        else next(recorded)
        for index, order in enumerate(orders)
    ]


def _answer(result: OrderResult) -> dict[str, Any]:
    problem = {"problem": problems.document(result.error)} if result.error else {}
    return {"id": result.order_id, "outcome": result.outcome.value, **problem}


handler = lambda_handler(app)
