"""What people do with alerts: put one off, say that it is settled, take that back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from laurel.model.alert import Alert, AlertState, Resolution
from laurel.model.errors import Busy, Conflict, InvalidInput, NotFound

LONGEST_SNOOZE = timedelta(days=366)
_TRIES = 5


class AlertBook(Protocol):
    """Keeps alerts; ``save`` returns None if somebody else wrote the alert since it was read."""

    def alert(self, account_id: str, audience_id: str, alert_id: str) -> Alert | None: ...
    def save(self, alert: Alert, now: datetime) -> Alert | None: ...


def change(
    book: AlertBook,
    account_id: str,
    audience_id: str,
    alert_id: str,
    state: AlertState,
    until: datetime | None,
    now: datetime,
) -> Alert:
    """Give an alert another state; ``until`` is how long it is put off.

    Raises ``NotFound``, ``InvalidInput``, ``Busy``, and ``Conflict`` for one that ended by itself.
    """
    _check(state, until, now)
    for _ in range(_TRIES):
        alert = book.alert(account_id, audience_id, alert_id)
        if alert is None:
            raise NotFound("alert", alert_id)
        if alert.is_over and alert.resolution is not Resolution.BY_HAND:
            raise Conflict("This alert ended by itself. It opens again if the customer slips away anew.")
        over = state is AlertState.RESOLVED
        wanted = replace(
            alert,
            state=state,
            snoozed_until=until,
            resolved_at=(alert.resolved_at or now) if over else None,
            resolution=Resolution.BY_HAND if over else None,
        )
        if wanted == alert:
            return alert
        if saved := book.save(wanted, now):
            return saved
    raise Busy(f"Alert {alert_id!r}")


def _check(state: AlertState, until: datetime | None, now: datetime) -> None:
    if (state is AlertState.SNOOZED) != (until is not None):
        raise InvalidInput.at("/snoozed_until", "This goes with the state snoozed, and with no other.")
    if until and not now < until <= now + LONGEST_SNOOZE:
        raise InvalidInput.at("/snoozed_until", f"This is in the future, and {LONGEST_SNOOZE.days} days away at most.")
