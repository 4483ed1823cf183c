"""What clients send to declare rates: JSON or CSV, imported where a body is read and by the OpenAPI generator."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field

from laurel.http.exchange import Request
from laurel.http.schemas import Body, Currency, read
from laurel.http.tables import csv_lines, is_csv
from laurel.model.errors import FieldError, InvalidInput, MalformedBody
from laurel.model.money import currency
from laurel.model.rates import MOST_RATES, Rates, month, rate

_COLUMNS = ("currency", "month", "rate")
_FAULTS_TOLD = 100


class RateIn(Body):
    """What one major unit of a currency is worth in the store's, for orders placed in a month."""

    currency: Currency
    month: Annotated[str, Field(examples=["2026-11"], description="In the store's time zone.", max_length=7)]
    rate: Annotated[
        str,
        Field(
            examples=["0.9215"],
            description="A decimal above 0: nine digits before the point and twelve after it at most.",
            max_length=30,
        ),
    ]


class RatesIn(Body):
    """The whole table, which replaces the one before; with an empty list there is none any more."""

    rates: Annotated[list[RateIn], Field(max_length=MOST_RATES)]


def asked_rates(request: Request, store_currency: str) -> Rates:
    """The table of a request's body. Raises ``MalformedBody``, or ``InvalidInput`` with pointers to its faults."""
    asked = read(RatesIn, {"rates": _rows(request)} if is_csv(request) else request.json())
    table: dict[tuple[str, str], str] = {}
    faults: list[FieldError] = []
    for number, row in enumerate(asked.rates):
        pointer = f"/rates/{number}"
        code = _checked(faults, f"{pointer}/currency", currency, row.currency)
        of_month = _checked(faults, f"{pointer}/month", month, row.month)
        value = _checked(faults, f"{pointer}/rate", rate, row.rate)
        if code == store_currency:
            faults.append(FieldError(f"{pointer}/currency", f"{code} is the store's own currency."))
        elif code and of_month and value:
            if (code, of_month) in table:
                faults.append(FieldError(pointer, f"{code} has a rate for {of_month} already."))
            table[code, of_month] = value
    if faults:
        raise InvalidInput("The table breaks a rule.", tuple(faults[:_FAULTS_TOLD]))
    return Rates(table)


def _checked(faults: list[FieldError], pointer: str, check: Callable[[str], str], value: str) -> str | None:
    try:
        return check(value.strip())
    except InvalidInput as error:
        faults.append(FieldError(pointer, str(error)))
        return None


def _rows(request: Request) -> list[dict[str, Any]]:
    """Rows of a CSV with the columns currency, month and rate, in any order."""
    lines = csv_lines(request)
    heading = [name.strip().lower() for name in lines[0]] if lines else []
    if sorted(heading) != sorted(_COLUMNS):
        raise MalformedBody(f"The first line must name the columns {', '.join(_COLUMNS)}.")
    for number, line in enumerate(lines[1:]):
        if len(line) != len(heading):
            raise InvalidInput.at(f"/rates/{number}", f"The row has {len(line)} columns, not {len(heading)}.")
    return [dict(zip(heading, map(str.strip, line), strict=True)) for line in lines[1:]]
