"""Mail goes out evenly, at this process's share of the rate."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from laurel.messaging.pace import SENDERS_AT_ONCE, Pace


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_mails_are_evenly_apart(clock: Clock) -> None:
    pace = Pace(lambda: 8.0 * SENDERS_AT_ONCE, clock.read, clock.sleep)

    for _ in range(5):
        pace.wait()

    assert clock.slept == [0.125] * 4


def test_what_was_not_used_is_not_saved_up(clock: Clock) -> None:
    pace = Pace(lambda: 8.0 * SENDERS_AT_ONCE, clock.read, clock.sleep)
    pace.wait()
    clock.now += 30

    for _ in range(3):
        pace.wait()

    assert clock.slept == [0.125] * 2


@pytest.mark.parametrize("rate", [1.0, 0.5, 0.0, -1.0])
def test_no_rate_is_below_what_everybody_gets(rate: float, clock: Clock) -> None:
    pace = Pace(lambda: rate, clock.read, clock.sleep)

    pace.wait()
    pace.wait()

    assert clock.slept == [float(SENDERS_AT_ONCE)]


def test_the_rate_is_asked_for_once_a_minute(clock: Clock) -> None:
    asked = []

    def rate() -> float:
        asked.append(clock.now)
        return 2.0 * SENDERS_AT_ONCE * len(asked)

    pace = Pace(rate, clock.read, clock.sleep)
    pace.wait()
    clock.now += 59
    pace.wait()
    pace.wait()
    clock.now += 60
    pace.wait()
    pace.wait()

    assert len(asked) == 2
    assert clock.slept == [0.5, 0.25], "the new rate counts at once"


def test_a_rate_that_cannot_be_told_lets_nobody_go(clock: Clock) -> None:
    def rate() -> float:
        raise OSError

    pace = Pace(rate, clock.read, clock.sleep)

    with pytest.raises(OSError):
        pace.wait()


def test_threads_share_the_turns() -> None:
    slept: list[float] = []
    lock = threading.Lock()

    def sleep(seconds: float) -> None:
        with lock:
            slept.append(seconds)

    pace = Pace(lambda: 1.0 * SENDERS_AT_ONCE, lambda: 0.0, sleep)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: pace.wait(), range(20)))

    assert sorted(slept) == [float(turn) for turn in range(1, 20)]
