"""Automations at work: what shops and people do sets them off, and they do what they are there for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.shop import BEN, activity, contact_id, order

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

REACHES = {"kind": "score_reaches", "points": 100}
FALLS = {"kind": "score_falls_under", "points": 60}
TAGS = {"kind": "add_tag", "tag": "regular"}


class Desk:
    """A tenant whose automations are set up, and what happens there."""

    def __init__(self, api: Gateway, tenant: Tenant) -> None:
        self.api, self.tenant, self.owner = api, tenant, tenant.owner
        self.audience = {"audience": tenant.audience_id}
        self.ben = {**self.audience, "contact": contact_id(BEN)}
        self.owner.ok("recordActivity", **self.audience, body=activity("hello", BEN))
        self.settle()

    def automate(self, trigger: dict[str, Any], *steps: dict[str, Any], **more: Any) -> str:
        body = {"name": "It", "trigger": trigger, "steps": [*steps] or [TAGS], "enabled": True, **more}
        id_: str = self.owner.ok("createAutomation", **self.audience, body=body)["id"]
        return id_

    def score(self, points: int) -> None:
        self.owner.ok("changeScore", **self.ben, body={"effect": "set", "points": points, "reason": "test"})
        self.settle()

    def settle(self) -> None:
        """Have everything happen that follows, until nothing more does."""
        for _ in range(6):
            self.api.settle()
            self.api.react()
            self.api.work_on_runs()

    def runs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.owner.ok("listContactRuns", **self.ben)["runs"]
        return found

    def tags(self) -> list[str]:
        found: list[str] = self.owner.ok("getContact", **self.ben)["tags"]
        return found


@pytest.fixture
def desk(api: Gateway) -> Desk:
    return Desk(api, api.tenant())


def test_a_score_that_reaches_so_many_points_tags_the_contact(desk: Desk) -> None:
    desk.automate(REACHES)
    desk.score(99)
    assert desk.runs() == []
    desk.score(100)

    (run,) = desk.runs()
    assert (run["state"], run["cause"]["before"], run["cause"]["after"]) == ("done", 99, 100)
    assert desk.tags() == ["regular"]


def test_two_that_feed_each_other_are_stopped_and_reported(desk: Desk) -> None:
    # Given one that takes points from who reaches a hundred, and one that gives points to who falls under sixty
    every = {"repeat": "every_time"}
    taking = desk.automate(REACHES, {"kind": "change_score", "effect": "subtract", "points": 50}, **every)
    giving = desk.automate(FALLS, {"kind": "change_score", "effect": "add", "points": 70}, **every)

    # When one is set off
    desk.score(100)

    # Then each has run once, the next run was stopped before it began, and the list tells of it
    states = {(it["automation_id"], it["state"], it["reason"]) for it in desk.runs()}
    assert states == {(taking, "done", None), (giving, "done", None), (taking, "stopped", "loop")}
    listed = {it["id"]: it for it in desk.owner.ok("listAutomations", **desk.audience)["automations"]}
    assert listed[taking]["guard"]["chain"] == [taking, giving, taking]
    assert listed[giving]["guard"] is None


def test_a_first_purchase_is_told_of_once(desk: Desk) -> None:
    store = desk.tenant.connect("generic")
    desk.automate({"kind": "first_purchase"})
    for id_ in ("1", "2"):
        desk.owner.ok("recordOrders", store=store["id"], body=order(id_, BEN))
        desk.settle()

    (run,) = desk.runs()
    assert run["cause"]["kind"] == "purchase"
