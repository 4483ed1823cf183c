"""Two tenants, and every way one could reach for what is the other's: by ids, forged ids, cursors, keys and secrets.

Both have customers and order ids in common, so that a guess that hits something must hit one's own.
"""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from laurel.http.routes import ROUTES, Route
from tests.support.attempts import account, mail, marketing, people, shops
from tests.support.attempts.attempt import Attempt
from tests.support.client import OPERATIONS
from tests.support.estate import Estate
from tests.support.shop import BODIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REFUSALS = frozenset({400, 401, 403, 404, 422})
_SPECIAL = shops.ATTEMPTS | people.ATTEMPTS | marketing.ATTEMPTS | mail.ATTEMPTS | account.ATTEMPTS
"""Of every route, what can be tried besides its path; a new route needs an entry."""


def attempts(route: Route, mine: Estate, theirs: Estate) -> list[Attempt]:
    """Everything ``mine`` may try with a route. Raises ``KeyError`` for a route that nobody has thought about."""
    return [*_by_path(route, mine, theirs), *_SPECIAL[route.operation](mine, theirs)]


def _by_path(route: Route, mine: Estate, theirs: Estate) -> Iterator[Attempt]:
    """The other's ids and forged ones, wherever the path takes an id, beside one's own."""
    names = [name for name in mine.path if f"{{{name}}}" in route.path and name != "platform"]
    platform = {"platform": "generic"} if "{platform}" in route.path else {}
    choices = [[mine.path[name], theirs.path[name], *_forged(name, theirs)] for name in names]
    for values in product(*choices):
        path = dict(zip(names, values, strict=True))
        foreign = [name for name in names if path[name] != mine.path[name]]
        plain = all(path[name] == theirs.path[name] for name in foreign)
        if foreign and (plain or len(foreign) == 1):
            yield Attempt(route.operation, path | platform, body=BODIES.get(route.operation))


def _forged(name: str, theirs: Estate) -> list[str]:
    """Ids that would reach into the other's partition if keys were pasted together."""
    account_id, id_ = theirs.tenant.account_id, theirs.path[name]
    return [
        f"{account_id}#{id_}",
        f"{account_id}%23{id_}",
        f"#{account_id}#{id_}",
        f"{name}#{id_}",
        f"{id_}#",
        quote(quote(f"{account_id}#{id_}", safe=""), safe=""),
        f"..%2F{account_id}%2F{id_}",
        f"{id_}\x00",
        f" {id_}",
        id_.upper(),
    ]


def check(route: Route, mine: Estate, theirs: Estate, items_of: Callable[[str], Any]) -> int:
    """Make every attempt of a route; fail if anything of ``theirs`` was read or written. Returns how many were made.

    ``items_of(account_id)`` gives all items of an account, of all tables.
    """
    before = items_of(theirs.tenant.account_id)
    assert before
    tried = attempts(route, mine, theirs)
    for attempt in tried:
        answer = attempt.make(mine.tenant.owner)
        said = json.dumps([answer.text, dict(answer.headers)], ensure_ascii=False)
        shown = {mark for mark in theirs.marks if mark in said and mark not in attempt.words}
        assert not shown, (attempt, answer)
        refusals = REFUSALS | {attempt.refused}
        assert answer.status < 300 if attempt.own else answer.status in refusals, (attempt, answer)
    assert items_of(theirs.tenant.account_id) == before
    kept = json.dumps(items_of(mine.tenant.account_id), ensure_ascii=False)
    assert not {word for word in theirs.secrets if word in kept}
    return len(tried)


def routes() -> list[Route]:
    """All of them."""
    assert set(OPERATIONS) == {route.operation for route in ROUTES.values()}
    return list(ROUTES.values())
