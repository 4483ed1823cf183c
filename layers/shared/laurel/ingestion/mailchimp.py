"""Mailchimp's e-commerce resources, as its Marketing API 3.0 takes them: what Laurel has a use for, read.

Sources: Mailchimp's own client libraries, and what its WooCommerce plugin sends. What Laurel does not keep (addresses,
promotions, tracking, campaigns …) is not looked at, so that no shop is refused for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from laurel.ingestion import refunds
from laurel.ingestion.events import OrderReport
from laurel.ingestion.fields import Fields
from laurel.ingestion.products import MOST_LINES
from laurel.ingestion.products import kept as products_kept
from laurel.ingestion.shop_customers import FindCustomer
from laurel.model import money
from laurel.model.contact import Consent, ConsentSource, ConsentStatus, Person, full_name
from laurel.model.errors import FieldError, InvalidInput
from laurel.model.identity import address_in
from laurel.model.order import Buyer, LedgerOrder, Order, OrderState, next_revision, revision

_REFUNDED = "refunded"
_CANCELLED_AT = "cancelled_at_foreign"
_UTC = "UTC"
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d\d):?00")
_LARGEST_AMOUNT = 10**11
_ORDER = ("id", "customer", "currency_code", "order_total", "lines")
_LINE = ("id", "product_id", "product_variant_id", "quantity", "price")
_STATES = {
    "paid": OrderState.PAID,
    "partially_refunded": OrderState.PAID,
    "fulfilled": OrderState.PAID,
    "authorized": OrderState.AUTHORIZED,
    "partially_paid": OrderState.PARTIALLY_PAID,
    "voided": OrderState.VOIDED,
    "failed": OrderState.VOIDED,
    "cancelled": OrderState.CANCELLED,
    "canceled": OrderState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class KeptOrder:
    """An order as it is kept, and what a change of it has to follow."""

    order: LedgerOrder
    revision: str
    refunds: Mapping[str, int]

    @property
    def stands(self) -> bool:
        """False once it was deleted or erased, or while nobody has described it."""
        order = self.order
        return order.placed_at is not None and order.state is not OrderState.DELETED and not order.is_erased


@dataclass(frozen=True, slots=True)
class CustomerNews:
    """What a shop says of a customer. ``person`` is None if nothing is said but the id."""

    id: str
    person: Person | None


@dataclass(frozen=True, slots=True)
class StoreNews:
    """What a shop says of a store; None for what it does not say."""

    id: str | None
    list_id: str | None
    name: str | None
    currency: str | None
    time_zone: str | None
    domain: str | None


def store_news(body: object, *, new: bool) -> StoreNews:
    """A store, new or to be changed. Raises ``InvalidInput``."""
    fields = Fields(body)
    if new:
        _require(fields, ("id", "list_id", "name", "currency_code"))
    return StoreNews(
        fields.optional_identifier("id"),
        fields.label("list_id"),
        fields.text("name"),
        fields.optional_currency("currency_code"),
        _time_zone(fields.text("timezone")),
        fields.text("domain"),
    )


def customer_news(
    body: object, now: datetime, customer_id: str | None = None, email: str | None = None, *, partial: bool = False
) -> CustomerNews:
    """A customer; ``customer_id`` is what the path says, ``email`` what is known. Raises ``InvalidInput``."""
    fields = Fields(body)
    if not partial:
        _require(fields, ("opt_in_status",) if customer_id else ("id", "opt_in_status"))
    id_ = customer_id or fields.identifier("id")
    return _customer(fields, id_, now, now, email or address_in(id_))


def order_report(
    body: object,
    now: datetime,
    find: FindCustomer,
    kept: KeptOrder | None = None,
    order_id: str | None = None,
    *,
    partial: bool = False,
) -> tuple[OrderReport, CustomerNews | None]:
    """An order, and the customer it names. Raises ``InvalidInput``.

    A ``partial`` one says what is new about the one that is ``kept``. Without a time of change it is the next state
    after what is kept. ``order_id`` is what the path says, ``find`` knows customers named by no more than their id.
    """
    fields = Fields(body)
    if not partial:
        _require(fields, [name for name in _ORDER if name != "id" or order_id is None])
    _check_lines(fields)
    before = kept.order if kept else None
    base = before if partial else None
    id_ = order_id or fields.identifier("id")
    currency = fields.optional_currency("currency_code") or (
        base.currency if base else fields.currency("currency_code")
    )
    total = _amount(fields, "order_total", currency)
    if total is None:
        if base is None or base.currency != currency:
            raise fields.fault("order_total", "order_total is required.")
        total = base.total
    state, given_back = _state(fields, total, kept if partial else None)
    placed_at = fields.optional_instant("processed_at_foreign", UTC)
    if placed_at is None:
        placed_at = datetime.fromtimestamp(before.placed_at, UTC) if before and before.placed_at else now
    changed_at = fields.optional_instant("updated_at_foreign", UTC)
    news = _order_customer(fields, changed_at or placed_at, now, find)
    order = Order(
        id=id_,
        placed_at=placed_at,
        total=total,
        currency=currency,
        state=state,
        revision=_revision(changed_at, placed_at, kept, state, sum(given_back.values())),
        number=base.number if base else None,
        refunds=given_back,
        buyer=_buyer(news, kept, find),
        products=_products(fields) if fields.has("lines") else base.products if base else (),
    )
    return OrderReport(order, news.person if news else None), news


def says_the_same(order: Order, kept: KeptOrder) -> bool:
    """True if an order is kept just so, whatever its revision."""
    known = kept.order
    return kept.stands and (
        (int(order.placed_at.timestamp()), order.total, order.currency, order.state, dict(order.refunds))
        == (known.placed_at, known.total, known.currency, known.state, dict(kept.refunds))
        and (order.customer, order.buyer.customer_id, order.buyer.email, order.buyer.name, order.number, order.products)
        == (known.customer, known.customer_id, known.email, known.name, known.number, known.products)
    )


def _require(fields: Fields, names: Iterable[str]) -> None:
    """Raise for all members that are missing, at once, as Mailchimp does."""
    missing = tuple(
        FieldError(f"{fields.pointer}/{name}", "This value should not be blank.")
        for name in names
        if fields.is_blank(name)
    )
    if missing:
        raise InvalidInput("Some required members are missing.", missing)


def _check_lines(fields: Fields) -> None:
    for line in fields.children("lines"):
        _require(line, _LINE)


def _state(fields: Fields, total: int, kept: KeptOrder | None) -> tuple[OrderState, dict[str, int]]:
    """Where an order is in its life, and what was given back of its total.

    A shop that sends no status reports purchases. ``order_total`` is what is left after refunds, as Mailchimp's plugin
    sends it; with the status ``refunded`` nothing is left of it.
    """
    before = dict(kept.refunds) if kept else {}
    was = kept.order.state if kept else None
    status = (fields.text("financial_status") or "").lower()
    if fields.optional_instant(_CANCELLED_AT, UTC):
        return OrderState.CANCELLED, before
    if was is OrderState.CANCELLED and not fields.names(_CANCELLED_AT):
        return was, before
    if was and was is not OrderState.CANCELLED and not status:
        return was, before
    if status == _REFUNDED:
        return (OrderState.PAID, refunds.completed(before, total)) if total else (OrderState.VOIDED, before)
    before.pop(refunds.UNLISTED, None)
    return (_STATES.get(status, OrderState.PENDING) if status else OrderState.PAID), before


def _revision(
    changed_at: datetime | None, placed_at: datetime, kept: KeptOrder | None, state: OrderState, refunded: int
) -> str:
    if changed_at is None and kept and kept.revision:
        return next_revision(kept.revision, state, refunded)
    return revision(changed_at or placed_at, None, state, refunded)


def _order_customer(fields: Fields, seen_at: datetime, now: datetime, find: FindCustomer) -> CustomerNews | None:
    if not fields.has("customer"):
        return None
    customer = fields.child("customer")
    _require(customer, ("id",))
    id_ = customer.identifier("id")
    address = address_in(id_)
    return _customer(customer, id_, seen_at, now, None if address and find(id_) else address)


def _customer(fields: Fields, id_: str, seen_at: datetime, now: datetime, known: str | None = None) -> CustomerNews:
    """Not opted in is no decision: a shop says that of everybody whom it never asked."""
    consent = Consent(ConsentStatus.SUBSCRIBED, now) if fields.flag("opt_in_status") else None
    email = fields.email("email_address") or known
    if email is None:
        return CustomerNews(id_, None)
    person = Person(
        email,
        seen_at,
        fields.text("first_name"),
        fields.text("last_name"),
        consent=consent,
        consent_source=ConsentSource.SHOP,
    )
    return CustomerNews(id_, person)


def _buyer(news: CustomerNews | None, kept: KeptOrder | None, find: FindCustomer) -> Buyer:
    if news is None:
        return Buyer(kept.order.customer_id, kept.order.email, kept.order.name) if kept else Buyer()
    if news.person:
        return Buyer(news.id, news.person.email, full_name(news.person.first_name, news.person.last_name))
    found = find(news.id)
    contact = found.contact if found else None
    return Buyer(news.id, contact.email, contact.name) if contact else Buyer(news.id)


def _products(fields: Fields) -> tuple[str, ...]:
    """Ids, SKUs and names of what was bought, as rules of points may ask for them."""
    names = ("product_id", "product_variant_id", "sku", "product_title")
    lines = fields.children("lines")[:MOST_LINES]
    return products_kept(line.label(name) or "" for line in lines for name in names)


def _amount(fields: Fields, name: str, currency: str) -> int | None:
    """Minor units of a JSON number, to the nearest: PHP may write 93.99 with fifty digits."""
    value = fields.optional_decimal(name)
    if value is None:
        return None
    if not 0 <= value <= _LARGEST_AMOUNT:
        raise fields.fault(name, f"{name} must be an amount of money that is not negative, such as 59.90.")
    return money.minor_units(value.quantize(Decimal(1).scaleb(-money.exponent(currency)), ROUND_HALF_UP), currency)


def _time_zone(given: str | None) -> str | None:
    """An IANA zone; WordPress sends an offset where no city was chosen, which has a zone if it is of whole hours."""
    offset = _OFFSET.fullmatch(given) if given else None
    if offset is None:
        return given
    hours = int(offset[2])
    return f"Etc/GMT{'-' if offset[1] == '+' else '+'}{hours}" if hours else _UTC
