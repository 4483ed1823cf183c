"""Whoever has no Node.js, or an old one, is told so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.template import ROOT
from tools import node_js

WANTED = "Node.js 20.19 or later"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is all of PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(folder: Path, name: str, says: str = "") -> None:
    (folder / name).write_text(f"#!/bin/sh\necho '{says}'\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2", "v22.0.1", "v24.1.0-nightly"])
def test_nothing_is_missing(path: Path, version: str, capsys: pytest.CaptureFixture[str]) -> None:
    program(path, "node", version)
    program(path, "npm")

    assert node_js.main() == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("version", ["v18.20.4", "v20.18.9", "v8.0.0", "", "nonsense"])
def test_an_old_one_is_named(path: Path, version: str, capsys: pytest.CaptureFixture[str]) -> None:
    program(path, "node", version)
    program(path, "npm")

    assert node_js.main() == 1
    said = capsys.readouterr().out
    assert WANTED in said
    assert version in said


def test_without_node(path: Path) -> None:
    program(path, "npm")

    assert (node_js.missing() or "").startswith(WANTED)


def test_without_npm(path: Path) -> None:
    program(path, "node", "v22.0.0")

    assert (node_js.missing() or "").startswith("npm")


def test_the_version_is_the_packages() -> None:
    engines = json.loads((ROOT / "web" / "package.json").read_text())["engines"]["node"]

    found = re.fullmatch(r">=(\d+)\.(\d+)", engines)
    assert found
    assert tuple(map(int, found.groups())) == node_js.NEEDED
