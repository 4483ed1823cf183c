"""Query parameters, checked."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from laurel.model.errors import InvalidInput

if TYPE_CHECKING:
    from laurel.http.app import App

LARGEST_LIMIT = 1000


def enum_parameter[E: StrEnum](app: App, name: str, kind: type[E]) -> E | None:
    """A parameter that takes one of an enum's values, or None if it is absent. Raises ``InvalidInput``."""
    value = app.query(name)
    if value is None:
        return None
    try:
        return kind(value)
    except ValueError:
        raise InvalidInput(f"{name} is one of {', '.join(kind)}; {value!r} is not.") from None


def limit_parameter(app: App, default: int, largest: int = LARGEST_LIMIT) -> int:
    """The ``limit`` parameter: 1 to ``largest``. Raises ``InvalidInput``."""
    return number_parameter(app, "limit", default, 1, largest)


def number_parameter(app: App, name: str, default: int, least: int, most: int) -> int:
    """A parameter that takes a whole number between bounds of four digits at most. Raises ``InvalidInput``."""
    value = app.query(name)
    if value is None:
        return default
    if not (re.fullmatch(r"[0-9]{1,4}", value) and least <= int(value) <= most):
        raise InvalidInput(f"{name} is a whole number from {least} to {most}; {value!r} is not.")
    return int(value)
