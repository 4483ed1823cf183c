"""Merge fields: what a template may say about a contact, and where the values come from."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from laurel.leaderboard.board import CustomerFigures
from laurel.messaging.lines import one_line
from laurel.model.account import Store
from laurel.model.contact import Contact
from laurel.model.money import exponent, major_units
from laurel.model.ranking import Metric

MergeValue = str | int | Decimal | tuple[str, ...]
MergeValues = Mapping[str, MergeValue]
"""Values by field. A field that is not there has no value."""


class FieldKind(StrEnum):
    """What a field holds: numbers can be compared by size, and a list be asked what is in it."""

    TEXT = "text"
    NUMBER = "number"
    LIST = "list"


FIELDS: Mapping[str, FieldKind] = MappingProxyType(
    {
        "contact.first_name": FieldKind.TEXT,
        "contact.last_name": FieldKind.TEXT,
        "contact.name": FieldKind.TEXT,
        "contact.email": FieldKind.TEXT,
        "contact.score": FieldKind.NUMBER,
        "contact.tags": FieldKind.LIST,
        "store.name": FieldKind.TEXT,
        "store.currency": FieldKind.TEXT,
        "store.orders_count": FieldKind.NUMBER,
        "store.total_spent": FieldKind.NUMBER,
        "store.average_order_value": FieldKind.NUMBER,
        "rank.orders_count": FieldKind.NUMBER,
        "rank.total_spent": FieldKind.NUMBER,
        "rank.average_order_value": FieldKind.NUMBER,
        "account.name": FieldKind.TEXT,
        "coupon": FieldKind.TEXT,
    }
)

SAMPLE: MergeValues = MappingProxyType(
    {
        "contact.first_name": "Ada",
        "contact.last_name": "Lovelace",
        "contact.name": "Ada Lovelace",
        "contact.email": "ada@example.com",
        "contact.score": 1250,
        "contact.tags": ("gold", "newsletter"),
        "store.name": "Example shop",
        "store.currency": "EUR",
        "store.orders_count": 12,
        "store.total_spent": Decimal("718.80"),
        "store.average_order_value": Decimal("59.90"),
        "rank.orders_count": 3,
        "rank.total_spent": 1,
        "rank.average_order_value": 7,
        "account.name": "Example company",
        "coupon": "LAUREL-10",
    }
)
"""A value of every field."""


def values_of_contact(contact: Contact, epoch: int) -> dict[str, MergeValue]:
    """What the profile says; of the score, only one given since the reset that began ``epoch``."""
    return _present(
        {
            "contact.first_name": contact.first_name,
            "contact.last_name": contact.last_name,
            "contact.name": contact.name,
            "contact.email": contact.email,
            "contact.score": contact.score_under(epoch),
            "contact.tags": contact.tags,
        }
    )


def values_of_store(store: Store) -> dict[str, MergeValue]:
    """What is the same for everyone who buys there."""
    return {"store.name": store.name, "store.currency": store.currency}


def values_of_figures(found: CustomerFigures) -> dict[str, MergeValue]:
    """A customer's figures and ranks in one period; none without purchases. Money has the currency's decimals."""
    figures, code = found.figures, found.store.currency
    if figures is None or not figures.orders_count:
        return {}
    cent = Decimal(1).scaleb(-exponent(code))
    average = Decimal(major_units(figures.total_spent, code)) / figures.orders_count
    return _present(
        {
            "store.orders_count": figures.orders_count,
            "store.total_spent": Decimal(major_units(figures.total_spent, code)),
            "store.average_order_value": average.quantize(cent, "ROUND_HALF_UP"),
            **{f"rank.{metric.value}": found.ranks.get(metric) for metric in Metric},
        }
    )


def tidied(values: MergeValues) -> MergeValues:
    """Values as a message shows them: each text on one line; what is then empty is no value."""
    return _present({name: _tidied(value) for name, value in values.items()})


def in_order(names: frozenset[str]) -> list[str]:
    """Fields in the order of ``FIELDS``."""
    return [name for name in FIELDS if name in names]


def _tidied(value: MergeValue) -> MergeValue:
    if isinstance(value, str):
        return one_line(value)
    return tuple(filter(None, map(one_line, value))) if isinstance(value, tuple) else value


def _present(values: Mapping[str, MergeValue | None]) -> dict[str, MergeValue]:
    return {name: value for name, value in values.items() if value is not None and value not in ("", ())}
