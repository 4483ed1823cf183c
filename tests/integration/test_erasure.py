"""Forgetting a person or a store: nothing of them is left, nothing of others is lost, and nobody comes back."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from laurel.automation.cause import cause_of
from laurel.ingestion.record import Outcome
from laurel.ingestion.unreadable import keep_unreadable
from laurel.leaderboard import refresh
from laurel.leaderboard.snapshot import take
from laurel.model.account import Store, StoreState
from laurel.model.alert import Alert, AlertKind, AlertState, Lateness, ScoreDrop
from laurel.model.automation import Run
from laurel.model.automation_state import AutomationState, Mark
from laurel.model.contact import ConsentStatus, ContactRef
from laurel.model.errors import InvalidInput
from laurel.model.identity import contact_id
from laurel.model.job import Job, JobKind, JobState
from laurel.model.message import Message, MessageContent, MessageState
from laurel.model.order import Deletion, Refund
from laurel.model.privacy import SETTLING, Erasure, ErasureKind, ErasureReason, ErasureState, RequestState
from laurel.model.scoring import ORDER_PLACED, Trigger, order_subject
from laurel.model.signal import AlertRaised, Pulse
from laurel.model.suppression import Suppression, SuppressionReason
from laurel.scoring.apply import Outrun
from laurel.scoring.fold import fold
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
from tests.support.office import RULES, Office
from tests.support.samples import ADA, ADA_ID, BOB, NOW, a_contact, an_order, at
from tests.support.seals import SNAPSHOT_KEY, FakeKMS
from tests.support.stage import MemoryStage
from tests.support.tables import Database

BOB_ID = contact_id(BOB)
NAME = "Ada Zwölfnagel"
WORDS = (ADA, "zwölfnagel")
EARLIER, YESTERDAY = "2025-05-05T10:00:00", "2026-11-21T10:00:00"

_accounts = itertools.count()


@pytest.fixture
def office(database: Database) -> Office:
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


def test_nothing_is_left_of_a_person_and_everything_of_others(office: Office) -> None:
    # Given two people of whom much is known
    live(office)
    others = {json.dumps(item, sort_keys=True) for item in office.items() if BOB_ID in item["pk"]["S"]}
    board = office.board()

    # When one is forgotten
    done = office.erase(of_person(office))

    # Then no table says her address or name, the board is the same without her, and the other's items are untouched
    assert done.state is ErasureState.DONE
    assert office.traces_of(*WORDS) == []
    assert office.board() == {customer: row for customer, row in board.items() if customer != ADA_ID}
    assert office.board(office.other) == {}
    assert others <= {json.dumps(item, sort_keys=True) for item in office.items()}
    (job,) = [item for item in office.items() if item["sk"]["S"].startswith("job#")]
    assert [it["email"] for it in json.loads(job["result"]["S"])["rising"]["contacts"]] == [BOB]
    kept = Suppressions(office.client, office.tables.workspace).suppression(office.store.account_id, ADA)
    assert (kept and kept.email, kept and kept.reason) == (None, SuppressionReason.COMPLAINT)


def test_the_receipt_counts_what_was_removed_and_names_nobody(office: Office) -> None:
    live(office)

    done = office.erase(of_person(office))

    removed = dict(done.removed)
    assert removed.pop("ranking_rows") > 5
    assert removed == {
        "activities": 1,
        "alerts": 2,
        "automation_runs": 1,
        "automation_states": 1,
        "deliveries": 1,
        "job_results": 1,
        "kept_answers": 1,
        "message_contents": 1,
        "messages": 1,
        "order_corrections": 5,
        "orders": 7,
        "profiles": 1,
        "pulses": 1,
        "score_entries": 2,
        "signals": 1,
        "suppressed_addresses": 1,
        "unreadable_deliveries": 2,
    }
    assert done.finished_at
    assert done.finished_at - done.created_at >= SETTLING


def test_what_is_left_of_a_person_are_marks(office: Office) -> None:
    live(office)

    office.erase(of_person(office))

    left = [item for item in office.items() if item["pk"]["S"].endswith(ADA_ID)]
    assert {frozenset(item) for item in left} == {
        frozenset({"pk", "sk", "erased_at", "version"}),
        frozenset({"pk", "sk", "erased_at", "state", "placed_at", "changes"}),
        frozenset({"pk", "sk", "state", "placed_at", "changes", "moved_to", "revision"}),
    }


def test_facts_from_before_bring_nobody_back(office: Office) -> None:
    # Given somebody who is forgotten
    live(office)
    office.erase(of_person(office))
    items = office.items()

    # When everything about her is delivered again, newer versions and what had never come among it
    told = {"email": ADA, "name": NAME}
    late = "2026-11-23T00:00:00"
    outcomes = [
        office.order("1", **told, placed=YESTERDAY),
        office.order("1", **told, placed=YESTERDAY, updated=late),
        office.order("1", email=None, name=NAME, placed=YESTERDAY, updated=late),
        office.order("99", **told, placed=YESTERDAY, updated=late),
        office.order("98", **told, placed=YESTERDAY, test=True),
        office.visit("v-a", ADA, at(YESTERDAY)),
        office.visit("v-9", ADA, at(YESTERDAY)),
    ]
    changed = [
        office.ledger.record_refund(office.store, Refund("1", "r9", 1)),
        office.ledger.record_deletion(office.store, Deletion("2", at(late))),
        office.ledger.record_deletion(office.store, Deletion("2", None)),
    ]

    # Then nothing changes
    assert set(outcomes) <= {Outcome.IGNORED, Outcome.UNCHANGED}
    assert changed == [False, False, False]
    assert office.items() == items


def test_a_new_purchase_begins_anew(office: Office) -> None:
    live(office)
    office.erase(of_person(office))

    office.now += timedelta(days=1)
    placed = office.now.isoformat()
    assert office.order("100", email=ADA, name="Ada Neu", placed=placed, total=42) is Outcome.ACCEPTED
    assert office.visit("v-new", ADA, office.now) is Outcome.ACCEPTED

    assert office.board()[ADA_ID] == (1, 42)
    contact = office.contacts.contact(office.store.account_id, office.audience.id, ADA_ID)
    assert contact
    assert (contact.name, contact.score, contact.status) == ("Ada Neu", 5, ConsentStatus.NON_SUBSCRIBED)
    assert office.traces_of("zwölfnagel") == []
    # What happened before her return still gives nothing, and can't be brought back
    placed_before = Trigger(order_subject(office.store.id, "1"), "1", ORDER_PLACED, at(YESTERDAY), {})
    assert office.score(ADA_ID, placed_before) == 0
    assert office.order("99", email=ADA, name=NAME, placed=YESTERDAY) is Outcome.IGNORED
    assert office.traces_of("zwölfnagel") == []


def test_what_comes_between_the_first_and_the_second_time_stays(office: Office) -> None:
    live(office)
    erasure = of_person(office)
    office.first_time(erasure)
    office.now += timedelta(minutes=1)
    placed = office.now.isoformat()
    office.order("100", email=ADA, name="Ada Neu", placed=placed, total=42)
    office.visit("v-new", ADA, office.now)

    done = office.finish(erasure)

    assert done.state is ErasureState.DONE
    assert office.board()[ADA_ID] == (1, 42)
    contact = office.contacts.contact(office.store.account_id, office.audience.id, ADA_ID)
    assert contact
    assert contact.score == 5
    assert office.traces_of("zwölfnagel") == []


def test_whoever_had_begun_to_write_is_outlasted(office: Office) -> None:
    # Given writers that had looked before somebody was forgotten, and write after that
    live(office)
    erasure = of_person(office)
    office.first_time(erasure)
    order = an_order("97", email=ADA, buyer=an_order(email=ADA, name=NAME).buyer, placed=YESTERDAY)
    assert office.ledger.record_order(office.store, order, None)
    office.project(ADA_ID)
    office.evidence.add_hit(office.ref(ADA_ID), "m1", ADA, at(YESTERDAY))
    assert office.traces_of(*WORDS)

    # When the erasure looks a second time
    done = office.finish(erasure)

    # Then nothing is left, and the receipt counts it
    assert office.traces_of(*WORDS) == []
    assert ADA_ID not in office.board()
    assert done.removed["orders"] == 8


def test_a_score_read_before_is_not_written_after(office: Office) -> None:
    office.contacts.save(office.store.account_id, office.audience.id, a_contact())
    before = office.scores.read(office.store.account_id, office.audience.id, 1, ADA_ID)
    office.erase(of_person(office))
    office.now += timedelta(days=1)
    office.order("100", email=ADA, placed=office.now.isoformat())
    assert before

    visited = Trigger("activity:v", "", "page.visited", at(YESTERDAY), {})
    with pytest.raises(Outrun):
        office.scores.write(before, fold(before.state, [visited], RULES))


def test_a_customer_without_an_address_is_forgotten_in_one_store(office: Office) -> None:
    # Given customers whom two shops know by the same number
    buyer = {"email": None, "customer_id": "7", "placed": YESTERDAY}
    office.order("1", **buyer, name=NAME)
    office.order("2", store=office.other, **buyer, name="Cleo Clay")
    board = office.board(office.other)

    # When one shop asks to forget its own
    done = office.erase(of_person(office, "customer-7", store_id=office.store.id))

    # Then the other keeps who is another
    assert done.removed["orders"] == 1
    assert office.traces_of("zwölfnagel") == []
    assert office.board() == {}
    assert office.board(office.other) == board
    assert office.order("3", **buyer, name=NAME) is Outcome.IGNORED
    assert office.order("4", store=office.other, **buyer, name="Cleo Clay") is Outcome.ACCEPTED
    assert office.order("5", email=None, customer_id="7", placed="2026-12-01T00:00:00") is Outcome.ACCEPTED


def test_an_order_of_nobody_is_forgotten(office: Office) -> None:
    office.order("1", email=None, name=NAME, placed=YESTERDAY)

    done = office.erase(of_person(office, "unidentified-1"))

    assert done.removed == {"orders": 1}
    assert office.traces_of("zwölfnagel") == []
    assert (
        office.order("1", email=None, name=NAME, placed=YESTERDAY, updated="2026-12-01T00:00:00") is Outcome.UNCHANGED
    )


def test_a_house_account_is_forgotten_with_all_its_rows(office: Office) -> None:
    store = office.workspace.store(office.store.account_id, office.store.id)
    assert store
    assert office.workspace.save_store(replace(store, house_account_orders=2))
    for number in range(4):
        office.order(str(number), email=ADA, name=NAME, placed=YESTERDAY)

    office.erase(of_person(office))

    assert office.traces_of(*WORDS) == []


def test_a_job_under_way_that_holds_somebody_is_waited_for(office: Office) -> None:
    # Given a job whose place in the list of contacts is somebody's
    live(office)
    jobs = Jobs(office.client, office.tables.workspace)
    job = Job(office.store.account_id, office.audience.id, "job2", JobKind.VERIFY, NOW, NOW, state=JobState.RUNNING)
    running = jobs.save(replace(job, place={"after": {"list_sk": ADA}}))
    erasure = of_person(office)
    office.first_time(erasure)
    office.now += SETTLING

    # When the erasure looks a second time, the job is still there; it is waited for until it has gone on
    again = office.eraser.work(erasure.account_id, erasure.id)
    assert again
    assert again.after == SETTLING
    assert running
    assert jobs.save(replace(running, place={"after": {"list_sk": BOB}}))

    assert office.finish(erasure).state is ErasureState.DONE
    assert office.traces_of(*WORDS) == []


def test_a_store_is_forgotten_with_whoever_is_known_from_nowhere_else(office: Office) -> None:
    # Given a store of two people, one of whom is a customer of another as well
    live(office)
    other = [json.dumps(item, sort_keys=True) for item in office.items() if office.other.id in item["pk"]["S"]]
    board = office.board(office.other)

    # When the store is forgotten
    done = office.erase(of_store(office))

    # Then nothing of it is left but that it was, and nothing of Bob; Ada is known to the other store
    assert done.state is ErasureState.DONE
    assert done.removed["orders"] >= 8
    assert done.removed["profiles"] == 1
    assert office.traces_of(BOB, "bob berg") == []
    left = left_of_store(office)
    assert [item["sk"]["S"] for item in left] == [f"store#{office.store.id}"]
    assert office.store.secrets[0].value not in str(left)
    assert office.workspace.store(office.store.account_id, office.store.id) is None
    assert office.workspace.stores(office.store.account_id) == [replace(office.other, version=1)]
    assert office.board(office.other) == board
    assert set(other) <= {json.dumps(item, sort_keys=True) for item in office.items()}
    assert office.contacts.contact(office.store.account_id, office.audience.id, ADA_ID)


def test_projections_of_a_forgotten_store_write_nothing(office: Office) -> None:
    live(office)
    office.erase(of_store(office))
    items = office.items()

    office.project(ADA_ID)

    assert office.items() == items


def test_late_writes_to_a_forgotten_store_are_removed_the_second_time(office: Office) -> None:
    live(office)
    erasure = of_store(office)
    office.first_time(erasure)
    order = an_order("97", email=ADA, buyer=an_order(email=ADA, name=NAME).buyer, placed=YESTERDAY)
    assert office.ledger.record_order(office.store, order, None)

    done = office.finish(erasure)

    left = left_of_store(office)
    assert [item["sk"]["S"] for item in left] == [f"store#{office.store.id}"]
    assert done.state is ErasureState.DONE


def left_of_store(office: Office) -> list[dict[str, Any]]:
    """All items of the store but what it once gave to scores of people who stay."""
    keys = ((item, f"{item['pk']['S']} {item['sk']['S']}") for item in office.items())
    return [item for item, key in keys if office.store.id in key and " score#" not in key]


# ---- What platforms ask ----------------------------------------------------------------------------------------------


def ask(office: Office, kind: str, **details: Any) -> RequestState | None:
    request = {"kind": kind, "customers": [], "orders": [], "received_at": int(office.now.timestamp()), **details}
    office.workspace.record_privacy_request(office.store, "r1", request)
    return office.clerk.look_after(office.store.account_id, office.store.id, "r1", office.now)


def request(office: Office) -> dict[str, Any]:
    (kept,) = office.workspace.privacy_requests(office.store)
    return kept


def test_a_platforms_request_to_forget_somebody_is_carried_out(office: Office) -> None:
    # Given a shop that asks to forget a customer by address, number and orders
    live(office)
    office.order("12", email=None, customer_id="7", name=NAME, placed=YESTERDAY)
    office.order("13", email=None, name=NAME, placed=YESTERDAY)
    assert ask(office, "customer_erasure", customers=[ADA_ID, "customer-7"], orders=["1", "13"]) is RequestState.RUNNING
    assert [due.erasure_id or due.request_id for due in office.erasures.due()] == [request(office)["erasure"], "r1"]

    # When it is looked after again, it is not begun again
    assert ask(office, "customer_erasure") is None
    (sent,) = office.queue.sent
    (erasure,), _ = office.erasures.erasures(office.store.account_id, 10)
    done = office.finish(erasure)

    # Then all customers that it names are forgotten, and nothing is due any more
    assert sent[:2] == (done.account_id, done.id)
    assert set(done.customers) == {ADA_ID, "customer-7", "unidentified-13"}
    assert office.traces_of(*WORDS) == []
    assert request(office)["state"] == "done"
    assert list(office.erasures.due()) == []


def test_a_platforms_request_to_know_is_ready_to_be_handed_out(office: Office) -> None:
    live(office)
    assert ask(office, "customer_data", customers=[ADA_ID]) is RequestState.READY
    assert request(office)["customers"] == [ADA_ID]
    assert list(office.erasures.due()) == []


def test_a_request_that_names_nobody_is_done(office: Office) -> None:
    assert ask(office, "customer_erasure", orders=["none"]) is RequestState.DONE
    assert office.queue.sent == []


def test_a_store_is_forgotten_for_its_platform_once_it_is_disconnected(office: Office) -> None:
    live(office)
    assert ask(office, "store_erasure") is None
    assert [due.request_id for due in office.erasures.due()] == ["r1"]
    store = office.workspace.store(office.store.account_id, office.store.id)
    assert store
    assert office.workspace.save_store(replace(store, state=StoreState.DISCONNECTED))

    assert ask(office, "store_erasure") is RequestState.RUNNING
    (erasure,), _ = office.erasures.erasures(office.store.account_id, 10)
    assert office.finish(erasure).state is ErasureState.DONE
    assert list(office.erasures.due()) == []
    assert [item for item in office.items() if item["sk"]["S"].startswith("privacy#")] == []


# ---- Workers that are killed -----------------------------------------------------------------------------------------


class _Killed(Exception):
    pass


@pytest.fixture(scope="module")
def lived() -> MemoryStage:
    """Tables in which two people have lived."""
    stage = MemoryStage()
    live(Office(stage.client, stage.tables, "account"))
    return stage


def interrupted(lived: MemoryStage, kind: str, kill_at: int | None) -> tuple[Any, int]:
    """How an erasure ends whose worker is killed at a write, and how many writes there are."""
    stage = lived.copy()
    office = Office(stage.client, stage.tables, "account", connect=False)
    erasure = of_person(office) if kind == "person" else of_store(office)
    office.erasures.save(erasure)
    writes = 0

    def killing(operation: str) -> None:
        nonlocal writes
        writes += operation in ("put_item", "update_item", "delete_item", "transact_write_items")
        if writes == kill_at:
            writes += 1
            raise _Killed

    stage.after = killing
    for _ in range(200):
        try:
            again = office.eraser.work(erasure.account_id, erasure.id)
        except _Killed:
            continue
        if again is None:
            break
        office.wait(again)
    stage.after = lambda _: None
    done = office.kept(erasure)
    words = WORDS if kind == "person" else (BOB, "bob berg")
    left = [] if kind == "person" else [item["sk"]["S"] for item in left_of_store(office)]
    return (done.state, dict(done.removed), office.traces_of(*words), left, office.board(office.other)), writes


@pytest.mark.parametrize("kind", ["person", "store"])
def test_a_worker_may_be_killed_after_any_write(kind: str, lived: MemoryStage) -> None:
    """Whatever is then taken up again ends as if nothing had happened, receipt included."""
    expected, writes = interrupted(lived, kind, None)
    assert expected[0] is ErasureState.DONE
    assert expected[2] == []
    for kill_at in range(1, writes + 1):
        outcome, _ = interrupted(lived, kind, kill_at)
        assert outcome == expected, kill_at
