"""Who meets an automation's trigger already, without anything having to happen.

Scores, tags, purchases and silence are those of today. A rank is that of the last snapshot, since it is from snapshot
to snapshot that ranks enter and leave; who left the first so many is on the board, further down.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from laurel.automation.edges import is_among, is_under, lies_within
from laurel.model.account import Audience, Store
from laurel.model.alert import Alert
from laurel.model.automation import (
    FirstPurchaseMade,
    RankEnters,
    RankLeaves,
    ScoreEnters,
    ScoreFallsUnder,
    ScoreReaches,
    Silent,
    Slipping,
    TagAdded,
    Trigger,
)
from laurel.model.contact import Contact
from laurel.model.period import ALL, is_of_complete_periods
from laurel.model.ranking import Figures
from laurel.model.signal import Pulse
from laurel.model.snapshot import Snapshot
from laurel.scoring.pulses import Known

_REMEMBERED = timedelta(minutes=5)


class StoreDirectory(Protocol):
    """Lists an account's stores."""

    def stores(self, account_id: str) -> list[Store]: ...


class Snapshots(Protocol):
    """Finds snapshots of boards."""

    def latest(self, store: Store, period: str) -> Snapshot | None: ...
    def closed(self, store: Store, period: str, *, verified: bool = True) -> Snapshot | None: ...


class OpenAlerts(Protocol):
    """Lists alerts on loss of loyalty."""

    def all_open(self, account_id: str, audience_id: str) -> Iterable[Alert]: ...


class Purchases(Protocol):
    """Reads figures of many customers; who bought nothing is left out."""

    def figures_of(self, store: Store, period: str, customers: Sequence[str]) -> Mapping[str, Figures]: ...


class Pulses(Protocol):
    """Tells when contacts last did something."""

    def read(self, account_id: str, audience_id: str, wanted: Mapping[str, Collection[Pulse]]) -> dict[str, Known]: ...


class Meeting:
    """Finds out who meets a trigger."""

    def __init__(
        self,
        stores: StoreDirectory,
        snapshots: Snapshots,
        alerts: OpenAlerts,
        purchases: Purchases,
        pulses: Pulses,
    ) -> None:
        self._stores = stores
        self._snapshots = snapshots
        self._alerts = alerts
        self._purchases = purchases
        self._pulses = pulses
        self._slipped: tuple[tuple[str, ...], datetime, set[str]] | None = None

    def those(self, audience: Audience, trigger: Trigger, contacts: Sequence[Contact], now: datetime) -> list[Contact]:
        """Those of the contacts who meet the trigger, in their order."""
        meets = self._test(audience, trigger, [contact.id for contact in contacts], now)
        return [contact for contact in contacts if meets(contact)]

    def _test(
        self, audience: Audience, trigger: Trigger, ids: Sequence[str], now: datetime
    ) -> Callable[[Contact], bool]:
        match trigger:
            case ScoreReaches() | ScoreFallsUnder() | ScoreEnters():
                epoch = audience.score_epoch
                return lambda contact: _score_meets(trigger, contact.score_under(epoch))
            case TagAdded():
                return lambda contact: trigger.tag in contact.tags
            case RankEnters() | RankLeaves():
                found = self._ranked(audience, trigger, now)
            case Silent():
                found = self._silent(audience, trigger, ids, now)
            case FirstPurchaseMade():
                found = self._buyers(audience, ids)
            case Slipping():
                found = self._slipping(audience, trigger, now)
        return lambda contact: contact.id in found

    def _ranked(self, audience: Audience, trigger: RankEnters | RankLeaves, now: datetime) -> set[str]:
        store = next((it for it in self._of(audience) if it.id == trigger.store_id), None)
        if store is None:
            return set()
        period = store.calendar.period_of_frame(trigger.time_frame, now).id
        complete = is_of_complete_periods(trigger.time_frame)
        snapshot = (
            self._snapshots.closed(store, period, verified=False) if complete else self._snapshots.latest(store, period)
        )
        ranked = snapshot.ranked(trigger.metric) if snapshot else []
        entered = isinstance(trigger, RankEnters)
        return {row.standing.customer for row in ranked if is_among(row.rank, trigger.first) is entered}

    def _silent(self, audience: Audience, trigger: Silent, ids: Sequence[str], now: datetime) -> set[str]:
        last = now.astimezone(UTC).date() - timedelta(days=trigger.days)
        pulse = trigger.pulse
        known = self._pulses.read(audience.account_id, audience.id, dict.fromkeys(ids, (pulse,)))
        days = {contact: it.pulses[pulse].day for contact, it in known.items() if pulse in it.pulses}
        return {contact for contact, day in days.items() if day <= last}

    def _buyers(self, audience: Audience, ids: Sequence[str]) -> set[str]:
        return {buyer for store in self._of(audience) for buyer in self._purchases.figures_of(store, ALL, ids)}

    def _slipping(self, audience: Audience, trigger: Slipping, now: datetime) -> set[str]:
        """Whom alerts are open for, as of some minutes ago at most: all of them are read for any hundred contacts."""
        key = (audience.account_id, audience.id, *sorted(trigger.alerts))
        known = self._slipped
        if known is None or known[0] != key or now - known[1] > _REMEMBERED:
            found = self._alerts.all_open(audience.account_id, audience.id)
            meant = {it.customer for it in found if not trigger.alerts or it.kind.value in trigger.alerts}
            known = self._slipped = key, now, meant
        return known[2]

    def _of(self, audience: Audience) -> list[Store]:
        return audience.shown(self._stores.stores(audience.account_id))


def _score_meets(trigger: ScoreReaches | ScoreFallsUnder | ScoreEnters, score: int | None) -> bool:
    match trigger:
        case ScoreReaches():
            return not is_under(score, trigger.points)
        case ScoreFallsUnder():
            return is_under(score, trigger.points)
        case ScoreEnters():
            return lies_within(score, trigger)
