"""The README's commands, as printed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.deployed import eventually
from tests.support.shop import BEN, order
from tests.support.template import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.deployed import Deployed

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
README = ROOT / "README.md"
ADA = "ada@example.com"


def commands(env: Path) -> tuple[str, str]:
    """The three commands: up to the order, and the one that reads the board."""
    script = blocks("# sign in")
    assert ". .local/stack.env" in script
    lines = script.replace(". .local/stack.env", f". {env}").splitlines()
    (reading,) = (number for number, line in enumerate(lines) if line.startswith("# read the board"))
    return "\n".join(lines[:reading]), "\n".join(lines[reading:])


def blocks(mark: str) -> str:
    """The one block of commands that holds this."""
    (block,) = [it for it in re.findall(r"```sh\n(.*?)```", README.read_text(), re.DOTALL) if mark in it]
    return str(block)


def shell(script: str) -> str:
    result = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=False, cwd=ROOT)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_who_follows_the_readme_sees_ada_lead_the_board(stack_env: Path) -> None:
    first, last = commands(stack_env)

    said = shell(f'{first}\necho; echo "$TOKEN"')
    sent, token = said.strip().splitlines()
    page = eventually(
        lambda: json.loads(shell(f". {stack_env}; TOKEN={token}\n{last}")),
        lambda it: it["rows"] and it["rows"][0]["email"] == ADA,
    )

    assert json.loads(sent)["results"][0]["outcome"] == "accepted"
    assert page["rows"][0]["rank"] == 1
    assert page["rows"][0]["name"] == "Ada Lovelace"
    assert page["time_frame"] == "month_to_date"


def test_who_follows_the_readme_sees_rules_and_scores(stack_env: Path, deployed: Deployed) -> None:
    stack, demo = deployed.stack, deployed.demo
    rule = {"name": "Each euro spent", "activity": "order.placed", "effect": "add_per_unit", "points": 1}
    demo.ok("createScoringRule", audience=stack["audience_id"], body=rule)
    demo.ok("recordOrders", store=stack["store_id"], body=order("big", BEN, "1234.50"))
    token = deployed.sign_in(stack["email"], stack["password"])
    script = f". {stack_env}; TOKEN={token}\n" + blocks("scoring-rules").replace("\ncurl", "\necho; curl")

    rules, scores = eventually(
        lambda: [json.loads(line) for line in shell(script).split("\n") if line], lambda it: it[1]["rows"]
    )

    assert [it["name"] for it in rules["rules"]] == [rule["name"]]
    assert [(row["email"], row["score"]) for row in scores["rows"]] == [(BEN, 1234)]


def test_who_follows_the_readme_writes_to_ada(stack_env: Path, deployed: Deployed) -> None:
    token = deployed.sign_in(deployed.stack["email"], deployed.stack["password"])

    said = shell(f". {stack_env}; TOKEN={token}\n" + blocks("and gets a message").replace("\ncurl", "\necho; curl"))

    _, message = [json.loads(line) for line in said.split("\n") if line]
    assert message.get("state") == "queued", message
    sent = eventually(lambda: deployed.mails(ADA), bool)[0]
    assert dict(sent["headers"])["X-Laurel-Message"] == message["id"]
