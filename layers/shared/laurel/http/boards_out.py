"""What boards look like in answers: rows with movement, totals, boards as closed, explained ranks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from laurel.http.figures_out import metric_value, metrics, period
from laurel.http.formats import inert, profile, utc
from laurel.leaderboard.board import BoardPage, Place
from laurel.leaderboard.movement import Movement
from laurel.model.account import Store
from laurel.model.money import major_units
from laurel.model.period import Period
from laurel.model.ranking import BoardView, Metric, Ranked
from laurel.model.snapshot import Snapshot

if TYPE_CHECKING:
    from laurel.leaderboard.closed import ChangesPage, ExplainedChange, Stand
    from laurel.leaderboard.effects import FiguresDifference
    from laurel.leaderboard.explain import Explanation, Overtakings
    from laurel.model.correction import OrderEffect

CSV_HEADER = (
    "rank",
    "customer",
    "name",
    "email",
    "orders_count",
    "total_spent",
    "average_order_value",
    "currency",
    "last_order_at",
)
PERCENTS = (50, 75, 90, 95, 99)
_UNMOVED: Mapping[str, Movement] = {}


def leaderboard(
    store: Store,
    page: BoardPage,
    as_of: datetime,
    time_frame: str | None,
    cursor: str | None,
    *,
    view: BoardView = BoardView.NOW,
    since: Snapshot | None = None,
    moved: Mapping[str, Movement] = _UNMOVED,
    last: Snapshot | None = None,
) -> dict[str, Any]:
    """A page of a board. ``moved`` tells movement ``since`` a snapshot, totals and percentiles are of the ``last``."""
    return {
        **_heading(store, page.period, page.metric, as_of, time_frame, since),
        "view": view.value,
        "totals": last and _totals(last),
        "percentiles": _percentiles(last, page.metric) if last and last.quantiles.get(page.metric) else None,
        "rows": [_row(store, ranked, moved) for ranked in page.rows],
        "next_cursor": cursor,
    }


def place(
    store: Store,
    place: Place,
    as_of: datetime,
    time_frame: str | None,
    *,
    since: Snapshot | None = None,
    moved: Mapping[str, Movement] = _UNMOVED,
) -> dict[str, Any]:
    """A customer's place between its neighbours."""
    metric = place.metric
    better = place.next_better
    missing = better and better.figures.value(metric) - place.customer.standing.figures.value(metric)

    def rows(ranked: Iterable[Ranked]) -> list[dict[str, Any]]:
        return [_row(store, row, moved, exact=place.exact) for row in ranked]

    return {
        **_heading(store, place.period, metric, as_of, time_frame, since),
        "above": rows(place.above),
        "customer": rows([place.customer])[0],
        "below": rows(place.below),
        "next_place": better
        and {"to_customer": better.customer, "gap": metric_value(missing or 0, metric, store.currency)},
    }


def csv_row(store: Store, ranked: Ranked) -> tuple[str, ...]:
    """A row of a board in the order of ``CSV_HEADER``; text that a spreadsheet would run as a formula is quoted."""
    standing = ranked.standing
    figures = metrics(standing.figures, store.currency)
    return (
        str(ranked.rank),
        inert(standing.customer),
        inert(standing.name or ""),
        inert(standing.email or ""),
        str(figures["orders_count"]),
        str(figures["total_spent"]),
        str(figures["average_order_value"]),
        store.currency,
        str(figures["last_order_at"]),
    )


def changes(
    store: Store,
    page: ChangesPage,
    shown: Period,
    metric: Metric,
    as_of: datetime,
    time_frame: str | None,
    since: Snapshot | None,
    cursor: str | None,
) -> dict[str, Any]:
    """What differs between a board as closed and as of now."""
    return {
        **_heading(store, shown, metric, as_of, time_frame, since),
        "closed_at": utc(page.snapshot.taken_at),
        "changes": [_change(store, change) for change in page.changes],
        "next_cursor": cursor,
    }


def explanation(
    store: Store, explained: Explanation, shown: Period, metric: Metric, as_of: datetime, time_frame: str | None
) -> dict[str, Any]:
    """Why a customer's rank is what it is."""
    return {
        **_heading(store, shown, metric, as_of, time_frame, explained.since),
        "customer": _person(store, explained.customer, explained.name, explained.email),
        "then": explained.then and _stand(store, explained.then),
        "now": _stand(store, explained.now, exact=explained.exact),
        "movement": _movement(explained.movement),
        "effects": [_effect(store, effect) for effect in explained.effects],
        "effects_count": explained.effects_count,
        "difference": _difference(store, explained.difference),
        "unlisted": _difference(store, explained.unlisted),
        "passed_by": _overtakings(store, explained.passed_by),
        "passed": _overtakings(store, explained.passed),
    }


def snapshot(period_id: str, taken_at: datetime, customers: int, *, closed: bool, verified: bool) -> dict[str, Any]:
    """A snapshot in a list."""
    return {
        "period": period_id,
        "taken_at": utc(taken_at),
        "closed": closed,
        "customers": customers,
        "verified": verified,
    }


def _heading(
    store: Store,
    shown: Period,
    metric: Metric,
    as_of: datetime,
    time_frame: str | None,
    since: Snapshot | None,
) -> dict[str, Any]:
    return {
        "store": {"id": store.id, "name": store.name, "currency": store.currency},
        "rank_by": metric.value,
        "time_frame": time_frame,
        "period": period(shown, store.calendar.time_zone),
        "as_of": utc(as_of),
        "movement_since": since and {"period": since.period, "taken_at": utc(since.taken_at)},
    }


def _row(store: Store, ranked: Ranked, moved: Mapping[str, Movement], *, exact: bool = True) -> dict[str, Any]:
    standing = ranked.standing
    return {
        "rank": ranked.rank,
        "rank_exact": exact,
        **_person(store, standing.customer, standing.name, standing.email),
        **metrics(standing.figures, store.currency),
        "movement": _movement(moved.get(standing.customer)),
    }


def _person(store: Store, customer: str, name: str | None, email: str | None) -> dict[str, Any]:
    return {
        "customer": customer,
        "name": name,
        "email": email,
        "profile": profile(store.audience_id, customer),
    }


def _movement(moved: Movement | None) -> dict[str, Any] | None:
    return None if moved is None else {"kind": moved.kind.value, "previous_rank": moved.previous_rank, "by": moved.by}


def _totals(last: Snapshot) -> dict[str, Any]:
    return {
        "customers": last.customers,
        "orders_count": last.orders_count,
        "total_spent": major_units(last.total_spent, last.currency),
        "currency": last.currency,
        "as_of": utc(last.taken_at),
    }


def _percentiles(last: Snapshot, metric: Metric) -> list[dict[str, Any]]:
    values = last.quantiles[metric]
    return [{"percent": percent, "value": metric_value(values[percent], metric, last.currency)} for percent in PERCENTS]


def _change(store: Store, explained: ExplainedChange) -> dict[str, Any]:
    change = explained.change
    return {
        **_person(store, change.customer, explained.name, explained.email),
        "closed": _stand(store, change.then),
        "now": _stand(store, change.now),
        "effects": [_effect(store, effect) for effect in explained.effects],
        "unlisted": _difference(store, explained.unlisted),
    }


def _stand(store: Store, stand: Stand, *, exact: bool = True) -> dict[str, Any]:
    return {
        "rank": stand.rank,
        "rank_exact": exact,
        "figures": stand.figures and metrics(stand.figures, store.currency),
    }


def _effect(store: Store, effect: OrderEffect) -> dict[str, Any]:
    return {
        "order_id": effect.order_id,
        "kind": effect.kind.value,
        "at": utc(effect.at),
        "placed_at": utc(effect.placed_at),
        "orders_count": effect.orders_count,
        "total_spent": major_units(effect.total_spent, store.currency),
    }


def _difference(store: Store, difference: FiguresDifference | None) -> dict[str, Any] | None:
    return (
        None
        if difference is None
        else {
            "orders_count": difference.orders_count,
            "total_spent": major_units(difference.total_spent, store.currency),
        }
    )


def _overtakings(store: Store, overtakings: Overtakings | None) -> dict[str, Any] | None:
    return (
        None
        if overtakings is None
        else {
            "count": overtakings.count,
            "customers": [
                {
                    **_person(store, one.customer, one.name, one.email),
                    "rank_then": one.rank_then,
                    "rank_now": one.rank_now,
                }
                for one in overtakings.customers
            ],
        }
    )
