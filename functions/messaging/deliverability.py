"""How an account's mail fares with its readers, and the addresses that it does not write to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from laurel.http import deliverability_out
from laurel.http.app import App, lambda_handler
from laurel.http.cursor import Pages
from laurel.http.exchange import Response, json_response
from laurel.http.parameters import limit_parameter
from laurel.model.errors import NotFound
from laurel.model.suppression import Suppression, SuppressionReason
from laurel.settings import settings
from laurel.store.allowances import Allowances
from laurel.store.deliverability import Tallies
from laurel.store.process import dynamodb
from laurel.store.suppressions import Suppressions
from laurel.store.workspace import Workspace

_PAGE = 50

app = App(dynamodb)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_suppressions = Suppressions(dynamodb(), settings().workspace_table)
_tallies = Tallies(dynamodb(), settings().workspace_table)
_allowances = Allowances(dynamodb(), settings().workspace_table)


@app.get("/deliverability")
def get_deliverability() -> dict[str, Any]:
    now = datetime.now(UTC)
    account = _workspace.existing_account(app.caller.account_id)
    return deliverability_out.deliverability(
        _tallies.standing(account.id, now), account, _allowances.usage(account.id, now)
    )


@app.get("/suppressions")
def list_suppressions() -> dict[str, Any]:
    account_id = app.caller.account_id
    pages = Pages(_workspace.cursor_key(account_id), "suppressions")
    position = pages.position(app.query("cursor"))
    limit = limit_parameter(app, _PAGE)
    found, last = _suppressions.suppressions(account_id, limit, position["address"] if position else None)
    return deliverability_out.suppressions(found, pages.cursor({"address": last} if last else None))


@app.post("/suppressions")
def suppress_address() -> Response:
    from laurel.http.deliverability_in import SuppressionNew  # noqa: PLC0415, reads need no pydantic
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic

    email = read(SuppressionNew, app.json_body()).email.lower()
    account_id = app.caller.account_id
    wanted = Suppression(account_id, email, SuppressionReason.MANUAL, datetime.now(UTC))
    kept = wanted if _suppressions.suppress(wanted) else _suppressions.suppression(account_id, email)
    return json_response(201, deliverability_out.suppression(kept or wanted))


@app.delete("/suppressions/{address}")
def release_address(address: str) -> dict[str, Any]:
    released = _suppressions.release(app.caller.account_id, address)
    if released is None:
        raise NotFound("suppressed address", address)
    return deliverability_out.suppression(released)


handler = lambda_handler(app)
