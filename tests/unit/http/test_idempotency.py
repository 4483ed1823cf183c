"""A key stands for one request and its first answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from laurel.http.app import App
from laurel.model.errors import Conflict
from laurel.settings import settings
from tests.support.api import Context, api_event, claims
from tests.support.stage import MemoryStage


class Till:
    """Counts how often it really acts; fails as long as it is told to."""

    def __init__(self) -> None:
        self.stage = MemoryStage()
        self.acted = 0
        self.broken = False
        self.app = App(lambda: self.stage.client)

        @self.app.post("/audiences")
        def create() -> dict[str, Any]:
            self.acted += 1
            if self.broken:
                raise Conflict("not now")
            return {"number": self.acted}

    def call(self, key: str | None, body: Any = None, account: str = "account1") -> tuple[int, Any]:
        headers = {"Idempotency-Key": key} if key is not None else {}
        event = api_event("POST", "/audiences", caller=claims(account), body=body or {"name": "x"}, headers=headers)
        answer = self.app.resolve(event, Context())
        return answer["statusCode"], json.loads(answer["body"])


@pytest.fixture
def till(monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    till = Till()
    monkeypatch.setenv("WORKSPACE_TABLE", till.stage.tables.workspace)
    settings.cache_clear()
    yield till
    settings.cache_clear()


def test_the_same_key_gets_the_same_answer(till: Till) -> None:
    assert [till.call("k1"), till.call("k1"), till.call("k1")] == [(201, {"number": 1})] * 3
    assert till.acted == 1


def test_without_a_key_every_request_counts(till: Till) -> None:
    assert [till.call(None), till.call(None)] == [(201, {"number": 1}), (201, {"number": 2})]


def test_another_body_under_the_same_key_is_refused(till: Till) -> None:
    till.call("k1")

    status, problem = till.call("k1", {"name": "y"})

    assert (status, problem["type"]) == (422, "urn:laurel:problem:idempotency-key-reused")
    assert till.acted == 1


def test_a_key_belongs_to_one_account(till: Till) -> None:
    till.call("k1")

    assert till.call("k1", account="account2") == (201, {"number": 2})
    items = till.stage.items(till.stage.tables.workspace, "account2")
    assert [item["sk"]["S"].split("#")[0] for item in items] == ["idempotency"]


def test_a_problem_is_not_kept(till: Till) -> None:
    # Given a request that fails
    till.broken = True
    assert till.call("k1")[0] == 409

    # When it is sent again after the fault is mended
    till.broken = False

    # Then it is done
    assert till.call("k1") == (201, {"number": 2})


@pytest.mark.parametrize(("key", "status"), [("", 422), ("k", 201), ("k" * 255, 201), ("k" * 256, 422)])
def test_a_key_has_one_to_255_characters(till: Till, key: str, status: int) -> None:
    assert till.call(key)[0] == status


def test_a_repetition_while_the_first_is_under_way_waits(till: Till) -> None:
    # Given a request that is sent again while it is worked on
    answers: list[tuple[int, Any]] = []

    @till.app.post("/audiences")
    def create() -> dict[str, Any]:
        request, context = till.app.request, till.app.context
        answers.append(till.call("k1"))
        till.app.request, till.app.context = request, context
        return {"number": 1}

    # When both are answered
    first = till.call("k1")

    # Then the second is told to wait
    ((status, problem),) = answers
    assert (status, problem["type"]) == (409, "urn:laurel:problem:repeat-in-progress")
    assert first == (201, {"number": 1})
