"""How people and programs write amounts and times in a table, and what the present file has chosen of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, tzinfo
from enum import StrEnum

_SIGN = r"[^\d.,+\-'\u2019\s]{1,4}"
"""Of a currency: a sign of its own, or letters."""
_AMOUNT = re.compile(rf"([+-]?)\s*(?:{_SIGN}\s*)?([+-]?)([0-9][0-9.,'\u2019 \u00a0\u202f]*?)\s*(?:{_SIGN})?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:['\u2019 \u00a0\u202f][0-9]{3})+(?:[.,][0-9]*)?|[0-9.,]+")
_GROUPING = str.maketrans("", "", "'\u2019 \u00a0\u202f")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,?\s+(.+))?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:,?\s+(.+))?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp]\.?[Mm]\.?)?")
_OFFSET = re.compile(r"\s+(UTC|GMT|Z|[+-]\d{2}:?\d{2})$")
_NOON = 12
_TRUE, _FALSE = frozenset({"true", "yes", "1", "y"}), frozenset({"false", "no", "0", "n"})


class Decimals(StrEnum):
    """What stands before the decimals of an amount."""

    POINT = "point"
    COMMA = "comma"


class DateOrder(StrEnum):
    """What comes first where a date is written with slashes."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class Unreadable(Exception):
    """A value that cannot be read, or not without being told how; ``str`` is for people.

    It never says the value: what is in a wrong column may be somebody's name, and reasons are kept.
    """


def amount(text: str, decimals: Decimals | None) -> str:
    """An amount as a decimal string. Signs of currencies and marks between thousands are left out.

    ``decimals`` is what the file's other amounts tell, None if nothing does. Raises ``Unreadable``.
    """
    written = _AMOUNT.fullmatch(text.strip())
    if written is None or not _GROUPED.fullmatch(written[3]):
        raise Unreadable("This is not an amount of money.")
    plain = f"{written[1] or written[2]}{written[3].translate(_GROUPING)}"
    if "," not in plain and "." not in plain:
        return plain
    told = _decimals_of(plain) or decimals
    if told is None:
        raise Unreadable("This may be thousands or decimals. Say with decimals whether a point or a comma is used.")
    if decimals is not None and told is not decimals:
        raise Unreadable(f"This is not written like the other amounts, which have a decimal {decimals}.")
    mark, grouping = (".", ",") if told is Decimals.POINT else (",", ".")
    whole, _, fraction = plain.partition(mark)
    groups = whole.split(grouping)
    if mark in fraction or grouping in fraction or (len(groups) > 1 and any(len(group) != 3 for group in groups[1:])):  # noqa: PLR2004, thousands
        raise Unreadable("This is not an amount of money.")
    return f"{''.join(groups)}.{fraction}" if fraction else "".join(groups)


def decimals_of(texts: Iterable[str]) -> Decimals | None:
    """What the amounts of a column tell about how decimals are written; None if none of them tells, or they differ."""
    told = {found for text in texts if (found := _decimals_of(text.strip().translate(_GROUPING)))}
    return told.pop() if len(told) == 1 else None


def _decimals_of(plain: str) -> Decimals | None:
    """What one amount tells. A single mark before exactly three digits tells nothing."""
    point, comma = plain.rfind("."), plain.rfind(",")
    if point >= 0 and comma >= 0:
        return Decimals.POINT if point > comma else Decimals.COMMA
    last = max(point, comma)
    if last < 0:
        return None
    mark = plain[last]
    digits = re.match(r"\d*", plain[last + 1 :])
    if plain.count(mark) > 1:
        return Decimals.COMMA if mark == "." else Decimals.POINT
    if digits and len(digits.group()) == 3:  # noqa: PLR2004, thousands
        return None
    return Decimals.POINT if mark == "." else Decimals.COMMA


def date_order_of(texts: Iterable[str]) -> DateOrder | None:
    """What the dates of a column tell about their order; None if none of them tells, or they differ."""
    told = set[DateOrder]()
    for text in texts:
        if found := _SLASHED.fullmatch(text.strip()):
            first, second = int(found[1]), int(found[2])
            if first > _NOON:
                told.add(DateOrder.DAY_FIRST)
            elif second > _NOON:
                told.add(DateOrder.MONTH_FIRST)
    return told.pop() if len(told) == 1 else None


def instant(text: str, zone: tzinfo, order: DateOrder | None) -> str:
    """A date and time as ISO 8601 with an offset; ``zone`` is that of times without one. Raises ``Unreadable``."""
    written = " ".join(text.split())
    offset = _OFFSET.search(written)
    body = written[: offset.start()] if offset else written
    for pattern, day_first in ((_DAY_FIRST, True), (_SLASHED, order is DateOrder.DAY_FIRST)):
        if found := pattern.fullmatch(body):
            if pattern is _SLASHED and order is None:
                raise Unreadable("This may begin with the day or the month. Say with date_order which.")
            day, month = (found[1], found[2]) if day_first else (found[2], found[1])
            body = f"{found[3]}-{int(month):02}-{int(day):02}" + (f"T{_clock(found[4])}" if found[4] else "")
            break
    try:
        moment = datetime.fromisoformat(body)
    except ValueError:
        raise Unreadable("This is not a date and time, such as 2026-11-22T10:30:00+01:00.") from None
    if offset:
        if moment.tzinfo:
            raise Unreadable("This has two offsets.")
        moment = datetime.fromisoformat(moment.isoformat() + _iso_offset(offset[1]))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.isoformat()


def _iso_offset(written: str) -> str:
    return "+00:00" if written.isalpha() else f"{written[:3]}:{written[-2:]}"


def _clock(text: str) -> str:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise Unreadable("This has no time that can be read.")
    hour = int(found[1])
    if found[4]:
        if not 1 <= hour <= _NOON:
            raise Unreadable("This has no time that can be read.")
        hour = hour % _NOON + (_NOON if found[4][0] in "Pp" else 0)
    return f"{hour:02}:{found[2]}:{found[3] or '00'}"


def flag(text: str) -> bool:
    """A yes or no. Raises ``Unreadable``."""
    plain = text.strip().lower()
    if plain not in _TRUE | _FALSE:
        raise Unreadable("This is neither true nor false.")
    return plain in _TRUE
