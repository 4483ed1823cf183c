"""``fields`` and ``exclude_fields``: the part of an answer that a client of Mailchimp's API asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

type Path = tuple[str, ...]


def selected(answer: Any, query: Mapping[str, str]) -> Any:
    """What is asked for of an answer. Paths have dots and pass through lists: ``orders.customer.id``."""
    wanted, unwanted = _paths(query.get("fields")), _paths(query.get("exclude_fields"))
    return _part(answer, (), wanted, unwanted)


def wants(query: Mapping[str, str], name: str) -> bool:
    """True if a member at the top of the answer is asked for."""
    return name in selected({name: 0}, query)


def _paths(given: str | None) -> tuple[Path, ...]:
    return tuple(tuple(name.split(".")) for part in (given or "").split(",") if (name := part.strip()))


def _part(value: Any, at: Path, wanted: tuple[Path, ...], unwanted: tuple[Path, ...]) -> Any:
    if isinstance(value, list):
        return [_part(element, at, wanted, unwanted) for element in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _part(member, path, wanted, unwanted)
        for name, member in value.items()
        if (path := (*at, name)) not in unwanted and (not wanted or any(_meet(path, other) for other in wanted))
    }


def _meet(path: Path, other: Path) -> bool:
    """True if one leads to the other."""
    return path[: len(other)] == other or other[: len(path)] == path
