"""A day of automations through the API: made, tried out on who meets their triggers, included, paused and deleted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from laurel.model.identity import contact_id
from tests.support.shop import BODIES

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALL = "/audiences/{audience}/automations"
_ONE = "/audiences/{audience}/automations/{automation}"
_RUNS = "/audiences/{audience}/contacts/{contact}/automation-runs"


class Merchant(Protocol):
    """Whoever calls the API, and has its jobs worked off."""

    audience: str

    def ask(self, method: str, resource: str, **request: Any) -> dict[str, Any]: ...
    def change(self, method: str, resource: str, **request: Any) -> dict[str, Any]: ...
    def work(self) -> None: ...


def automations_of_a_day(merchant: Merchant, store: str) -> None:
    """Each way to know who meets a trigger, runs for them, and the log of those."""
    within = {"audience": merchant.audience}
    for trigger in _triggers(store):
        draft = BODIES["createAutomation"] | {"trigger": trigger, "conditions": [_bought(store)]}
        tried = _said(merchant.ask("POST", f"{_ALL}/dry-runs", path=within, body={"draft": draft}))
        merchant.work()
        done = _said(merchant.ask("GET", f"{_ALL}/dry-runs/{{job}}", path={**within, "job": tried["id"]}))
        assert done["state"] == "done", done["error"]
    every = {"kind": "score_falls_under", "points": 99_999_999}
    body = BODIES["createAutomation"] | {"trigger": every, "include_existing": True}
    made = _said(merchant.change("POST", _ALL, path=within, body=body))
    path = {**within, "automation": made["id"]}
    merchant.work()
    merchant.change("POST", f"{_ALL}/dry-runs", path=within, body={"automation": made["id"]})
    merchant.work()
    assert _said(merchant.ask("GET", f"{_ONE}/runs", path=path))["runs"]
    person = {**within, "contact": contact_id("kim@example.com")}
    (*_, run) = _said(merchant.ask("GET", _RUNS, path=person))["runs"]
    merchant.ask("GET", f"{_RUNS}/{{run}}", path={**person, "run": run["id"]})
    for enabled in (False, True):
        merchant.ask("PATCH", _ONE, path=path, body={"enabled": enabled}, headers={"If-Match": "*"})
    merchant.ask("GET", _ALL, path=within)
    merchant.ask("GET", _ONE, path=path)
    merchant.ask("DELETE", _ONE, path=path, headers={"If-Match": "*"})


def _triggers(store: str) -> Iterator[dict[str, Any]]:
    board = {"store": store, "rank_by": "total_spent", "time_frame": "all_time", "first": 10}
    yield {"kind": "rank_enters", **board}
    yield {"kind": "rank_leaves", **board, "time_frame": "last_week"}
    yield {"kind": "silent", "of": "purchase", "days": 1}
    yield {"kind": "first_purchase"}
    yield {"kind": "slipping"}


def _bought(store: str) -> dict[str, Any]:
    return {"kind": "metric", "store": store, "rank_by": "orders_count", "time_frame": "all_time", "least": "1"}


def _said(answer: dict[str, Any]) -> Any:
    return json.loads(answer["body"])
