"""Which snapshots a store is due, and how each is taken once and told once to those who act on it.

A snapshot is kept under its period and hour, or under its period's close, and only if there is none: of several
workers the first one's counts. Then it is told. What is about to be told is written down first, together with which
one was told before it, so that whoever comes across the two tells them again the same way; and a board's next snapshot
is not told before. Whoever is told has to take the same snapshots twice for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from laurel.leaderboard.snapshot import take
from laurel.model.account import Store
from laurel.model.period import PeriodKind
from laurel.model.ranking import Figures
from laurel.model.snapshot import Snapshot

SETTLING = timedelta(minutes=4)
"""After a period's end, in which its last orders arrive and are counted."""

LATE = timedelta(hours=2)
"""A closing snapshot that is not there by then is reported."""

MOST_CLOSINGS = 40
"""Closing snapshots that a store is due at a time; after an outage of weeks the next time makes up for the others."""

WORKED = timedelta(seconds=90)
"""After this time a worker leaves the rest to another message."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A snapshot by its names: its period, and the hour or close that it was due at."""

    period: str
    hour: datetime


@dataclass(frozen=True, slots=True)
class Target:
    """A snapshot that is due."""

    kind: PeriodKind
    closed: bool
    mark: Mark

    @property
    def board(self) -> str:
        """Which sequence of snapshots it is one of: those of running weeks, of closed weeks, and so on."""
        return f"{self.kind.value}_closed" if self.closed else self.kind.value


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a store's snapshots are, by board: the last one that was told, and the one that is being told."""

    told: Mapping[str, Mark] = field(default_factory=dict)
    telling: Mapping[str, Mark] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Due:
    """Snapshots to be taken, closings first and oldest first, and how many closings of all are late."""

    targets: tuple[Target, ...]
    late: int


def due(store: Store, progress: Progress, now: datetime) -> Due:
    """What a store is due: the close of every period since it was connected, and each hour its running periods."""
    closings = sorted(_closings(store, progress, now), key=lambda it: (it.mark.hour, it.kind))
    late = sum(it.mark.hour + LATE <= now for it in closings)
    return Due((*closings[:MOST_CLOSINGS], *_running(store, progress, now)), late)


def _closings(store: Store, progress: Progress, now: datetime) -> Iterator[Target]:
    calendar = store.calendar
    for kind in set(PeriodKind) - {PeriodKind.ALL}:
        period = calendar.previous(calendar.running(kind, now - SETTLING))
        while period.end and period.end > store.created_at:
            target = Target(kind, closed=True, mark=Mark(period.id, period.end))
            told = progress.told.get(target.board)
            if told and told.period >= period.id:
                break
            yield target
            period = calendar.previous(period)


def _running(store: Store, progress: Progress, now: datetime) -> Iterator[Target]:
    hour = store.calendar.hour_of(now)
    for kind in PeriodKind:
        target = Target(kind, closed=False, mark=Mark(store.calendar.running(kind, now).id, hour))
        told = progress.told.get(target.board)
        if not told or told.hour < hour:
            yield target


class Stores(Protocol):
    """Finds an account's stores."""

    def store(self, account_id: str, store_id: str) -> Store | None: ...
    def stores(self, account_id: str) -> list[Store]: ...


class Rows(Protocol):
    """Reads everyone on a period's boards."""

    def all_figures(self, store: Store, period: str) -> Iterator[tuple[str, Figures]]: ...


class Shelf(Protocol):
    """Keeps snapshots; ``keep`` is False if there is one already."""

    def keep(self, snapshot: Snapshot) -> bool: ...
    def closed(self, store: Store, period: str, *, verified: bool = True) -> Snapshot | None: ...
    def of_hour(self, store: Store, period: str, hour: datetime) -> Snapshot | None: ...


class ProgressBook(Protocol):
    """Keeps how far stores' snapshots are; strongly consistent.

    ``begin`` writes down what is to be told after what was told before, and ``end`` that it was told; false if somebody
    else was faster.
    """

    def progress(self, store: Store) -> Progress: ...
    def of_account(self, account_id: str) -> Mapping[str, Progress]: ...
    def begin(self, store: Store, board: str, before: Mark | None, after: Mark) -> bool: ...
    def end(self, store: Store, board: str, after: Mark) -> bool: ...


class Queue(Protocol):
    """Has a store's due snapshots taken."""

    def send(self, account_id: str, store_id: str) -> None: ...


class Follower(Protocol):
    """Acts on a snapshot, the one told before it at hand; twice for the same two changes nothing."""

    def __call__(self, store: Store, before: Snapshot | None, after: Snapshot) -> None: ...


@dataclass(frozen=True, slots=True)
class FannedOut:
    """Of an account's stores: how many messages were sent, and how many closings are late."""

    queued: int
    late: int


def fan_out(stores: Stores, book: ProgressBook, queue: Queue, account_id: str, now: datetime) -> FannedOut:
    """Have every due snapshot of an account's stores taken. A store whose boards are being rebuilt waits."""
    queued, late = 0, 0
    shown = [store for store in stores.stores(account_id) if store.shows_boards]
    known = book.of_account(account_id) if shown else {}
    for store in shown:
        found = due(store, known.get(store.id, Progress()), now)
        late += found.late
        if found.targets and not store.rebuild:
            queue.send(account_id, store.id)
            queued += 1
    return FannedOut(queued, late)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a worker did: snapshots taken, boards that could not be, and whether there is more to do."""

    taken: int = 0
    failed: tuple[Exception, ...] = ()
    goes_on: bool = False


class _Waits(Exception):
    """The store's boards are being rebuilt, or are shown no more."""


@dataclass(frozen=True, slots=True)
class Refresher:
    """Takes and tells what a store is due. ``followers`` are told in this order."""

    stores: Stores
    rows: Rows
    shelf: Shelf
    book: ProgressBook
    followers: Sequence[Follower]
    now: Callable[[], datetime]

    def refresh(self, account_id: str, store_id: str) -> Refreshed:
        """Do what is due, as much as there is time for. After a board that failed the others are done."""
        began = self.now()
        store = self.stores.store(account_id, store_id)
        if store is None or not store.shows_boards or store.rebuild:
            return Refreshed()
        taken = 0
        failed: dict[str, Exception] = {}
        targets = due(store, self.book.progress(store), began).targets
        for target in targets:
            if target.board in failed:
                continue
            try:
                taken += self._bring(store, target)
            except _Waits:
                return Refreshed(taken, tuple(failed.values()))
            except Exception as error:  # noqa: BLE001, whatever failed, other boards are looked after
                failed[target.board] = error
            if self.now() - began >= WORKED:
                return Refreshed(taken, tuple(failed.values()), goes_on=target is not targets[-1])
        return Refreshed(taken, tuple(failed.values()))

    def _bring(self, store: Store, target: Target) -> bool:
        """Have a snapshot there, and told; True if it was taken just now."""
        kept = self._snapshot(store, target.closed, target.mark)
        taken = False
        if kept is None:
            began = self.now()
            rows = self.rows.all_figures(store, target.mark.period)
            kept = take(store, target.mark.period, rows, began, target.mark.hour, closed=target.closed)
            self._check_unchanged(store)
            taken = self.shelf.keep(kept)
        self._tell(store, target)
        return taken

    def _check_unchanged(self, store: Store) -> None:
        """Rows that were read while their meaning changed are of no use. Raises ``_Waits``."""
        present = self.stores.store(store.account_id, store.id)
        if present is None or not present.shows_boards or present.rebuild:
            raise _Waits
        if present.calendar_revision != store.calendar_revision:
            raise _Waits

    def _tell(self, store: Store, target: Target) -> None:
        """Tell a snapshot, unless a later one of its board was; first whatever somebody else has left half told."""
        while True:
            progress = self.book.progress(store)
            told, telling = progress.told.get(target.board), progress.telling.get(target.board)
            if telling:
                self._tell_after(store, target, told, telling)
            elif told and (told.hour, told.period) >= (target.mark.hour, target.mark.period):
                return
            else:
                self.book.begin(store, target.board, told, target.mark)

    def _tell_after(self, store: Store, target: Target, told: Mark | None, telling: Mark) -> None:
        after = self._snapshot(store, target.closed, telling)
        before = self._snapshot(store, target.closed, told) if told else None
        if after:
            for follow in self.followers:
                follow(store, before, after)
        self.book.end(store, target.board, telling)

    def _snapshot(self, store: Store, closed: bool, mark: Mark) -> Snapshot | None:  # noqa: FBT001, the target's
        if closed:
            return self.shelf.closed(store, mark.period)
        return self.shelf.of_hour(store, mark.period, mark.hour)
