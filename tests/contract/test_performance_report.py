"""docs/performance.md has a place for everything that the benchmark measures, and says what it measured."""

from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.__main__ import SECTIONS


@pytest.mark.parametrize("name", ["conditions", *SECTIONS])
def test_a_section_is_reported(name: str) -> None:
    text = report.DOCUMENT.read_text()

    measured = text.partition(f"<!-- bench: {name} -->")[2].partition(f"<!-- end: {name} -->")[0]

    assert measured.strip()


def test_sections_replace_what_was_between_their_marks(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text("before\n<!-- bench: a -->\nold\n<!-- end: a -->\nafter\n")

    report.write([report.Section("a", "new")], document)

    assert document.read_text() == "before\n<!-- bench: a -->\nnew\n<!-- end: a -->\nafter\n"


def test_a_section_without_a_place_is_an_error(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text("nothing here\n")

    with pytest.raises(LookupError, match="no place for a"):
        report.write([report.Section("a", "new")], document)


def test_numbers_are_set_to_the_right() -> None:
    assert report.table(("what", "units"), [("a row", 4), ("its 3 entries", "1,000.5")]) == (
        "| what | units |\n| --- | ---: |\n| a row | 4 |\n| its 3 entries | 1,000.5 |"
    )
