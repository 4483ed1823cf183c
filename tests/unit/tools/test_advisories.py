"""What is known about vulnerabilities, and what is not, is told apart."""

import json
import subprocess
from typing import Any

import pytest

from tools import advisories

CLEAN = {"name": "tzdata", "version": "2026.6", "vulns": []}
VULNERABLE = {"name": "pydantic", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
UNFIXED = {"name": "pydantic", "version": "1.0", "vulns": [{"id": "PYSEC-2", "fix_versions": []}]}
UNKNOWN = {"name": "jmespath", "skip_reason": "Dependency not found"}


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Any:
    def set_answer(*packages: dict[str, Any], stdout: str | None = None, stderr: str = "") -> None:
        text = json.dumps({"dependencies": packages}) if stdout is None else stdout
        done = subprocess.CompletedProcess([], 0, text, stderr)
        monkeypatch.setattr(advisories, "_run", lambda _: done)

    return set_answer


def test_clean_requirements_pass(answer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    answer(CLEAN)

    assert advisories.main(["layer.txt"]) == 0
    assert capsys.readouterr().out == "Advisories: 1 checked, 0 vulnerable, 0 skipped\n"


@pytest.mark.parametrize(("package", "fix"), [(VULNERABLE, "1.1"), (UNFIXED, "no release yet")], ids=["fixed", "open"])
def test_a_known_vulnerability_fails(
    answer: Any, capsys: pytest.CaptureFixture[str], package: dict[str, Any], fix: str
) -> None:
    answer(CLEAN, package)

    assert advisories.main(["layer.txt"]) == 1
    assert f"VULNERABLE pydantic 1.0: {package['vulns'][0]['id']} (fixed in {fix})" in capsys.readouterr().out


def test_what_nobody_knows_about_does_not_pass_for_checked(answer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    answer(CLEAN, UNKNOWN)

    assert advisories.main(["layer.txt"]) == 0
    printed = capsys.readouterr().out
    assert "SKIPPED, the advisory service told nothing about jmespath" in printed
    assert "1 checked, 0 vulnerable, 1 skipped" in printed


def test_a_service_out_of_reach_is_reported(answer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    answer(stdout="", stderr="Traceback ...\nrequests.exceptions.ConnectionError: no route")

    assert advisories.main(["layer.txt"]) == 0
    assert "SKIPPED, the advisory service cannot be reached: requests.exceptions.Conn" in capsys.readouterr().out


def test_a_service_that_never_answers_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(_: Any) -> Any:
        raise subprocess.TimeoutExpired("pip-audit", 300)

    monkeypatch.setattr(advisories, "_run", run)

    assert advisories.main(["layer.txt"]) == 0
    assert "SKIPPED" in capsys.readouterr().out


def test_any_other_failure_fails(answer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    answer(stdout="", stderr="error: no such file: layer.txt")

    assert advisories.main(["layer.txt"]) == 1
    assert "no such file" in capsys.readouterr().err
