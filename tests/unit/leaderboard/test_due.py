"""What a store is due, by its own clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from laurel.leaderboard.refresh import MOST_CLOSINGS, Due, FannedOut, Mark, Progress, due, fan_out
from laurel.model.account import Store, StoreState
from laurel.model.rebuild import Rebuild
from tests.support.samples import a_store, at

MIDNIGHT = at("2026-11-23T00:00:00+01:00")
"""A Monday's beginning in Berlin."""


def closings(found: Due) -> list[str]:
    return [target.mark.period for target in found.targets if target.closed]


def running(found: Due) -> list[str]:
    return [target.mark.period for target in found.targets if not target.closed]


def done(found: Due) -> Progress:
    """Everything that was due has been told."""
    return Progress({target.board: target.mark for target in found.targets})


def test_a_new_store_is_due_its_running_periods_only() -> None:
    found = due(a_store(created_at=MIDNIGHT), Progress(), MIDNIGHT + timedelta(minutes=5))

    assert closings(found) == []
    assert running(found) == ["2026-W48", "2026-11", "2026-Q4", "2026", "all"]
    assert {target.mark.hour for target in found.targets} == {MIDNIGHT}


def test_each_hour_once() -> None:
    store = a_store(created_at=MIDNIGHT)
    told = done(due(store, Progress(), MIDNIGHT + timedelta(minutes=5)))

    assert due(store, told, MIDNIGHT + timedelta(minutes=50)).targets == ()
    assert len(due(store, told, MIDNIGHT + timedelta(minutes=65)).targets) == 5


def test_a_lost_hour_is_not_made_up_and_the_next_run_of_the_hour_makes_up_for_a_lost_run() -> None:
    store = a_store(created_at=MIDNIGHT)
    told = done(due(store, Progress(), MIDNIGHT + timedelta(minutes=5)))

    found = due(store, told, MIDNIGHT + timedelta(hours=3, minutes=35))

    assert {target.mark.hour for target in found.targets} == {MIDNIGHT + timedelta(hours=3)}


@pytest.mark.parametrize(
    ("zone", "now", "hour"),
    [
        ("Asia/Kolkata", "2026-11-22T12:05:00+00:00", "2026-11-22T17:00:00+05:30"),
        ("Asia/Kolkata", "2026-11-22T12:35:00+00:00", "2026-11-22T18:00:00+05:30"),
        ("Asia/Kathmandu", "2026-11-22T12:20:00+00:00", "2026-11-22T18:00:00+05:45"),
        ("Asia/Kathmandu", "2026-11-22T12:05:00+00:00", "2026-11-22T17:00:00+05:45"),
        # Half an hour is skipped, so that an hour there has thirty minutes; it begins when it would have.
        ("Australia/Lord_Howe", "2026-10-03T15:35:00+00:00", "2026-10-03T15:00:00+00:00"),
        ("Australia/Lord_Howe", "2026-10-03T16:05:00+00:00", "2026-10-03T16:00:00+00:00"),
    ],
)
def test_hours_begin_by_the_stores_clock(zone: str, now: str, hour: str) -> None:
    found = due(a_store(time_zone=zone, created_at=at("2026-10-01T00:00:00")), Progress(), at(now))

    assert {target.mark.hour for target in found.targets if not target.closed} == {at(hour)}


def test_a_close_is_due_some_minutes_after_it() -> None:
    store = a_store(created_at=at("2026-11-18T00:00:00"))

    assert closings(due(store, Progress(), MIDNIGHT + timedelta(minutes=3))) == []
    found = due(store, Progress(), MIDNIGHT + timedelta(minutes=5))

    assert closings(found) == ["2026-W47"]
    assert found.targets[0].mark == Mark("2026-W47", MIDNIGHT)
    assert found.targets[0].board == "week_closed"
    # By then the hour of the new week is due as well.
    assert running(found)[0] == "2026-W48"


def test_a_close_waits_for_as_long_as_it_takes_and_is_late_after_two_hours() -> None:
    store = a_store(created_at=at("2026-11-18T00:00:00"))

    assert due(store, Progress(), MIDNIGHT + timedelta(hours=1, minutes=59)).late == 0
    assert due(store, Progress(), MIDNIGHT + timedelta(hours=2)).late == 1
    assert (
        due(store, done(due(store, Progress(), MIDNIGHT + timedelta(hours=2))), MIDNIGHT + timedelta(hours=3)).late == 0
    )


def test_closes_since_the_store_was_connected_oldest_first_and_only_so_many_at_a_time() -> None:
    store = a_store(created_at=at("2025-06-15T00:00:00"))
    now = MIDNIGHT + timedelta(minutes=5)

    found = due(store, Progress(), now)

    assert len(closings(found)) == MOST_CLOSINGS
    assert closings(found)[:5] == ["2025-W24", "2025-W25", "2025-W26", "2025-06", "2025-Q2"]
    assert len(running(found)) == 5
    weeks, months, quarters, years = 76, 17, 6, 1
    assert found.late == weeks + months + quarters + years - 1  # the last week has only just ended


def test_an_outage_is_made_up_for_run_by_run() -> None:
    store = a_store(created_at=at("2025-06-15T00:00:00"))
    now = MIDNIGHT + timedelta(minutes=5)
    told: dict[str, Mark] = {}
    made: list[str] = []

    for _ in range(4):
        found = due(store, Progress(told), now)
        made += closings(found)
        told |= {target.board: target.mark for target in found.targets}

    assert len(made) == len(set(made)) == 100
    assert closings(due(store, Progress(told), now)) == []


def test_a_store_that_moves_to_another_time_zone_has_each_period_closed_once() -> None:
    tokyo = a_store(time_zone="Asia/Tokyo", created_at=at("2026-11-18T00:00:00"))
    closed = at("2026-11-23T00:05:00+09:00")
    told = done(due(tokyo, Progress(), closed))
    honolulu = replace(tokyo, calendar=a_store(time_zone="Pacific/Honolulu").calendar)

    found: list[str] = []
    now = closed
    while now < at("2026-12-02T00:00:00"):
        now += timedelta(minutes=15)
        more = due(honolulu, told, now)
        found += closings(more)
        told = Progress({**told.told, **done(more).told})

    assert found == ["2026-W48", "2026-11"]


class Book:
    def __init__(self, **progress: Progress) -> None:
        self._progress = progress

    def of_account(self, account_id: str) -> dict[str, Progress]:
        return self._progress


class Directory:
    def __init__(self, *stores: Store) -> None:
        self._stores = stores

    def stores(self, account_id: str) -> list[Store]:
        return list(self._stores)


class Sent(list[str]):
    def send(self, account_id: str, store_id: str) -> None:
        self.append(store_id)


def test_stores_that_show_boards_are_refreshed_and_one_that_is_rebuilt_waits() -> None:
    now: datetime = MIDNIGHT + timedelta(hours=3)
    stores = [
        a_store(id="connected"),
        a_store(id="paused", state=StoreState.PAUSED),
        a_store(id="left", state=StoreState.DISCONNECTED),
        a_store(id="rebuilt", rebuild=Rebuild("job", everything=True), created_at=at("2026-11-18T00:00:00")),
        a_store(id="done"),
    ]
    first = due(stores[-1], Progress(), now)
    told = done(first).told
    while (more := due(stores[-1], Progress(told), now)).targets:
        told |= done(more).told
    sent = Sent()

    done_so = fan_out(Directory(*stores), Book(done=Progress(told)), sent, "account", now)  # type: ignore[arg-type]

    assert sent == ["connected", "paused"]
    assert done_so == FannedOut(queued=2, late=2 * first.late + 1)
