"""Rows of a table as orders in the API's own shape, to be read by the very code that reads what clients send."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from laurel.imports.columns import Columns, Origin
from laurel.imports.layout import Layout
from laurel.imports.values import Unreadable, amount, instant

_TRUE, _FALSE = frozenset({"true", "yes", "1", "y"}), frozenset({"false", "no", "0", "n", ""})
_STATUSES: Mapping[str, str] = {
    "paid": "paid",
    "completed": "paid",
    "complete": "paid",
    "pending": "pending",
    "on-hold": "pending",
    "unpaid": "pending",
    "pending payment": "pending",
    "checkout-draft": "pending",
    "authorized": "authorized",
    "partially_paid": "partially_paid",
    "partially_refunded": "partially_refunded",
    "refunded": "refunded",
    "voided": "voided",
    "expired": "voided",
    "failed": "voided",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}
_CASH_ON_DELIVERY = "cod"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a row: its number in the file (the headings are row 1), the column, and why."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one order, first row first; shops write one for each line of an order."""

    number: int
    rows: Sequence[Mapping[str, str]]


class FaultyRow(Exception):
    """Faults of one order's rows."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"row {it.row}, {it.column}: {it.reason}" for it in self.faults))


def grouped(rows: Iterable[tuple[int, Mapping[str, str]]], columns: Columns) -> Iterator[Group]:
    """Rows that stand together and name the same order, or name none but continue one."""
    present: list[Mapping[str, str]] = []
    begun = 0
    for number, row in rows:
        if present and continues(row, present[0], columns):
            present.append(row)
            continue
        if present:
            yield Group(begun, present)
        begun, present = number, [row]
    if present:
        yield Group(begun, present)


def continues(row: Mapping[str, str], first: Mapping[str, str], columns: Columns) -> bool:
    """True if a row is one more line of the order that began with ``first``."""
    if columns.origin is Origin.SHOPIFY:
        name = columns.heading("number") if "number" in columns.headings else columns.heading("id")
        return row.get(name, "") == first.get(name, "") != "" and not row.get(columns.heading("total"), "").strip()
    id_ = columns.heading("id")
    return row.get(id_, "").strip() == first.get(id_, "").strip() != ""


def order_of(group: Group, layout: Layout, zone: tzinfo, currency: str) -> dict[str, Any]:
    """An order in the shape of the API. ``zone`` and ``currency`` are the store's, for what the file does not say.

    Raises ``FaultyRow`` with all faults that can be told apart from the API's own rules.
    """
    reader = _Reader(group, layout, zone)
    order: dict[str, Any] = {
        "id": reader.text("id"),
        "number": reader.text("number"),
        "placed_at": reader.time("placed_at"),
        "updated_at": reader.time("updated_at"),
        "total": reader.money("total"),
        "currency": reader.text("currency") or currency,
        "status": reader.status(),
        "refunded": reader.money("refunded"),
        "test": reader.flag("test"),
        "products": reader.products() or None,
        "customer": reader.customer() or None,
    }
    if reader.faults:
        raise FaultyRow(reader.faults)
    return {name: value for name, value in order.items() if value is not None}


class _Reader:
    """Reads the fields of an order's first row and collects what is wrong with them."""

    def __init__(self, group: Group, layout: Layout, zone: tzinfo) -> None:
        if layout.columns is None:
            raise ValueError("a table has columns")
        self._group, self._layout, self._zone = group, layout, zone
        self._columns = layout.columns
        self.faults: list[Fault] = []

    def text(self, field: str, row: Mapping[str, str] | None = None) -> str | None:
        heading = self._columns.headings.get(field)
        value = (row or self._group.rows[0]).get(heading, "") if heading else ""
        return value.strip() or None

    def time(self, field: str) -> str | None:
        return self._read(field, lambda text: instant(text, self._zone, self._layout.date_order))

    def money(self, field: str) -> str | None:
        return self._read(field, lambda text: amount(text, self._layout.decimals))

    def flag(self, field: str) -> bool | None:
        return self._read(field, _flag)

    def status(self) -> str | None:
        """Where the order is in its life, in the API's words; paid if the file tells of no other and has no status."""
        if self.text("cancelled_at"):
            return "cancelled"
        if "status" not in self._columns.headings:
            return "paid"
        return self._read("status", self._status, "pending")

    def products(self) -> list[str]:
        found = (self.text(field, row) for row in self._group.rows for field in ("product", "sku"))
        return list(dict.fromkeys(filter(None, found)))

    def customer(self) -> dict[str, Any]:
        first, last = self.text("first_name"), self.text("last_name")
        if not (first or last) and (name := self.text("name")):
            first, _, last = name.partition(" ")
        tags = [tag.strip() for tag in (self.text("tags") or "").split(",") if tag.strip()]
        found = {
            "id": self.text("customer_id"),
            "email": self.text("email"),
            "first_name": first,
            "last_name": last,
            "tags": tags or None,
        }
        return {name: value for name, value in found.items() if value}

    def _status(self, text: str) -> str:
        plain = text.lower().removeprefix("wc-")
        if plain == "processing":
            paid = self.text("paid_at") or self.text("payment_method") != _CASH_ON_DELIVERY
            return "paid" if paid else "pending"
        known = _STATUSES.get(plain) or _STATUSES.get(plain.replace(" ", "_"))
        if known is None and self._columns.origin is Origin.WOOCOMMERCE:
            # A status of the shop's own, or of a plugin: paid if there is a date of payment.
            return "paid" if self.text("paid_at") else "pending"
        if known is None:
            raise Unreadable(f"{text!r} is no status. There are: {', '.join(sorted(set(_STATUSES.values())))}.")
        return known

    def _read[T](self, field: str, read: Callable[[str], T], missing: T | None = None) -> T | None:
        text = self.text(field)
        if text is None:
            return missing
        try:
            return read(text)
        except Unreadable as error:
            self.faults.append(Fault(self._group.number, self._columns.heading(field), str(error)))
            return None


def _flag(text: str) -> bool:
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise Unreadable(f"{text!r} is neither true nor false.")
