"""The dashboard stays small: nobody waits for it, and nothing large comes in unseen."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tests.support.template import ROOT

BUILT = ROOT / "web" / "dist"
BUDGET = 120_000
"""Bytes of all that a browser may load, compressed: every screen, every language."""

LOADED = {".css", ".html", ".js", ".svg"}


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """What was built."""
    if not (BUILT / "index.html").is_file():
        pytest.skip("the dashboard is not built: make web")
    return [path for path in BUILT.rglob("*") if path.is_file()]


def test_the_whole_dashboard_fits_the_budget(files: list[Path]) -> None:
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in files if path.suffix in LOADED}

    assert sum(sizes.values()) <= BUDGET, sorted(sizes.items(), key=lambda size: -size[1])[:5]


def test_nothing_else_is_shipped_than_what_is_counted(files: list[Path]) -> None:
    assert {path.suffix for path in files} <= LOADED | {".map"}


def test_files_that_are_kept_for_ever_are_named_after_their_contents(files: list[Path]) -> None:
    kept = [path.name for path in files if path.parent.name == "assets" and path.suffix != ".map"]

    assert kept
    assert [name for name in kept if not re.search(r"-[\w-]{8}\.", name)] == []


def test_the_page_refers_to_its_own_files_only() -> None:
    if not (BUILT / "index.html").is_file():
        pytest.skip("the dashboard is not built: make web")
    page = (BUILT / "index.html").read_text()

    referred = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert referred
    assert [target for target in referred if not target.startswith("./")] == []
