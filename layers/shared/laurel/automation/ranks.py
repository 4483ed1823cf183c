"""Who entered or left the first so many of a board between two snapshots, as far as an automation listens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from laurel.automation.edges import is_among, rank_thresholds
from laurel.model.automation import Automation, RankEnters, RankLeaves
from laurel.model.identity import is_contact
from laurel.model.period import TimeFrame, is_of_complete_periods, kind_of, kind_of_frame
from laurel.model.ranking import Metric
from laurel.model.signal import RankMoved
from laurel.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Watch:
    """A board that automations listen to, and the ranks beyond which they want to know who comes and goes."""

    store_id: str
    metric: Metric
    time_frame: TimeFrame
    thresholds: frozenset[int]


def watches_of(automations: Iterable[Automation]) -> list[Watch]:
    """The boards that automations listen to. Paused ones do too: they remember, and start nothing."""
    found: dict[tuple[str, Metric, TimeFrame], frozenset[int]] = {}
    for automation in automations:
        trigger = automation.trigger
        if isinstance(trigger, RankEnters | RankLeaves):
            board = trigger.store_id, trigger.metric, trigger.time_frame
            found[board] = found.get(board, frozenset()) | rank_thresholds(automation)
    return [Watch(*board, thresholds) for board, thresholds in found.items()]


def rank_signals(watches: Iterable[Watch], before: Snapshot | None, after: Snapshot) -> Iterator[tuple[str, RankMoved]]:
    """Contacts and how their ranks moved over a threshold since the snapshot that was told of before.

    Without one nobody moved: where everybody stood is not known. A running board of a new period began empty. Nobody is
    named who is no contact.
    """
    of_this = [watch for watch in watches if _is_of(watch, after)]
    if before is None or not of_this:
        return
    anew = not after.closed and before.period != after.period
    customers = sorted({customer for customer, _ in (*before.rows, *after.rows) if is_contact(customer)})
    for watch in of_this:
        board = watch.store_id, watch.metric, watch.time_frame
        for customer in customers:
            was = None if anew else before.rank_of(customer, watch.metric)
            now = after.rank_of(customer, watch.metric)
            if any(is_among(was, first) != is_among(now, first) for first in watch.thresholds):
                yield customer, RankMoved(after.hour, *board, after.period, was, now)


def _is_of(watch: Watch, snapshot: Snapshot) -> bool:
    """True if a snapshot shows the board that a time frame means at its time."""
    return (
        watch.store_id == snapshot.store_id
        and is_of_complete_periods(watch.time_frame) == snapshot.closed
        and kind_of_frame(watch.time_frame) is kind_of(snapshot.period)
    )
