"""The daily look at loyalty: who is watched, what is opened and ended once, and how alerts are kept."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from laurel.alerts.by_hand import change
from laurel.model.account import StoreState
from laurel.model.alert import (
    AlertKind,
    AlertRules,
    AlertState,
    Digest,
    Lateness,
    RankDrop,
    Resolution,
    ScoreDrop,
    SpendDrop,
    SpendRule,
    StoreRules,
    Watch,
)
from laurel.model.contact import ContactRef
from laurel.model.errors import Conflict, InvalidInput, NotFound
from laurel.model.job import JobState
from laurel.model.period import PeriodKind
from laurel.model.ranking import Metric
from laurel.model.signal import AlertRaised
from tests.support.loyalty import ADA, BOB, MONTHLY, NOW, NUMBERED, Shop, a_shop, alert_of
from tests.support.stage import MemoryStage
from tests.support.tables import Database


@pytest.fixture
def shop(database: Database) -> Shop:
    return a_shop(database)


# ---- Who is watched, and what is opened -----------------------------------------------------------------------------


def test_who_is_late_gets_an_alert_and_who_is_not_none(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.buys(BOB, 10, 40, 70, 100, 130)

    job = shop.look()

    (alert,) = shop.known()
    assert (alert.customer, alert.kind, alert.opened_at) == (ADA, AlertKind.OVERDUE, NOW)
    assert alert.reason == Lateness((NOW - timedelta(days=50)).date(), 6, 30, 44)
    assert (alert.worth, alert.currency, alert.told) == (30_000, "EUR", True)
    assert job.result == {"customers": 3, "opened": 1, "resolved": 0, "mail": "sent"}


def test_who_was_not_among_the_first_is_not_watched(shop: Shop) -> None:
    rules = StoreRules(watch=Watch(first=1))
    assert shop.rules.save(AlertRules(shop.account.id, shop.audience.id, stores={shop.store.id: rules}))
    shop.buys(BOB, *MONTHLY)

    assert (shop.look().done, shop.known()) == (1, [])


def test_ranks_spending_and_scores_are_looked_at_too(shop: Shop) -> None:
    others = [f"customer-{number}" for number in range(200)]
    shop.boards.close(shop.store, "2026-09", ADA, BOB, *others)
    shop.boards.close(shop.store, "2026-10", BOB, *others[:199], ADA)
    shop.buys(ADA, *range(50, 400, 10))
    shop.scored(ADA, 40, 200)
    shop.scored(ADA, 3, 90)

    shop.look()

    found = {it.kind: it.reason for it in shop.known() if it.customer == ADA}
    assert found[AlertKind.LEFT_FIRST] == RankDrop(Metric.TOTAL_SPENT, "2026-09", "2026-10", 1, 201, 200, 50)
    assert found[AlertKind.RANK_FELL] == RankDrop(Metric.TOTAL_SPENT, "2026-09", "2026-10", 1, 201, 200, 100)
    assert found[AlertKind.SCORE_FALLING] == ScoreDrop(200, 90, 30)
    spend = found[AlertKind.SPEND_DOWN]
    assert isinstance(spend, SpendDrop)
    assert (spend.period_before, spend.period, spend.spent) == ("2026-Q3", "2026-Q4", 0)
    assert set(found) == set(AlertKind)


def test_many_customers_are_looked_at_in_steps(shop: Shop) -> None:
    shop.boards.close(shop.store, "2026-08", *(f"customer-{number}" for number in range(120)))
    shop.buys(ADA, *MONTHLY)

    job = shop.look()

    assert (job.done, job.result and job.result["opened"]) == (122, 1)


def test_a_store_that_shows_no_boards_is_not_looked_at_and_its_alerts_lapse(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.look()
    kept = shop.workspace.store(shop.account.id, shop.store.id)
    assert kept
    shop.workspace.save_store(replace(kept, state=StoreState.DISCONNECTED))

    assert (shop.tomorrow(100).done, len(shop.known())) == (0, 1)
    shop.tomorrow(80)
    assert [it.resolution for it in shop.known(AlertState.RESOLVED)] == [Resolution.LAPSED]


# ---- Once, whatever happens -----------------------------------------------------------------------------------------


def test_a_look_that_is_repeated_changes_nothing(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.look()
    before = shop.known()

    shop.look()
    shop.tomorrow()

    assert shop.known() == before
    assert [(ref.contact, signal.kind.value) for ref, signal in shop.told] == [(ADA, "alert")]


def test_automations_hear_of_contacts_only(shop: Shop) -> None:
    shop.buys(NUMBERED, *MONTHLY)

    shop.look()

    assert [(it.customer, it.told) for it in shop.known()] == [(NUMBERED, True)]
    assert shop.told == []


def test_who_buys_again_is_done_with_and_watched_on(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.look()
    shop.buys(ADA, -1)

    assert shop.tomorrow(2).result == {"customers": 3, "opened": 0, "resolved": 1, "mail": "not_due"}
    assert shop.kinds(ADA) == set()
    assert shop.kinds(ADA, AlertState.RESOLVED) == {AlertKind.OVERDUE}
    shop.tomorrow(70)
    assert shop.kinds(ADA) >= {AlertKind.OVERDUE}
    assert [signal.kind.value for _, signal in shop.told].count("alert") >= 2


def test_who_is_on_no_board_any_more_is_watched_until_the_alert_ends(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.look()
    shop.boards.kept.clear()
    shop.buys(ADA, 0)

    assert shop.tomorrow().done == 1
    assert shop.kinds(ADA) == set()


@pytest.mark.parametrize("writes", range(1, 7))
def test_a_worker_that_is_killed_after_any_write_leaves_what_the_next_one_finds(writes: int) -> None:
    stage = MemoryStage()
    shop = Shop(Database(stage.client, stage.tables))
    shop.boards.close(shop.store, "2026-09", ADA)
    shop.knows("ada@example.com", "Ada")
    shop.buys(ADA, *MONTHLY)
    left = itertools.count(1)

    def die(operation: str) -> None:
        if operation in _WRITES and next(left) == writes:
            raise Killed

    stage.after = die
    try:
        shop.look()
    except Killed:
        stage.after = lambda _operation: None
    job = shop.look()

    assert job.state is JobState.DONE
    assert [(it.customer, it.told) for it in shop.known()] == [(ADA, True)]
    assert len(shop.told) + _signals_lost(shop) == 1
    assert len(shop.post.sent) <= 2
    assert len({key for key, _, _ in shop.post.sent}) == 1


class Killed(BaseException):
    """The worker is gone."""


_WRITES = ("put_item", "update_item")


def _signals_lost(shop: Shop) -> int:
    """One if the worker was killed right after the signal was kept, before it could note so."""
    alert = shop.known()[0]
    raised = AlertRaised(alert.opened_at, alert.kind.value, alert.id, alert.store_id)
    assert not shop.kept_signals.put(ContactRef(shop.account.id, shop.audience.id, ADA), raised)
    return 1 - len(shop.told)


# ---- By hand --------------------------------------------------------------------------------------------------------


def test_an_alert_is_put_off_settled_and_opened_again_by_hand(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.look()
    ids = shop.account.id, shop.audience.id, shop.known()[0].id
    until = NOW + timedelta(days=7)

    snoozed = change(shop.alerts, *ids, AlertState.SNOOZED, until, NOW)
    assert (snoozed.state, snoozed.snoozed_until, len(shop.known())) == (AlertState.SNOOZED, until, 0)
    resolved = change(shop.alerts, *ids, AlertState.RESOLVED, None, NOW)
    assert (resolved.resolution, resolved.resolved_at, resolved.snoozed_until) == (Resolution.BY_HAND, NOW, None)
    assert change(shop.alerts, *ids, AlertState.RESOLVED, None, until) == resolved
    assert shop.tomorrow().result == {"customers": 3, "opened": 0, "resolved": 0, "mail": "not_due"}
    assert change(shop.alerts, *ids, AlertState.OPEN, None, NOW).resolution is None


def test_what_ended_by_itself_is_not_opened_by_hand(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.look()
    shop.buys(ADA, 0)
    shop.tomorrow()
    (alert,) = shop.known(AlertState.RESOLVED)

    with pytest.raises(Conflict, match="by itself"):
        change(shop.alerts, shop.account.id, shop.audience.id, alert.id, AlertState.OPEN, None, NOW)


@pytest.mark.parametrize(
    ("state", "days"),
    [(AlertState.SNOOZED, None), (AlertState.OPEN, 1), (AlertState.SNOOZED, 0), (AlertState.SNOOZED, 367)],
)
def test_a_snooze_needs_a_time_to_come(shop: Shop, state: AlertState, days: int | None) -> None:
    until = None if days is None else NOW + timedelta(days=days)

    with pytest.raises(InvalidInput):
        change(shop.alerts, shop.account.id, shop.audience.id, "x", state, until, NOW)


def test_an_alert_that_is_not_there_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound):
        change(shop.alerts, shop.account.id, shop.audience.id, "x", AlertState.OPEN, None, NOW)


# ---- Lists and rules ------------------------------------------------------------------------------------------------


def test_who_is_worth_most_comes_first_page_by_page(shop: Shop) -> None:
    for number, worth in enumerate((500, 90_000, 7, 2_000, 0)):
        alert_of(shop, f"customer-#{number}", worth)

    found, after = list[int](), None
    for _ in range(3):
        page, after = shop.alerts.listed(shop.account.id, shop.audience.id, AlertState.OPEN, 2, after)
        found += [it.worth for it in page]

    assert (found, after) == ([90_000, 2_000, 500, 7, 0], None)
    assert shop.alerts.count(shop.account.id, shop.audience.id, AlertState.OPEN) == 5
    assert shop.alerts.count(shop.account.id, shop.audience.id, AlertState.SNOOZED) == 0
    assert len(shop.alerts.under_way(shop.account.id, shop.audience.id)) == 5


def test_of_resolved_ones_the_latest_comes_first(shop: Shop) -> None:
    for days in (3, 1, 2):
        over = {"state": AlertState.RESOLVED, "resolved_at": NOW - timedelta(days=days)}
        alert_of(shop, f"customer-{days}", 10**9, resolution=Resolution.RETURNED, **over)

    assert [it.customer for it in shop.known(AlertState.RESOLVED)] == ["customer-1", "customer-2", "customer-3"]


def test_of_two_writers_one_is_too_late(shop: Shop) -> None:
    saved = alert_of(shop, ADA, 1)

    assert shop.alerts.save(replace(saved, told=True), NOW)
    assert shop.alerts.save(replace(saved, state=AlertState.SNOOZED), NOW) is None


def test_rules_are_kept_as_they_are_and_by_version(shop: Shop) -> None:
    ids = shop.account.id, shop.audience.id
    first = shop.rules.rules(*ids)
    wanted = replace(
        first,
        score_falling=None,
        digest=Digest.OFF,
        stores={
            "a": StoreRules(Watch(Metric.ORDERS_COUNT, PeriodKind.WEEK, 7), 5, None, None, False),
            "b": StoreRules(spend_down=SpendRule(30, PeriodKind.YEAR)),
        },
    )

    assert first == AlertRules(*ids)
    assert shop.rules.save(wanted) == replace(wanted, version=1)
    assert shop.rules.rules(*ids) == replace(wanted, version=1)
    assert shop.rules.save(wanted) is None
