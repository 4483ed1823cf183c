"""Awards are given once, never beyond a budget, and no coupon twice: in a storm, repeated, with a crash at any step."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from laurel.model.errors import Busy
from laurel.model.reward import (
    Award,
    AwardState,
    Benefit,
    BenefitKind,
    Budget,
    Coupons,
    CouponSource,
    Programme,
    ProgrammeState,
    Refusal,
    Refused,
)
from laurel.rewards.award import Obstacle, award
from laurel.store.ledger import Ledger
from laurel.store.messages import Messages
from laurel.store.runs import Runs
from laurel.workspace.timeline import Histories, read_timeline
from tests.support.faults import client_error
from tests.support.rewards import Shelf
from tests.support.samples import NOW
from tests.support.stage import MemoryStage
from tests.support.tables import Database
from tests.support.threads import at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from laurel.model.contact import ContactRef

pytestmark = pytest.mark.integration

_accounts = itertools.count()
STORM = 300
AT_ONCE = 50


class Crash(BaseException):
    """The process ends."""


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database, f"rewards-{next(_accounts)}")


def insist(shelf: Shelf, programme: Programme, ref: ContactRef) -> Award | Refused:
    """Award somebody, again if others never let go, as the queue does."""
    while True:
        with suppress(Busy):
            return award(shelf.awards, programme, ref, "fair", NOW)


def storm(shelf: Shelf, programme: Programme, people: Sequence[ContactRef]) -> list[Award | Refused]:
    """Award everybody at once; nobody begins before all threads are ready."""
    ready = threading.Barrier(AT_ONCE)

    def run(share: Sequence[ContactRef]) -> list[Award | Refused]:
        ready.wait()
        return [insist(shelf, programme, it) for it in share]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [it for found in pool.map(run, [people[number::AT_ONCE] for number in range(AT_ONCE)]) for it in found]


def told(found: Sequence[Award | Refused]) -> Counter[str]:
    return Counter(it.reason.value if isinstance(it, Refused) else "given" for it in found)


@at_once
def test_a_pool_of_100_under_300_awards_at_once(shelf: Shelf) -> None:
    programme, people = shelf.programme(codes=100), shelf.people(STORM)

    found = storm(shelf, programme, people)

    assert told(found) == {"given": 100, "pool_empty": 200}
    given = [it.coupon for it in found if isinstance(it, Award)]
    assert len(set(given)) == 100
    assert shelf.codes(programme) == {f"CODE-{number}": True for number in range(100)}
    tally = shelf.again(programme).tally
    assert (tally.awards, tally.coupons, tally.coupons_given) == (100, 0, 100)
    listed, _ = shelf.awards.awards(programme, 1000)
    assert sorted(it.coupon or "" for it in listed) == sorted(map(str, given))


@at_once
def test_a_budget_is_never_oversold(shelf: Shelf) -> None:
    benefit = Benefit(BenefitKind.AMOUNT_OFF, amount=1500)
    programme = shelf.programme(benefit=benefit, currency="EUR", budget=Budget(awards=40, value=30_000))
    people = shelf.people(50)

    found = storm(shelf, programme, people)

    assert told(found) == {"given": 20, "budget_used": 30}
    tally = shelf.again(programme).tally
    assert (tally.awards, tally.value) == (20, 30_000)


@at_once
def test_the_same_award_fifty_times_at_once_is_one(shelf: Shelf) -> None:
    programme, (ada,) = shelf.programme(codes=5), shelf.people(1)

    found = storm(shelf, programme, [ada] * 50)

    assert len({it.coupon for it in found if isinstance(it, Award)}) == 1
    assert told(found) == {"given": 50}
    assert shelf.again(programme).tally.awards == 1
    assert sum(shelf.codes(programme).values()) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_at_any_step_costs_no_coupon_and_gives_no_second(moment: str) -> None:
    crashes = 0
    while _crashed(crashes, moment):
        crashes += 1

    assert crashes >= {"before": 4, "after": 1}[moment]


def _crashed(steps: int, moment: str) -> bool:
    """Crash after so many steps, then do it again; False if there are no more steps."""
    stage = MemoryStage()
    shelf = Shelf(Database(stage.client, stage.tables))
    programme, (ada, _) = shelf.programme(codes=2, budget=Budget(awards=1)), shelf.people(2)
    left = itertools.count(steps, -1)

    def die(operation: str) -> None:
        if next(left) == 0:
            raise Crash

    setattr(stage, moment, die)
    try:
        award(shelf.awards, programme, ada, "fair", NOW)
    except Crash:
        crashed = True
    else:
        crashed = False
    setattr(stage, moment, lambda _: None)
    again = award(shelf.awards, programme, ada, "fair", NOW + timedelta(hours=1))

    assert isinstance(again, Award)
    assert shelf.awards.award(ada, programme.id, "fair") == again
    assert again.coupon is not None
    assert shelf.codes(programme)[again.coupon]
    tally = shelf.again(programme).tally
    assert (tally.awards, tally.coupons, tally.coupons_given) == (1, 1, 1)
    assert award(shelf.awards, programme, shelf.ref(1), "fair", NOW) == Refused(Refusal.BUDGET_USED)
    return crashed


def test_an_award_says_what_was_promised(shelf: Shelf) -> None:
    coupons = Coupons(CouponSource.ONE_CODE, "THANKS")
    programme, (ada,) = shelf.programme(coupons=coupons, valid_days=30), shelf.people(1)

    found = award(shelf.awards, programme, ada, "fair", NOW, subject="job:1", rank=3)

    assert isinstance(found, Award)
    assert found == Award(
        ada, programme.id, "fair", NOW, AwardState.GIVEN, programme.benefit,
        coupon="THANKS", valid_until=NOW + timedelta(days=30), subject="job:1", rank=3,
    )  # fmt: skip
    shelf.awards.told(found, None, "not-subscribed")
    (kept,) = shelf.awards.awards_of(ada)
    assert kept == replace(found, unsent="not-subscribed")
    assert award(shelf.awards, programme, ada, "fair", NOW + timedelta(days=1)) == kept
    assert shelf.awards.awards_on([ada, shelf.ref(7)], programme.id, "fair") == {ada.contact}


def test_another_occasion_is_another_award(shelf: Shelf) -> None:
    programme, (ada,) = shelf.programme(codes=2), shelf.people(1)

    first, second = (award(shelf.awards, programme, ada, it, NOW) for it in ("2026-10", "2026-11"))

    assert isinstance(first, Award)
    assert isinstance(second, Award)
    assert {first.coupon, second.coupon} == {"CODE-0", "CODE-1"}


def test_who_cannot_be_awarded_is_told_why(shelf: Shelf) -> None:
    programme, (ada,) = shelf.programme(), shelf.people(1)
    customer = replace(ada, contact="customer-77")

    assert award(shelf.awards, programme, customer, "fair", NOW) == Refused(Refusal.NO_CONTACT)
    assert award(shelf.awards, programme, shelf.ref(9), "fair", NOW) == Refused(Refusal.NO_CONTACT)
    for state, reason in ((ProgrammeState.PAUSED, Refusal.PAUSED), (ProgrammeState.ENDED, Refusal.ENDED)):
        changed = shelf.awards.save(replace(shelf.again(programme), state=state))
        assert changed
        assert award(shelf.awards, changed, ada, "fair", NOW) == Refused(reason)
        # Whoever read it before the change is told so, too.
        assert award(shelf.awards, programme, ada, "fair", NOW) == Refused(reason)
    assert shelf.again(programme).tally.awards == 0


def test_an_award_is_in_the_timeline_of_its_contact_alone(shelf: Shelf) -> None:
    programme, (ada, ben) = shelf.programme(codes=1), shelf.people(2)
    given = award(shelf.awards, programme, ada, "fair", NOW)
    assert isinstance(given, Award)
    assert shelf.awards.revoke(programme, given, NOW + timedelta(hours=1))

    def timeline(ref: ContactRef) -> list[tuple[Any, ...]]:
        client, tables = shelf.database
        ledger, messages = Ledger(client, tables.ledger), Messages(client, tables.contacts)
        histories = Histories(ledger, shelf.contacts, messages, Runs(client, tables.contacts), shelf.awards)
        return [(it.at, it.fact) for it in read_timeline(histories, ref, 10).entries]

    gone = replace(given, state=AwardState.REVOKED, revoked_at=NOW + timedelta(hours=1))
    assert timeline(ada) == [(gone.revoked_at, gone), (NOW, replace(gone, state=AwardState.GIVEN))]
    assert timeline(ben) == []


def test_a_revoked_award_stays_so_and_its_coupon_is_not_given_again(shelf: Shelf) -> None:
    programme, (ada, ben) = shelf.programme(codes=1), shelf.people(2)
    given = award(shelf.awards, programme, ada, "fair", NOW)
    assert isinstance(given, Award)

    assert shelf.awards.revoke(programme, given, NOW)
    assert not shelf.awards.revoke(programme, given, NOW)

    assert award(shelf.awards, programme, ada, "fair", NOW) == Refused(Refusal.REVOKED)
    assert award(shelf.awards, programme, ben, "fair", NOW) == Refused(Refusal.POOL_EMPTY)
    assert [it.state for it in shelf.awards.awards_of(ada)] == [AwardState.REVOKED]
    tally = shelf.again(programme).tally
    assert (tally.awards, tally.revoked, tally.coupons_given) == (1, 1, 1)


def test_who_is_held_out_is_recorded_and_costs_nothing(shelf: Shelf) -> None:
    programme = shelf.programme(codes=40, hold_out=30, budget=Budget(awards=20))
    people = shelf.people(40)

    found = [award(shelf.awards, programme, it, "fair", NOW) for it in people]

    held_out = [it for it in people if programme.holds_out(it.contact)]
    given = [it for it in people if it not in held_out][:20]
    after = people.index(given[-1]) + 1 if len(given) == 20 else 40
    assert [isinstance(it, Award) for it in found] == [it in given for it in people]
    assert told(found[:after]) == {"given": len(given), "held_out": sum(it in held_out for it in people[:after])}
    # Once nobody would get anything, nobody is held out either.
    assert set(told(found[after:])) <= {"budget_used"}
    tally = shelf.again(programme).tally
    assert (tally.awards, tally.held_out) == (len(given), sum(it in held_out for it in people[:after]))
    assert sum(shelf.codes(programme).values()) == len(given)


def test_the_hold_out_of_two_programmes_is_not_the_same() -> None:
    stage = MemoryStage()
    shelf = Shelf(Database(stage.client, stage.tables))
    one, other = shelf.programme(hold_out=20), shelf.programme(id="programmebbb", hold_out=20)
    people = [shelf.ref(number).contact for number in range(5_000)]

    held_out = [{it for it in people if programme.holds_out(it)} for programme in (one, other)]

    assert all(abs(len(it) / len(people) - 0.2) < 0.02 for it in held_out)
    assert abs(len(held_out[0] & held_out[1]) / len(people) - 0.04) < 0.02
    nobody = replace(one, hold_out=0)
    assert not any(nobody.holds_out(it) for it in people)


def test_codes_are_added_once(shelf: Shelf) -> None:
    programme, (ada,) = shelf.programme(codes=120), shelf.people(1)
    given = award(shelf.awards, programme, ada, "fair", NOW)
    assert isinstance(given, Award)

    added = shelf.pools.add(programme, [*(f"CODE-{number}" for number in range(130)), "CODE-125"])

    assert added == 10
    tally = shelf.again(programme).tally
    assert (tally.coupons, tally.coupons_given) == (129, 1)
    pages, after = [], None
    while True:
        page, after = shelf.pools.codes(programme, 50, after)
        pages += page
        if after is None:
            break
    assert len(pages) == len(dict(pages)) == 130
    assert [it for it in pages if it[1]] == pages[-1:] == [(given.coupon, True)]


def test_codes_are_added_though_another_transaction_was_in_the_way() -> None:
    stage = MemoryStage()
    shelf = Shelf(Database(stage.client, stage.tables))
    programme = shelf.programme(codes=2)
    conflicts = [client_error("TransactionConflictException")]

    def conflict(operation: str) -> None:
        if operation == "transact_write_items" and conflicts:
            raise conflicts.pop()

    stage.before = conflict

    assert shelf.pools.add(programme, ["CODE-1", "CODE-2"]) == 1
    assert set(shelf.codes(programme)) == {"CODE-0", "CODE-1", "CODE-2"}


def test_awards_are_listed_newest_first(shelf: Shelf) -> None:
    programme, people = shelf.programme(), shelf.people(5)
    for number, it in enumerate(people):
        assert isinstance(award(shelf.awards, programme, it, "fair", NOW + timedelta(hours=number)), Award)

    first, after = shelf.awards.awards(programme, 3)
    rest, end = shelf.awards.awards(programme, 3, after)

    assert [it.ref for it in (*first, *rest)] == people[::-1]
    assert end is None
    assert [it.ref for it in shelf.awards.all_awards(programme)] == people[::-1]


def test_settings_are_written_by_one_at_a_time_and_leave_the_tally_alone(shelf: Shelf) -> None:
    programme, (ada,) = shelf.programme(), shelf.people(1)
    assert isinstance(award(shelf.awards, programme, ada, "fair", NOW), Award)

    renamed = shelf.awards.save(replace(programme, name="Best", store_id=None, valid_days=9))

    assert renamed
    assert shelf.awards.save(replace(programme, name="Other")) is None
    kept = shelf.again(programme)
    assert (kept.name, kept.valid_days, kept.version, kept.tally.awards) == ("Best", 9, 2, 1)
    assert shelf.awards.programmes(shelf.account_id, kept.audience_id) == [kept]


def test_who_never_gets_through_is_told_so() -> None:
    stage = MemoryStage()
    shelf = Shelf(Database(stage.client, stage.tables))
    programme, (ada,) = shelf.programme(), shelf.people(1)
    pauses: list[float] = []

    class Crowded:
        """Others are always faster."""

        def __getattr__(self, name: str) -> Callable[..., Any]:
            return cast("Callable[..., Any]", getattr(shelf.awards, name))

        def keep(self, programme: Programme, award: Award) -> Obstacle:
            return Obstacle.OTHERS

    with pytest.raises(Busy):
        award(cast("Any", Crowded()), programme, ada, "fair", NOW, pause=pauses.append)

    assert len(pauses) == 60
    assert max(pauses) <= 0.5
