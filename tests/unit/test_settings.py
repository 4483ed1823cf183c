"""The environment, read once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from laurel.settings import settings


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_each_table_and_the_api_have_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for table in ("LEDGER", "RANKINGS", "CONTACTS", "WORKSPACE"):
        monkeypatch.setenv(f"{table}_TABLE", f"laurel-{table.lower()}")
    monkeypatch.setenv("PUBLIC_API_URL", "https://{api_id}.example.com/{stage}")

    known = settings()

    assert [known.ledger_table, known.rankings_table, known.contacts_table, known.workspace_table] == [
        "laurel-ledger",
        "laurel-rankings",
        "laurel-contacts",
        "laurel-workspace",
    ]
    assert known.public_api_url == "https://{api_id}.example.com/{stage}"


def test_a_function_that_no_request_comes_to_knows_its_api(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_API_URL", "https://{api_id}.example.com/{stage}")
    monkeypatch.setenv("API_ID", "a1b2c3d4e5")

    assert settings().api_url == "https://a1b2c3d4e5.example.com/v1"


@pytest.mark.parametrize(("said", "tenants"), [("on", True), ("off", False)])
def test_accounts_are_tenants_where_that_is_on(said: str, tenants: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_TENANTS", said)

    assert settings().mail_tenants is tenants


def test_a_name_that_was_not_given_is_missed_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEDGER_TABLE", raising=False)

    known = settings()

    with pytest.raises(KeyError, match="LEDGER_TABLE"):
        _ = known.ledger_table


def test_the_environment_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_TABLE", "first")
    settings()
    monkeypatch.setenv("LEDGER_TABLE", "second")

    assert settings().ledger_table == "first"
