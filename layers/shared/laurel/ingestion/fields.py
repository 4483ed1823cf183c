"""Readers for JSON written by others: a value of the right type and range, or ``InvalidInput`` at the faulty member."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

from laurel.model import money
from laurel.model.errors import InvalidInput

_EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_LONGEST_ID = 100
_LONGEST_TEXT = 100
_LONGEST_EMAIL = 254
_LONGEST_NUMBER = 40
_LONGEST_PRINTED_NUMBER = 100
_LARGEST_INTEGER = 10**40
_IDENTIFIER = re.compile(rf"[^/\x00-\x1f]{{1,{_LONGEST_ID}}}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class Fields:
    """One JSON object, together with the JSON pointer at which it stands.

    A member that is missing counts as null. Every reader raises ``InvalidInput`` for a value of the wrong type.
    """

    __slots__ = ("_members", "pointer")

    def __init__(self, members: object, pointer: str = "") -> None:
        if not isinstance(members, Mapping):
            raise InvalidInput.at(pointer, "This must be a JSON object.")
        self._members: Mapping[str, Any] = members
        self.pointer = pointer

    def fault(self, name: str, detail: str) -> InvalidInput:
        """An error at one member."""
        return InvalidInput.at(f"{self.pointer}/{name.replace('~', '~0').replace('/', '~1')}", detail)

    def forbid_unknown(self, known: frozenset[str]) -> None:
        """Raise for a member that is not among ``known``, where the format is ours."""
        unknown = next((name for name in self._members if name not in known), None)
        if unknown is not None:
            detail = f"There is no such member here. Known are: {', '.join(sorted(known))}."
            raise self.fault(unknown.encode(errors="replace").decode(), detail)

    def has(self, name: str) -> bool:
        """True if the member is there and not null."""
        return self._members.get(name) is not None

    def is_blank(self, name: str) -> bool:
        """True if the member is missing, null, or a string of nothing but spaces."""
        value = self._members.get(name)
        return value is None or (isinstance(value, str) and not value.strip())

    def names(self, name: str) -> bool:
        """True if the member is there, even if it is null."""
        return name in self._members

    def optional_identifier(self, name: str) -> str | None:
        """An id as a string, whether the sender writes it as a string or as a whole number."""
        value = self._written(name)
        if not value:
            return None
        if not _IDENTIFIER.fullmatch(value):
            detail = f"{name} must have at most {_LONGEST_ID} characters, no slash and no control character."
            raise self.fault(name, detail)
        return self._unicode(name, value)

    def identifier(self, name: str) -> str:
        """As ``optional_identifier``, and required."""
        return self._required(name, self.optional_identifier(name))

    def label(self, name: str) -> str | None:
        """As ``text``, and a whole number is a text, too."""
        return Fields({name: self._written(name)}, self.pointer).text(name)

    def text(self, name: str) -> str | None:
        """A line of text with its spaces tidied, cut after 100 characters; None if there is none."""
        value = self._members.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.fault(name, f"{name} must be a string.")
        return self._unicode(name, " ".join(value.split())[:_LONGEST_TEXT].rstrip()) or None

    def words(self, name: str) -> tuple[str, ...]:
        """A list written as one string with commas, or as a list; no entry twice."""
        value = self._members.get(name)
        entries = self._entries(name, value.split(",") if isinstance(value, str) else value)
        words = [Fields(entries, f"{self.pointer}/{name}").text(index) for index in entries]
        return tuple(dict.fromkeys(word for word in words if word))

    def email(self, name: str) -> str | None:
        """An address, trimmed and in lower case; None for what can be none, such as ``n/a``."""
        value = self._members.get(name)
        if value is not None and not isinstance(value, str):
            raise self.fault(name, f"{name} must be a string.")
        address = self._unicode(name, (value or "").strip().lower())
        return address if len(address) <= _LONGEST_EMAIL and _EMAIL.fullmatch(address) else None

    def flag(self, name: str) -> bool:
        """A boolean; False if missing."""
        value = self._members.get(name)
        if value is not None and not isinstance(value, bool):
            raise self.fault(name, f"{name} must be true or false.")
        return bool(value)

    def optional_instant(self, name: str, zone: tzinfo | None = None) -> datetime | None:
        """An ISO 8601 date and time, in UTC; ``zone`` is that of times without an offset, else they are refused."""
        text = self.text(name)
        if text is None:
            return None
        try:
            instant = datetime.fromisoformat(text)
            instant = instant.replace(tzinfo=instant.tzinfo or zone)
            instant = instant.astimezone(UTC) if instant.tzinfo else _LATEST
        except (ValueError, OverflowError):
            instant = _LATEST
        if not _EARLIEST <= instant < _LATEST:
            raise self.fault(name, f"{name} must be a date and time with an offset, such as 2026-11-22T10:30:00+01:00.")
        return instant

    def instant(self, name: str, zone: tzinfo | None = None) -> datetime:
        """As ``optional_instant``, and required."""
        return self._required(name, self.optional_instant(name, zone))

    def optional_currency(self, name: str) -> str | None:
        """An ISO 4217 code in upper case."""
        text = self.text(name)
        try:
            return money.currency(text) if text else None
        except InvalidInput as error:
            raise self.fault(name, str(error)) from None

    def currency(self, name: str) -> str:
        """As ``optional_currency``, and required."""
        return self._required(name, self.optional_currency(name))

    def optional_money(self, name: str, currency: str) -> int | None:
        """Minor units of a decimal in major units, sign kept; a JSON number is taken as it is written."""
        value = self._members.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal) or not _is_short(value):
            raise self.fault(name, f"{name} must be an amount of money, such as 59.90.")
        try:
            return money.minor_units(Decimal(repr(value)) if isinstance(value, float) else value, currency)
        except InvalidInput as error:
            raise self.fault(name, str(error)) from None

    def money(self, name: str, currency: str) -> int:
        """As ``optional_money``, required, and not negative."""
        amount = self._required(name, self.optional_money(name, currency))
        if amount < 0:
            raise self.fault(name, f"{name} must not be negative.")
        return amount

    def optional_decimal(self, name: str) -> Decimal | None:
        """A number, or a string that is one, of as many digits as programs print."""
        value = self._members.get(name)
        if value is None or value == "":
            return None
        try:
            if isinstance(value, str | int | float | Decimal) and _is_short(value, _LONGEST_PRINTED_NUMBER):
                number = Decimal(str(value))
                if number.is_finite() and not isinstance(value, bool):
                    return number
        except ArithmeticError:
            pass
        raise self.fault(name, f"{name} must be a number.")

    def child(self, name: str) -> Fields:
        """The object at ``name``; an empty one if missing (PHP writes an empty object as an empty list)."""
        value = self._members.get(name)
        return Fields({} if value is None or value == [] else value, f"{self.pointer}/{name}")

    def children(self, name: str) -> list[Fields]:
        """The objects of the list at ``name``; none if missing."""
        entries = self._entries(name, self._members.get(name))
        return [Fields(entry, f"{self.pointer}/{name}/{index}") for index, entry in entries.items()]

    def identifiers(self, name: str) -> tuple[str, ...]:
        """The ids of the list at ``name``; none if missing."""
        entries = self._entries(name, self._members.get(name))
        listed = Fields(entries, f"{self.pointer}/{name}")
        return tuple(listed.identifier(index) for index in entries)

    def _entries(self, name: str, value: object) -> dict[str, object]:
        """The entries of a list by their index, which is also their step of a JSON pointer."""
        if value is None:
            return {}
        if not isinstance(value, list | tuple):
            raise self.fault(name, f"{name} must be a list.")
        return {str(index): entry for index, entry in enumerate(value)}

    def _written(self, name: str) -> str | None:
        """A string without outer spaces, or a whole number as one; None if missing."""
        value = self._members.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST_INTEGER:
            return str(value)
        if value is not None and not isinstance(value, str):
            raise self.fault(name, f"{name} must be a string or a whole number.")
        return value.strip() if value else None

    def _required[T](self, name: str, value: T | None) -> T:
        if value is None:
            raise self.fault(name, f"{name} is required.")
        return value

    def _unicode(self, name: str, text: str) -> str:
        """Refuse half a surrogate pair, which JSON can spell and UTF-8 cannot."""
        try:
            text.encode()
        except UnicodeEncodeError:
            raise self.fault(name, f"{name} is not valid Unicode.") from None
        return text


def _is_short(value: str | float | Decimal, longest: int = _LONGEST_NUMBER) -> bool:
    """False for what is longer than any amount, before it is computed with or repeated in a message."""
    if isinstance(value, int):
        return abs(value) < _LARGEST_INTEGER
    return len(str(value)) <= longest
