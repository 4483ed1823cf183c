"""Read what a search asks for: named values, as a query string or a job's request gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from laurel.model.account import Audience, Store
from laurel.model.contact import ConsentStatus
from laurel.model.errors import InvalidInput, NotFound
from laurel.model.money import minor_units
from laurel.model.period import Period, TimeFrame
from laurel.model.ranking import Metric
from laurel.model.scoring import HIGHEST_SCORE
from laurel.scoring.search import ScoreCriteria, StoreCriterion

_LONGEST_TAG = 50
_BOUNDS = ("above", "at_least", "equals", "at_most", "below")
_OF_STORE = ("time_frame", "period", "rank_by", "metric_at_least", "metric_at_most")
_MICROS = 10**6

NAMES = (*_BOUNDS, "none", "order", "tag", "status", "store", *_OF_STORE)
"""What a search may ask for."""


class StoreDirectory(Protocol):
    """Finds an account's stores."""

    def store(self, account_id: str, store_id: str) -> Store | None: ...


class Order(StrEnum):
    """Which way a list goes."""

    ASC = "asc"
    DESC = "desc"


class _Flag(StrEnum):
    TRUE = "true"
    FALSE = "false"


def criteria_of(
    directory: StoreDirectory, audience: Audience, asked: Mapping[str, str], now: datetime
) -> ScoreCriteria:
    """The criteria that named values (of ``NAMES``) spell out; others are left alone.

    Raises ``InvalidInput``, or ``NotFound`` for a store that is not the audience's.
    """
    none = _one_of(_Flag, asked, "none") is _Flag.TRUE
    bounds = {name: bound for name in _BOUNDS if (bound := _score(asked, name)) is not None}
    if none and bounds:
        raise InvalidInput(f"none finds contacts without a score; {', '.join(bounds)} cannot go with it.")
    tag = asked.get("tag")
    if tag is not None and not 0 < len(tag) <= _LONGEST_TAG:
        raise InvalidInput(f"tag has 1 to {_LONGEST_TAG} characters.")
    lows = bounds.get("at_least", 0), bounds.get("equals", 0), bounds.get("above", -1) + 1
    highs = (
        bounds.get("at_most", HIGHEST_SCORE),
        bounds.get("equals", HIGHEST_SCORE),
        bounds.get("below", HIGHEST_SCORE + 1) - 1,
    )
    default = Order.ASC if none else Order.DESC
    return ScoreCriteria(
        at_least=max(lows),
        at_most=min(highs),
        none=none,
        ascending=(_one_of(Order, asked, "order") or default) is Order.ASC,
        tag=tag,
        status=_one_of(ConsentStatus, asked, "status"),
        figures=_figures(directory, audience, asked, now),
    )


def _figures(
    directory: StoreDirectory, audience: Audience, asked: Mapping[str, str], now: datetime
) -> StoreCriterion | None:
    store_id = asked.get("store")
    if store_id is None:
        if extra := [name for name in _OF_STORE if name in asked]:
            raise InvalidInput(f"{extra[0]} is about a store's figures: say which store.")
        return None
    store = directory.store(audience.account_id, store_id)
    if store is None or store.audience_id != audience.id:
        raise NotFound("store of this audience", store_id)
    metric = _one_of(Metric, asked, "rank_by") or Metric.TOTAL_SPENT
    return StoreCriterion(
        store,
        _period(store, asked, now),
        metric,
        _value(store, metric, asked, "metric_at_least"),
        _value(store, metric, asked, "metric_at_most"),
    )


def _period(store: Store, asked: Mapping[str, str], now: datetime) -> Period:
    frame = _one_of(TimeFrame, asked, "time_frame")
    if "period" not in asked:
        return store.calendar.period_of_frame(frame or TimeFrame.ALL_TIME, now)
    if frame:
        raise InvalidInput("Give either time_frame or period, not both.")
    return store.calendar.period(asked["period"])


def _value(store: Store, metric: Metric, asked: Mapping[str, str], name: str) -> int | None:
    """A bound of a metric in its exact value."""
    text = asked.get(name)
    if text is None:
        return None
    if metric is Metric.ORDERS_COUNT:
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise InvalidInput(f"{name} is a number of purchases; {text!r} is not.")
        return int(text)
    if not re.fullmatch(r"[0-9]{1,13}(\.[0-9]{1,4})?", text):
        raise InvalidInput(f"{name} is an amount in major units, such as 59.90; {text!r} is not.")
    minor = minor_units(text, store.currency)
    return minor * _MICROS if metric is Metric.AVERAGE_ORDER_VALUE else minor


def _score(asked: Mapping[str, str], name: str) -> int | None:
    text = asked.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,8}", text):
        raise InvalidInput(f"{name} is a whole number from 0 to {HIGHEST_SCORE}; {text!r} is not.")
    return int(text)


def _one_of[E: StrEnum](kind: type[E], asked: Mapping[str, str], name: str) -> E | None:
    value = asked.get(name)
    if value is None:
        return None
    try:
        return kind(value)
    except ValueError:
        raise InvalidInput(f"{name} is one of {', '.join(kind)}; {value!r} is not.") from None
