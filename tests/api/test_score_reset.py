"""Scores of an audience, or of one contact, begin anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from tests.support.client import OPERATIONS
from tests.support.shop import ADA, BEN, activity, contact_id

if TYPE_CHECKING:
    from tests.support.client import Answer, Tenant
    from tests.support.gateway import Gateway


class Audience:
    """An audience in which a visit of a page is worth 5 points, once."""

    def __init__(self, api: Gateway, tenant: Tenant) -> None:
        self.api, self.tenant, self.id = api, tenant, tenant.audience_id
        rule = {"name": "First visit", "activity": "page.visited", "effect": "add", "points": 5}
        cap = {"frequency_cap": {"times": 1, "window": "ever"}}
        tenant.owner.ok("createScoringRule", audience=self.id, body=rule | cap)

    def visit(self, id_: str, email: str = ADA) -> None:
        self.tenant.owner.ok("recordActivity", audience=self.id, body=activity(id_, email))
        self.api.settle()

    def explained(self, email: str = ADA) -> Any:
        return self.tenant.owner.ok("getScore", audience=self.id, contact=contact_id(email))

    def score(self, email: str = ADA) -> Any:
        profile = self.tenant.owner.ok("getContact", audience=self.id, contact=contact_id(email))
        explained = self.explained(email)
        assert profile["score"] == explained["score"]
        return explained["score"]

    def found(self, **query: Any) -> list[str]:
        rows = self.tenant.owner.ok("findContactsByScore", audience=self.id, query=query or None)["rows"]
        return [row["email"] for row in rows]

    def reset(self, role: Role = Role.OWNER, **body: Any) -> Answer:
        return self.tenant.as_(role)("resetScores", audience=self.id, body=body)


@pytest.fixture
def audience(api: Gateway, tenant: Tenant) -> Audience:
    made = Audience(api, tenant)
    made.visit("v1", ADA)
    made.visit("v2", BEN)
    assert [made.score(ADA), made.score(BEN)] == [5, 5]
    return made


def test_a_reset_takes_effect_for_the_next_read_and_the_next_search(audience: Audience) -> None:
    answer = audience.reset()

    assert (answer.status, answer.json["contact"]) == (200, None)
    assert [audience.score(ADA), audience.score(BEN)] == [None, None]
    assert audience.found() == []
    assert audience.found(none="true") == [ADA, BEN]
    count = audience.tenant.owner.ok("countContactsByScore", audience=audience.id)
    assert count == {"count": 0, "more": False, "rebuilding": False}


def test_a_reset_of_an_audience_is_one_write(audience: Audience, monkeypatch: pytest.MonkeyPatch) -> None:
    client, writes = audience.api.module(OPERATIONS["resetScores"])._workspace._client, list[str]()
    monkeypatch.setattr(client, "after", writes.append)

    assert audience.reset().status == 200

    assert writes == ["update_item"]


def test_after_a_reset_points_and_caps_begin_anew_and_history_stays(audience: Audience) -> None:
    audience.reset()
    audience.visit("v3")

    explained = audience.explained()

    assert explained["score"] == 5
    assert {entry["seq"]: entry["counts"] for entry in explained["entries"]} == {1: False, 2: True}
    assert [share["points"] for share in explained["points_by_rule"]] == [5]
    assert audience.found() == [ADA]
    verified = audience.tenant.owner.ok("verifyScore", audience=audience.id, contact=contact_id(ADA))
    assert (verified["sound"], verified["entries"]) == (True, 1)


def test_only_an_owner_resets_an_audience(audience: Audience) -> None:
    answer = audience.reset(Role.MARKETER)

    assert (answer.status, answer.problem) == (403, "forbidden")
    assert audience.score() == 5


def test_one_contacts_score_is_removed_and_caps_begin_anew(audience: Audience) -> None:
    answer = audience.reset(Role.MARKETER, contact=contact_id(ADA))

    assert (answer.status, answer.json["contact"]) == (200, contact_id(ADA))
    assert [audience.score(ADA), audience.score(BEN)] == [None, 5]
    assert audience.found() == [BEN]
    entry = max(audience.explained()["entries"], key=lambda entry: entry["seq"])
    assert (entry["effect"], entry["reason"], entry["given"], entry["after"]) == ("remove", "reset", -5, None)
    audience.visit("v3")
    assert audience.score() == 5
    assert audience.tenant.owner.ok("verifyScore", audience=audience.id, contact=contact_id(ADA))["sound"]


def test_who_is_not_there_cannot_be_reset(audience: Audience) -> None:
    nobody = contact_id("nobody@example.com")

    assert audience.reset(contact=nobody).problem == "not-found"
    assert audience.tenant.owner("resetScores", audience="nosuchaudien", body={}).problem == "not-found"


@pytest.mark.parametrize("body", [{"contact": ""}, {"contact": 5}, {"contacts": []}])
def test_a_reset_that_makes_no_sense_resets_nothing(audience: Audience, body: Any) -> None:
    assert audience.reset(**body).status == 422
    assert audience.score() == 5


def test_a_reset_needs_a_body_so_that_none_happens_by_accident(audience: Audience) -> None:
    answer = audience.tenant.owner("resetScores", audience=audience.id)

    assert answer.problem == "malformed-body"
    assert audience.score() == 5
