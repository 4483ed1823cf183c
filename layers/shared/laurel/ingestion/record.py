"""Use cases that put facts into the Ledger and people into Contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from laurel.model.account import Store, StoreState
from laurel.model.activity import UNSUBSCRIBED, Activity
from laurel.model.contact import Consent, ConsentSource, ConsentStatus, Contact, Person, merged
from laurel.model.errors import Busy, CurrencyMismatch, LaurelError
from laurel.model.order import Deletion, Order, Refund

_ATTEMPTS = 8


class Outcome(StrEnum):
    """What became of a fact: it changed something, was known already, was counted and left alone, or was refused."""

    ACCEPTED = "accepted"
    UNCHANGED = "unchanged"
    IGNORED = "ignored"
    REJECTED = "rejected"


class OrderFacts(Protocol):
    """Keeps orders; writes return True if they changed anything."""

    def owners_of(self, store: Store, order_ids: Sequence[str]) -> dict[str, str]: ...
    def record_order(self, store: Store, order: Order, owner: str | None) -> bool: ...
    def record_refund(self, store: Store, refund: Refund) -> bool: ...
    def record_deletion(self, store: Store, deletion: Deletion) -> bool: ...


class ActivityFacts(Protocol):
    """Keeps activities, each once."""

    def record_activity(self, account_id: str, audience_id: str, contact: str, activity: Activity) -> bool: ...


class People(Protocol):
    """Keeps contacts; ``save`` returns False if another writer was faster."""

    def contact(self, account_id: str, audience_id: str, contact: str) -> Contact | None: ...
    def save(self, account_id: str, audience_id: str, contact: Contact) -> bool: ...


class StoreNotices(Protocol):
    """Keeps what a platform tells of the store itself."""

    def store(self, account_id: str, store_id: str) -> Store | None: ...
    def save_store(self, store: Store) -> bool: ...
    def record_privacy_request(self, store: Store, request_id: str, details: Mapping[str, object]) -> bool: ...


def remember(people: People, account_id: str, audience_id: str, person: Person, now: datetime) -> None:
    """Make the person a contact, or refresh the one they are; what is known already costs no write."""
    for _ in range(_ATTEMPTS):
        known = people.contact(account_id, audience_id, person.contact_id)
        refreshed = merged(known, person, now)
        if known and replace(refreshed, version=known.version) == known:
            return
        if people.save(account_id, audience_id, refreshed):
            return
    raise Busy(f"Contact {person.contact_id!r}")


@dataclass(frozen=True, slots=True)
class OrderResult:
    """What became of one order of a batch."""

    order_id: str
    outcome: Outcome
    error: LaurelError | None = None


def record_orders(
    orders: OrderFacts, people: People, store: Store, reports: Sequence[OrderReport], now: datetime
) -> list[OrderResult]:
    """Keep up to 100 orders of a signed-in client, each with its own result.

    Another currency than the store's is refused.
    """
    owners = orders.owners_of(store, [report.order.id for report in reports]) if reports else {}
    results = []
    for report in reports:
        order = report.order
        if order.currency != store.currency:
            results.append(OrderResult(order.id, Outcome.REJECTED, CurrencyMismatch(order.currency, store.currency)))
            continue
        if report.person:
            remember(people, store.account_id, store.audience_id, report.person, now)
        changed = orders.record_order(store, order, owners.pop(order.id, None))
        results.append(OrderResult(order.id, Outcome.ACCEPTED if changed else Outcome.UNCHANGED))
    return results


@dataclass(frozen=True, slots=True)
class ActivityReport:
    """An activity and the person who did it."""

    activity: Activity
    person: Person


def record_activity(
    activities: ActivityFacts,
    people: People,
    account_id: str,
    audience_id: str,
    report: ActivityReport,
    now: datetime,
) -> Outcome:
    """Keep an activity once and refresh its person; an ``unsubscribed`` activity is a decision of that person.

    Raises ``Conflict`` if the id was used for something else.
    """
    person, activity = report.person, report.activity
    if activity.name == UNSUBSCRIBED:
        consent = Consent(ConsentStatus.UNSUBSCRIBED, activity.occurred_at)
        person = replace(person, consent=consent, consent_source=ConsentSource.PERSON)
    remember(people, account_id, audience_id, person, now)
    changed = activities.record_activity(account_id, audience_id, person.contact_id, activity)
    return Outcome.ACCEPTED if changed else Outcome.UNCHANGED


@dataclass(frozen=True, slots=True)
class Recorder:
    """Carries out what a webhook delivery means. Orders in another currency are kept too; the boards set them aside."""

    orders: OrderFacts
    people: People
    notices: StoreNotices

    def record(self, store: Store, event: Event, now: datetime) -> Outcome:
        """Do what the event says, idempotently."""
        match event:
            case OrderReport(order, person):
                if person:
                    remember(self.people, store.account_id, store.audience_id, person, now)
                owner = self.orders.owners_of(store, [order.id]).get(order.id)
                changed = self.orders.record_order(store, order, owner)
            case Refund():
                changed = self.orders.record_refund(store, event)
            case Deletion():
                changed = self.orders.record_deletion(store, event)
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
            "subject": dict(request.subject),
            "orders": list(request.orders),
            "received_at": int(now.timestamp()),
        }
        return self.notices.record_privacy_request(store, request.id, details)

    def _disconnect(self, store: Store) -> bool:
        current: Store | None = store
        while current and current.is_connected:
            if self.notices.save_store(replace(current, state=StoreState.DISCONNECTED)):
                return True
            current = self.notices.store(store.account_id, store.id)
        return False
