"""The dashboard stays small: nobody waits for it, and nothing large comes in unseen."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tests.support.template import ROOT

BUILT = ROOT / "web" / "dist"
FIRST_SCREEN = 80_000
"""Bytes that a browser loads until it shows a board, compressed, in the language that is longest."""
WHOLE = 200_000
"""Bytes of every screen in every language, compressed."""

LOADED = {".css", ".html", ".js", ".svg"}
FIRST_LOADED = re.compile(r"(?:index|leaderboard)-[\w-]{8}\.(?:js|css)|index\.html|icon\.svg")
CATALOG = re.compile(r"(?:en|pt-BR|fr|de)-[\w-]{8}\.js")
_IMPORTED = re.compile(r"""(?:from|import)\s*["']\./([^"']+)["']""")


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """What was built."""
    if not (BUILT / "index.html").is_file():
        pytest.skip("the dashboard is not built: make web")
    return [path for path in BUILT.rglob("*") if path.is_file()]


def test_a_board_is_soon_there(files: list[Path]) -> None:
    sizes = _sizes(files)
    loaded = {path.name for path in files if FIRST_LOADED.fullmatch(path.name)}
    longest = max((name for name in sizes if CATALOG.fullmatch(name)), key=lambda name: sizes[name])
    needed = _imported(files, loaded) | {longest}

    assert len(needed) > len(loaded) + 1, "the first screen imports nothing: its parts are not found any more"
    assert sum(sizes[name] for name in needed) <= FIRST_SCREEN, _largest(sizes, needed)


def test_the_whole_dashboard_fits_the_budget(files: list[Path]) -> None:
    sizes = _sizes(files)

    assert sum(sizes.values()) <= WHOLE, _largest(sizes, set(sizes))


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


def _sizes(files: list[Path]) -> dict[str, int]:
    """Bytes of each file that browsers load, compressed."""
    return {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in files if path.suffix in LOADED}


def _largest(sizes: dict[str, int], names: set[str]) -> list[tuple[str, int]]:
    return sorted(((name, sizes[name]) for name in names), key=lambda size: -size[1])[:5]


def _imported(files: list[Path], names: set[str]) -> set[str]:
    """These files with all that they import at once, and so on; what is loaded when it is wanted is not among it."""
    texts = {path.name: path.read_text() for path in files if path.suffix == ".js"}
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(_IMPORTED.findall(texts.get(name, ""))) - found
    return found
