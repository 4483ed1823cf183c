"""What scoring does wrong elsewhere, or is asked for in vain, and what happens here instead.

Each test names the peer, what it did and the public issue or help page. Mautic's numbers are issues and pull requests
of mautic/mautic on GitHub.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from time import sleep
from typing import Any

import pytest

from laurel.model.account import Audience
from laurel.model.activity import Activity
from laurel.model.contact import ContactRef
from laurel.model.identity import contact_id
from laurel.model.order import OrderState, Refund
from laurel.model.scoring import (
    HIGHEST_SCORE,
    ORDER_PLACED,
    CapWindow,
    Condition,
    Effect,
    EffectKind,
    Operator,
    ScoreEntry,
    ScoringRule,
)
from laurel.scoring.by_hand import change_score, reset_score
from laurel.store.contacts import Contacts
from laurel.store.evidence import Evidence
from laurel.store.ledger import Ledger
from laurel.store.scores import Scores
from laurel.store.scoring_rules import ScoringRules
from laurel.store.workspace import Workspace
from tests.support.consumer import Records, consumer
from tests.support.faults import client_error
from tests.support.samples import ADA, ADA_ID, BOB, NOW, a_contact, a_store, an_order
from tests.support.stage import MemoryStage
from tests.support.steps import CLICKED, OPENED, PER_UNIT, REMOVE, SET, SUBTRACT, a_rule
from tests.support.tables import Database

BOB_ID = contact_id(BOB)
VISITED = "page.visited"
CONFLICT = [{"Code": "TransactionConflict"}, {"Code": "None"}]


class Shop:
    """An audience with Ada and Bob, and the function that scores what they do."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stage = MemoryStage()
        client, tables = self.stage.client, self.stage.tables
        self.store = a_store()
        self.account, self.audience = self.store.account_id, self.store.audience_id
        self.ledger, self.evidence = Ledger(client, tables.ledger), Evidence(client, tables.ledger)
        self.contacts, self.scores = Contacts(client, tables.contacts), Scores(client, tables.contacts)
        self.workspace, self.rules = Workspace(client, tables.workspace), ScoringRules(client, tables.workspace)
        self.workspace.save_audience(Audience(self.account, self.audience, "Newsletter", 1, NOW))
        self.workspace.save_store(self.store)
        self.add(ADA, BOB)
        self.consume: Callable[[Records], list[str]] = consumer(monkeypatch, Database(client, tables))
        self._told = 0

    def add(self, *emails: str, audience: str | None = None) -> None:
        for email in emails:
            contact = a_contact(id=contact_id(email), email=email)
            assert self.contacts.save(self.account, audience or self.audience, contact)

    def take_time(self) -> None:
        """Let other threads go on before each request."""
        self.stage.before = lambda _: sleep(0.001)

    def rule(self, *rules: ScoringRule) -> None:
        for rule in rules:
            assert self.rules.save(self.account, self.audience, rule)

    def did(self, id_: str, name: str = OPENED, who: str = ADA_ID, **properties: Any) -> None:
        minute = timedelta(minutes=len(self.stage.records))
        activity = Activity(id_, name, NOW + minute, properties)
        assert self.ledger.record_activity(self.account, self.audience, who, activity)

    def ordered(self, id_: str = "1", **changes: Any) -> None:
        assert self.ledger.record_order(
            self.store, an_order(id_, **changes), self.ledger.owners_of(self.store, [id_]).get(id_)
        )

    def news(self) -> Records:
        """What the Ledger's stream tells that it has not told before."""
        new, self._told = self.stage.records[self._told :], len(self.stage.records)
        return [it for it in new if it["dynamodb"]["Keys"]["sk"]["S"].startswith(("order#", "activity#"))]

    def settle(self) -> None:
        assert self.consume(self.news()) == []

    def by_hand(self, kind: EffectKind, points: int = 0) -> ScoreEntry:
        known = self.scores.read(self.account, self.audience, 1, ADA_ID)
        assert known
        return change_score(self.scores, known, Effect(kind, points), NOW, "ada", None)

    def score(self, who: str = ADA_ID, epoch: int = 1, audience: str | None = None) -> int | None:
        found = self.scores.read(self.account, audience or self.audience, epoch, who)
        assert found
        return found.state.points

    def log(self, who: str = ADA_ID) -> list[ScoreEntry]:
        entries = (entry for _, entry in self.scores.entries_of(self.account, self.audience, who))
        return sorted(entries, key=lambda entry: entry.seq)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    return Shop(monkeypatch)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Do all of it on threads that begin together; raises what any of them raised."""
    ready = threading.Barrier(len(works), timeout=30)

    def begin(work: Callable[[], Any]) -> Any:
        ready.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))


# ---- Mautic ----------------------------------------------------------------------------------------------------------


def test_mautic_13817_a_rule_is_still_there_after_it_has_fired(shop: Shop) -> None:
    """A points trigger deleted itself when it fired for the first time (5.0 and 5.1, #13817; fixed by #14448)."""
    shop.rule(a_rule(5))
    before = shop.rules.rules(shop.account, shop.audience)

    for number, who in enumerate([ADA_ID, BOB_ID, ADA_ID]):
        shop.did(f"a{number}", who=who)
        shop.settle()

    assert shop.rules.rules(shop.account, shop.audience) == before
    assert (shop.score(), shop.score(BOB_ID)) == (10, 5)


def test_mautic_5369_6310_the_total_is_the_sum_of_the_log(shop: Shop) -> None:
    """A contact's points were not what their log added up to (#5369, #6310)."""
    shop.rule(
        a_rule(5),
        a_rule(60_000_000, "visited", activity=VISITED),
        a_rule(7, "clicked", activity=CLICKED, kind=SUBTRACT),
        a_rule(2, "unit", activity=ORDER_PLACED, kind=PER_UNIT),
    )
    chance = random.Random(5369)
    for number in range(60):
        match chance.randrange(6):
            case 0:
                shop.by_hand(chance.choice([SET, REMOVE, SUBTRACT, EffectKind.ADD]), chance.choice([0, 3, 99_999_990]))
            case 1:
                state = chance.choice([OrderState.PAID, OrderState.CANCELLED])
                updated = (NOW + timedelta(seconds=number)).isoformat()
                shop.ordered(str(number % 3), state=state, updated=updated)
            case _:
                shop.did(f"a{number}", chance.choice([OPENED, CLICKED, VISITED]))
        shop.settle()

        log = shop.log()
        assert sum(entry.given for entry in log) == (shop.score() or 0)
        assert [entry.before for entry in log] == [None, *(entry.after for entry in log)][: len(log)]


@pytest.mark.parametrize("seconds", [31, "31.5"])
def test_mautic_10262_12336_time_on_a_page_earns_its_points_once_a_visit(shop: Shop, seconds: int | str) -> None:
    """Points for time spent on a page were missing, or given again and again (#10262, #12336)."""
    long_enough = Condition("seconds", Operator.GREATER, (30,))
    on_lamps = Condition("page", Operator.CONTAINS, ("/lamps",))
    shop.rule(a_rule(5, "read", activity=VISITED, conditions=(long_enough, on_lamps)))

    shop.did("v1", VISITED, page="/lamps/1", seconds=20)
    shop.did("v2", VISITED, page="/lamps/1", seconds=20)
    shop.did("v3", VISITED, page="/lamps/2", seconds=seconds)
    shop.did("v4", VISITED, page="/chairs", seconds=500)
    batch = shop.news()
    for _ in range(2):
        assert shop.consume(batch) == []

    assert [(entry.subject, entry.given) for entry in shop.log()] == [("activity:v3", 5)]


def test_mautic_4025_one_entry_however_many_workers_have_the_same_activity(shop: Shop) -> None:
    """Requests at the same time left several entries of one action in the history (#4025)."""
    shop.rule(a_rule(5), a_rule(1, "also"))
    for number in range(10):
        shop.did(f"a{number}")
    batch = shop.news()
    shop.take_time()

    at_once(*[lambda: shop.consume(batch)] * 8)

    assert Counter((entry.subject, entry.rule_id) for entry in shop.log()) == {
        (f"activity:a{number}", rule): 1 for number in range(10) for rule in ("opened", "also")
    }
    assert shop.score() == 60


def test_mautic_929_3684_an_action_that_counts_once_is_no_error_when_it_happens_twice_at_once(shop: Shop) -> None:
    """Whether a non-repeatable action was done was looked up first and inserted then.

    Two requests at the same time ended in a duplicate key and an error 500 (#929, #3684).
    """
    shop.rule(a_rule(5, cap=(1, CapWindow.EVER)))
    for number in range(8):
        shop.did(f"a{number}")
    batch = shop.news()
    shop.take_time()

    failed = at_once(*[lambda record=record: shop.consume([record]) for record in batch])

    assert failed == [[]] * 8
    assert [entry.given for entry in shop.log()] == [5]


def test_mautic_4752_points_given_at_the_same_time_are_not_lost(shop: Shop) -> None:
    """Points were read, added to and written back, so that one of two was lost.

    Pull request #4752 mended it for the main score; the score of a group is still written that way.
    """
    shop.rule(a_rule(1))
    for number in range(40):
        shop.did(f"a{number}")
    batch = shop.news()
    works = [lambda start=start: shop.consume(batch[start : start + 5]) for start in range(0, 40, 5)]
    shop.take_time()

    assert at_once(*works, *[lambda: shop.by_hand(EffectKind.ADD, 100)] * 4)[:8] == [[]] * 8

    assert shop.score() == 440
    assert [entry.seq for entry in shop.log()] == list(range(1, 45))


@pytest.mark.parametrize(
    ("code", "reasons"), [("TransactionCanceledException", CONFLICT), ("ProvisionedThroughputExceededException", None)]
)
def test_mautic_swallowed_points_that_cannot_be_written_come_again(
    shop: Shop, code: str, reasons: list[dict[str, str]] | None
) -> None:
    """After three deadlocks, or any other error of the driver, a change of points was dropped without a word.

    LeadRepository::updateContactPoints, in 5.1.0 and later.
    """
    shop.rule(a_rule(5))
    shop.did("a1")
    batch = shop.news()

    def never(operation: str) -> None:
        if operation == "transact_write_items":
            raise client_error(code, **({"CancellationReasons": reasons} if reasons else {}))

    # Given a contact that is always being written by others, the record is reported as failed
    shop.stage.before = never
    assert shop.consume(batch) == [record["dynamodb"]["SequenceNumber"] for record in batch]

    # And counted when it comes again
    shop.stage.before = lambda _: None
    assert shop.consume(batch) == []
    assert shop.score() == 5


def test_mautic_6996_all_scores_are_reset_by_one_write_and_the_log_stays(shop: Shop) -> None:
    """There is no way to reset everybody's points (#6996)."""
    shop.rule(a_rule(5, cap=(1, CapWindow.EVER)))
    people = [f"{number}@example.com" for number in range(30)]
    shop.add(*people)
    for email in people:
        shop.did("a1", who=contact_id(email))
    shop.settle()
    calls: list[str] = shop.stage.client.calls  # type: ignore[attr-defined]
    calls.clear()

    epoch = shop.workspace.reset_scores(shop.account, shop.audience)

    assert calls == ["update_item"]
    assert {shop.score(contact_id(email), epoch) for email in people} == {None}
    assert all(len(shop.log(contact_id(email))) == 1 for email in people)


def test_mautic_has_no_bounds_a_score_never_leaves_them(shop: Shop) -> None:
    """Points of a contact may be negative and have no upper limit; here both ends hold after each step."""
    shop.rule(
        a_rule(60_000_000, "visited", activity=VISITED), a_rule(70_000_000, "left", activity="left", kind=SUBTRACT)
    )
    for number, name in enumerate([VISITED, "left", "left", VISITED, VISITED, VISITED, "left"]):
        shop.did(f"a{number}", name)
    shop.settle()

    assert [entry.after for entry in shop.log()] == [
        60_000_000,
        0,
        0,
        60_000_000,
        HIGHEST_SCORE,
        HIGHEST_SCORE,
        29_999_999,
    ]


def test_mautic_ten_statements_an_action_a_batch_costs_a_fraction(shop: Shop) -> None:
    """One repeatable action costs about ten statements, done while its sender waits (counted by reading 5.1.0).

    Here a batch of 100 activities of 60 contacts costs at most 1.2 requests each; the first of a day, by which it is
    known when a contact last did something, one more.
    """
    shop.rule(*(a_rule(1, f"rule{number}") for number in range(3)))
    people = [f"{number}@example.com" for number in range(60)]
    shop.add(*people)
    for number in range(60):
        shop.did(f"first{number}", who=contact_id(people[number]))
    assert shop.consume(shop.news()) == []
    for number in range(100):
        shop.did(f"a{number}", who=contact_id(people[number % 60]))
    batch = shop.news()
    calls: list[str] = shop.stage.client.calls  # type: ignore[attr-defined]
    calls.clear()

    assert shop.consume(batch) == []

    assert len(calls) <= 120
    assert Counter(calls) == {"query": 1, "get_item": 1, "batch_get_item": 3, "transact_write_items": 60}


# ---- GetResponse -----------------------------------------------------------------------------------------------------


def test_getresponse_erased_is_not_zero(shop: Shop) -> None:
    """Erasing leaves no score, which is not 0 ("How can I use the Score action", getresponse.com/help)."""
    shop.by_hand(SET, 0)
    assert shop.score() == 0

    shop.by_hand(REMOVE)
    assert shop.score() is None

    shop.by_hand(SUBTRACT, 5)
    assert shop.score() is None

    shop.by_hand(EffectKind.ADD, 5)
    assert shop.score() == 5


def test_getresponse_saturates_at_its_limit(shop: Shop) -> None:
    """99,999,990 + 100 = 99,999,999, and at the limit nothing more is received (the same page)."""
    shop.rule(a_rule(100))
    shop.by_hand(SET, 99_999_990)
    shop.did("a1")
    shop.settle()
    assert shop.score() == 99_999_999

    shop.did("a2")
    shop.settle()
    assert shop.score() == 99_999_999
    assert [(entry.asked, entry.given) for entry in shop.log()[1:]] == [(100, 9), (100, 0)]


def test_getresponse_scores_belong_to_the_list(shop: Shop) -> None:
    """The same address on two lists is two contacts with a score each; so it is with audiences here."""
    other = "audiencebbbb"
    shop.workspace.save_audience(Audience(shop.account, other, "Other", 1, NOW))
    shop.add(ADA, audience=other)
    shop.rule(a_rule(5))
    shop.did("a1")
    shop.settle()

    assert (shop.score(), shop.score(audience=other)) == (5, None)


# ---- Others ----------------------------------------------------------------------------------------------------------


def test_activecampaign_static_and_dynamic_a_rule_counts_once_or_each_time(shop: Shop) -> None:
    """A rule counts once a contact ("static"); counting each time takes an automation that repeats itself."""
    shop.rule(a_rule(5, "static", cap=(1, CapWindow.EVER)), a_rule(1, "dynamic"))
    for number in range(4):
        shop.did(f"a{number}")
        shop.settle()

    assert Counter(entry.rule_id for entry in shop.log()) == {"static": 1, "dynamic": 4}


def test_activecampaign_retroactive_a_new_rule_changes_no_score(shop: Shop) -> None:
    """Making a score is retroactive: whoever fits has it at once. Here a rule counts from when it is there."""
    shop.did("a1")
    shop.settle()
    shop.rule(a_rule(5))
    assert shop.score() is None

    shop.did("a2")
    shop.settle()
    assert shop.score() == 5


def test_hubspot_reevaluation_an_edited_rule_leaves_what_was_given(shop: Shop) -> None:
    """Publishing a changed score works out everybody's anew. Here history stays what it was, and take-backs fit it."""
    shop.rule(a_rule(10, "placed", activity=ORDER_PLACED))
    shop.ordered("1")
    shop.settle()
    (known,) = shop.rules.rules(shop.account, shop.audience)
    shop.rule(replace(known, effect=Effect(EffectKind.ADD, 1000)))
    assert shop.score() == 10
    shop.ordered("2")
    shop.settle()

    shop.ordered("1", state=OrderState.CANCELLED, updated="2026-11-22")
    shop.settle()

    assert [entry.given for entry in shop.log()] == [10, 1000, -10]


def test_adobe_marketo_optimizer_an_activity_counts_at_most_twenty_times_a_day(shop: Shop) -> None:
    """At most 20 of one activity count a day, which is fixed; here each rule says how often, by the activity's day."""
    shop.rule(a_rule(1, cap=(20, CapWindow.DAY)), a_rule(1, "thrice", activity=CLICKED, cap=(3, CapWindow.DAY)))
    for number in range(25):
        shop.did(f"o{number}")
        shop.did(f"c{number}", CLICKED)
    shop.settle()

    assert Counter(entry.rule_id for entry in shop.log()) == {"opened": 20, "thrice": 3}


def test_intempt_what_no_longer_holds_gives_its_points_back(shop: Shop) -> None:
    """Leaving a segment takes its points back. Here a refund does, to the point, and a machine's open."""
    shop.rule(a_rule(5), a_rule(1, "unit", activity=ORDER_PLACED, kind=PER_UNIT))
    shop.did("a1")
    shop.ordered(total=10_000)
    shop.settle()
    assert shop.score() == 105

    shop.ledger.record_refund(shop.store, Refund("1", "r1", 2_500))
    shop.settle()
    assert shop.score() == 80

    assert shop.evidence.mark_machine(ContactRef(shop.account, shop.audience, ADA_ID), "a1", "scanner")
    shop.settle()
    assert shop.score() == 75


def test_brevo_customerio_a_number_without_a_history_here_every_change_says_why(shop: Shop) -> None:
    """Where points are an attribute changed by a campaign's step, nobody can tell where they come from."""
    shop.rule(a_rule(5))
    shop.did("a1")
    shop.settle()
    shop.by_hand(SUBTRACT, 2)
    known = shop.scores.read(shop.account, shop.audience, 1, ADA_ID)
    assert known
    reset_score(shop.scores, known, NOW, "ada")

    assert [(entry.activity, entry.by, entry.given, entry.after) for entry in shop.log()] == [
        (OPENED, None, 5, 5),
        ("by_hand", "ada", -2, 3),
        ("by_hand", "ada", -3, None),
    ]
