"""Rates, and amounts converted by them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.model.errors import InvalidInput
from laurel.model.money import exponent
from laurel.model.rates import Rates, converted, month, rate

written_rates = st.decimals("0.000000000001", "999999999.999999999999", places=12).map(lambda it: rate(f"{it:f}"))
currencies = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF"])


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0.90", "0.9"),
        ("1", "1"),
        ("100", "100"),
        ("1.000", "1"),
        ("0.000000000001", "0.000000000001"),
        ("007.5", "7.5"),
    ],
)
def test_a_rate_is_kept_without_needless_zeros(written: str, kept: str) -> None:
    assert rate(written) == kept


@pytest.mark.parametrize(
    "written", ["", "0", "0.0", "-1", "1,5", "1e3", ".5", "1.", "NaN", "1.0000000000001", "1" * 10]
)
def test_what_is_no_rate_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput, match="is not a rate"):
        rate(written)


@pytest.mark.parametrize("written", ["2026-00", "2026-13", "2026-1", "26-01", "2026-11-01", "2026/11"])
def test_what_is_no_month_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput, match="is not a month"):
        month(written)


@pytest.mark.parametrize(
    ("amount", "at_rate", "of", "into", "comes_to"),
    [
        (1000, "0.9", "USD", "EUR", 900),
        (1, "0.5", "USD", "EUR", 1),  # half up, where half even would be 0
        (3, "0.5", "USD", "EUR", 2),
        (1, "0.499999999999", "USD", "EUR", 0),
        (5000, "0.0061", "JPY", "EUR", 3050),
        (3050, "163.9", "EUR", "JPY", 4999),
        (1234, "0.31", "EUR", "KWD", 3825),
        (0, "0.9", "USD", "EUR", 0),
    ],
)
def test_amounts_are_converted_exactly_and_rounded_half_up(
    amount: int, at_rate: str, of: str, into: str, comes_to: int
) -> None:
    assert converted(amount, at_rate, of, into) == comes_to


@given(st.integers(0, 10**15), written_rates, currencies, currencies)
def test_nothing_is_lost_but_by_the_last_rounding(amount: int, at_rate: str, of: str, into: str) -> None:
    with localcontext(prec=80):
        exact = Decimal(amount).scaleb(exponent(into) - exponent(of)) * Decimal(at_rate)
        assert converted(amount, at_rate, of, into) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@given(st.integers(0, 10**9), st.integers(0, 10**9), written_rates)
def test_more_is_never_worth_less(amount: int, more: int, at_rate: str) -> None:
    together = converted(amount + more, at_rate, "USD", "EUR")

    assert together >= converted(amount, at_rate, "USD", "EUR")
    assert abs(together - Fraction(at_rate) * (amount + more)) <= Fraction(1, 2)


def test_a_table_knows_the_rate_of_a_currency_and_month() -> None:
    table = Rates({("USD", "2026-11"): "0.9", ("GBP", "2026-10"): "1.2"})

    assert table.currencies == ("GBP", "USD")
    assert table.rate_of(1000, "USD", "2026-11", "EUR") == "0.9"
    assert table.rate_of(1000, "USD", "2026-10", "EUR") is None
    assert table.rate_of(2 * 10**15, "USD", "2026-11", "EUR") is None
