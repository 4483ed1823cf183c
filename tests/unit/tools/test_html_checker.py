"""The Nu Html Checker is there, works, and says so where it is not."""

from pathlib import Path

import pytest

from tools import html_checker
from tools.npm_package import Unavailable

DOCUMENT = '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A</title></head><body>{}</body></html>'


def checked(**bodies: str) -> list[str]:
    documents = {name: DOCUMENT.format(body) for name, body in bodies.items()}
    try:
        return html_checker.faults(documents)
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.mark.html_checker
def test_it_finds_faults_and_says_where() -> None:
    bodies = {
        "fine": "<p>A</p>",
        "attribute": '<p wrong="1">A</p>',
        "nesting": "<p><b>A</p></b>",
        "picture": '<img src="a.png">',
        "open": "<div>A",
        "style": '<p style="colour:red">A</p>',
        "address": '<a href="https://exa mple.com">A</a>',
    }

    found = checked(**bodies)

    assert {fault.partition(",")[0] for fault in found} == bodies.keys() - {"fine"}
    assert "attribute, line 1: Attribute “wrong” not allowed on element “p” at this point." in found


def test_not_installed(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="make html-checker"):
        html_checker.faults({}, tmp_path)


def test_without_java_or_with_a_broken_one_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vnu.jar").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="Java, which runs"):
        html_checker.faults({}, tmp_path)

    java = tmp_path / "java"
    java.write_text("#!/bin/sh\necho out of memory >&2; exit 1\n")
    java.chmod(0o755)
    with pytest.raises(Unavailable, match="out of memory"):
        html_checker.faults({}, tmp_path)


def test_what_is_installed_is_not_installed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    (tmp_path / "installed").write_text(html_checker.PACKAGE)

    html_checker.install(tmp_path)

    with pytest.raises(Unavailable, match="npm"):
        html_checker.install(tmp_path / "elsewhere")
