"""What a reward does: those who got it beside those who were held out, over the days after.

Who is held out is drawn by a hash of programme and contact, so the two groups differ by nothing but chance and the
reward. Intervals cover the true difference in 95 of 100 programmes. Of shares it is Newcombe's (1998, method 10: two
Wilson intervals put together), which holds for small groups and shares near 0, too; of means it is Welch's with the
normal quantile, which needs groups that are not too small: below ``LEAST_PERSONS`` nothing is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from math import sqrt
from statistics import NormalDist, fmean, variance
from typing import Protocol

from laurel.model.account import Store
from laurel.model.order import CustomerRef, LedgerOrder
from laurel.model.reward import Award, AwardState, Programme

LEAST_PERSONS = 50
"""Persons that each group needs before differences are told: what people spend is far from normal."""

MOST_PERSONS = 2_000
"""Persons whose orders are read for an answer, those with the latest awards."""

_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Difference:
    """Awarded less held out, and the bounds of its 95 % interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bought:
    """What one person bought in the days that count; ``spent`` in minor units."""

    orders: int
    spent: int


@dataclass(frozen=True, slots=True)
class Group:
    """What all persons of a group bought."""

    persons: int
    buyers: int
    orders: int
    spent: int


@dataclass(frozen=True, slots=True)
class Differences:
    """What the reward did; ``spent_per_head`` in minor units, None where money cannot be added up."""

    buyers_share: Difference
    orders_per_head: Difference
    spent_per_head: Difference | None


@dataclass(frozen=True, slots=True)
class Lift:
    """The two groups, over so many ``days``; ``differences`` is None while one has too few persons.

    ``too_recent`` are persons whose days are not over; ``beyond`` tells that there are more persons than were looked
    at.
    """

    days: int
    currency: str | None
    awarded: Group
    held_out: Group
    too_recent: int
    beyond: bool
    differences: Differences | None
    least_persons: int = LEAST_PERSONS


class AwardList(Protocol):
    """Lists a programme's awards, newest first, as far as the caller goes on."""

    def all_awards(self, programme: Programme) -> Iterator[Award]: ...


class Orders(Protocol):
    """Reads a customer's orders."""

    def orders_of(self, ref: CustomerRef) -> Iterator[LedgerOrder]: ...


type AtOnce = Callable[[Callable[[Award], Bought], Sequence[Award]], list[Bought]]
"""Does something with several awards at the same time."""


def measure(
    awards: AwardList,
    orders: Orders,
    programme: Programme,
    stores: Iterable[Store],
    days: int,
    now: datetime,
    at_once: AtOnce,
) -> Lift:
    """Compare those who got a programme's reward with those who were held out.

    A person counts once, from their first award that is looked at on. Money is of the programme's store or, if it has
    none, of the audience's ``stores``, as long as all sell in one currency.
    """
    within = [it for it in stores if it.audience_id == programme.audience_id]
    within = [it for it in within if programme.store_id in (None, it.id)]
    first, beyond = _first_awards(awards, programme)
    over = [it for it in first.values() if it.at + timedelta(days=days) <= now]
    found = at_once(lambda it: _bought(orders, within, it, days), over)
    held_out = [it for award, it in zip(over, found, strict=True) if award.state is AwardState.HELD_OUT]
    awarded = [it for award, it in zip(over, found, strict=True) if award.state is not AwardState.HELD_OUT]
    currencies = {it.currency for it in within}
    currency = next(iter(currencies)) if len(currencies) == 1 else None
    return Lift(
        days=days,
        currency=currency,
        awarded=_group(awarded),
        held_out=_group(held_out),
        too_recent=len(first) - len(over),
        beyond=beyond,
        differences=differences(awarded, held_out, money=currency is not None),
    )


def differences(awarded: Sequence[Bought], held_out: Sequence[Bought], *, money: bool = True) -> Differences | None:
    """Awarded less held out, None if either has too few persons."""
    if min(len(awarded), len(held_out)) < LEAST_PERSONS:
        return None
    buyers = [sum(it.orders > 0 for it in group) for group in (awarded, held_out)]
    return Differences(
        of_shares(buyers[0], len(awarded), buyers[1], len(held_out)),
        of_means([it.orders for it in awarded], [it.orders for it in held_out]),
        of_means([it.spent for it in awarded], [it.spent for it in held_out]) if money else None,
    )


def of_shares(some: int, of: int, others: int, of_others: int) -> Difference:
    """The difference of two shares with Newcombe's interval."""
    share, other = some / of, others / of_others
    low, high = _wilson(some, of)
    other_low, other_high = _wilson(others, of_others)
    estimate = share - other
    return Difference(
        estimate,
        estimate - sqrt((share - low) ** 2 + (other_high - other) ** 2),
        estimate + sqrt((high - share) ** 2 + (other - other_low) ** 2),
    )


def of_means(some: Sequence[int], others: Sequence[int]) -> Difference:
    """The difference of two means with Welch's interval; at least two values on either side."""
    estimate = fmean(some) - fmean(others)
    margin = _Z * sqrt(variance(map(float, some)) / len(some) + variance(map(float, others)) / len(others))
    return Difference(estimate, estimate - margin, estimate + margin)


def _wilson(some: int, of: int) -> tuple[float, float]:
    share, square = some / of, _Z**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    margin = _Z / (1 + square / of) * sqrt(share * (1 - share) / of + square / (4 * of**2))
    return middle - margin, middle + margin


def _first_awards(awards: AwardList, programme: Programme) -> tuple[Mapping[str, Award], bool]:
    """Of the latest awards each person's first, by person; and whether there are more than were looked at."""
    listed = list(islice(awards.all_awards(programme), MOST_PERSONS + 1))
    first: dict[str, Award] = {}
    for it in listed[:MOST_PERSONS]:
        first[it.ref.contact] = it
    return first, len(listed) > MOST_PERSONS


def _bought(orders: Orders, stores: Sequence[Store], award: Award, days: int) -> Bought:
    start = award.at.timestamp()
    end = (award.at + timedelta(days=days)).timestamp()
    counted, spent = 0, 0
    for store in stores:
        ref = CustomerRef(award.ref.account_id, award.ref.audience_id, store.id, award.ref.contact)
        for order in orders.orders_of(ref):
            if order.placed_at is not None and start <= order.placed_at < end and order.is_purchase_in(store.currency):
                counted += 1
                spent += order.spent_in(store.currency)
    return Bought(counted, spent)


def _group(found: Sequence[Bought]) -> Group:
    return Group(
        len(found), sum(it.orders > 0 for it in found), sum(it.orders for it in found), sum(it.spent for it in found)
    )
