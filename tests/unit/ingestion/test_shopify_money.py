"""Shopify's totals, refunds and currencies: what an order is worth, and what was given back of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from laurel.ingestion.events import Ignored
from laurel.model.order import Refund
from tests.support.shopify_orders import MISSING, at_fault, deliver, order, paid, refund, sale, spent

# ---- Totals: total_price is frozen, current_total_price moves


def test_a_return_does_not_change_the_total() -> None:
    """The figures of Shopify's own sample: 399.29 of goods taken back, 209.00 of money given back."""
    taken_back = refund(
        lines=(("195.66", "3.98"), ("195.67", "3.98")), money=("209.00",), restock_type="legacy_restock"
    )
    assert spent(sale("598.94", "199.65", taken_back)) == (59894, 38994)


def test_money_given_back_without_goods_does_not_change_the_total() -> None:
    """Whether or not the current total follows such a refund."""
    goodwill = {"kind": "refund_discrepancy", "amount": "-10.00", "tax_amount": "0.00"}
    refunded = refund(money=("10.00",), order_adjustments=[goodwill])
    assert spent(sale("100.00", "100.00", refunded)) == (10000, 9000)
    assert spent(sale("100.00", "90.00", refunded)) == (10000, 9000)


def test_goods_taken_back_for_less_money_do_not_change_the_total() -> None:
    withheld = {"kind": "refund_discrepancy", "amount": "5.00", "tax_amount": "0.00"}
    refunded = refund(lines=(("40.00", "0"),), money=("35.00",), order_adjustments=[withheld])
    assert spent(sale("100.00", "60.00", refunded)) == (10000, 6500)
    assert spent(sale("100.00", "65.00", refunded)) == (10000, 6500)


@pytest.mark.parametrize("current", ["60.00", "55.00"])
@pytest.mark.parametrize(
    "shipping",
    [
        {"refund_shipping_lines": [{"subtotal_amount_set": {"shop_money": {"amount": "5.00"}}}]},
        {"order_adjustments": [{"kind": "shipping_refund", "amount": "-4.20", "tax_amount": "-0.80"}]},
        {
            "refund_shipping_lines": [{"subtotal_amount_set": {"shop_money": {"amount": "4.20"}}}],
            "order_adjustments": [{"kind": "shipping_refund", "amount": "-4.20", "tax_amount": "-0.80"}],
        },
    ],
)
def test_refunded_shipping_is_found_in_every_version_of_the_api(shipping: dict[str, Any], current: str) -> None:
    refunded = refund(lines=(("40.00", "0"),), money=("45.00",), **shipping)
    assert spent(sale("100.00", current, refunded)) == (10000, 5500)


def test_prices_that_include_tax_are_not_taxed_again() -> None:
    refunded = refund(lines=(("25.00", "3.99"),), money=("25.00",))
    assert spent(sale("89.90", "64.90", refunded, taxes_included=True)) == (8990, 6490)


def test_prices_that_exclude_tax_fall_with_their_tax() -> None:
    refunded = refund(lines=(("25.00", "4.75"),), money=("29.75",))
    assert spent(sale("89.90", "60.15", refunded)) == (8990, 6015)


def test_an_added_line_raises_the_total() -> None:
    assert spent(sale("100.00", "120.00")) == (12000, 12000)


def test_a_price_cut_after_the_sale_lowers_the_total() -> None:
    assert spent(sale("100.00", "80.00")) == (8000, 8000)


def test_an_edited_order_with_a_return_counts_both() -> None:
    """100 sold, 30 added, 40 taken back for money: 90 are left."""
    refunded = refund(lines=(("40.00", "0"),), money=("40.00",))
    assert spent(sale("100.00", "90.00", refunded)) == (13000, 9000)


def test_an_edited_order_in_a_shop_with_taxes_included_counts_both() -> None:
    refunded = refund(lines=(("40.00", "6.39"),), money=("40.00",))
    assert spent(sale("100.00", "90.00", refunded, taxes_included=True)) == (13000, 9000)


def test_a_line_taken_off_before_payment_was_never_owed() -> None:
    """An edit that takes a line off is a refund with lines and without any transaction."""
    taken_off = refund(lines=(("40.00", "0"),))
    assert spent(sale("100.00", "60.00", taken_off)) == (6000, 6000)


def test_a_line_taken_off_and_paid_back_later_is_subtracted_once() -> None:
    taken_off, paid_back = refund(1, lines=(("40.00", "0"),)), refund(2, money=("40.00",))
    assert spent(sale("100.00", "60.00", taken_off, paid_back)) == (10000, 6000)


def test_goods_returned_for_no_money_still_count() -> None:
    for returned in (
        refund(lines=(("40.00", "0"),), restock_type="return"),
        refund(lines=(("40.00", "0"),), of_return={"id": 5}),
        refund(lines=(("40.00", "0"),), transactions=[{"kind": "refund", "status": "pending", "amount": "40.00"}]),
    ):
        assert spent(sale("100.00", "60.00", returned)) == (10000, 10000)


def test_an_exchange_counts_what_was_paid_in_the_end() -> None:
    """Goods worth 40 of 100 are exchanged for goods worth 50; the customer pays 10 more."""
    returned = refund(lines=(("40.00", "0"),), restock_type="return", of_return={"id": 5})
    assert spent(sale("100.00", "110.00", returned)) == (11000, 11000)


def test_without_a_current_total_the_frozen_one_holds() -> None:
    assert order(paid(current_total_price=MISSING)).total == 8990


def test_refunded_duties_and_fees_are_no_edit() -> None:
    fees: dict[str, Any] = {
        "total_duties_set": {"shop_money": {"amount": "7.00", "currency_code": "EUR"}},
        "total_additional_fees_set": {"shop_money": {"amount": "1.00", "currency_code": "EUR"}},
    }
    refunded = refund(lines=(("40.00", "0"),), money=("48.00",), **fees)
    assert spent(sale("100.00", "52.00", refunded)) == (10000, 5200)


# ---- Refunds are counted by transactions


@pytest.mark.parametrize(
    ("transactions", "amount"),
    [
        ([("refund", "success", "10.00")], 1000),
        ([("refund", "success", "10.00"), ("refund", "success", "100.00")], 11000),
        ([("refund", "pending", "10.00")], 0),
        ([("refund", "failure", "10.00"), ("refund", "success", "3.00")], 300),
        ([("void", "success", "10.00")], 0),
        ([("sale", "success", "10.00")], 0),
        ([], 0),
    ],
)
def test_a_refund_is_the_sum_of_its_successful_refund_transactions(
    transactions: list[tuple[str, str, str]], amount: int
) -> None:
    listed = [
        {"kind": kind, "status": status, "amount": sum_, "currency": "EUR"} for kind, status, sum_ in transactions
    ]
    body = refund(7, lines=(("199.00", "0"),), restock_type="return", transactions=listed)
    alone = Refund("5678901234567", "7", amount) if amount else Ignored("refund_without_money")
    assert deliver("refunds/create", body) == alone
    assert order(sale("598.94", "598.94", body)).refunds == ({"7": amount} if amount else {})


def test_several_refunds_keep_their_ids() -> None:
    body = sale("100.00", "100.00", refund(1, money=("10.00",)), refund(2, money=("5.00",)))
    assert order(body).refunds == {"1": 1000, "2": 500}


# ---- Currencies


def test_shop_money_counts_and_presentment_money_does_not() -> None:
    both = {
        "shop_money": {"amount": "100.00", "currency_code": "EUR"},
        "presentment_money": {"amount": "108.37", "currency_code": "USD"},
    }
    read = order(
        paid(total_price="100.00", current_total_price="100.00", presentment_currency="USD", total_price_set=both)
    )
    assert (read.total, read.currency) == (10000, "EUR")


def in_two_currencies(shop: str, presentment: str) -> dict[str, Any]:
    return {
        "shop_money": {"amount": shop, "currency_code": "EUR"},
        "presentment_money": {"amount": presentment, "currency_code": "CHF"},
    }


def refund_in_francs(amount: str, code: str = "CHF") -> dict[str, Any]:
    """A shop in EUR, a customer in CHF: Shopify writes the transaction in CHF, and everything else in both."""
    line = {
        "restock_type": "cancel",
        "subtotal_set": in_two_currencies("9.41", "9.00"),
        "total_tax_set": in_two_currencies("0.00", "0.00"),
    }
    adjustment = {
        "kind": "shipping_refund",
        "amount_set": in_two_currencies("-9.41", "-9.00"),
        "tax_amount_set": in_two_currencies("0.00", "0.00"),
    }
    transactions = [{"kind": "refund", "status": "success", "amount": amount, "currency": code}]
    return refund(
        refund_line_items=[line],
        refund_shipping_lines=[{"subtotal_amount_set": in_two_currencies("9.41", "9.00")}],
        order_adjustments=[adjustment],
        transactions=transactions,
    )


def order_in_francs(*refunds: dict[str, Any], **changes: object) -> dict[str, Any]:
    changes = {"total_price_set": in_two_currencies("104.50", "100.00")} | changes
    return paid(total_price="104.50", current_total_price="85.68", refunds=list(refunds), **changes)


def test_a_refund_in_the_customers_currency_is_what_shopify_says_it_is_in_shop_money() -> None:
    """Two rounded prices of 9.41, where the rate would make 18.81 of CHF 18.00."""
    body = refund_in_francs("18.00")
    assert deliver("refunds/create", body) == Refund("5678901234567", "1", 1882)
    assert spent(order_in_francs(body)) == (10450, 8568)


def test_another_amount_in_the_customers_currency_is_taken_at_the_orders_rate() -> None:
    """CHF 17.00 is 17.765 at the order's rate; alone, a refund only has its own prices: 17.774."""
    assert order(order_in_francs(refund_in_francs("17.00"))).refunds == {"1": 1777}
    assert deliver("refunds/create", refund_in_francs("17.00")) == Refund("5678901234567", "1", 1777)
    assert order(order_in_francs(refund_in_francs("1.00"))).refunds == {"1": 105}


def test_an_amount_alone_in_the_customers_currency_is_in_its_adjustment() -> None:
    adjustment = {
        "kind": "refund_discrepancy",
        "amount_set": in_two_currencies("-5.23", "-5.00"),
        "tax_amount_set": in_two_currencies("0.00", "0.00"),
    }
    transactions = [{"kind": "refund", "status": "success", "amount": "5.00", "currency": "CHF"}]
    body = refund(order_adjustments=[adjustment], transactions=transactions)
    assert deliver("refunds/create", body) == Refund("5678901234567", "1", 523)


def test_an_amount_in_an_unknown_currency_is_refused_rather_than_guessed() -> None:
    body = refund_in_francs("5.00", "USD") | {"refund_line_items": [], "refund_shipping_lines": []}
    body["order_adjustments"] = []
    body["total_duties_set"] = in_two_currencies("0.00", "0.00")
    assert at_fault(body, "refunds/create") == "/transactions"
    assert at_fault(order_in_francs(body, total_price_set=None)) == "/refunds/0/transactions"


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [
        ("JPY", "500", 500),
        ("JPY", "500.00", 500),
        ("KWD", "1.234", 1234),
        ("KWD", "1.5", 1500),
        ("USD", "598.94", 59894),
        ("usd", 598.94, 59894),
        ("USD", 598, 59800),
        ("USD", Decimal("0.10"), 10),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, amount: object, minor: int) -> None:
    body = paid(currency=currency, total_price=amount, current_total_price=amount, total_price_set=None)
    assert (order(body).total, order(body).currency) == (minor, currency.upper())


def test_a_currency_that_is_not_the_stores_is_reported_as_it_is() -> None:
    assert order(paid(currency="CHF", total_price_set=None)).currency == "CHF"
