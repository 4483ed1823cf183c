"""All boards, as of three dates, compared line by line with what they must say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.data import feed
from tests.data.journey import Basket
from tests.data.reckoning import FRAMES, METRICS, Line, Reckoning

if TYPE_CHECKING:
    from tests.support.tables import Database

AS_OF = (
    # In New York still the last evening of a week, in London already the next one.
    datetime.fromisoformat("2017-08-13T23:00:00-04:00"),
    # The last evening of the year: 86 baskets that UTC has in the next one have just been bought.
    datetime.fromisoformat("2017-12-31T23:30:00-05:00"),
    # Three days later there is a last year, quarter, month and week, and nothing in the present ones.
    datetime.fromisoformat("2018-01-03T10:00:00-05:00"),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One board: how many lines it must have, and where it differs."""

    as_of: datetime
    time_frame: str
    metric: str
    lines: int
    differences: list[tuple[Line | None, Line | None]]


def segments(baskets: Sequence[Basket]) -> Iterator[tuple[datetime, list[Basket]]]:
    """The dates, each with what was bought since the date before."""
    edges = [0.0, *(as_of.timestamp() for as_of in AS_OF)]
    for as_of, (after, until) in zip(AS_OF, pairwise(edges), strict=True):
        yield as_of, [basket for basket in baskets if after < basket.placed_at <= until]


def verify(
    database: Database, baskets: Sequence[Basket], reckoning: Reckoning, ingest: Callable[[list[Basket]], None]
) -> Iterator[Compared]:
    """Ingest up to each date and compare all boards as of it."""
    for as_of, bought in segments(baskets):
        ingest(feed.by_household(bought))
        yield from compare(database, reckoning, as_of)


def compare(database: Database, reckoning: Reckoning, as_of: datetime) -> Iterator[Compared]:
    """Compare the seven time frames by the three metrics."""
    for time_frame in FRAMES:
        for metric in METRICS:
            expected = reckoning.board(time_frame, metric, as_of)
            found = feed.board(database, time_frame, metric, as_of)
            yield Compared(as_of, time_frame, metric, len(expected), feed.differences(found, expected))
