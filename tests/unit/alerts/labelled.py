"""Reads the hand-labelled histories, lives them day by day, and holds what is opened against what was expected."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

from laurel.alerts.facts import Closings, Facts, Purchase, ScoreChange
from laurel.alerts.judge import Judge
from laurel.model.alert import MOST_WATCHED, SCORE_DAYS, Alert, AlertKind, ScoreRule, StoreRules
from laurel.model.period import Calendar
from laurel.model.ranking import Metric
from tests.support.samples import a_store

FILE = Path(__file__).parent / "histories.toml"
FIRST, LAST = date(2026, 1, 1), date(2026, 11, 22)
RUNS_AT = time(0, 30, tzinfo=UTC)
CALENDAR = Calendar("Europe/Berlin")


@dataclass(frozen=True, slots=True)
class Expected:
    """An alert that the merchant wants, and between which days."""

    kind: AlertKind
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Closing:
    """A rank at the closing of a month, of so many customers."""

    month: str
    rank: int | None
    size: int


@dataclass(frozen=True, slots=True)
class History:
    """A customer, and what a merchant says."""

    name: str
    says: str
    purchases: tuple[Purchase, ...]
    closings: tuple[Closing, ...]
    scores: tuple[ScoreChange, ...]
    expected: tuple[Expected, ...]

    def facts(self, now: datetime) -> Facts:
        """What is known of the customer by then."""
        past = [it for it in self.scores if it.at <= now]
        return Facts(
            CALENDAR,
            [it for it in self.purchases if it.at <= now],
            self._closings(now),
            past[-1].after if past else None,
            [it for it in past if it.at > now - timedelta(days=SCORE_DAYS)],
        )

    def _closings(self, now: datetime) -> Closings | None:
        known = {it.month: it for it in self.closings}
        this = CALENDAR.period(f"{CALENDAR.day_of(now):%Y-%m}")
        assert this.start
        months = CALENDAR.months_until(now, 3)
        before, last = known.get(months[0]), known.get(months[1])
        if before is None or last is None:
            return None
        return Closings(
            Metric.TOTAL_SPENT, before.month, last.month, this.start, before.rank, last.rank,
            min(last.size, MOST_WATCHED) + 1, before.size,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a history: alerts that were wanted and opened, opened only, and wanted only."""

    history: History
    hits: tuple[tuple[Expected, Alert], ...]
    false: tuple[Alert, ...]
    missed: tuple[Expected, ...]
    opened: tuple[Alert, ...]


def histories() -> list[History]:
    """All of the file."""
    return [_history(it) for it in tomllib.loads(FILE.read_text(encoding="utf-8"))["history"]]


def lived(history: History) -> list[Alert]:
    """Alerts as they are opened, and as they end, by a look at the customer each day."""
    judge = Judge(a_store(), StoreRules(), ScoreRule())
    known: dict[AlertKind, Alert] = {}
    told: list[Alert] = []
    for now in _days():
        for alert in judge.judged("customer", history.facts(now), known, now):
            saved = replace(alert, version=alert.version + 1)
            if alert.opened_at == now:
                told.append(saved)
            else:
                told[_last(told, alert.kind)] = saved
            known[alert.kind] = saved
    return told


def outcome(history: History) -> Outcome:
    """Hold what was opened against what was expected: each alert is the answer to one expectation at most."""
    opened = lived(history)
    rest = list(opened)
    hits, missed = list[tuple[Expected, Alert]](), list[Expected]()
    for wanted in history.expected:
        fitting = [it for it in rest if it.kind is wanted.kind and wanted.first <= it.opened_at.date() <= wanted.last]
        if fitting:
            hits.append((wanted, fitting[0]))
            rest.remove(fitting[0])
        else:
            missed.append(wanted)
    return Outcome(history, tuple(hits), tuple(rest), tuple(missed), tuple(opened))


def _last(alerts: Sequence[Alert], kind: AlertKind) -> int:
    return max(number for number, it in enumerate(alerts) if it.kind is kind)


def _days() -> Iterator[datetime]:
    for number in range((LAST - FIRST).days + 1):
        yield datetime.combine(FIRST + timedelta(days=number), RUNS_AT)


def _history(said: Mapping[str, Any]) -> History:
    purchases = sorted((it for line in said["orders"] for it in _orders(line)), key=lambda it: it.at)
    return History(
        said["name"],
        said["says"],
        tuple(purchases),
        tuple(_closing(it) for it in said.get("ranks", "").split(", ") if it),
        tuple(_scores(said.get("scores", ""))),
        tuple(_expected(it) for it in said["expect"]),
    )


def _orders(line: str) -> Iterator[Purchase]:
    """Purchases of a line."""
    if ".." not in line:
        day, amount = line.split()
        days, amounts = iter([date.fromisoformat(day)]), cycle([amount])
    else:
        span, _, rest = line.partition(" every ")
        gaps, _, told = rest.partition(": ")
        first, last = map(date.fromisoformat, span.split(".."))
        days, amounts = _span(first, last, [int(gap) for gap in gaps.split()]), cycle(told.split())
    for day, amount in zip(days, amounts, strict=False):
        total, _, refunded = amount.partition("-")
        yield Purchase(datetime.combine(day, time(12), UTC), 100 * (int(total) - int(refunded or 0)), day)


def _span(first: date, last: date, gaps: Sequence[int]) -> Iterator[date]:
    for gap in cycle(gaps):
        if first > last:
            return
        yield first
        first += timedelta(days=gap)


def _closing(text: str) -> Closing:
    month, _, rest = text.partition(": ")
    rank, _, size = rest.partition(" of ")
    return Closing(month, None if rank == "-" else int(rank), int(size))


def _scores(text: str) -> Iterator[ScoreChange]:
    before: int | None = None
    for seq, told in enumerate((it for it in text.split(", ") if it), 1):
        day, value = told.split()
        after = None if value == "none" else int(value)
        yield ScoreChange(datetime.combine(date.fromisoformat(day), time(0, 10), UTC), seq, before, after)
        before = after


def _expected(text: str) -> Expected:
    kind, span = text.split()
    first, last = map(date.fromisoformat, span.split(".."))
    return Expected(AlertKind(kind), first, last)
