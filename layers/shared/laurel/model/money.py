"""Money as a whole number of minor units; exponents are ISO 4217's."""

from __future__ import annotations

from decimal import Decimal

from laurel.model.errors import InvalidInput

_LARGEST = 10**15

# ISO 4217 list one (currencies in circulation), exponents other than 2.
_EXPONENTS = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_TWO_DECIMALS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF "
    "CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG "
    "HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR "
    "MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD "
    "SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG "
    "YER ZAR ZMW ZWG"
)
_CURRENCIES = frozenset((*_EXPONENTS, *_TWO_DECIMALS.split()))


def currency(code: str) -> str:
    """Return the upper-cased ISO 4217 code, or raise ``InvalidInput`` if no such currency is in circulation."""
    upper = code.strip().upper()
    if upper not in _CURRENCIES:
        raise InvalidInput(f"{code!r} is not an ISO 4217 currency code.")
    return upper


def exponent(code: str) -> int:
    """Decimals of a currency: 0 for JPY, 2 for USD, 3 for KWD."""
    return _EXPONENTS.get(code, 2)


def minor_units(amount: str | int | Decimal, code: str) -> int:
    """Whole minor units of a decimal amount in major units, sign kept.

    Raises ``InvalidInput`` for what is no number, has more decimals than the currency, or is beyond 10^15 minor units.
    """
    try:
        written = Decimal(amount)
        scaled = written.scaleb(exponent(code))
    except (ArithmeticError, ValueError, TypeError):
        raise InvalidInput(f"{amount!r} is not an amount of money.") from None
    if not scaled.is_finite() or abs(scaled) > _LARGEST:
        raise InvalidInput(f"{amount!r} is out of range.")
    whole = int(scaled)
    if Decimal(whole).scaleb(-exponent(code)) != written:  # scaling up rounds to 28 digits
        raise InvalidInput(f"{amount!r} has more decimals than {code} has ({exponent(code)}).")
    return whole


def major_units(amount: int, code: str) -> str:
    """Decimal string in major units with the currency's decimals: ``(5990, "USD")`` is ``"59.90"``."""
    return f"{Decimal(amount).scaleb(-exponent(code)):f}"
