"""Scores and their history: written together or not at all, on condition that nobody else was faster."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from laurel.model.account import Store
from laurel.model.contact import Contact
from laurel.model.identity import contact_id
from laurel.model.scoring import (
    HIGHEST_SCORE,
    MOST_RULES,
    ORDER_PLACED,
    CapWindow,
    EffectKind,
    ScoredContact,
    ScoreEntry,
    ScoreState,
    ScoringRule,
    Step,
)
from laurel.scoring.apply import Applied, Outrun, apply
from laurel.scoring.fold import Folded, fold
from laurel.store.contacts import Contacts
from laurel.store.scores import Scores
from tests.support.faults import client_error
from tests.support.samples import ADA_ID, NOW, a_contact, a_score_entry
from tests.support.stage import MemoryStage
from tests.support.steps import PER_UNIT, REMOVE, SET, a_rule, amended, bought, by_hand, cancelled, did
from tests.support.tables import Database

RULES = [
    a_rule(5, cap=(9, CapWindow.DAY), expires_after_days=30),
    a_rule(2, "unit", activity=ORDER_PLACED, kind=PER_UNIT),
]


class Book:
    """Scores of one audience of one test's account."""

    def __init__(self, database: Database, store: Store) -> None:
        self.database = database
        self.account, self.audience = store.account_id, store.audience_id
        self.scores = Scores(database.client, database.tables.contacts)
        self.contacts = Contacts(database.client, database.tables.contacts)

    def add(self, *ids: str) -> None:
        for id_ in ids:
            assert self.contacts.save(self.account, self.audience, a_contact(id=id_, email=f"{id_}@example.com"))

    def read(self, epoch: int = 1, contact: str = ADA_ID) -> ScoredContact:
        found = self.scores.read(self.account, self.audience, epoch, contact)
        assert found
        return found

    def apply(self, *steps: Step, rules: list[ScoringRule] = RULES) -> list[int]:
        return [entry.given for entry in apply(self.scores, self.read(), steps, rules)]

    def profile(self, contact: str = ADA_ID) -> dict[str, Any]:
        key = {"pk": {"S": f"{self.account}#{self.audience}#{contact}"}, "sk": {"S": "profile"}}
        return dict(self.database.client.get_item(TableName=self.database.tables.contacts, Key=key)["Item"])

    def entries(self) -> list[ScoreEntry]:
        return [entry for _, entry in self.scores.entries_of(self.account, self.audience, ADA_ID)]


@pytest.fixture
def book(database: Database, store: Store) -> Book:
    book = Book(database, store)
    book.add(ADA_ID)
    return book


# ---- What is stored --------------------------------------------------------------------------------------------------


def test_who_never_scored_has_no_score(book: Book) -> None:
    assert book.read() == ScoredContact(book.account, book.audience, ADA_ID, ScoreState())
    assert book.entries() == []


def test_who_is_no_contact_has_nothing(book: Book) -> None:
    assert book.scores.read(book.account, book.audience, 1, "nobody") is None
    assert book.scores.read(book.account, "elsewhere", 1, ADA_ID) is None


def test_a_score_is_read_as_it_was_written(book: Book) -> None:
    folded = fold(ScoreState(), [did(), bought(amount="7"), by_hand(SET, 3), did("a2")], RULES)

    book.scores.write(book.read(), folded)

    assert book.read().state == folded.state
    assert sorted(book.entries(), key=lambda it: it.seq) == list(folded.entries)


@pytest.mark.parametrize(
    "entry",
    [
        a_score_entry(),
        a_score_entry(before=0, after=0, asked=-5, given=0, kind=EffectKind.SUBTRACT),
        a_score_entry(before=7, after=None, asked=0, given=-7, kind=EffectKind.REMOVE),
        a_score_entry(corrects=True, cause="12", subject="order:s#1%23:1 #2"),
        a_score_entry(unit_points=2, by="ada", reason="because # %", expires_on=NOW.date()),
        a_score_entry(after=HIGHEST_SCORE, subject_at=NOW + timedelta(milliseconds=123)),
    ],
    ids=["plain", "at zero", "removed", "escaped", "all fields", "to the millisecond"],
)
def test_an_entry_is_read_as_it_was_written(book: Book, entry: ScoreEntry) -> None:
    book.scores.write(book.read(), Folded(ScoreState(points=entry.after, seq=1), (entry,)))

    assert book.entries() == [entry]


def test_the_index_of_scores_holds_who_has_one(book: Book) -> None:
    book.apply(did())
    assert book.profile()["score_pk"] == {"S": f"{book.account}#{book.audience}#1"}

    book.apply(by_hand(REMOVE))
    profile = book.profile()
    assert "score_pk" not in profile
    assert "score" not in profile
    assert profile["score_seq"] == {"N": "2"}

    book.apply(did("a2"))
    assert book.profile()["score"] == {"N": "5"}


def test_entries_that_expire_are_listed_by_day(book: Book, database: Database) -> None:
    book.apply(did(), bought())

    answer = database.client.query(
        TableName=database.tables.contacts,
        IndexName="by_list",
        KeyConditionExpression="list_pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"{book.account}#{book.audience}#expiry#2026-12-22"}},
    )

    assert [item["list_sk"]["S"] for item in answer["Items"]] == [ADA_ID]


def test_a_score_leaves_the_profile_alone_and_the_profile_the_score(book: Book) -> None:
    book.apply(did())
    known = book.contacts.contact(book.account, book.audience, ADA_ID)
    assert known

    assert book.contacts.save(book.account, book.audience, replace(known, first_name="Ada", version=2))
    book.apply(did("a2"))

    expected: Contact = replace(known, first_name="Ada", version=2, score=10)
    assert book.contacts.contact(book.account, book.audience, ADA_ID) == expected


def test_many_scores_are_read_at_once(book: Book) -> None:
    # Given more contacts than one request can ask for, and some who are none
    ids = [contact_id(f"{number}@example.com") for number in range(130)]
    book.add(*ids[::2])

    found = book.scores.read_many(book.account, book.audience, 1, ids)

    assert sorted(it.contact for it in found) == sorted(ids[::2])
    assert list(book.scores.read_many(book.account, book.audience, 1, [])) == []


def test_the_history_of_one_fact_is_its_own(book: Book) -> None:
    book.apply(bought("1"), bought("11"), bought("1", cause=2, when=NOW), did())
    book.apply(cancelled("1"))

    about = book.scores.entries_about(book.read(), "order:storeaaaaaaa:1", bought().at)

    assert [(entry.cause, entry.given) for entry in sorted(about, key=lambda it: it.seq)] == [("1", 200), ("2", -200)]


def test_the_history_goes_on_after_where_it_was_left(book: Book) -> None:
    book.apply(*(did(f"a{number}", when=NOW + timedelta(days=number)) for number in range(5)))
    history = book.scores.entries_of(book.account, book.audience, ADA_ID)
    first = [next(history) for _ in range(2)]

    rest = list(book.scores.entries_of(book.account, book.audience, ADA_ID, before=first[-1][0]))

    assert [entry.subject for _, entry in first + rest] == [f"activity:a{number}" for number in (4, 3, 2, 1, 0)]


# ---- Conditions ------------------------------------------------------------------------------------------------------


def test_nothing_is_written_over_a_score_that_changed(book: Book) -> None:
    stale = book.read()
    book.apply(did("faster"))

    with pytest.raises(Outrun):
        book.scores.write(stale, fold(stale.state, [did("slower")], RULES))

    assert book.read().state.points == 5
    assert len(book.entries()) == 1


def test_nothing_is_written_for_who_is_gone(book: Book, store: Store) -> None:
    nobody = ScoredContact(book.account, book.audience, "nobody", ScoreState())

    with pytest.raises(Outrun):
        book.scores.write(nobody, fold(nobody.state, [did()], RULES))

    assert book.scores.read(book.account, book.audience, 1, "nobody") is None


@pytest.mark.parametrize("stale", [False, True])
def test_what_was_applied_is_named_and_nothing_is_written(book: Book, stale: bool) -> None:
    before = book.read()
    book.apply(did("a1"), did("a2"))
    contact = before if stale else book.read()
    folded = fold(contact.state, [did("a0"), did("a1"), did("a2"), did("a3")], RULES)

    with pytest.raises(Applied) as raised:
        book.scores.write(contact, folded)

    assert [entry.subject for entry in raised.value.entries] == ["activity:a1", "activity:a2"]
    assert len(book.entries()) == 2


def test_a_transaction_holds_as_many_entries_as_there_may_be_rules(book: Book) -> None:
    rules = [a_rule(1, f"rule{number}") for number in range(MOST_RULES)]

    assert book.apply(did("a1"), did("a2"), rules=rules) == [1] * 100

    assert book.read().state.points == 100


@pytest.mark.parametrize("repeat", [False, True])
def test_points_of_an_order_come_and_go_with_it(book: Book, repeat: bool) -> None:
    story = [bought(amount="100"), amended("100", "40"), cancelled(cause=3), bought(cause=4, amount="10")]
    for number in range(4):
        book.apply(*story[: number + 1] if repeat else [story[number]])

    assert [entry.given for entry in sorted(book.entries(), key=lambda it: it.seq)] == [200, -120, -80, 20]
    assert book.read().state.points == 20


def test_a_score_of_before_a_reset_does_not_count(book: Book) -> None:
    # Given a score and a use of a capped rule
    book.apply(did())

    # When the audience begins its second epoch
    contact = book.read(epoch=2)

    # Then there is no score and no use, but the entries are numbered on
    assert contact.state == ScoreState(seq=1, epoch=2)
    apply(book.scores, contact, [did("a2")], RULES)
    assert book.read(epoch=2).state.points == 5
    assert [entry.epoch for entry in sorted(book.entries(), key=lambda it: it.seq)] == [1, 2]

    # And who does not know yet works under the new one too
    assert book.read(epoch=1).state == book.read(epoch=2).state


def test_a_worker_who_slept_through_a_reset_writes_under_the_new_epoch(book: Book) -> None:
    book.apply(did())
    asleep = book.read(epoch=1)
    apply(book.scores, book.read(epoch=2), [by_hand(SET, 50)], RULES)

    apply(book.scores, asleep, [did("a2")], RULES, pause=lambda _: None)

    assert book.read(epoch=2).state.points == 55


def test_a_score_is_put_back_unless_it_changed(book: Book) -> None:
    book.apply(did())
    stale, right = book.read(), replace(book.read().state, points=7)

    assert book.scores.repair(stale, right)
    assert book.read().state.points == 7

    book.apply(did("a2"))
    assert not book.scores.repair(stale, right)


# ---- What goes wrong -------------------------------------------------------------------------------------------------


class Failing:
    """A client whose writes fail."""

    def __init__(self, stage: MemoryStage, error: ClientError) -> None:
        self._real: Any = stage.client
        self._error = error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def transact_write_items(self, **_: Any) -> None:
        raise self._error

    update_item = transact_write_items


def cancelled_for(*codes: str) -> ClientError:
    reasons = [{"Code": code} for code in codes]
    return client_error("TransactionCanceledException", CancellationReasons=reasons)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (cancelled_for("TransactionConflict", "None"), Outrun),
        (cancelled_for("None", "TransactionConflict"), Outrun),
        (cancelled_for("ConditionalCheckFailed", "None"), Outrun),
        (cancelled_for("ConditionalCheckFailed", "ConditionalCheckFailed"), Applied),
        (client_error("TransactionConflictException"), Outrun),
        (cancelled_for("ThrottlingError", "None"), ClientError),
        (cancelled_for("ItemCollectionSizeLimitExceeded", "None"), ClientError),
        (client_error("ProvisionedThroughputExceededException"), ClientError),
    ],
    ids=[
        "profile busy",
        "entry busy",
        "outrun",
        "outrun and applied",
        "conflict",
        "throttled",
        "too large",
        "too much",
    ],
)
def test_only_faster_writers_are_worth_another_try(store: Store, error: ClientError, raised: type[Exception]) -> None:
    stage = MemoryStage()
    failing: Any = Failing(stage, error)
    contact = ScoredContact(store.account_id, store.audience_id, ADA_ID, ScoreState())

    with pytest.raises(raised):
        Scores(failing, stage.tables.contacts).write(contact, fold(contact.state, [did()], RULES))


def test_a_repair_that_meets_a_transaction_gives_way(store: Store) -> None:
    stage = MemoryStage()
    conflict: Any = Failing(stage, client_error("TransactionConflictException"))
    throttled: Any = Failing(stage, client_error("ThrottlingException"))
    contact = ScoredContact(store.account_id, store.audience_id, ADA_ID, ScoreState(seq=1))

    assert not Scores(conflict, stage.tables.contacts).repair(contact, contact.state)
    with pytest.raises(ClientError):
        Scores(throttled, stage.tables.contacts).repair(contact, contact.state)


def test_keys_that_could_not_be_read_at_once_are_asked_for_again(store: Store) -> None:
    stage = MemoryStage()
    book = Book(Database(stage.client, stage.tables), store)
    book.add(ADA_ID, "bob")
    real = stage.client.batch_get_item
    asked: list[int] = []

    def one_by_one(RequestItems: Any) -> Any:  # noqa: N803
        ((table, request),) = RequestItems.items()
        asked.append(len(request["Keys"]))
        answer = real(RequestItems={table: {**request, "Keys": request["Keys"][:1]}})
        left = request["Keys"][1:]
        return {**answer, "UnprocessedKeys": {table: {"Keys": left}} if left else {}}

    stage.client.batch_get_item = one_by_one  # type: ignore[method-assign, assignment]
    found = book.scores.read_many(book.account, book.audience, 1, [ADA_ID, "bob"])

    assert {it.contact for it in found} == {ADA_ID, "bob"}
    assert asked == [2, 1]
