"""Figures, periods and amounts in answers."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from laurel.model.money import exponent, major_units
from laurel.model.period import Period
from laurel.model.ranking import Figures, Metric, average_micros

_MICRO = -6


def period(period: Period, time_zone: str) -> dict[str, Any]:
    """A period with its first instant and the first instant after it, in the store's offset; None for ``all``."""
    return {
        "id": period.id,
        "kind": period.kind.value,
        "start": period.start.isoformat() if period.start else None,
        "end": period.end.isoformat() if period.end else None,
        "time_zone": time_zone,
    }


def metrics(figures: Figures, code: str) -> dict[str, Any]:
    """A customer's figures in a period."""
    return {
        "orders_count": figures.orders_count,
        "total_spent": major_units(figures.total_spent, code),
        "average_order_value": _average(average_micros(figures.total_spent, figures.orders_count), code),
        "currency": code,
        "last_order_at": epoch(figures.last_order_at),
    }


def metric_value(value: int, metric: Metric, code: str) -> int | str:
    """A metric's exact value, or a difference of such: purchases as a number, money as a decimal string."""
    if metric is Metric.ORDERS_COUNT:
        return value
    if metric is Metric.TOTAL_SPENT:
        return major_units(value, code)
    return _average(value, code)


def _average(micros: int, code: str) -> str:
    """Millionths of a minor unit as a decimal string in major units.

    At least the currency's decimals, none that are 0 beyond.
    """
    text = f"{Decimal(micros).scaleb(_MICRO - exponent(code)):f}"
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0").ljust(exponent(code), "0")
    return f"{whole}.{decimals}" if decimals else whole


def epoch(seconds: int) -> str:
    """An epoch second, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
