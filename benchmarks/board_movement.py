"""What it costs to show a board beside its snapshots: movement, as closed, what changed since, an explained rank."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from benchmarks.board_reads import LIMIT, PAGE, name_and_email, row
from benchmarks.place import Place
from laurel.leaderboard.board import read_board
from laurel.leaderboard.closed import read_changes, read_closed
from laurel.leaderboard.explain import Explainer
from laurel.leaderboard.movement import baseline, movements
from laurel.leaderboard.snapshot import take
from laurel.model.identity import contact_id
from laurel.model.period import ALL, Period
from laurel.model.ranking import Figures, Metric
from laurel.store.board_snapshots import BoardSnapshots, RememberedSnapshots
from laurel.store.corrections import Corrections
from laurel.store.rankings import row_item
from laurel.store.seal import Seal
from tests.support.seals import FakeKMS

CUSTOMERS = 10_000
NEWCOMERS = 1_000
CHANGED = 20
_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_SPENT = Metric.TOTAL_SPENT
_RUNNING, _LAST, _OTHER = "2026-11", "2026-10", "2026-12"


@dataclass(frozen=True, slots=True)
class Shown:
    """Read units of one request: by a process that has just begun, and by one that remembers the snapshots."""

    what: str
    first: float
    remembered: float
    limit: float | None = None


def measure(place: Place) -> Iterator[Shown]:
    """Fill boards of three months, take their snapshots, and read them."""
    calendar = place.store.calendar
    running, last, newcomers = (calendar.period(it) for it in (_RUNNING, _LAST, _OTHER))
    known = {number: _figures(number) for number in range(CUSTOMERS)}
    late = known | {number: Figures(1, 1, 0) for number in range(CHANGED)}
    new = {CUSTOMERS + number: _figures(number) for number in range(NEWCOMERS)}
    for period, them in ((_RUNNING, known), (_LAST, late), (_OTHER, new), (ALL, known | new)):
        items = (row_item(place.store, row(period, number, figures)) for number, figures in them.items())
        place.put(place.tables.rankings, items)
    rows = [(_id(number), figures) for number, figures in known.items()]
    kept = BoardSnapshots(place.client, place.tables.workspace, Seal(FakeKMS, "key"))
    day_ago = _NOW - timedelta(days=1)
    kept.keep(take(place.store, _RUNNING, rows, day_ago, day_ago, closed=False))
    kept.keep(take(place.store, _RUNNING, rows, _NOW, _NOW, closed=False))
    for over in (last, running):
        if over.end:
            kept.keep(take(place.store, over.id, rows, over.end, over.end, closed=True))
    reader = _Reader(place, kept)
    yield reader.shown("a page of 50 rows", lambda board: board.page(running, _NOW), LIMIT)
    yield reader.shown("a page of 50 newcomers", lambda board: board.page(newcomers, newcomers.start or _NOW))
    yield reader.shown("a page as closed", lambda board: board.closed(last))
    yield reader.shown("20 changes since the close", lambda board: board.changes(last))
    yield reader.shown("an explained rank", lambda board: board.explained(running))


@dataclass(frozen=True, slots=True)
class _Board:
    place: Place
    snapshots: RememberedSnapshots

    def page(self, period: Period, now: datetime) -> int:
        place = self.place
        page = read_board(place.rankings, place.store, period, _SPENT, PAGE)
        self.snapshots.latest(place.store, period.id)
        since = baseline(self.snapshots, place.store, period, now)
        if since is None:
            raise RuntimeError(f"there is nothing to compare {period.id} with")
        return len(movements(place.rankings, place.store, period, _SPENT, page.rows, since))

    def closed(self, period: Period) -> int:
        place = self.place
        return len(read_closed(self.snapshots, place.rankings, place.store, period, _SPENT, PAGE).rows)

    def changes(self, period: Period) -> int:
        place = self.place
        corrections = Corrections(place.client, place.tables.ledger)
        page = read_changes(place.rankings, corrections, self.snapshots, place.store, period, _SPENT, CHANGED)
        return sum(it.change.own for it in page.changes)

    def explained(self, period: Period) -> int:
        place = self.place
        corrections = Corrections(place.client, place.tables.ledger)
        explainer = Explainer(place.rankings, place.ledger, corrections, self.snapshots)
        return explainer.explain(place.store, period, _SPENT, _id(3), _NOW).now.rank or 0


@dataclass(frozen=True, slots=True)
class _Reader:
    place: Place
    kept: BoardSnapshots

    def shown(self, what: str, read: Callable[[_Board], int], limit: float | None = None) -> Shown:
        """The units of a request that is made twice."""
        board = _Board(self.place, RememberedSnapshots(self.kept))
        units = []
        for _ in range(2):
            with self.place.meter.uses() as uses:
                found = read(board)
            if not found:
                raise RuntimeError(f"{what}: there is nothing to show")
            units.append(sum(use.reads for use in uses))
        return Shown(what, units[0], units[1], limit)


def _id(number: int) -> str:
    return contact_id(name_and_email(number)[1])


def _figures(number: int) -> Figures:
    """The lower the number, the more was spent."""
    return Figures(1 + number % 40, 5_000_000 - 97 * number, 1_795_000_000 - number)
