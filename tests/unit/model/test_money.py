"""Money is a whole number of minor units, with ISO 4217's exponents."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iso4217 import Currency

from laurel.model.errors import InvalidInput
from laurel.model.money import currency, exponent, major_units, minor_units

IN_CIRCULATION = {it.code: it.exponent for it in Currency if it.exponent is not None}
LARGEST = 10**15

codes = st.sampled_from(sorted(IN_CIRCULATION))
amounts = st.integers(-LARGEST, LARGEST)


@pytest.mark.parametrize("code", sorted(IN_CIRCULATION))
def test_every_currency_has_the_exponent_of_iso_4217(code: str) -> None:
    assert (currency(code), exponent(code)) == (code, IN_CIRCULATION[code])


@pytest.mark.parametrize("code", ["XAU", "XTS", "XXX", "XDR"])
def test_what_has_no_minor_unit_is_no_currency_of_a_shop(code: str) -> None:
    with pytest.raises(InvalidInput, match=f"^'{code}' is not an ISO 4217 currency code\\.$"):
        currency(code)


@pytest.mark.parametrize("code", ["", "EU", "EURO", "E1R", "€", "DEM", "eur o"])
def test_what_is_no_currency_in_circulation_is_refused(code: str) -> None:
    with pytest.raises(InvalidInput):
        currency(code)


@pytest.mark.parametrize("code", ["eur", " EUR ", "Eur"])
def test_a_code_is_taken_in_any_case(code: str) -> None:
    assert currency(code) == "EUR"


@pytest.mark.parametrize(
    ("amount", "code", "minor"),
    [
        ("59.90", "EUR", 5990),
        ("59.9", "EUR", 5990),
        ("59", "EUR", 5900),
        (58, "EUR", 5800),
        (Decimal("59.900"), "EUR", 5990),
        ("-59.90", "EUR", -5990),
        ("0", "EUR", 0),
        ("-0.00", "EUR", 0),
        ("5990", "JPY", 5990),
        ("5990.0", "JPY", 5990),
        ("59.905", "KWD", 59905),
        ("1e3", "EUR", 100_000),
        ("0.0001", "CLF", 1),
        ("10000000000000.00", "EUR", LARGEST),
    ],
)
def test_an_amount_becomes_minor_units(amount: str | int | Decimal, code: str, minor: int) -> None:
    assert minor_units(amount, code) == minor


@pytest.mark.parametrize(
    ("amount", "code", "decimals"),
    [
        ("59.905", "EUR", 2),
        ("0.1", "JPY", 0),
        ("0.0001", "KWD", 3),
        ("0.00001", "CLF", 4),
        ("10.00000000000000000000000000000000001", "EUR", 2),
    ],
)
def test_more_decimals_than_the_currency_has_are_refused(amount: str, code: str, decimals: int) -> None:
    with pytest.raises(InvalidInput, match=f"^'{amount}' has more decimals than {code} has \\({decimals}\\)\\.$"):
        minor_units(amount, code)


@pytest.mark.parametrize(
    "amount", ["NaN", "sNaN", "Infinity", "-Infinity", "10000000000000.01", "1e400", "1e999999999"]
)
def test_what_is_not_finite_or_beyond_reason_is_refused(amount: str) -> None:
    with pytest.raises(InvalidInput):
        minor_units(amount, "EUR")


@pytest.mark.parametrize("amount", ["", "abc", "12,50", "1 000", "0x10", None, [], "£5"])
def test_what_is_no_number_is_refused(amount: str) -> None:
    with pytest.raises(InvalidInput, match="is not an amount of money"):
        minor_units(amount, "EUR")


@pytest.mark.parametrize(
    ("minor", "code", "major"),
    [
        (5990, "EUR", "59.90"),
        (5, "EUR", "0.05"),
        (0, "EUR", "0.00"),
        (-5, "EUR", "-0.05"),
        (5990, "JPY", "5990"),
        (59905, "KWD", "59.905"),
        (1, "CLF", "0.0001"),
        (20_000 * LARGEST, "EUR", "200000000000000000.00"),
    ],
)
def test_minor_units_are_written_with_the_currencys_decimals(minor: int, code: str, major: str) -> None:
    assert major_units(minor, code) == major


@given(amount=amounts, code=codes)
def test_money_comes_back_as_it_was(amount: int, code: str) -> None:
    assert minor_units(major_units(amount, code), code) == amount


@given(amount=amounts, code=codes)
def test_what_is_written_has_exactly_the_currencys_decimals(amount: int, code: str) -> None:
    _, _, decimals = major_units(amount, code).partition(".")

    assert len(decimals) == IN_CIRCULATION[code]


@given(amount=st.decimals(allow_nan=True, allow_infinity=True) | st.text(), code=codes)
def test_whatever_comes_is_money_or_invalid(amount: Decimal | str, code: str) -> None:
    try:
        minor = minor_units(amount, code)
    except InvalidInput:
        return
    assert Decimal(minor) == Decimal(amount) * 10 ** IN_CIRCULATION[code]
