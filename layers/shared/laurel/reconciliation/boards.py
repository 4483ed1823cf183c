"""The Ledger against the boards: every customer's rows as they should be, beside the rows that are there.

First along the store's orders, so that no row is missing and none is wrong; then along the rows of each period that do
not add up to what was compared, so that there is none without purchases behind it. What differs may be on its way, so
it is looked at again after a while, and is wrong only if nothing has changed by then. Differences are saved before they
are repaired: a worker that is killed meanwhile leaves them counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

from laurel.leaderboard.batch import Changes, Outcome
from laurel.leaderboard.project import Unsettled
from laurel.leaderboard.rows import empty_row, periods_at, periods_touched, rows_of, version_of
from laurel.model.account import Store
from laurel.model.identity import is_identified
from laurel.model.order import CustomerRef, LedgerOrder, epoch_ms
from laurel.model.period import Calendar
from laurel.model.ranking import Figures, Metric, RankingRow
from laurel.model.reconciliation import Amount, BoardFigures, CheckState, PeriodFigures
from laurel.model.setaside import SetAside
from laurel.scoring.work import at_once

AT_ONCE = 100
"""Orders, or rows, of a step."""

MOST_SUSPECTS = 500
"""Customers whose rows differ that are looked at again together."""

SETTLING = timedelta(seconds=30)
"""What differs is looked at again after so long: by then a projection that was under way is done."""

MOST_LOOKS = 5
"""A customer whose orders change each time that they are looked at is left to the next run."""

_MANY = 250
_SAVED_FIRST = timedelta(0)
_WEEKS_LISTED = timedelta(days=366)
_SIX_DAYS = 6 * 24 * 60 * 60
_LONGEST = 30 * 366 * 24 * 60 * 60
"""Seconds. Rows of orders that are said to be older are looked for in the periods of such orders only."""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as it is kept. ``keys`` are those of the indexes that it is in."""

    figures: Figures
    keys: Mapping[Metric, int]
    version: int

    @property
    def amount(self) -> Amount:
        """What it counts."""
        return Amount(self.figures.orders_count, self.figures.total_spent)


@dataclass(frozen=True, slots=True)
class People:
    """A store's next orders: of each its id and who has it or had it; and the last one's id (None at the end)."""

    of_orders: Sequence[tuple[str, Sequence[str]]]
    last: str | None


@dataclass(frozen=True, slots=True)
class RowsPage:
    """Rows of a period, by customer, and the last one's (None at the end)."""

    rows: Sequence[tuple[str, Amount]]
    last: str | None


class Records(Protocol):
    """Reads what is compared. Only with ``settled`` reads are strongly consistent.

    ``mend`` writes a row in place of one of that version, and returns False if another is there.
    """

    def people(self, store: Store, after: str | None, limit: int) -> People: ...
    def orders(self, ref: CustomerRef, *, settled: bool) -> Iterator[LedgerOrder]: ...
    def rows(
        self, store: Store, wanted: Sequence[tuple[str, str]], *, settled: bool
    ) -> Mapping[tuple[str, str], StoredRow]: ...
    def period(self, store: Store, period: str, after: str | None, limit: int | None) -> RowsPage: ...
    def mend(self, store: Store, row: RankingRow, seen: int) -> bool: ...


class HouseAccounts(Protocol):
    """Knows who has too many orders to be on a board."""

    def house_account(self, store: Store, customer: str) -> SetAside | None: ...


class Customers(Protocol):
    """Projects customers again, by the ordinary path."""

    def project(self, batch: Mapping[CustomerRef, Changes], now: datetime) -> Mapping[CustomerRef, Outcome]: ...


type Step = tuple[BoardFigures, dict[str, Any] | None, timedelta | None]
"""Figures and place after a step, and a pause if one is needed before the next."""


@dataclass(frozen=True, slots=True)
class _Expected:
    """A customer's rows as they should be, by period."""

    customer: str
    version: int
    rows: Mapping[str, RankingRow]
    first: int | None = None


class CompareBoards:
    """Compares and repairs, a hundred orders or a page of rows a step."""

    def __init__(
        self, records: Records, houses: HouseAccounts, customers: Customers, now: Callable[[], datetime]
    ) -> None:
        self._records = records
        self._houses = houses
        self._customers = customers
        self._now = now

    def step(self, store: Store, figures: BoardFigures, place: Mapping[str, Any] | None) -> Step:
        """Take a step: figures and place after it, and a pause if one is needed before the next."""
        at: dict[str, Any] = dict(place or self._begun(store))
        if store.rebuild or store.calendar_revision != at["revision"]:
            return replace(figures, state=CheckState.REBUILDING), None, None
        figures = replace(figures, state=CheckState.RUNNING)
        if at["wrong"]:
            return self._repair(store, figures, at)
        if len(at["suspects"]) >= MOST_SUSPECTS or (at["suspects"] and at["paused"]):
            return self._look_again(store, figures, at)
        if at["stage"] == "customers":
            return self._walk_customers(store, figures, at)
        return self._walk_rows(store, figures, at)

    def _begun(self, store: Store) -> dict[str, Any]:
        return {
            "stage": "customers",
            "revision": store.calendar_revision,
            "began": int(self._now().timestamp()),
            "after": None,
            "orders": 0,
            "earliest": int(store.created_at.timestamp()),
            "period": 0,
            "sum": [0, 0],
            "each": False,
            "suspects": {},
            "wrong": {},
            "paused": False,
        }

    # ---- Along the orders --------------------------------------------------------------------------------------------

    def _walk_customers(self, store: Store, figures: BoardFigures, at: dict[str, Any]) -> Step:
        """Compare the customers whose first order is among the next hundred, so that each is compared once."""
        people = self._records.people(store, at["after"], AT_ONCE)
        whose = [(order, one) for order, several in people.of_orders for one in several if is_identified(one)]
        looked = at_once(lambda it: self._expected(store, it[1], it[0]), whose)
        expected = [it for it in looked if isinstance(it, _Expected)]
        stored = self._stored(store, [(it.customer, period) for it in expected for period in it.rows], settled=False)
        suspects = dict(at["suspects"])
        compared = list[tuple[RankingRow, StoredRow | None]]()
        for it in expected:
            pairs = [(row, stored.get((it.customer, period))) for period, row in it.rows.items()]
            if all(agrees(*pair) for pair in pairs):
                compared += pairs
            else:
                suspects[it.customer] = [it.version, epoch_ms(self._now()), 0, None]
        figures = replace(
            _added(figures, compared),
            customers=figures.customers + len(expected),
            house_accounts=figures.house_accounts + sum(it is _HOUSE for it in looked),
        )
        at |= {
            "after": people.last,
            "orders": at["orders"] + len(people.of_orders),
            "earliest": min([at["earliest"], *(it.first for it in expected if it.first is not None)]),
            "suspects": suspects,
        }
        if people.last is None:
            at |= {"stage": "rows", "paused": bool(suspects)}
        return figures, at, None

    def _expected(
        self, store: Store, customer: str, first: str | None = None, *, settled: bool = False
    ) -> _Expected | str | None:
        """The rows that a customer should have; None if another order than ``first`` is the customer's first."""
        ref = CustomerRef(store.account_id, store.audience_id, store.id, customer)
        orders: list[LedgerOrder] = []
        standing = 0
        for order in self._records.orders(ref, settled=settled):
            if not orders and first not in (None, order.id):
                return None
            orders.append(order)
            standing += not order.is_erased
            looks_large = standing == min(_MANY, store.least_house_account_orders) and not order.is_erased
            if looks_large and self._houses.house_account(store, customer):
                return _HOUSE
        if first is not None and not orders:
            return None
        if standing > store.house_account_orders:
            return _HOUSE
        placed = [order.placed_at for order in orders]
        rows = rows_of(store, customer, orders, periods_touched(store, placed))
        known = [instant for instant in placed if instant is not None]
        return _Expected(customer, version_of(store, orders), {it.period: it for it in rows}, min(known, default=None))

    # ---- Along the rows ----------------------------------------------------------------------------------------------

    def _walk_rows(self, store: Store, figures: BoardFigures, at: dict[str, Any]) -> Step:
        """Add up the next rows of a period or, if they did not add up, look behind each of them."""
        periods = _periods(store, figures, at["earliest"], at["began"])
        if at["period"] == len(periods):
            return self._ended(store, figures), None, None
        period = periods[at["period"]]
        page = self._records.period(store, period, at["after"], AT_ONCE if at["each"] else None)
        at["after"] = page.last
        if at["each"]:
            at["suspects"] = at["suspects"] | self._without_purchases(store, period, page.rows)
        else:
            whole = sum((amount for _, amount in page.rows), Amount(*at["sum"]))
            at["sum"] = [whole.orders, whole.total]
        if page.last is not None:
            return figures, at, None
        compared = figures.periods.get(period, PeriodFigures()).rankings
        if not at["each"] and Amount(*at["sum"]) != compared:
            return figures, at | {"each": True, "sum": [0, 0]}, None
        at |= {"period": at["period"] + 1, "each": False, "sum": [0, 0], "paused": bool(at["suspects"])}
        return figures, at, None

    def _without_purchases(self, store: Store, period: str, rows: Iterable[tuple[str, Amount]]) -> dict[str, list[Any]]:
        """Customers who have a row and no purchase in a period, as far as one can see."""
        counted = [customer for customer, amount in rows if amount != Amount()]
        looked = at_once(lambda customer: self._expected(store, customer), counted)
        now = epoch_ms(self._now())
        return {
            it.customer: [it.version, now, 0, period]
            for it in looked
            if isinstance(it, _Expected) and not _row(it, period).figures.orders_count
        }

    def _ended(self, store: Store, figures: BoardFigures) -> BoardFigures:
        """The end; of weeks that are long ago only those are listed that differed."""
        oldest = store.calendar.periods_of(self._now() - _WEEKS_LISTED)[0]
        listed = {
            period: it
            for period, it in figures.periods.items()
            if it.differences or "-W" not in period or period >= oldest
        }
        return replace(figures, state=CheckState.DONE, periods=listed)

    # ---- What differs ------------------------------------------------------------------------------------------------

    def _look_again(self, store: Store, figures: BoardFigures, at: dict[str, Any]) -> Step:
        """Look at a hundred customers once more; who differs as before, although nothing changed, is wrong."""
        some = dict(list(at["suspects"].items())[:AT_ONCE])
        left = dict(list(at["suspects"].items())[AT_ONCE:])
        wait = (
            max(seen for _, seen, *_ in some.values()) + SETTLING // timedelta(milliseconds=1) - epoch_ms(self._now())
        )
        if wait > 0:
            return figures, at | {"paused": True}, timedelta(milliseconds=wait)
        looked_at = {
            one: [period] if period else list(it.rows)
            for one, it in self._all_expected(store, some).items()
            for period in [some[one][3]]
        }
        stored = self._stored(store, [(one, it) for one, several in looked_at.items() for it in several], settled=True)
        # Read after the rows, the orders are as new as whatever those were made of, or newer.
        expected = self._all_expected(store, looked_at)
        wrong: dict[str, list[str]] = {}
        compared = list[tuple[RankingRow, StoredRow | None]]()
        for customer, it in expected.items():
            version, _, looks, period = some[customer]
            pairs = [(_row(it, name), stored.get((customer, name))) for name in looked_at[customer]]
            different = [row.period for row, kept in pairs if not agrees(row, kept)]
            if different and it.version != version and looks + 1 < MOST_LOOKS:
                left[customer] = [it.version, epoch_ms(self._now()), looks + 1, period]
            elif different and it.version != version:
                figures = replace(figures, unsettled=figures.unsettled + 1)
            elif different or period is None:
                compared += pairs
                if different:
                    wrong[customer] = different
        figures = _added(figures, compared, [it for several in wrong.values() for it in several])
        at |= {"suspects": left, "wrong": wrong, "paused": bool(left)}
        return figures, at, _SAVED_FIRST if wrong else None

    def _all_expected(self, store: Store, customers: Iterable[str]) -> dict[str, _Expected]:
        """The rows that these customers should have; strongly consistent. House accounts are left out."""
        looked = at_once(lambda customer: self._expected(store, customer, settled=True), list(customers))
        return {it.customer: it for it in looked if isinstance(it, _Expected)}

    def _repair(self, store: Store, figures: BoardFigures, at: dict[str, Any]) -> Step:
        """Project again who is wrong; a row that stays wrong, because it claims to be as new, is written over."""
        wrong: Mapping[str, Sequence[str]] = at["wrong"]
        right = at_once(lambda it: self._put_right(store, *it), list(wrong.items()))
        repaired = [period for periods in right for period in periods]
        periods = dict(figures.periods)
        for period in repaired:
            periods[period] = periods.get(period, PeriodFigures()) + PeriodFigures(repaired=1)
        return replace(figures, periods=periods), at | {"wrong": {}}, None

    def _put_right(self, store: Store, customer: str, periods: Sequence[str]) -> list[str]:
        """Which of these periods' rows are right in the end."""
        ref = CustomerRef(store.account_id, store.audience_id, store.id, customer)
        outcome = self._customers.project({ref: None}, self._now())[ref]
        if isinstance(outcome, Exception) and not isinstance(outcome, Unsettled):
            raise outcome
        stored = self._stored(store, [(customer, period) for period in periods], settled=True)
        expected = self._expected(store, customer, settled=True)
        if not isinstance(expected, _Expected):
            return []
        right = []
        for period in periods:
            row, kept = _row(expected, period), stored.get((customer, period))
            if agrees(row, kept) or (kept and self._records.mend(store, row, kept.version)):
                right.append(period)
        return right

    def _stored(
        self, store: Store, wanted: Sequence[tuple[str, str]], *, settled: bool
    ) -> dict[tuple[str, str], StoredRow]:
        some = [wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE)]
        found: dict[tuple[str, str], StoredRow] = {}
        for rows in at_once(lambda part: self._records.rows(store, part, settled=settled), some):
            found |= rows
        return found


_HOUSE = "house account"


def agrees(row: RankingRow, kept: StoredRow | None) -> bool:
    """True if a row counts what it should, is in the indexes that it should be in, and lets newer ones take its place.

    A row that counts nothing may be missing. Names are as they were when the row was written.
    """
    if kept is None or kept.version > row.version:
        return kept is None and not row.figures.orders_count
    if not row.figures.orders_count:
        return kept.amount == Amount() and not kept.keys
    keys = {metric: row.figures.rank_key(metric) for metric in row.boards}
    return kept.figures == row.figures and dict(kept.keys) == keys


def _row(expected: _Expected, period: str) -> RankingRow:
    return expected.rows.get(period) or empty_row(period, expected.customer, expected.version)


def _added(
    figures: BoardFigures, compared: Iterable[tuple[RankingRow, StoredRow | None]], different: Iterable[str] = ()
) -> BoardFigures:
    """The figures with these rows, and one difference more for each period named."""
    periods = dict(figures.periods)
    for row, kept in compared:
        ledger = Amount(row.figures.orders_count, row.figures.total_spent)
        seen = PeriodFigures(ledger, kept.amount if kept else Amount())
        if seen != PeriodFigures():
            periods[row.period] = periods.get(row.period, PeriodFigures()) + seen
    for period in different:
        periods[period] = periods.get(period, PeriodFigures()) + PeriodFigures(differences=1)
    return replace(figures, periods=periods)


def _periods(store: Store, figures: BoardFigures, first: int, last: int) -> list[str]:
    """The periods that rows may be in: between the first order and now, and those that orders are in."""
    return sorted(figures.periods.keys() | _between(store.calendars, max(first, last - _LONGEST), last))


@lru_cache(maxsize=8)
def _between(calendars: tuple[Calendar, ...], first: int, last: int) -> frozenset[str]:
    """Every period between two epoch seconds. None is shorter than a week."""
    instants = [*range(first, last, _SIX_DAYS), last]
    return frozenset(
        period for calendar in calendars for instant in instants for period in periods_at(calendar, instant)
    )
