"""Reconciliation: what a shop says, what the Ledger keeps and what the boards show, held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from laurel.model.order import epoch_ms

KEPT = timedelta(days=90)


class CheckState(StrEnum):
    """How far one of the two comparisons is; all but the first two are final.

    ``no_credentials``, ``refused``, ``unavailable`` and ``unreadable`` tell why a shop could not be asked,
    ``rebuilding`` that boards are being computed again anyway.
    """

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    NO_CREDENTIALS = "no_credentials"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    UNREADABLE = "unreadable"
    REBUILDING = "rebuilding"


@dataclass(frozen=True, slots=True)
class Amount:
    """How many purchases, and what was spent on them in minor units of the store's currency."""

    orders: int = 0
    total: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.orders + other.orders, self.total + other.total)


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Orders placed on one day that the shop has changed: what it says, and what the Ledger kept before.

    ``missing`` were not kept at all, ``outdated`` not as the shop has them now.
    """

    shop: Amount = Amount()
    ledger: Amount = Amount()
    missing: int = 0
    outdated: int = 0
    repaired: int = 0

    def __add__(self, other: DayFigures) -> DayFigures:
        return DayFigures(
            self.shop + other.shop,
            self.ledger + other.ledger,
            self.missing + other.missing,
            self.outdated + other.outdated,
            self.repaired + other.repaired,
        )


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """One period: what the Ledger comes to and what the rows said. ``differences`` are rows that were wrong."""

    ledger: Amount = Amount()
    rankings: Amount = Amount()
    differences: int = 0
    repaired: int = 0

    def __add__(self, other: PeriodFigures) -> PeriodFigures:
        return PeriodFigures(
            self.ledger + other.ledger,
            self.rankings + other.rankings,
            self.differences + other.differences,
            self.repaired + other.repaired,
        )


@dataclass(frozen=True, slots=True)
class ShopFigures:
    """The shop against the Ledger: orders that changed from ``since`` to ``until``, by the day they were placed."""

    state: CheckState = CheckState.WAITING
    since: datetime | None = None
    until: datetime | None = None
    requests: int = 0
    checked: int = 0
    unreadable: int = 0
    days: Mapping[str, DayFigures] = field(default_factory=dict)

    @property
    def whole(self) -> DayFigures:
        """All days together."""
        return sum(self.days.values(), DayFigures())


@dataclass(frozen=True, slots=True)
class BoardFigures:
    """The Ledger against the boards, by period. House accounts are on no board, and are only counted."""

    state: CheckState = CheckState.WAITING
    customers: int = 0
    house_accounts: int = 0
    unsettled: int = 0
    periods: Mapping[str, PeriodFigures] = field(default_factory=dict)

    @property
    def differences(self) -> int:
        """Rows that were wrong."""
        return sum(it.differences for it in self.periods.values())

    @property
    def repaired(self) -> int:
        """Rows that were put right."""
        return sum(it.repaired for it in self.periods.values())


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One run. Its ``id`` is that of its job, and sorts by time."""

    account_id: str
    audience_id: str
    store_id: str
    id: str
    began_at: datetime
    by: str | None = None
    finished_at: datetime | None = None
    shop: ShopFigures = ShopFigures()
    boards: BoardFigures = BoardFigures()


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How far a store is reconciled.

    ``shop_until`` is the time up to which no change of the shop's is unknown, ``finished_at`` when a run last came to
    its end with nothing left out.
    """

    shop_until: datetime | None = None
    finished_at: datetime | None = None


def kept_shop(figures: ShopFigures) -> dict[str, Any]:
    """As JSON can hold it, without the days' field names."""
    return {
        "state": figures.state.value,
        "since": epoch_ms(figures.since) if figures.since else None,
        "until": epoch_ms(figures.until) if figures.until else None,
        "requests": figures.requests,
        "checked": figures.checked,
        "unreadable": figures.unreadable,
        "days": {
            day: [*_pair(it.shop), *_pair(it.ledger), it.missing, it.outdated, it.repaired]
            for day, it in figures.days.items()
        },
    }


def read_shop(kept: Mapping[str, Any]) -> ShopFigures:
    """What ``kept_shop`` made of it."""
    return ShopFigures(
        state=CheckState(kept["state"]),
        since=_instant(kept["since"]),
        until=_instant(kept["until"]),
        requests=kept["requests"],
        checked=kept["checked"],
        unreadable=kept["unreadable"],
        days={day: DayFigures(Amount(*it[0:2]), Amount(*it[2:4]), *it[4:]) for day, it in kept["days"].items()},
    )


def kept_boards(figures: BoardFigures) -> dict[str, Any]:
    """As JSON can hold it, without the periods' field names."""
    return {
        "state": figures.state.value,
        "customers": figures.customers,
        "house_accounts": figures.house_accounts,
        "unsettled": figures.unsettled,
        "periods": {
            period: [*_pair(it.ledger), *_pair(it.rankings), it.differences, it.repaired]
            for period, it in figures.periods.items()
        },
    }


def read_boards(kept: Mapping[str, Any]) -> BoardFigures:
    """What ``kept_boards`` made of it."""
    return BoardFigures(
        state=CheckState(kept["state"]),
        customers=kept["customers"],
        house_accounts=kept["house_accounts"],
        unsettled=kept["unsettled"],
        periods={
            period: PeriodFigures(Amount(*it[0:2]), Amount(*it[2:4]), *it[4:]) for period, it in kept["periods"].items()
        },
    )


def _pair(amount: Amount) -> tuple[int, int]:
    return amount.orders, amount.total


def _instant(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
