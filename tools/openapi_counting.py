"""What the API answers about rates, as pydantic models for its description, and the prose about rates and rebuilds."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from tools.openapi_answers import Answer, CurrencyCode, Rebuildable


class Rate(Answer):
    """What one major unit of a currency is worth in the store's."""

    currency: CurrencyCode
    month: Annotated[str, Field(examples=["2026-11"], description="In the store's time zone.")]
    rate: Annotated[str, Field(examples=["0.9215"], description="Without needless zeros.")]


class Rates(Rebuildable):
    """The rates that orders in other currencies count by."""

    currency: Annotated[CurrencyCode, Field(description="The store's own.")]
    rates: Annotated[list[Rate], Field(description="By currency and month.")]


OPERATIONS = ("rebuildStore", "getRates", "replaceRates")

DESCRIPTIONS = {
    "rebuildStore": (
        "Projects every customer of the store again from its orders, as a job. Boards stay readable and say "
        "`rebuilding: true` until it is done. Changes of time zone, first day of week, minimum purchases and rates do "
        "this by themselves. A rebuild that is asked for while another one is under way takes its place."
    ),
    "getRates": "A store that has declared none has an empty list.",
    "replaceRates": (
        "Orders in another currency than the store's count from here on, in months that have a rate: by the month in "
        "which the order was placed, in the store's time zone. An amount is converted once, after refunds, and rounded "
        "half up to the store's smallest unit. Orders of other months stay `unconverted` and are listed by "
        "`GET .../set-aside`.\n\n"
        "Sent as JSON, or as `text/csv` with the columns `currency`, `month` and `rate`. The table replaces the one "
        "before. What was converted by a rate that has changed is converted again: boards say `rebuilding: true` "
        "until that is done. Scores follow: what an order gave by its amount is corrected."
    ),
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "replaceRates": {"dollars": {"rates": [{"currency": "USD", "month": "2026-11", "rate": "0.9215"}]}}
}

CSV_BODIES = ("RatesIn",)
"""Requests that may be sent as CSV."""
