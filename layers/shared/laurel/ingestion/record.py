"""Use cases that put facts into the Ledger and people into Contacts."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol, assert_never

from laurel.ingestion.events import (
    Event,
    Ignored,
    OrderReport,
    PrivacyRequest,
    Uninstalled,
)
from laurel.ingestion.machines import (
    HONEYPOT,
    JUDGED,
    MOST_SIGNS,
    MessageTrace,
    is_delivery,
    is_hit,
    judged,
    message_of,
)
from laurel.model.account import Store, StoreState
from laurel.model.activity import UNSUBSCRIBED, Activity, tag_added
from laurel.model.contact import Consent, ConsentSource, ConsentStatus, Contact, ContactRef, Erased, Person, merged
from laurel.model.errors import Busy, Conflict, CurrencyMismatch, LaurelError, NotFound
from laurel.model.identity import customers_named, is_identified, mark_of
from laurel.model.order import Deletion, Order, Refund

_ATTEMPTS = 8
_PAUSE = 0.002


class Outcome(StrEnum):
    """What became of a fact: it changed something, was known already, was counted and left alone, or was refused."""

    ACCEPTED = "accepted"
    UNCHANGED = "unchanged"
    IGNORED = "ignored"
    REJECTED = "rejected"


class OrderFacts(Protocol):
    """Keeps orders; writes return True if they changed anything."""

    def owners_of(self, store: Store, order_ids: Sequence[str]) -> dict[str, str]: ...
    def record_order(self, store: Store, order: Order, owner: str | None, seen: int | None = None) -> bool: ...
    def record_refund(self, store: Store, refund: Refund) -> bool: ...
    def record_deletion(self, store: Store, deletion: Deletion) -> bool: ...


class ManyOrderFacts(OrderFacts, Protocol):
    """Keeps many orders at a time; ``add_orders`` tells the ids of those that were unknown and are kept now."""

    def add_orders(self, store: Store, orders: Sequence[Order]) -> set[str]: ...


class ActivityFacts(Protocol):
    """Keeps activities, each once."""

    def record_activity(self, account_id: str, audience_id: str, contact: str, activity: Activity) -> bool: ...


class Facts(OrderFacts, ActivityFacts, Protocol):
    """Keeps both."""


class ManyFacts(ManyOrderFacts, ActivityFacts, Protocol):
    """Keeps both, many orders at a time."""


class Evidence(Protocol):
    """Keeps traces of messages, and marks what a machine did.

    Whoever adds a sign is told all that were added before. ``mark_machine`` returns False for what is marked already,
    None for what is unknown.
    """

    def trace(self, ref: ContactRef, message: str) -> MessageTrace: ...
    def add_hit(self, ref: ContactRef, message: str, activity_id: str, at: datetime) -> MessageTrace: ...
    def add_honeypot(self, ref: ContactRef, message: str, at: datetime) -> MessageTrace: ...
    def add_delivery(self, ref: ContactRef, message: str, at: datetime) -> MessageTrace: ...
    def mark_machine(self, ref: ContactRef, activity_id: str, reason: str, note: str | None = None) -> bool | None: ...


class People(Protocol):
    """Keeps contacts; ``save`` returns False if another writer was faster."""

    def contact(self, account_id: str, audience_id: str, contact: str) -> Contact | None: ...
    def look_up(self, account_id: str, audience_id: str, contact: str) -> Contact | Erased | None: ...
    def save(self, account_id: str, audience_id: str, contact: Contact) -> bool: ...


class StoreNotices(Protocol):
    """Keeps what a platform tells of the store itself."""

    def store(self, account_id: str, store_id: str) -> Store | None: ...
    def save_store(self, store: Store) -> bool: ...
    def record_privacy_request(self, store: Store, request_id: str, details: Mapping[str, object]) -> bool: ...


def remember(
    people: People,
    activities: ActivityFacts,
    account_id: str,
    audience_id: str,
    person: Person,
    now: datetime,
    pause: Callable[[float], None] = time.sleep,
    *,
    fact_at: datetime | None = None,
) -> bool:
    """Make the person a contact, or refresh the one they are; what is known already costs no write.

    Each tag that is new is kept as an activity, before the profile has it: a crash in between loses none. False if the
    person was erased after what is told happened (at ``fact_at``, or when they were seen): then nothing is kept of it.
    """
    happened_at = fact_at or person.seen_at
    for attempt in range(_ATTEMPTS):
        if attempt:
            pause(random.uniform(0, _PAUSE * 2**attempt))  # noqa: S311, spreads writers
        found = people.look_up(account_id, audience_id, person.contact_id)
        if is_from_before_erasure(found, happened_at):
            return False
        refreshed = merged(found, person, now)
        known = None if isinstance(found, Erased) else found
        if known and replace(refreshed, version=known.version) == known:
            return True
        if refreshed.tags and known is None:
            # A tag may earn points, which only a contact can have.
            known = replace(refreshed, tags=())
            if not people.save(account_id, audience_id, known):
                continue
            refreshed = replace(refreshed, version=known.version + 1)
        for tag in refreshed.tags:
            if known and tag not in known.tags:
                _keep_tag(activities, account_id, audience_id, refreshed.id, tag_added(tag, person.seen_at))
        if people.save(account_id, audience_id, refreshed):
            return True
    raise Busy(f"Contact {person.contact_id!r}")


def is_from_before_erasure(known: Contact | Erased | None, happened_at: datetime) -> bool:
    """True if the person was erased since this happened, whether they have come back or not."""
    erased_at = known.at if isinstance(known, Erased) else known.erased_at if known else None
    return erased_at is not None and happened_at <= erased_at


def _is_to_be_kept(people: People, facts: ActivityFacts, store: Store, report: OrderReport, now: datetime) -> bool:
    """Remember who bought; False for an order from before its customer was erased.

    A test makes nobody a contact, and is an order of its customer all the same.
    """
    order, account_id, audience_id = report.order, store.account_id, store.audience_id
    if report.person:
        return remember(people, facts, account_id, audience_id, report.person, now, fact_at=order.placed_at)
    if not is_identified(order.customer):
        return True
    mark = people.look_up(account_id, audience_id, mark_of(order.customer, store.id))
    return not is_from_before_erasure(mark, order.placed_at)


def _keep_tag(activities: ActivityFacts, account_id: str, audience_id: str, contact: str, activity: Activity) -> None:
    """Keep that a tag was added, once; who lost a race may have kept it at another time."""
    with suppress(Conflict):
        activities.record_activity(account_id, audience_id, contact, activity)


@dataclass(frozen=True, slots=True)
class OrderResult:
    """What became of one order of a batch."""

    order_id: str
    outcome: Outcome
    error: LaurelError | None = None


def record_orders(
    facts: Facts, people: People, store: Store, reports: Sequence[OrderReport], now: datetime
) -> list[OrderResult]:
    """Keep up to 100 orders of a signed-in client, each with its own result.

    A currency that is neither the store's nor one with declared rates is refused, and an order from before its customer
    was erased is ignored.
    """
    owners = facts.owners_of(store, [report.order.id for report in reports]) if reports else {}
    return [_refusal(facts, people, store, report, now) or _kept(facts, store, report, owners) for report in reports]


def record_many_orders(
    facts: ManyFacts, people: People, store: Store, reports: Sequence[OrderReport], now: datetime
) -> list[OrderResult]:
    """As ``record_orders``, for orders of which most are new: those are written many at a time, after all people."""
    owners = facts.owners_of(store, [report.order.id for report in reports]) if reports else {}
    refused = [_refusal(facts, people, store, report, now) for report in reports]
    unknown = dict[str, int]()
    for place, report in enumerate(reports):
        if not refused[place] and report.seen is None and report.order.id not in owners:
            unknown.setdefault(report.order.id, place)
    added = facts.add_orders(store, [reports[place].order for place in unknown.values()]) if unknown else set[str]()
    results = []
    for place, report in enumerate(reports):
        id_ = report.order.id
        if result := refused[place]:
            results.append(result)
        elif id_ in added and unknown[id_] == place:
            results.append(OrderResult(id_, Outcome.ACCEPTED))
        else:
            results.append(_kept(facts, store, report, owners))
    return results


def _refusal(facts: Facts, people: People, store: Store, report: OrderReport, now: datetime) -> OrderResult | None:
    """Why an order is not to be kept; None once its person is."""
    order = report.order
    if not store.counts(order.currency):
        return OrderResult(order.id, Outcome.REJECTED, CurrencyMismatch(order.currency, store.currency))
    if not _is_to_be_kept(people, facts, store, report, now):
        return OrderResult(order.id, Outcome.IGNORED)
    return None


def _kept(facts: Facts, store: Store, report: OrderReport, owners: dict[str, str]) -> OrderResult:
    order = report.order
    changed = facts.record_order(store, order, owners.pop(order.id, None), report.seen)
    return OrderResult(order.id, Outcome.ACCEPTED if changed else Outcome.UNCHANGED)


@dataclass(frozen=True, slots=True)
class ActivityReport:
    """An activity and the person who did it."""

    activity: Activity
    person: Person


def record_activity(
    activities: ActivityFacts,
    evidence: Evidence,
    people: People,
    account_id: str,
    audience_id: str,
    report: ActivityReport,
    now: datetime,
) -> Outcome:
    """Keep an activity once and refresh its person; an ``unsubscribed`` activity is a decision of that person.

    Opens and clicks of machines are marked, earlier ones too if only this activity gives them away. What somebody did
    before they were erased is ignored. Raises ``Conflict`` if the id was used for something else.
    """
    person, activity = report.person, report.activity
    if activity.name == UNSUBSCRIBED:
        consent = Consent(ConsentStatus.UNSUBSCRIBED, activity.occurred_at)
        person = replace(person, consent=consent, consent_source=ConsentSource.PERSON)
    if not remember(people, activities, account_id, audience_id, person, now, fact_at=activity.occurred_at):
        return Outcome.IGNORED
    changed = _judge_and_keep(activities, evidence, ContactRef(account_id, audience_id, person.contact_id), activity)
    return Outcome.ACCEPTED if changed else Outcome.UNCHANGED


def judge(evidence: Evidence, ref: ContactRef, activity_id: str, note: str | None) -> Outcome:
    """Mark an activity as a machine's because somebody says so. Raises ``NotFound``."""
    marked = evidence.mark_machine(ref, activity_id, JUDGED, note)
    if marked is None:
        raise NotFound("activity", activity_id)
    return Outcome.ACCEPTED if marked else Outcome.UNCHANGED


def _judge_and_keep(activities: ActivityFacts, evidence: Evidence, ref: ContactRef, activity: Activity) -> bool:
    """Keep an activity. Whatever is done about machines is done again when it comes again: a crash loses nothing."""
    message, alone = message_of(activity), judged(activity)
    known = reason = None
    if message and is_hit(activity) and alone in (None, HONEYPOT):
        known = evidence.trace(ref, message)
        reason = known.judged(activity.occurred_at)
    reason = alone or reason
    changed = activities.record_activity(
        ref.account_id, ref.audience_id, ref.contact, replace(activity, machine=reason)
    )
    if reason and not changed:
        evidence.mark_machine(ref, activity.id, reason)
    if message and is_delivery(activity):
        _mark_others(evidence, ref, evidence.add_delivery(ref, message, activity.occurred_at))
    elif message and known and alone == HONEYPOT and len(known.honeypots) < MOST_SIGNS:
        _mark_others(evidence, ref, evidence.add_honeypot(ref, message, activity.occurred_at))
    elif message and known and reason is None and activity.id not in known.hits and len(known.hits) < MOST_SIGNS:
        # Evidence may have come since the trace was read; what comes from here on finds this one.
        trace = evidence.add_hit(ref, message, activity.id, activity.occurred_at)
        if found := trace.judged(activity.occurred_at):
            evidence.mark_machine(ref, activity.id, found)
    return changed


def _mark_others(evidence: Evidence, ref: ContactRef, trace: MessageTrace) -> None:
    """Mark what was taken for a person's and, as is known now, was a machine's."""
    for activity_id, at in trace.hits.items():
        if reason := trace.judged(at):
            evidence.mark_machine(ref, activity_id, reason)


@dataclass(frozen=True, slots=True)
class Recorder:
    """Carries out what a webhook delivery means. Orders in another currency are kept too; the boards set them aside."""

    facts: Facts
    people: People
    notices: StoreNotices

    def record(self, store: Store, event: Event, now: datetime) -> Outcome:
        """Do what the event says, idempotently."""
        match event:
            case OrderReport(order):
                if not _is_to_be_kept(self.people, self.facts, store, event, now):
                    return Outcome.IGNORED
                owner = self.facts.owners_of(store, [order.id]).get(order.id)
                changed = self.facts.record_order(store, order, owner)
            case Refund():
                changed = self.facts.record_refund(store, event)
            case Deletion():
                changed = self.facts.record_deletion(store, event)
            case PrivacyRequest():
                changed = self._keep_privacy_request(store, event, now)
            case Uninstalled():
                changed = self._disconnect(store)
            case Ignored():
                return Outcome.IGNORED
            case _:
                assert_never(event)
        return Outcome.ACCEPTED if changed else Outcome.UNCHANGED

    def _keep_privacy_request(self, store: Store, request: PrivacyRequest, now: datetime) -> bool:
        details = {
            "kind": request.kind.value,
            "customers": customers_named(request.subject.get("email"), request.subject.get("customer_id")),
            "orders": list(request.orders),
            "received_at": int(now.timestamp()),
        }
        return self.notices.record_privacy_request(store, request.id, details)

    def _disconnect(self, store: Store) -> bool:
        current: Store | None = store
        while current and current.shows_boards:
            if self.notices.save_store(replace(current, state=StoreState.DISCONNECTED)):
                return True
            current = self.notices.store(store.account_id, store.id)
        return False
