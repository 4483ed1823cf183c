"""What a Shopify order is worth and what was given back, in minor units of the shop's currency.

Field meanings are those of Shopify's Admin REST resources Order and Refund.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from laurel.ingestion import refunds
from laurel.ingestion.fields import Fields

_SHOP = "shop_money"
_PRESENTMENT = "presentment_money"
_TAKEN_OFF = frozenset({"cancel", "no_restock"})


@dataclass(frozen=True, slots=True)
class Rate:
    """What a price in ``code`` (minor units) is in shop money: ``amount * shop / presentment``, rounded half up."""

    code: str
    presentment: int
    shop: int

    def in_shop_money(self, amount: int) -> int:
        """Shop money for an amount in the customer's currency."""
        return (2 * amount * self.shop + self.presentment) // (2 * self.presentment)


@dataclass(frozen=True, slots=True)
class RefundRecord:
    """One refund of an order.

    ``paid`` is the money given back; ``goods``, ``shipping`` and ``fees`` what was taken back, with tax.
    ``discrepancy`` is what was withheld of it (negative: given on top). ``goods_otherwise`` is the value of the goods
    if tax is read the other way.
    """

    id: str
    paid: int
    goods: int
    goods_otherwise: int
    shipping: int
    fees: int
    discrepancy: int
    has_transactions: bool
    takes_lines_off: bool

    @property
    def returned(self) -> int:
        """Value of everything taken back."""
        return self.goods + self.shipping + self.fees


@dataclass(frozen=True, slots=True)
class Amounts:
    """Total before refunds, and the money given back by refund id."""

    total: int
    refunds: dict[str, int]


def order_amounts(order: Fields, currency: str) -> Amounts:
    """Amounts of an order.

    The money of a refund is the sum of its successful refund transactions, never the value of its lines. An order with
    the financial status ``refunded`` counts as given back in full, even if its refunds are missing or still under way.
    """
    taxes_included = order.flag("taxes_included")
    rate = _rate(order.child("total_price_set"))
    records = [_record(each, currency, rate, taxes_included=taxes_included) for each in order.children("refunds")]
    given_back = {record.id: record.paid for record in records if record.paid}
    if order.text("financial_status") == "refunded":
        total = order.money("total_price", currency)
        return Amounts(total, refunds.completed(given_back, total))
    return Amounts(_total(order, currency, records), given_back)


def refund_amount(refund: Fields) -> int:
    """Money given back by a refund that arrives on its own."""
    currency = _shop_currency(refund)
    return _paid(refund, currency, None) if currency else 0


def _total(order: Fields, currency: str, records: Sequence[RefundRecord]) -> int:
    """Total with tax and shipping, before refunds.

    ``total_price`` is frozen at the sale, while ``current_total_price`` follows edits and returns. As long as the
    difference is explained by the refunds listed, nothing was edited and ``total_price`` holds. What explains it
    depends on the version of the API and on the kind of refund: the goods, with or without their tax; these and
    shipping and fees; the same less what was withheld; or the money. Anything else means that lines were added or
    changed, so the total is what the order is worth now, plus what was taken back.

    A refund without any transaction moved no money. If it takes unfulfilled lines off, or if it belongs to an edited
    order (an exchange), the customer owes that much less, or was given something else for it: the total falls by its
    value. Where the shop does pay it back, it does so in a refund without lines, which is then not subtracted a second
    time.
    """
    frozen = order.money("total_price", currency)
    current = order.optional_money("current_total_price", currency)
    if current is None:
        return frozen
    edited = frozen - current not in _explanations(records)
    before_refunds = current + sum(record.returned for record in records) if edited else frozen
    settled_otherwise = sum(
        record.returned for record in records if not record.has_transactions and (edited or record.takes_lines_off)
    )
    paid_back_later = sum(record.paid for record in records if not record.returned)
    return max(before_refunds - max(settled_otherwise - paid_back_later, 0), 0)


def _explanations(records: Sequence[RefundRecord]) -> set[int]:
    """Differences between the frozen and the current total to which returns without an edit may lead."""
    extras = sum(record.shipping + record.fees for record in records)
    withheld = sum(record.discrepancy for record in records)
    differences = {0, sum(record.paid for record in records)}
    for goods in (sum(record.goods for record in records), sum(record.goods_otherwise for record in records)):
        differences |= {goods, goods + extras, goods + extras - withheld}
    return differences


def _record(refund: Fields, currency: str, rate: Rate | None, *, taxes_included: bool) -> RefundRecord:
    lines = refund.children("refund_line_items")
    restock_types = {line.text("restock_type") for line in lines}
    plain = _goods(refund, _SHOP, currency, with_tax=False)
    taxed = _goods(refund, _SHOP, currency, with_tax=True)
    return RefundRecord(
        id=refund.identifier("id"),
        paid=_paid(refund, currency, rate),
        goods=plain if taxes_included else taxed,
        goods_otherwise=taxed if taxes_included else plain,
        shipping=_shipping(refund, _SHOP, currency),
        fees=_fees(refund, _SHOP, currency),
        discrepancy=_discrepancy(refund, _SHOP, currency),
        has_transactions=bool(refund.children("transactions")),
        takes_lines_off=bool(lines) and restock_types <= _TAKEN_OFF and not refund.has("return"),
    )


def _paid(refund: Fields, currency: str, rate: Rate | None) -> int:
    """Sum of the successful refund transactions in shop money; a transaction is written in the customer's currency."""
    sums: dict[str, int] = {}
    for transaction in refund.children("transactions"):
        if transaction.text("kind") == "refund" and transaction.text("status") == "success":
            code = transaction.optional_currency("currency") or currency
            sums[code] = sums.get(code, 0) + transaction.money("amount", code)
    return sum(
        amount if code == currency else _in_shop_money(refund, amount, code, currency, rate)
        for code, amount in sums.items()
    )


def _in_shop_money(refund: Fields, amount: int, code: str, currency: str, rate: Rate | None) -> int:
    """Shopify's own figure if the refund settles exactly that amount; else at the order's or the refund's rate."""
    settled_presentment = settled_shop = 0
    for with_tax in (False, True):
        settled_presentment = _settled(refund, _PRESENTMENT, code, with_tax=with_tax)
        settled_shop = _settled(refund, _SHOP, currency, with_tax=with_tax)
        if amount == settled_presentment:
            return settled_shop
    if rate and rate.code == code:
        return rate.in_shop_money(amount)
    if settled_presentment > 0 and settled_shop > 0:
        return Rate(code, settled_presentment, settled_shop).in_shop_money(amount)
    raise refund.fault("transactions", f"The refund is in {code}, and nothing tells what that is in {currency}.")


def _settled(refund: Fields, side: str, currency: str, *, with_tax: bool) -> int:
    goods = _goods(refund, side, currency, with_tax=with_tax)
    extras = _shipping(refund, side, currency) + _fees(refund, side, currency)
    return goods + extras - _discrepancy(refund, side, currency)


def _goods(refund: Fields, side: str, currency: str, *, with_tax: bool) -> int:
    names = ("subtotal", "total_tax") if with_tax else ("subtotal",)
    return sum(_amount(line, name, side, currency) for line in refund.children("refund_line_items") for name in names)


def _shipping(refund: Fields, side: str, currency: str) -> int:
    """Refunded shipping: a negative adjustment with its tax; since API version 2024-10 also, or only, a line."""
    adjustments = [each for each in refund.children("order_adjustments") if each.text("kind") == "shipping_refund"]
    if adjustments:
        return -sum(_adjustment(each, side, currency) for each in adjustments)
    return sum(_amount(line, "subtotal_amount", side, currency) for line in refund.children("refund_shipping_lines"))


def _fees(refund: Fields, side: str, currency: str) -> int:
    return sum(_amount(refund, name, side, currency) for name in ("total_duties", "total_additional_fees"))


def _discrepancy(refund: Fields, side: str, currency: str) -> int:
    others = [each for each in refund.children("order_adjustments") if each.text("kind") != "shipping_refund"]
    return sum(_adjustment(each, side, currency) for each in others)


def _adjustment(adjustment: Fields, side: str, currency: str) -> int:
    return _amount(adjustment, "amount", side, currency) + _amount(adjustment, "tax_amount", side, currency)


def _amount(fields: Fields, name: str, side: str, currency: str) -> int:
    """``<name>_set.<side>.amount``; shop money also stands in ``<name>`` itself, in old versions only there."""
    amount = fields.child(f"{name}_set").child(side).optional_money("amount", currency)
    if amount is None and side == _SHOP:
        amount = fields.optional_money(name, currency)
    return amount or 0


def _rate(price: Fields) -> Rate | None:
    shop, presentment = price.child(_SHOP), price.child(_PRESENTMENT)
    code, shop_code = presentment.optional_currency("currency_code"), shop.optional_currency("currency_code")
    if not code or not shop_code:
        return None
    amounts = presentment.money("amount", code), shop.money("amount", shop_code)
    return Rate(code, *amounts) if all(amounts) else None


def _shop_currency(refund: Fields) -> str | None:
    """Currency of the shop, which a refund names only beside amounts; without any, that of its transactions."""
    bags = [refund.child("total_duties_set")]
    bags += [line.child("subtotal_set") for line in refund.children("refund_line_items")]
    bags += [line.child("subtotal_amount_set") for line in refund.children("refund_shipping_lines")]
    bags += [each.child("amount_set") for each in refund.children("order_adjustments")]
    codes = [bag.child(_SHOP).optional_currency("currency_code") for bag in bags]
    codes += [transaction.optional_currency("currency") for transaction in refund.children("transactions")]
    return next((code for code in codes if code), None)
