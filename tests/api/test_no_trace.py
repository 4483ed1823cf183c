"""One person leaves a trace wherever anybody can, and is forgotten: nothing that is kept, or was logged, names them.

All functions in this process: webhooks of three platforms, Mailchimp's API, files, activities, scores, jobs,
messages and what becomes of them. Searched are every attribute of every item of all four tables, every file in the
bucket, what waits in queues, and all that was printed; in any case, encoding and nesting (``tests.support.search``).
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.life import FIRST, LAST, SEARCH, Life
from tests.support.shop import BEN

if TYPE_CHECKING:
    from tests.support.gateway import Gateway


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("laurel.privacy.work.SETTLING", timedelta(0))


def assert_times_are_told(records: list[dict[str, Any]]) -> None:
    assert "1970-" not in json.dumps(records)
    assert [it["data"]["snoozed_until"][10:11] for it in records if it["kind"] == "alert"] == ["T"]


def test_nobody_who_was_forgotten_is_named_anywhere(
    api: Gateway, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given somebody of whom something is known wherever that can be
    life = Life(api, address)
    assert set(life.webhooks()) == {"accepted", "rejected"}
    life.mailchimp()
    life.orders_and_activities()
    api.settle()
    life.scores()
    life.files()
    life.messages()
    life.automations()
    life.rewards()
    life.alerts()
    api.settle()
    api.refresh()
    export = life.owner.ok("exportPerson", **life.path)
    assert SEARCH.found_in(export)
    assert_times_are_told(export["records"])
    kept = life.traces()
    kinds = {json.loads(trace.rpartition(": ")[0])[1]["S"].split("#")[0] for trace in kept if trace.startswith("[")}
    assert kinds >= {"order", "activity", "profile", "message", "content", "unreadable", "score", "suppressed"}
    assert kinds >= {"idempotency", "job", "shop-customer"}
    assert life.runs() == ["held", "reward", "run", "run", "run"]
    assert "alert" in {record["kind"] for record in export["records"]}

    # When they are forgotten, and one order that nobody could know to be theirs
    done = life.forget()
    nobody = life.path | {"contact": "unidentified-g3"}
    assert life.owner.ok("exportPerson", **nobody)["records"][0]["data"]["name"] == f"{FIRST} {LAST}"
    life.owner.ok("erasePerson", **nobody)
    api.work_on_erasures()
    api.refresh()

    # Then nothing says who it was, and no log ever did
    assert (done["state"], life.traces(), life.runs()) == ("done", [], [])
    assert life.owner.ok("listAlerts", **life.audience, query={"state": "snoozed"})["total"] == 0
    said = capsys.readouterr()
    assert SEARCH.found_in(said.out + said.err) == []

    # And whatever comes again or late brings nobody back
    boards = life.boards()
    assert all(set(board) <= {BEN} for board in boards.values())
    refused = {"ignored", "unchanged", "rejected"}
    assert {outcome for _, outcome in life.again()} <= refused
    assert {it for it in life.again(later=3600) if it[1] not in refused} == {("g4", "accepted")}, "it is Ben's"
    life.mailchimp_again()
    life.files()
    told = life.reconciled()["shop"]
    figures = ("state", "checked", "unreadable", "missing", "outdated")
    assert [told[it] for it in figures] == ["done", 3, 1, 0, 0]
    for kind in ("open", "click", "bounce-permanent", "complaint"):
        life.hear(kind)
    api.tell_again()
    assert life.reward("second") == "no_contact"
    assert life.traces() == []
    assert life.boards() == boards
    assert [life.owner(it, **life.path).status for it in ("getContact", "getTimeline")] == [404, 404]
    said = capsys.readouterr()
    assert SEARCH.found_in(said.out + said.err) == []
