"""The operator's command that changes a plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from laurel.model.account import Plan
from laurel.store.workspace import Workspace
from tools import change_plan
from tools.create_account import create_account

if TYPE_CHECKING:
    from tests.support.tables import Database


@pytest.fixture
def workspace(moto_tables: Database, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr(change_plan, "stack_outputs", lambda _: {"WorkspaceTable": moto_tables.tables.workspace})
    monkeypatch.setattr(change_plan, "create_client", lambda: moto_tables.client)
    return Workspace(moto_tables.client, moto_tables.tables.workspace)


def test_an_account_is_given_another_plan(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    account = create_account(workspace, "Shop", Plan.FREE, "en")["account_id"]

    assert change_plan.main(["--account", account, "--plan", "standard"]) == 0

    assert json.loads(capsys.readouterr().out) == {
        "account_id": account,
        "before": "free",
        "plan": "standard",
        "monthly_messages": 50_000,
    }
    found = workspace.account(account)
    assert found
    assert found.plan is Plan.STANDARD


def test_an_account_that_is_not_there_is_an_error(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        change_plan.main(["--account", "nobody", "--plan", "standard"])

    assert stopped.value.code == 2
    assert "there is no account 'nobody'" in capsys.readouterr().err
    assert workspace.account("nobody") is None


@pytest.mark.parametrize(
    "arguments", [["--plan", "standard"], ["--account", "a"], ["--account", "a", "--plan", "gold"]]
)
def test_what_is_missing_or_unknown_is_an_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        change_plan.main(arguments)

    assert "error: " in capsys.readouterr().err
