"""The emulator starts on one release of MiniStack only."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from local.emulator import version
from local.paths import EMULATOR_REQUIREMENTS, ROOT


def test_the_required_version_is_the_locked_one():
    assert f"ministack=={version.REQUIRED} " in EMULATOR_REQUIREMENTS.read_text()


def test_another_version_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(metadata, "version", lambda _: "1.6.0")

    with pytest.raises(version.WrongVersionError, match=r"MiniStack 1\.6\.0 is installed.*requirements/emulator\.txt"):
        version.check()


def test_an_environment_without_it_is_refused_without_a_traceback(tmp_path: Path):
    command = [sys.executable, "-m", "local.emulator", "--state", str(tmp_path)]

    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 1
    assert result.stderr.startswith("MiniStack 1.5.33 is not installed")
    assert "Traceback" not in result.stderr
