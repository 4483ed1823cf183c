"""The shop against the Ledger: what the shop has changed since the last time, and whether it is kept.

A step asks for one page and compares it; if the Ledger lacks something, the next one records it by the same path as a
delivery of the shop's. In between the differences are saved: a worker that is killed while it repairs leaves them
counted, and the next worker finds them repaired.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from laurel.ingestion.events import Event, OrderReport
from laurel.ingestion.record import Outcome
from laurel.ingestion.unreadable import UnreadableDeliveries, keep_unreadable
from laurel.model.account import Store
from laurel.model.errors import ShopRefused, ShopUnavailable, ShopUnreadable
from laurel.model.order import LedgerOrder, Order, OrderState, epoch_ms
from laurel.model.reconciliation import Amount, CheckState, DayFigures, Reconciled, ShopFigures
from laurel.shops.access import ShopAccesses
from laurel.shops.shop import ChangedOrders, Shop, ShopCredentials, as_of

UNDER_WAY = timedelta(minutes=10)
"""What changed so shortly ago may still be on its way, and is the next run's to compare."""

OVERLAP = timedelta(hours=1)
"""A run begins so much before the end of the one before, for shops that tell of a change after its time."""

FIRST = timedelta(days=30)
"""How far the first run looks back, if the store is as old."""

LISTED_DAYS = timedelta(days=1000)
"""Days from before that are counted as one."""

EARLIER = ""
"""Stands for all days that are too long ago to be listed."""

PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=15))
"""When a shop that is not available is asked again."""

_SAVED_FIRST = timedelta(0)
_BORDER_MS = 2000
"""Orders that changed so shortly before a page's last one may be on the next page again."""


@dataclass(frozen=True, slots=True)
class KeptOrder:
    """An order as the Ledger has it, with what tells versions of it apart."""

    order: LedgerOrder
    revision: str
    digest: str


class KeptOrders(Protocol):
    """Reads orders by id (at most 250), strongly consistent; what is not kept is left out."""

    def kept_orders(self, store: Store, order_ids: Sequence[str]) -> Mapping[str, KeptOrder]: ...


class Recorder(Protocol):
    """Records what a shop tells."""

    def record(self, store: Store, event: Event, now: datetime) -> Outcome: ...


type Step = tuple[ShopFigures, Mapping[str, Any] | None, timedelta | None]
"""Figures and place after a step, and a pause if one is needed before the next."""


@dataclass(frozen=True, slots=True)
class _Difference:
    """An order that the Ledger lacks (``missing``) or has another version of, as it is to be recorded."""

    report: OrderReport
    missing: bool


@dataclass(frozen=True, slots=True)
class _Page:
    """The page that the last step compared."""

    at: tuple[str, str | None]
    answer: ChangedOrders


def since(store: Store, before: Reconciled, now: datetime) -> datetime:
    """From when on changes are asked for: a little before the last run's end or, the first time, 30 days back."""
    return before.shop_until - OVERLAP if before.shop_until else max(store.created_at, now - FIRST)


class CompareShop:
    """Compares and repairs, a page a step."""

    def __init__(
        self,
        accesses: ShopAccesses,
        open_shop: Callable[[Store, ShopCredentials], Shop],
        kept: KeptOrders,
        recorder: Recorder,
        unreadable: UnreadableDeliveries,
        now: Callable[[], datetime],
    ) -> None:
        self._accesses = accesses
        self._open_shop = open_shop
        self._kept = kept
        self._recorder = recorder
        self._unreadable = unreadable
        self._now = now
        self._shop: tuple[str, Shop] | None = None
        self._page: _Page | None = None

    def step(
        self, store: Store, run_id: str, figures: ShopFigures, place: Mapping[str, Any] | None, since: datetime
    ) -> Step:
        """Take a step: figures and place after it, and a pause if one is needed before the next."""
        place = place or {"cursor": None, "found": {}, "tries": 0, "seen": {}}
        try:
            shop = self._opened(store, run_id)
            if shop is None:
                return self._ended(store, figures, CheckState.NO_CREDENTIALS)
            answer = self._answer(shop, run_id, since, place["cursor"])
        except ShopUnavailable:
            if place["tries"] == len(PAUSES):
                return self._ended(store, figures, CheckState.UNAVAILABLE)
            return figures, {**place, "tries": place["tries"] + 1}, PAUSES[place["tries"]]
        except (ShopRefused, ShopUnreadable) as error:
            refused = isinstance(error, ShopRefused)
            return self._ended(store, figures, CheckState.REFUSED if refused else CheckState.UNREADABLE)
        figures = replace(figures, state=CheckState.RUNNING, since=since)
        if place["found"]:
            return self._repaired(store, figures, place, answer)
        return self._compared(store, figures, place, answer)

    def _opened(self, store: Store, run_id: str) -> Shop | None:
        if self._shop is None or self._shop[0] != run_id:
            credentials = self._accesses.credentials(store) if self._accesses.access(store) else None
            if credentials is None:
                return None
            self._shop = run_id, self._open_shop(store, credentials)
        return self._shop[1]

    def _answer(self, shop: Shop, run_id: str, since: datetime, cursor: str | None) -> ChangedOrders:
        """The page at the cursor; the one that was compared last is not asked for again."""
        if self._page is None or self._page.at != (run_id, cursor):
            self._page = _Page((run_id, cursor), shop.changed(since, cursor))
        return self._page.answer

    def _ended(self, store: Store, figures: ShopFigures, state: CheckState) -> Step:
        """No more to ask: note whether the credentials worked, and forget what was remembered of the shop."""
        self._shop = self._page = None
        if state in (CheckState.DONE, CheckState.REFUSED) and (access := self._accesses.access(store)):
            self._accesses.note(access, self._now(), worked=state is CheckState.DONE)
        return replace(figures, state=state), None, None

    def _compared(self, store: Store, figures: ShopFigures, place: Mapping[str, Any], answer: ChangedOrders) -> Step:
        until = figures.until or self._clock_of(answer, figures) - UNDER_WAY
        settled = {
            it.order.id: it
            for it in answer.orders
            if _changed_at(it.order) <= epoch_ms(until) and place["seen"].get(it.order.id) != _changed_at(it.order)
        }
        kept = self._kept.kept_orders(store, list(settled)) if settled else {}
        found = self._differences(settled.values(), kept, answer)
        days = dict(figures.days)
        for id_, report in settled.items():
            day, difference = _day(store, report.order, until), found.get(id_)
            seen = DayFigures(
                shop=_amount(store, _as_kept(report.order, kept.get(id_))),
                ledger=_amount(store, kept[id_].order) if id_ in kept else Amount(),
                missing=difference is not None and difference.missing,
                outdated=difference is not None and not difference.missing,
            )
            days[day] = days.get(day, DayFigures()) + seen
        for it in answer.unreadable:
            keep_unreadable(self._unreadable, store, it.topic, it.body, it.error, self._now())
        figures = replace(
            figures,
            until=until,
            requests=figures.requests + answer.requests,
            checked=figures.checked + len(settled),
            unreadable=figures.unreadable + len(answer.unreadable),
            days=days,
        )
        if not found:
            return self._on(store, figures, place, answer)
        listed = {id_: [_day(store, it.report.order, until), it.missing] for id_, it in found.items()}
        return figures, {**place, "found": listed, "tries": 0}, _SAVED_FIRST

    def _clock_of(self, answer: ChangedOrders, figures: ShopFigures) -> datetime:
        """When the shop answered by its own clock, which orders' times are of; by ours if it does not say."""
        said = figures.since is not None and answer.answered_at > figures.since
        return answer.answered_at if said else self._now()

    def _repaired(self, store: Store, figures: ShopFigures, place: Mapping[str, Any], answer: ChangedOrders) -> Step:
        """Record what was found; of a page that had to be asked for again, what has not been recorded yet."""
        found: Mapping[str, tuple[str, bool]] = place["found"]
        reports = {it.order.id: it for it in answer.orders if it.order.id in found}
        kept = self._kept.kept_orders(store, list(reports)) if reports else {}
        needed = self._differences(reports.values(), kept, answer)
        outcomes = {id_: self._recorder.record(store, it.report, self._now()) for id_, it in needed.items()}
        days = dict(figures.days)
        for id_, (day, missing) in found.items():
            stays = id_ in reports and outcomes.get(id_) is not Outcome.IGNORED
            # An order that the shop has changed again is on a later page; one of somebody erased is not to be kept.
            change = DayFigures(repaired=1) if stays else DayFigures(missing=-missing, outdated=missing - 1)
            days[day] = days.get(day, DayFigures()) + change
        return self._on(store, replace(figures, days=days), place, answer)

    def _on(self, store: Store, figures: ShopFigures, place: Mapping[str, Any], answer: ChangedOrders) -> Step:
        """To the next page, which may begin with orders of the same moment that this one ended with."""
        if answer.cursor is None:
            return self._ended(store, figures, CheckState.DONE)
        times = {it.order.id: _changed_at(it.order) for it in answer.orders}
        border = max(times.values(), default=0) - _BORDER_MS
        seen = {id_: at for id_, at in (place["seen"] | times).items() if at >= border}
        return figures, {**place, "cursor": answer.cursor, "found": {}, "tries": 0, "seen": seen}, None

    @staticmethod
    def _differences(
        reports: Iterable[OrderReport], kept: Mapping[str, KeptOrder], answer: ChangedOrders
    ) -> dict[str, _Difference]:
        found = {}
        for report in reports:
            if difference := _difference(report, kept.get(report.order.id), answer.answered_at):
                found[report.order.id] = difference
        return found


def _difference(report: OrderReport, kept: KeptOrder | None, answered_at: datetime) -> _Difference | None:
    """What of an order the Ledger lacks, if anything. Who was erased stays so, and a deletion nobody missed."""
    order = report.order
    if kept is None or kept.order.placed_at is None:
        return None if order.state is OrderState.DELETED else _Difference(report, missing=True)
    same = kept.digest == order.digest or kept.order.state is order.state is OrderState.DELETED
    if kept.order.is_erased or same:
        return None
    if _updated(kept.revision) < _updated(order.revision):
        return _Difference(report, missing=False)
    if _updated(kept.revision) == _updated(order.revision) and kept.order.state is not OrderState.DELETED:
        return _Difference(as_of(report, answered_at), missing=False)
    return None


def _updated(revision: str) -> str:
    """The shop's own time of change."""
    return revision.partition(".")[0]


def _changed_at(order: Order) -> int:
    return int(_updated(order.revision))


def _day(store: Store, order: Order, until: datetime) -> str:
    return EARLIER if order.placed_at < until - LISTED_DAYS else store.calendar.day_of(order.placed_at).isoformat()


def _as_kept(order: Order, kept: KeptOrder | None) -> LedgerOrder:
    """The order as it would be kept, at the rate that it has."""
    return LedgerOrder(
        id=order.id,
        customer=order.customer,
        placed_at=epoch_ms(order.placed_at) // 1000,
        total=order.total,
        refunded=sum(order.refunds.values()),
        currency=order.currency,
        state=order.state,
        test=order.test,
        changes=0,
        rate=kept.order.rate if kept and kept.order.currency == order.currency else None,
    )


def _amount(store: Store, order: LedgerOrder) -> Amount:
    return Amount(1, order.spent_in(store.currency)) if order.is_purchase_in(store.currency) else Amount()
