"""Alerts on loss of loyalty: listed, put off, settled; and what is watched for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from laurel.alerts.by_hand import change
from laurel.http import alerts_out
from laurel.http.app import App, lambda_handler
from laurel.http.cursor import Pages
from laurel.http.exchange import Response, json_response
from laurel.http.parameters import enum_parameter, limit_parameter
from laurel.http.versions import etag, require_match
from laurel.model.account import Audience, Store
from laurel.model.alert import Alert, AlertRules, AlertState
from laurel.model.errors import VersionMismatch
from laurel.model.identity import is_contact
from laurel.settings import settings
from laurel.store.alert_rules import KeptAlertRules
from laurel.store.alerts import Alerts
from laurel.store.contacts import Contacts
from laurel.store.process import dynamodb
from laurel.store.rankings import Rankings
from laurel.store.workspace import Workspace

_PAGE = 50

app = App(dynamodb)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_alerts = Alerts(dynamodb(), settings().workspace_table)
_rules = KeptAlertRules(dynamodb(), settings().workspace_table)
_contacts = Contacts(dynamodb(), settings().contacts_table)
_rankings = Rankings(dynamodb(), settings().rankings_table)


@app.get("/audiences/{audience}/alerts")
def list_alerts(audience: str) -> dict[str, Any]:
    within = _audience(audience)
    state = enum_parameter(app, "state", AlertState) or AlertState.OPEN
    pages = Pages(_workspace.cursor_key(within.account_id), f"{state.value} alerts in {within.id}")
    position = pages.position(app.query("cursor"))
    limit = limit_parameter(app, _PAGE)
    found, last = _alerts.listed(within.account_id, within.id, state, limit, position["after"] if position else None)
    total = _alerts.count(within.account_id, within.id, state)
    return alerts_out.alerts(found, _names(within, found), total, pages.cursor({"after": last} if last else None))


@app.patch("/audiences/{audience}/alerts/{alert}")
def change_alert(audience: str, alert: str) -> dict[str, Any]:
    from laurel.http.alerts_in import AlertChange  # noqa: PLC0415, reads need no pydantic
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic

    wanted = read(AlertChange, app.json_body())
    within = _audience(audience)
    changed = change(
        _alerts, within.account_id, within.id, alert, wanted.state, wanted.snoozed_until, datetime.now(UTC)
    )
    return alerts_out.alert(changed, _names(within, [changed]))


@app.get("/audiences/{audience}/alert-rules")
def get_rules(audience: str) -> Response:
    within = _audience(audience)
    return _versioned(_rules.rules(within.account_id, within.id), _stores(within))


@app.put("/audiences/{audience}/alert-rules")
def replace_rules(audience: str) -> Response:
    from laurel.http.alerts_in import AlertRulesIn, rules_of  # noqa: PLC0415, reads need no pydantic
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic

    body = read(AlertRulesIn, app.json_body())
    within = _audience(audience)
    known = _rules.rules(within.account_id, within.id)
    require_match(app, known.version)
    stores = _stores(within)
    saved = _rules.save(rules_of(body, known, {store.id for store in stores}))
    if saved is None:
        raise VersionMismatch
    return _versioned(saved, stores)


def _audience(audience_id: str) -> Audience:
    return _workspace.existing_audience(app.caller.account_id, audience_id)


def _stores(audience: Audience) -> list[Store]:
    return audience.shown(_workspace.stores(audience.account_id))


def _versioned(rules: AlertRules, stores: Sequence[Store]) -> Response:
    return json_response(200, alerts_out.rules(rules, stores), headers=etag(rules.version))


def _names(audience: Audience, found: Sequence[Alert]) -> alerts_out.Names:
    """Names and addresses of whom alerts are about; of who is known by a shop's own id, what the board shows."""
    known = [it.customer for it in found if is_contact(it.customer)]
    contacts = _contacts.contacts(audience.account_id, audience.id, known)
    names: dict[tuple[str, str], tuple[str | None, str | None]] = {
        (it.store_id, it.customer): (contact.name, contact.email)
        for it in found
        if (contact := contacts.get(it.customer))
    }
    for store in _stores(audience) if len(known) < len(found) else ():
        numbered = {it.customer for it in found if it.store_id == store.id and not is_contact(it.customer)}
        names |= {(store.id, customer): named for customer, named in _rankings.names_of(store, numbered).items()}
    return names


handler = lambda_handler(app)
