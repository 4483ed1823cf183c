"""Fixed rates by month, by which orders in another currency than the store's count."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from laurel.model.errors import InvalidInput
from laurel.model.money import exponent

MOST_RATES = 5_000
LARGEST_CONVERTED = 10**15
"""Minor units; what an order comes to beyond that is no money."""

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_RATE = re.compile(r"\d{1,9}(\.\d{1,12})?")


def rate(written: str) -> str:
    """A rate as it is kept: a decimal above 0 without needless zeros. Raises ``InvalidInput``.

    At most nine digits before the point and twelve after it.
    """
    value = Decimal(written) if _RATE.fullmatch(written) else Decimal(0)
    if not value:
        raise InvalidInput(f"{written[:30]!r} is not a rate: a decimal above 0 such as 0.9215, to twelve decimals.")
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def month(written: str) -> str:
    """The month unchanged. Raises ``InvalidInput`` for what does not look like 2026-11."""
    if not _MONTH.fullmatch(written):
        raise InvalidInput(f"{written[:30]!r} is not a month such as 2026-11.")
    return written


def converted(amount: int, at_rate: str, of: str, into: str) -> int:
    """An amount in minor units of one currency in minor units of another, rounded half up; never below 0.

    ``at_rate`` is what one major unit of ``of`` is worth in major units of ``into``. Exact until it is rounded once.
    """
    whole, _, decimals = at_rate.partition(".")
    numerator: int = amount * int(whole + decimals) * 10 ** exponent(into)
    denominator: int = 10 ** (len(decimals) + exponent(of))
    return max((2 * numerator + denominator) // (2 * denominator), 0)


@dataclass(frozen=True, slots=True)
class Rates:
    """A store's table: what one major unit of a currency is worth in the store's, by (currency, month).

    ``revision`` is the store's calendar revision that it came with, 0 for the empty one of a store that has none.
    """

    table: Mapping[tuple[str, str], str] = field(default_factory=dict)
    revision: int = 0

    @property
    def currencies(self) -> tuple[str, ...]:
        """Currencies that it has any rate of, in order."""
        return tuple(sorted({currency for currency, _ in self.table}))

    def rate_of(self, total: int, currency: str, of_month: str, into: str) -> str | None:
        """The rate that an order of this total counts by, or None if it does not."""
        found = self.table.get((currency, of_month))
        if found is None or converted(total, found, currency, into) > LARGEST_CONVERTED:
            return None
        return found
