"""Erasures of a person and of a store, and two people of whom much is known before."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from laurel.automation.cause import cause_of
from laurel.ingestion.unreadable import keep_unreadable
from laurel.leaderboard import refresh
from laurel.leaderboard.snapshot import take
from laurel.model.alert import Alert, AlertKind, AlertState, Lateness, ScoreDrop
from laurel.model.automation import Run
from laurel.model.automation_state import AutomationState, Mark
from laurel.model.errors import InvalidInput
from laurel.model.identity import contact_id
from laurel.model.job import Job, JobKind, JobState
from laurel.model.message import Message, MessageContent, MessageState
from laurel.model.order import Refund
from laurel.model.privacy import Erasure, ErasureKind, ErasureReason
from laurel.model.scoring import ORDER_PLACED, Trigger, order_subject
from laurel.model.signal import AlertRaised, Pulse
from laurel.model.suppression import Suppression, SuppressionReason
from laurel.scoring.pulses import KeptPulse
from laurel.store.alerts import Alerts
from laurel.store.board_snapshots import BoardSnapshots
from laurel.store.dynamodb import attributes
from laurel.store.jobs import Jobs
from laurel.store.messages import Messages
from laurel.store.pulses import KeptPulses
from laurel.store.refreshes import Refreshes
from laurel.store.runs import Runs
from laurel.store.seal import Seal
from laurel.store.signals import Signals
from laurel.store.suppressions import Suppressions
from laurel.store.unreadable import Unreadable
from tests.support.office import Office
from tests.support.samples import ADA, ADA_ID, BOB, NOW, at
from tests.support.seals import SNAPSHOT_KEY, FakeKMS

if TYPE_CHECKING:
    from laurel.model.account import Store
    from laurel.model.contact import ContactRef
    from tests.support.tables import Database

BOB_ID = contact_id(BOB)
NAME = "Ada Zwölfnagel"
WORDS = (ADA, "zwölfnagel")
EARLIER, YESTERDAY = "2025-05-05T10:00:00", "2026-11-21T10:00:00"
_accounts = itertools.count()


def an_office(database: Database) -> Office:
    """An office of an account that nobody else has."""
    return Office(database.client, database.tables, f"account-{next(_accounts)}-e")


def of_person(office: Office, customer: str = ADA_ID, **changes: Any) -> Erasure:
    erasure = Erasure(
        account_id=office.store.account_id,
        id="erasure1",
        kind=ErasureKind.PERSON,
        reason=ErasureReason.OWNER,
        audience_id=office.audience.id,
        created_at=office.now,
        updated_at=office.now,
        customers=(customer,),
    )
    return replace(erasure, **changes)


def of_store(office: Office) -> Erasure:
    return of_person(office, kind=ErasureKind.STORE, customers=(), store_id=office.store.id)


def keep_snapshots(office: Office, store: Store) -> None:
    """What boards showed at a close and in an hour, and that it was told."""
    snapshots = BoardSnapshots(office.client, office.tables.workspace, Seal(FakeKMS, SNAPSHOT_KEY))
    for period, closed in (("2026-W46", True), ("all", False)):
        assert snapshots.keep(take(store, period, office.rankings.all_figures(store, period), NOW, NOW, closed=closed))
    progress = Refreshes(office.client, office.tables.workspace)
    assert progress.begin(store, "all", None, refresh.Mark("all", NOW))
    assert progress.end(store, "all", refresh.Mark("all", NOW))


def live(office: Office) -> None:
    """Ada and Bob buy, visit and get mail; Ada leaves traces wherever anybody can."""
    office.order("1", email=ADA, name=NAME, placed=YESTERDAY, number="#1")
    office.order("2", email=ADA, name=NAME, placed=EARLIER, total=1000)
    office.order("3", store=office.other, email=ADA, name=NAME, placed=YESTERDAY, total=700)
    office.order("4", email=ADA, name=NAME, placed=YESTERDAY, currency="USD")
    office.order("5", email=BOB, name="Bob Berg", placed=YESTERDAY, total=2000)
    # One was a guest's who gave a name, one was hers and is Bob's now, one was placed at another time
    office.order("6", email=None, name=NAME, placed=YESTERDAY)
    office.order("6", email=ADA, name=NAME, placed=YESTERDAY, updated="2026-11-21T11:00:00")
    office.order("7", email=ADA, name=NAME, placed=YESTERDAY)
    office.order("7", email=BOB, name="Bob Berg", placed=YESTERDAY, updated="2026-11-21T11:00:00", total=300)
    office.order("8", email=ADA, name=NAME, placed="2024-01-01T10:00:00")
    office.order("8", email=ADA, name=NAME, placed="2026-01-01T10:00:00", updated="2026-11-21T11:00:00")
    office.ledger.record_refund(office.store, Refund("2", "r1", 100))
    for customer in (ADA_ID, BOB_ID):
        office.project(customer)
    for store in (office.store, office.other):
        keep_snapshots(office, store)
    for email in (ADA, BOB):
        office.visit(f"v-{email[0]}", email, at(YESTERDAY), page=f"/hello?{email}")
        ref = office.ref(contact_id(email))
        office.evidence.add_delivery(ref, "m1", at(YESTERDAY))
        leave_signals(office, ref)
        message = Message(
            ref, "0" * 24, email, "shop@example.com", f"Hello {email}", NOW, {MessageState.QUEUED: NOW}, due=NOW
        )
        assert Messages(office.client, office.tables.contacts).accept(message, MessageContent("Hello", email, None))
    placed = Trigger(order_subject(office.store.id, "1"), "1", ORDER_PLACED, at(YESTERDAY), {})
    assert office.score(ADA_ID, placed) == 1
    suppressions = Suppressions(office.client, office.tables.workspace)
    for email in (ADA, BOB):
        assert suppressions.suppress(Suppression(office.store.account_id, email, SuppressionReason.COMPLAINT, NOW))
    unreadable = Unreadable(office.client, office.tables.ledger)
    for body in (
        b'{"id": 9, "email": "ADA@example.com", "total_price": "x"}',
        b'{"id": 10, "billing": {"first_name": "Ada", "last_name": "Zw\\u00f6lfnagel"}}',
        b'{"id": 11, "email": "bob@example.com"}',
    ):
        keep_unreadable(unreadable, office.store, "orders/create", body, InvalidInput("No amount."), NOW)
    keep_answer(office, "1", {"body": json.dumps({"email": ADA})})
    keep_answer(office, "2", {"body": json.dumps({"email": BOB})})
    for email in (ADA, BOB):
        reason = ScoreDrop(100, 50, 30)
        for store, kind in ((office.store, AlertKind.OVERDUE), (office.other, AlertKind.SCORE_FALLING)):
            alert = Alert(
                store.account_id, office.audience.id, store.id, kind, contact_id(email), AlertState.OPEN,
                Lateness(NOW.date(), 4, 30, 40) if kind is AlertKind.OVERDUE else reason, NOW, NOW, 1000, "EUR",
            )  # fmt: skip
            assert Alerts(office.client, office.tables.workspace).save(alert, NOW)
    jobs = Jobs(office.client, office.tables.workspace)
    crossing = [{"contact": contact_id(email), "email": email, "today": 1, "draft": 2} for email in (ADA, BOB)]
    job = Job(office.store.account_id, office.audience.id, "job1", JobKind.BACK_TEST, NOW, NOW, state=JobState.DONE)
    assert jobs.save(replace(job, result={"rising": {"count": 2, "contacts": crossing}}))


def leave_signals(office: Office, ref: ContactRef) -> None:
    """What automations hear and remember of a contact."""
    client, table = office.client, office.tables.contacts
    signal = AlertRaised(NOW, "overdue", "rule", office.store.id)
    assert Signals(client, table).put(ref, signal)
    assert KeptPulses(client, table).put(ref, Pulse.PURCHASE, KeptPulse(at(EARLIER), at(YESTERDAY)), None)
    run = Run(ref, "run1", "a1", "Regulars", 1, (), NOW, cause_of(signal), ("a1",))
    assert Runs(client, table).begin(run, AutomationState("a1", marks=(Mark(1, "1", armed=False, spent=True),)))


def keep_answer(office: Office, id_: str, answer: dict[str, Any]) -> None:
    item = {"pk": office.store.account_id, "sk": f"idempotency#{id_}", "data": json.dumps(answer)}
    office.client.put_item(TableName=office.tables.workspace, Item=attributes(item))


def left_of_store(office: Office) -> list[dict[str, Any]]:
    """All items of the store but what it once gave to scores of people who stay."""
    keys = ((item, f"{item['pk']['S']} {item['sk']['S']}") for item in office.items())
    return [item for item, key in keys if office.store.id in key and " score#" not in key]
