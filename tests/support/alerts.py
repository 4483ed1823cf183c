"""Alerts as the daily look would open them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from laurel.model.alert import Alert, AlertKind, AlertState, Lateness
from laurel.model.identity import contact_id
from laurel.store.alerts import Alerts
from tests.support.shop import ADA

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway


def raised(api: Gateway, tenant: Tenant, store: str, email: str = ADA, **changes: Any) -> Alert:
    """An alert about a customer who is overdue since yesterday."""
    now = datetime.now(UTC).replace(microsecond=0)
    alert = Alert(
        account_id=tenant.account_id,
        audience_id=tenant.audience_id,
        store_id=store,
        kind=AlertKind.OVERDUE,
        customer=contact_id(email),
        state=AlertState.OPEN,
        reason=Lateness((now - timedelta(days=45)).date(), 6, 30, 43),
        fell_at=now - timedelta(days=1),
        opened_at=now,
        worth=12_345,
        currency="EUR",
    )
    alerts = Alerts(api.database.client, api.database.tables.workspace)
    saved = alerts.save(replace(alert, **changes), now)
    assert saved
    return saved
