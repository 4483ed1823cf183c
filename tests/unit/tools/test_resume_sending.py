"""The operator's command that lifts a stop."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from laurel.model.account import Plan
from laurel.model.deliverability import Counts
from laurel.store.deliverability import Tallies, counted
from laurel.store.workspace import Workspace
from tools import resume_sending
from tools.create_account import create_account

if TYPE_CHECKING:
    from tests.support.tables import Database


@pytest.fixture
def database(moto_tables: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(resume_sending, "stack_outputs", lambda _: {"WorkspaceTable": moto_tables.tables.workspace})
    monkeypatch.setattr(resume_sending, "create_client", lambda: moto_tables.client)
    return moto_tables


def test_an_account_may_send_again(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    client, table = database.client, database.tables.workspace
    account = create_account(Workspace(client, table), "Shop", Plan.STANDARD, "en")["account_id"]
    now = datetime.now(UTC)
    bounced = counted(table, account, now.date(), "0" * 24, Counts(sent=10, bounced=5))
    client.transact_write_items(TransactItems=[bounced])
    assert Tallies(client, table).standing(account, now).is_stopped

    assert resume_sending.main(["--account", account]) == 0

    assert json.loads(capsys.readouterr().out) == {"account_id": account, "before": "stopped", "state": "ok"}
    assert not Tallies(client, table).standing(account, now).is_stopped


def test_an_account_that_is_not_there_is_an_error(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        resume_sending.main(["--account", "nobody"])

    assert stopped.value.code == 2
    assert "there is no account 'nobody'" in capsys.readouterr().err
    assert database.client.scan(TableName=database.tables.workspace)["Items"] == []
