"""When contacts last bought, opened or clicked something: what is kept is what their facts say."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from laurel.model.account import Store
from laurel.model.activity import EMAIL_CLICKED, EMAIL_OPENED, Activity, ActivityChange
from laurel.model.contact import ContactRef
from laurel.model.identity import contact_id
from laurel.model.order import LedgerOrder, OrderChange, OrderState
from laurel.model.signal import FirstPurchase, Pulse, SetBack
from laurel.scoring.pulses import Beat, KeptPulse, Pulses, beats_of_activity, beats_of_order
from laurel.store.contact_stream import told
from laurel.store.contacts import Contacts
from laurel.store.evidence import Evidence
from laurel.store.ledger import Ledger
from laurel.store.pulses import KeptPulses, PulseFacts
from tests.support.api import stream_event
from tests.support.samples import ADA, ADA_ID, BOB, a_contact, a_kept_order, an_order, at
from tests.support.tables import Database

pytestmark = pytest.mark.integration

BUY, OPEN, CLICK = Pulse.PURCHASE, Pulse.OPEN, Pulse.CLICK
BOB_ID = contact_id(BOB)


class Heart:
    """A contact's facts and pulses on tables of a test's own."""

    def __init__(self, database: Database, store: Store) -> None:
        client, tables = database.client, database.tables
        self.store, self.ref = store, ContactRef(store.account_id, store.audience_id, ADA_ID)
        self.ledger = Ledger(client, tables.ledger)
        self.evidence = Evidence(client, tables.ledger)
        self.kept = KeptPulses(client, tables.contacts)
        self.people = Contacts(client, tables.contacts)
        self.facts = PulseFacts(client, tables.ledger)
        self.pulses = Pulses(self.kept, self.facts, lambda _account, store_id: self._currency(store_id), map)
        assert self.people.save(store.account_id, store.audience_id, a_contact())

    def _currency(self, store_id: str) -> str | None:
        return self.store.currency if store_id == self.store.id else None

    def order(self, id_: str, placed: str, state: OrderState = OrderState.PAID, updated: str | None = None) -> None:
        order = an_order(id_, placed=placed, state=state, updated=updated)
        assert self.ledger.record_order(self.store, order, self.ledger.owners_of(self.store, [id_]).get(id_))

    def did(self, id_: str, name: str, when: str) -> None:
        it = Activity(id_, name, at(when), {})
        assert self.ledger.record_activity(self.ref.account_id, self.ref.audience_id, ADA_ID, it)

    def follow(self, *beats: Beat, contact: str = ADA_ID) -> None:
        assert self.pulses.follow(self.ref.account_id, self.ref.audience_id, {contact: beats}) == {}

    def found(self, *pulses: Pulse) -> dict[Pulse, KeptPulse]:
        known = self.kept.read(self.ref.account_id, self.ref.audience_id, {ADA_ID: pulses or tuple(Pulse)})
        return dict(known[ADA_ID].pulses)

    def last_on(self, day: str, pulse: Pulse = BUY) -> Sequence[str]:
        on = date.fromisoformat(day)
        return self.kept.last_on(self.ref.account_id, self.ref.audience_id, pulse, on, None, 10).contacts


@pytest.fixture
def heart(database: Database, store: Store) -> Heart:
    return Heart(database, store)


def bought(when: str) -> Beat:
    return Beat(BUY, at(when), done=True)


def undone(when: str, pulse: Pulse = BUY) -> Beat:
    return Beat(pulse, at(when), done=False)


# ---- What facts say --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, {}, [True]),
        (None, {"state": OrderState.PENDING}, []),
        (None, {"test": True}, []),
        ({"state": OrderState.PENDING}, {}, [True]),
        ({}, {"number": "7"}, []),
        ({}, {"state": OrderState.CANCELLED}, [False]),
        ({}, {"moved_to": "bob"}, [False]),
        ({}, {"refunded": 5990}, [False]),
        ({}, {"refunded": 10}, []),
        ({}, {"placed": "2026-11-19T10:00:00"}, [False, True]),
    ],
)
def test_what_a_write_of_an_order_says(before: Any, after: dict[str, Any], said: list[bool]) -> None:
    old: LedgerOrder | None = None if before is None else a_kept_order(**before)

    beats = beats_of_order(OrderChange(old, a_kept_order(**after)), "EUR")
    assert [it.done for it in beats] == said


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        (EMAIL_OPENED, "none", None, [(OPEN, True)]),
        (EMAIL_CLICKED, "none", None, [(CLICK, True)]),
        (EMAIL_OPENED, "none", "scanner", []),
        (EMAIL_OPENED, None, "scanner", [(OPEN, False)]),
        (EMAIL_OPENED, None, None, []),
        ("page.visited", "none", None, []),
    ],
)
def test_what_a_write_of_an_activity_says(
    name: str, before: str | None, after: str | None, said: list[tuple[Pulse, bool]]
) -> None:
    it = Activity("a1", name, at("2026-11-20T10:00:00"), {}, machine=after)
    old = None if before == "none" else replace(it, machine=before)

    assert [(beat.pulse, beat.done) for beat in beats_of_activity(ActivityChange(old, it))] == said


# ---- What is kept ----------------------------------------------------------------------------------------------------


def test_the_last_day_is_kept_and_listed(heart: Heart) -> None:
    heart.order("1", "2026-11-18T10:00:00")
    heart.follow(bought("2026-11-18T10:00:00"))
    heart.order("2", "2026-11-20T23:59:00")
    heart.follow(bought("2026-11-20T23:59:00"))

    assert heart.found(BUY) == {BUY: KeptPulse(at("2026-11-18T10:00:00"), at("2026-11-20T23:59:00"))}
    assert heart.last_on("2026-11-20") == [ADA_ID]
    assert heart.last_on("2026-11-18") == []


def test_days_are_utc_and_one_is_written_once(heart: Heart) -> None:
    heart.order("1", "2026-11-20T23:30:00-02:00")
    heart.follow(bought("2026-11-20T23:30:00-02:00"))
    heart.follow(bought("2026-11-21T20:00:00"))

    assert heart.found() == {BUY: KeptPulse(at("2026-11-21T01:30:00"), at("2026-11-21T01:30:00"))}


def test_the_first_purchase_is_the_first_whatever_comes_first(heart: Heart) -> None:
    # Given an import that begins with the latest order
    heart.order("1", "2024-01-05T10:00:00")
    heart.order("2", "2026-11-20T10:00:00")
    heart.follow(bought("2026-11-20T10:00:00"), bought("2024-01-05T10:00:00"))

    assert heart.found() == {BUY: KeptPulse(at("2024-01-05T10:00:00"), at("2026-11-20T10:00:00"))}


def test_a_purchase_that_is_undone_sets_it_back(heart: Heart) -> None:
    for number, day in enumerate(("2026-11-10", "2026-11-20"), 1):
        heart.order(str(number), f"{day}T10:00:00")
        heart.follow(bought(f"{day}T10:00:00"))
    heart.order("2", "2026-11-20T10:00:00", OrderState.CANCELLED, "2026-11-21T10:00:00")
    heart.follow(undone("2026-11-20T10:00:00"))

    assert heart.found()[BUY].day == date(2026, 11, 10)
    assert heart.last_on("2026-11-10") == [ADA_ID]

    # And the only one that there was takes it away
    heart.order("1", "2026-11-10T10:00:00", OrderState.CANCELLED, "2026-11-21T10:00:00")
    heart.follow(undone("2026-11-10T10:00:00"))
    assert heart.found() == {}


def test_an_earlier_one_that_is_undone_changes_nothing(heart: Heart) -> None:
    for number, day in enumerate(("2026-11-10", "2026-11-20"), 1):
        heart.order(str(number), f"{day}T10:00:00")
        heart.follow(bought(f"{day}T10:00:00"))
    before = heart.found()
    heart.follow(undone("2026-11-10T10:00:00"))

    assert heart.found() == before


def test_one_that_is_made_and_undone_in_one_batch_was_none(heart: Heart) -> None:
    heart.order("1", "2026-11-20T10:00:00", OrderState.CANCELLED)
    heart.follow(bought("2026-11-20T10:00:00"), undone("2026-11-20T10:00:00"))

    assert heart.found() == {}


def test_opens_and_clicks_are_kept_apart_and_a_machines_are_none(heart: Heart) -> None:
    heart.did("o1", EMAIL_OPENED, "2026-11-10T10:00:00")
    heart.did("o2", EMAIL_OPENED, "2026-11-12T10:00:00")
    heart.did("c1", EMAIL_CLICKED, "2026-11-11T10:00:00")
    heart.follow(Beat(OPEN, at("2026-11-10T10:00:00"), done=True), Beat(CLICK, at("2026-11-11T10:00:00"), done=True))
    heart.follow(Beat(OPEN, at("2026-11-12T10:00:00"), done=True))
    assert {pulse: it.day.day for pulse, it in heart.found().items()} == {OPEN: 12, CLICK: 11}

    assert heart.evidence.mark_machine(heart.ref, "o2", "scanner")
    heart.follow(undone("2026-11-12T10:00:00", OPEN))
    assert {pulse: it.day.day for pulse, it in heart.found().items()} == {OPEN: 10, CLICK: 11}


def test_nobody_is_noted_who_is_no_contact_or_was_erased_since(heart: Heart) -> None:
    heart.follow(bought("2026-11-20T10:00:00"), contact=BOB_ID)
    assert heart.last_on("2026-11-20") == []

    known = heart.kept.read(heart.ref.account_id, heart.ref.audience_id, {ADA_ID: [BUY]})[ADA_ID]
    assert known.erased_at is None
    heart.people.save(heart.ref.account_id, heart.ref.audience_id, replace(a_contact(), version=2))
    heart.order("1", "2026-11-20T10:00:00")
    late = replace(known, erased_at=at("2026-11-20T10:00:01"))
    heart.pulses._follow(heart.ref, late, [bought("2026-11-20T10:00:00")])
    assert heart.found() == {}


def test_whoever_is_slower_looks_again(heart: Heart) -> None:
    # Given somebody who has read before somebody else wrote
    heart.order("1", "2026-11-10T10:00:00")
    heart.follow(bought("2026-11-10T10:00:00"))
    read = heart.kept.read(heart.ref.account_id, heart.ref.audience_id, {ADA_ID: [BUY]})[ADA_ID]
    heart.follow(bought("2026-11-15T10:00:00"))

    # When they write what lies between, or after
    heart.pulses._follow(heart.ref, read, [bought("2026-11-12T10:00:00")])
    assert heart.found()[BUY].day == date(2026, 11, 15)
    heart.pulses._follow(heart.ref, read, [bought("2026-11-17T10:00:00")])
    assert heart.found()[BUY].day == date(2026, 11, 17)


def test_a_contact_who_cannot_be_followed_holds_up_nobody(heart: Heart) -> None:
    heart.order("1", "2026-11-10T10:00:00")
    broken = Pulses(heart.kept, heart.facts, lambda _account, _store: 1 / 0 and None, map)  # type: ignore[func-returns-value]
    opened = Beat(OPEN, at("2026-11-10T10:00:00"), done=True)
    assert heart.people.save(heart.ref.account_id, heart.ref.audience_id, a_contact(id=BOB_ID, email=BOB))

    failed = broken.follow(
        heart.ref.account_id,
        heart.ref.audience_id,
        {ADA_ID: [bought("2026-11-10T10:00:00")], BOB_ID: [opened]},
    )

    assert list(failed) == [ADA_ID]
    assert heart.last_on("2026-11-10", OPEN) == [BOB_ID]


def test_at_rest_it_is_what_the_facts_say(heart: Heart) -> None:
    """Orders are placed, cancelled and paid again; whatever is told again or late, the last word is the facts'."""
    play = random.Random(7)
    days = [f"2026-11-{day:02}T10:00:00" for day in range(1, 11)]
    states: dict[str, OrderState] = {}
    said: list[Beat] = []
    for step in range(60):
        id_ = str(play.randrange(5))
        placed = days[int(id_) * 2]
        was = states.get(id_)
        states[id_] = play.choice([OrderState.PAID, OrderState.CANCELLED])
        if was is states[id_]:
            continue
        updated = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(minutes=step)
        heart.order(id_, placed, states[id_], updated.isoformat())
        if states[id_] is OrderState.PAID:
            said.append(bought(placed))
        elif was:
            said.append(undone(placed))
        for _ in range(play.choice([0, 1, 1, 2])):
            heart.follow(*said[-play.randrange(1, 6) :])
        heart.follow(said[-1])
        paid = [days[int(it) * 2] for it, state in states.items() if state is OrderState.PAID]
        found = heart.found().get(BUY)
        assert (found.last_at if found else None) == (at(max(paid)) if paid else None)
    assert ADA in a_contact().email


# ---- What the stream tells of it -------------------------------------------------------------------------------------


def test_the_first_is_told_of_as_a_first_purchase_and_one_set_back_as_that(database: Database, heart: Heart) -> None:
    heart.order("1", "2026-11-10T10:00:00")
    heart.follow(bought("2026-11-10T10:00:00"))
    key: Any = {"pk": {"S": f"{heart.ref.account_id}#{heart.ref.audience_id}#{ADA_ID}"}, "sk": {"S": "pulse#purchase"}}

    def item() -> Any:
        return database.client.get_item(TableName=database.tables.contacts, Key=key, ConsistentRead=True)["Item"]

    first = item()
    (record,) = stream_event([first])["Records"]
    assert told(record).signals == (FirstPurchase(at("2026-11-10T10:00:00")),)

    assert heart.kept.put(heart.ref, BUY, KeptPulse(at("2026-11-05"), at("2026-11-05")), heart.found()[BUY])
    (record,) = stream_event([item()], {(key["pk"]["S"], key["sk"]["S"]): first})["Records"]
    assert told(record).signals == (SetBack(BUY, date(2026, 11, 5), date(2026, 11, 10)),)
