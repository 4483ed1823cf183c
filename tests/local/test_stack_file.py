"""What the running stack is, for scripts and shells."""

import json
import stat
import subprocess
from pathlib import Path

import pytest

from local import run, stack_file
from local.errors import LocalError
from local.stack import describe
from local.workspace import Stores, Webhook

OUTPUTS = {
    "ApiId": "abc",
    "UserPoolId": "pool",
    "UserPoolClientId": "client",
    **{f"{name}Table": f"table-{name.lower()}" for name in ("Ledger", "Rankings", "Contacts", "Workspace")},
}
STORES = Stores("account", "audience", "store", {"shopify": Webhook("s1", "http://x/webhooks", "it's secret")})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(stack_file, "STACK_JSON", tmp_path / "stack.json")
    monkeypatch.setattr(stack_file, "STACK_ENV", tmp_path / "stack.env")
    return tmp_path


def test_the_file_has_what_scripts_and_tests_look_for(folder: Path):
    stack_file.write(describe("http://127.0.0.1:4566", OUTPUTS, STORES))

    stack = json.loads((folder / "stack.json").read_text())
    assert stack == stack_file.read()
    assert stack["api_url"] == "http://127.0.0.1:4566/_aws/execute-api/abc/v1"
    assert stack["dashboard_url"] is None
    assert stack["webhooks"] == {
        "shopify": {"store_id": "s1", "url": "http://x/webhooks", "secret": "it's secret"},
    }
    assert (stack["account_id"], stack["audience_id"], stack["store_id"]) == ("account", "audience", "store")
    assert stack["tables"]["rankings"] == "table-rankings"


def test_only_its_owner_may_read_it(folder: Path):
    stack_file.write(describe("http://127.0.0.1:4566", OUTPUTS, STORES))

    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_a_shell_reads_the_exports_as_they_are(folder: Path):
    stack = describe("http://127.0.0.1:4566", OUTPUTS, STORES) | {"password": "it's $HOME"}
    stack_file.write(stack)

    said = subprocess.run(
        ["sh", "-c", f". {folder}/stack.env && sh -c 'echo \"$API $STORE $CLIENT_ID $EMAIL $PASSWORD $ENDPOINT\"'"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert said == f"{stack['api_url']} store client demo@example.com it's $HOME http://127.0.0.1:4566\n"


def test_before_the_first_run_it_says_what_to_do(folder: Path):
    with pytest.raises(LocalError, match="make up"):
        stack_file.read()


def test_the_token_command_runs_from_anywhere(tmp_path: Path):
    command = describe("http://127.0.0.1:4566", OUTPUTS, STORES)["token_command"].replace(" token)", " token --help)")

    said = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    assert "bearer token" in said


@pytest.mark.parametrize(
    ("served", "lacking", "line"),
    [
        ("http://127.0.0.1:4566/dashboard/", None, "http://127.0.0.1:4566/dashboard/"),
        ("http://x/dashboard/", "no Node.js", "http://x/dashboard/ (as it was built before: no Node.js)"),
        (None, "no Node.js", "none (not built: no Node.js)"),
    ],
)
def test_who_starts_it_is_told_of_the_dashboard(served: str | None, lacking: str | None, line: str):
    described = describe("http://127.0.0.1:4566", OUTPUTS, STORES) | {"dashboard_url": served}

    assert f"\n  Dashboard {line}\n  API       http://127.0.0.1:4566/" in run.summary(described, lacking)
