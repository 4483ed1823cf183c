"""The operator's command that makes tenants of accounts that had senders before."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from laurel.model.account import Plan
from laurel.model.sender import Sender, SenderKind, SenderState
from laurel.store import mail_identities
from laurel.store.senders import Senders
from laurel.store.workspace import Workspace
from tests.support.mail_service import CONFIGURATION_SET, SES_ARN, FakeSES
from tools import mail_tenants
from tools.create_account import create_account

if TYPE_CHECKING:
    from tests.support.tables import Database

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
SET = f"{SES_ARN}:configuration-set/{CONFIGURATION_SET}"


@pytest.fixture
def ses(moto_tables: Database, monkeypatch: pytest.MonkeyPatch) -> FakeSES:
    ses = FakeSES()
    outputs = {
        "WorkspaceTable": moto_tables.tables.workspace,
        "SesArn": SES_ARN,
        "MailConfigurationSet": CONFIGURATION_SET,
    }
    monkeypatch.setattr(mail_tenants, "stack_outputs", lambda _: outputs)
    monkeypatch.setattr(mail_tenants, "create_client", lambda: moto_tables.client)
    monkeypatch.setattr(mail_identities, "create_client", lambda: ses)
    return ses


def an_account(database: Database, ses: FakeSES, *domains: str) -> str:
    workspace = Workspace(database.client, database.tables.workspace)
    account: str = create_account(workspace, "Shop", Plan.FREE, "en")["account_id"]
    for domain in domains:
        ses.create_email_identity(EmailIdentity=domain, DkimSigningAttributes={})
        sender = Sender(account, domain, SenderKind.DOMAIN, domain, SenderState.VERIFIED, NOW, NOW)
        Senders(database.client, database.tables.workspace).claim(sender)
    return account


def test_all_accounts_with_senders_join_and_leave(
    ses: FakeSES, moto_tables: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = an_account(moto_tables, ses, "a.example", "b.example"), an_account(moto_tables, ses, "c.example")
    an_account(moto_tables, ses)

    for _ in range(2):
        assert mail_tenants.main(["join"]) == 0

    assert ses.tenants == {
        one: {SET, f"{SES_ARN}:identity/a.example", f"{SES_ARN}:identity/b.example"},
        other: {SET, f"{SES_ARN}:identity/c.example"},
    }
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(told) == 6
    assert {"account_id": other, "identity": "c.example"} in told
    assert mail_tenants.main(["leave"]) == 0
    assert ses.tenants == {one: {SET}, other: {SET}}


def test_what_is_asked_too_often_is_asked_again(
    ses: FakeSES, moto_tables: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = an_account(moto_tables, ses, "a.example")
    ses.failures["CreateTenant"] = "TooManyRequestsException"
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        ses.failures.clear()

    monkeypatch.setattr(mail_tenants.time, "sleep", pause)

    assert mail_tenants.main(["join"]) == 0

    assert pauses == [1.0]
    assert ses.tenants == {account: {SET, f"{SES_ARN}:identity/a.example"}}
