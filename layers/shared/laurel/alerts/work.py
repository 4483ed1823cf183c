"""The daily job: look at everybody who is watched, open and end alerts, tell automations and the team.

Whatever it writes is an alert of an id of its own, on condition that nobody wrote it since it was read. A worker that
is killed leaves nothing half done that the next one does not find: an alert that automations have not heard of says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from laurel.alerts.facts import Facts, ScoreChange, purchases_of
from laurel.alerts.judge import Judge, lapsed
from laurel.alerts.watched import Boards, WatchedBoard, watched_board
from laurel.model.account import Audience, Store
from laurel.model.alert import SCORE_DAYS, Alert, AlertKind, AlertRules, alert_id
from laurel.model.contact import ContactRef
from laurel.model.identity import is_contact
from laurel.model.job import Job
from laurel.model.order import CustomerRef, LedgerOrder
from laurel.model.scoring import ScoredContact, ScoreEntry
from laurel.model.signal import AlertRaised
from laurel.scoring.work import at_once, finished

AT_ONCE = 50
"""Customers of a step."""

SETTLES = timedelta(seconds=10)
"""How long lists of alerts have for what was written last: the team is told by such a list."""

_EXPIRES_WITHIN = timedelta(days=400)
"""What takes points back is found by the time of what gave them, which is not longer ago."""


class AlertBook(Protocol):
    """Keeps alerts; ``save`` returns None if somebody else wrote the alert since it was read."""

    def alerts(self, account_id: str, audience_id: str, ids: Iterable[str]) -> list[Alert]: ...
    def under_way(self, account_id: str, audience_id: str) -> list[tuple[str, str, str]]: ...
    def save(self, alert: Alert, now: datetime) -> Alert | None: ...


class RuleBook(Protocol):
    """Knows what is watched for."""

    def rules(self, account_id: str, audience_id: str) -> AlertRules: ...


class StoreList(Protocol):
    """Lists an account's stores."""

    def stores(self, account_id: str) -> list[Store]: ...


class Orders(Protocol):
    """Reads the orders of a customer."""

    def orders_of(self, ref: CustomerRef, *, settled: bool = True) -> Iterator[LedgerOrder]: ...


class ScoreHistory(Protocol):
    """Reads scores, and their entries by the time of their causes, the latest first."""

    def read_many(
        self, account_id: str, audience_id: str, epoch: int, contacts: Sequence[str]
    ) -> Iterator[ScoredContact]: ...
    def entries_of(self, account_id: str, audience_id: str, contact: str) -> Iterator[tuple[str, ScoreEntry]]: ...


class SignalBook(Protocol):
    """Tells automations, of each signal once."""

    def put(self, ref: ContactRef, signal: AlertRaised) -> bool: ...


class DigestPost(Protocol):
    """Mails the team what is new, if it is time. Returns what became of it, or how long the mail service is busy."""

    def __call__(self, audience: Audience, rules: AlertRules, now: datetime) -> str | timedelta: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """What is looked at."""

    stores: StoreList
    boards: Boards
    orders: Orders
    scores: ScoreHistory


@dataclass(frozen=True, slots=True)
class _Watch:
    """What a job looks at in a store: everybody who is watched, or has an alert that may end, by id."""

    store: Store
    board: WatchedBoard
    judge: Judge
    customers: Sequence[str]


class WatchLoyalty:
    """Looks at fifty customers a step, store by store; then at what no store shows any more, and writes to the team."""

    def __init__(
        self,
        sources: Sources,
        rules: RuleBook,
        alerts: AlertBook,
        signals: SignalBook,
        digest: DigestPost,
        now: Callable[[], datetime],
    ) -> None:
        self._from = sources
        self._rules = rules
        self._alerts = alerts
        self._signals = signals
        self._digest = digest
        self._now = now
        self._remembered: tuple[tuple[str, ...], _Watch] | None = None

    def step(self, audience: Audience, job: Job) -> Job:
        """Do the next part."""
        place = dict(job.place or {"store": "", "after": "", "opened": 0, "resolved": 0})
        # Whole seconds: a signal's key has no more.
        now = self._now().replace(microsecond=0)
        stores = sorted(audience.shown(self._from.stores.stores(audience.account_id)), key=lambda it: it.id)
        store = next((it for it in stores if it.id >= place["store"]), None)
        if store is None:
            if place["opened"] and not place.get("settled"):
                return replace(job, place=place | {"settled": True}, pause=SETTLES)
            return self._ended(audience, {it.id for it in stores}, replace(job, place=place), now)
        if store.id != place["store"]:
            place |= {"store": store.id, "after": ""}
        watch = self._watch(audience, job, store, now)
        some = [it for it in watch.customers if it > place["after"]][:AT_ONCE]
        for alert in self._look(audience, watch, some, now):
            place["opened"] += alert.opened_at == now
            place["resolved"] += alert.is_over
        # A store's id is followed by that of no other before the next.
        place |= {"after": some[-1]} if len(some) == AT_ONCE else {"store": store.id + "\0", "after": ""}
        return replace(job, place=place, done=job.done + len(some))

    def _watch(self, audience: Audience, job: Job, store: Store, now: datetime) -> _Watch:
        """As it was when this worker took its first step in the store: what is listed would be read whole each time."""
        key = (job.account_id, job.id, store.id)
        if self._remembered is None or self._remembered[0] != key:
            rules = self._rules.rules(audience.account_id, audience.id)
            own = rules.of_store(store.id)
            board = watched_board(self._from.boards, store, own.watch, now)
            under_way = self._alerts.under_way(audience.account_id, audience.id)
            known = {customer for store_id, customer, _ in under_way if store_id == store.id}
            customers = sorted(known.union(board.customers(own.watch.first)))
            self._remembered = key, _Watch(store, board, Judge(store, own, rules.score_falling), customers)
        return self._remembered[1]

    def _look(self, audience: Audience, watch: _Watch, customers: Sequence[str], now: datetime) -> list[Alert]:
        """Look at some customers; the alerts that were written."""
        known = self._known(watch.store, customers)
        scored = self._scored(audience, customers)

        def look(customer: str) -> list[Alert]:
            facts = self._facts(audience, watch, customer, scored.get(customer), now)
            mine = known.get(customer, {})
            judged = {alert.kind: alert for alert in watch.judge.judged(customer, facts, mine, now)}
            written = [it for alert in judged.values() if (it := self._alerts.save(alert, now))]
            for alert in (*written, *(it for kind, it in mine.items() if kind not in judged)):
                self._tell(alert, now)
            return written

        return [alert for alerts in at_once(look, customers) for alert in alerts]

    def _tell(self, alert: Alert, now: datetime) -> None:
        """Have automations hear of an alert, unless they have; buyers known by number only have no automations."""
        if alert.told or alert.is_over:
            return
        if is_contact(alert.customer):
            ref = ContactRef(alert.account_id, alert.audience_id, alert.customer)
            self._signals.put(ref, AlertRaised(alert.opened_at, alert.kind.value, alert.id, alert.store_id))
        self._alerts.save(replace(alert, told=True), now)

    def _known(self, store: Store, customers: Sequence[str]) -> Mapping[str, dict[AlertKind, Alert]]:
        """Alerts that there are of some customers."""
        ids = [alert_id(store.id, kind, customer) for customer in customers for kind in AlertKind]
        found: dict[str, dict[AlertKind, Alert]] = {}
        for alert in self._alerts.alerts(store.account_id, store.audience_id, ids):
            found.setdefault(alert.customer, {})[alert.kind] = alert
        return found

    def _scored(self, audience: Audience, customers: Sequence[str]) -> dict[str, ScoredContact]:
        contacts = [it for it in customers if is_contact(it)]
        if not contacts:
            return {}
        found = self._from.scores.read_many(audience.account_id, audience.id, audience.score_epoch, contacts)
        return {it.contact: it for it in found}

    def _facts(
        self, audience: Audience, watch: _Watch, customer: str, scored: ScoredContact | None, now: datetime
    ) -> Facts:
        store = watch.store
        ref = CustomerRef(store.account_id, store.audience_id, store.id, customer)
        return Facts(
            store.calendar,
            purchases_of(store, self._from.orders.orders_of(ref, settled=False)),
            watch.board.closings(customer),
            scored.state.points if scored else None,
            self._changes(audience, scored, now) if scored and scored.state.seq else (),
        )

    def _changes(self, audience: Audience, scored: ScoredContact, now: datetime) -> list[ScoreChange]:
        """What changed a contact's score lately, in order; changes before all scores were reset are none."""
        since = now - timedelta(days=SCORE_DAYS)
        found: list[ScoreChange] = []
        for _, entry in self._from.scores.entries_of(audience.account_id, audience.id, scored.contact):
            if entry.subject_at < since - _EXPIRES_WITHIN:
                break
            if entry.at > since and entry.epoch == scored.state.epoch:
                found.append(ScoreChange(entry.at, entry.seq, entry.before, entry.after))
        return sorted(found, key=lambda it: it.seq)

    def _ended(self, audience: Audience, shown: Collection[str], job: Job, now: datetime) -> Job:
        """End what is too old in stores that nobody looks at any more, and write to the team."""
        under_way = self._alerts.under_way(audience.account_id, audience.id)
        unseen = [id_ for store_id, _, id_ in under_way if store_id not in shown]
        for alert in self._alerts.alerts(audience.account_id, audience.id, unseen):
            if not alert.is_over and (over := lapsed(alert, now)):
                self._alerts.save(over, now)
        mailed = self._digest(audience, self._rules.rules(audience.account_id, audience.id), now)
        if isinstance(mailed, timedelta):
            return replace(job, pause=mailed)
        place = job.place or {}
        result = {"customers": job.done, "opened": place["opened"], "resolved": place["resolved"], "mail": mailed}
        return finished(job, result)
