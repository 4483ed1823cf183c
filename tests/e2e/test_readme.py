"""The README's commands, as printed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.deployed import eventually
from tests.support.template import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
ADA = "ada@example.com"


def commands(env: Path) -> tuple[str, str]:
    """The three commands: up to the order, and the one that reads the board."""
    text = (ROOT / "README.md").read_text()
    (script,) = [block for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "# sign in" in block]
    assert ". .local/stack.env" in script
    lines = script.replace(". .local/stack.env", f". {env}").splitlines()
    (reading,) = (number for number, line in enumerate(lines) if line.startswith("# read the board"))
    return "\n".join(lines[:reading]), "\n".join(lines[reading:])


def shell(script: str) -> str:
    result = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=False, cwd=ROOT)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_who_follows_the_readme_sees_ada_lead_the_board(stack_env: Path) -> None:
    first, last = commands(stack_env)

    said = shell(f'{first}\necho; echo "$TOKEN"')
    order, token = said.strip().splitlines()
    page = eventually(
        lambda: json.loads(shell(f". {stack_env}; TOKEN={token}\n{last}")),
        lambda it: it["rows"] and it["rows"][0]["email"] == ADA,
    )

    assert json.loads(order)["results"][0]["outcome"] == "accepted"
    assert page["rows"][0]["rank"] == 1
    assert page["rows"][0]["name"] == "Ada Lovelace"
    assert page["time_frame"] == "month_to_date"
