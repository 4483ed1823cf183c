"""A request of one tenant that touches on another, and those that many routes have in common."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.support.client import OPERATIONS, Client
from tests.support.estate import Estate
from tests.support.shop import BODIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.support.client import Answer


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request of one tenant that touches on another. ``own`` ones may succeed, on what is the caller's own.

    ``refused`` is a status with which it may be refused beside the usual ones.
    """

    operation: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] | None = None
    body: Any = None
    headers: Mapping[str, str] | None = None
    own: bool = False
    refused: int = 404

    def make(self, client: Client) -> Answer:
        """Make it."""
        headers = {"If-Match": "*", **(self.headers or {})} if OPERATIONS[self.operation].if_match else self.headers
        request = {"body": self.body, "query": self.query, "headers": headers}
        return client(self.operation, **request, **self.path)

    @property
    def words(self) -> str:
        """All that the caller said; an answer may say it back."""
        return json.dumps([self.path, self.query, self.body, self.headers], ensure_ascii=False)


def nothing(_mine: Estate, _theirs: Estate) -> list[Attempt]:
    """Besides the path there is nothing to try."""
    return []


def only_asked(operation: str, **request: Any) -> Callable[[Estate, Estate], list[Attempt]]:
    """The route names no one: it is only asked for, and must answer of the caller."""
    return lambda _mine, _theirs: [Attempt(operation, own=True, **request)]


def with_key(operation: str, *names: str, **changes: Any) -> Callable[[Estate, Estate], list[Attempt]]:
    """The other's key, on one's own: neither the other's answer nor word that the key is taken."""

    def made(mine: Estate, theirs: Estate) -> list[Attempt]:
        known = {**mine.path, "store": mine.expendable["id"]}
        path = {name: known[name] for name in names}
        body = BODIES.get(operation)
        return [
            Attempt(operation, path, body=None if body is None else {**body, **changes}, headers=theirs.key, own=True)
        ]

    return made


def erasure_of(operation: str, *names: str) -> Callable[[Estate, Estate], list[Attempt]]:
    """One's own, with the other's key."""

    def made(mine: Estate, theirs: Estate) -> list[Attempt]:
        known = {"audience": mine.tenant.audience_id, "contact": mine.leaver, "store": mine.left}
        path = {name: known[name] for name in names}
        return [Attempt(operation, path, headers=theirs.key, own=True)]

    return made
