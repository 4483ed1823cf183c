"""Which sort keys a key condition lets through."""

import pytest

from local.emulator.key_range import KeyRange, sort_key_range

PARTITION = [("IDENT", "pk"), ("EQ", "="), ("VALUE_REF", ":p")]
VALUES = {":p": "p", ":a": "a", ":b": "b", ":bytes": b"a\xff", ":top": "\U0010ffff"}


def range_of(*clause: tuple[str, str]) -> KeyRange | None:
    return sort_key_range([PARTITION, clause] if clause else [PARTITION], "sk", {"#s": "sk"}, VALUES.__getitem__)


def test_no_condition_leaves_both_ends_open():
    assert range_of() == KeyRange()


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        ("EQ", KeyRange("a", "a")),
        ("LT", KeyRange(None, "a", with_high=False)),
        ("LE", KeyRange(None, "a")),
        ("GT", KeyRange("a", None, with_low=False)),
        ("GE", KeyRange("a", None)),
    ],
)
def test_comparisons(comparison: str, expected: KeyRange):
    assert range_of(("NAME_REF", "#s"), (comparison, ""), ("VALUE_REF", ":a")) == expected


def test_between():
    words = [("IDENT", "sk"), ("IDENT", "BETWEEN"), ("VALUE_REF", ":a"), ("IDENT", "AND"), ("VALUE_REF", ":b")]

    assert range_of(*words) == KeyRange("a", "b")


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [(":a", "a", "b"), (":bytes", b"a\xff", b"b"), (":top", "\U0010ffff", None)],
)
def test_a_prefix_ends_before_the_next_one(value: str, low: str | bytes, high: str | bytes | None):
    words = [("IDENT", "begins_with"), ("LPAREN", "("), ("NAME_REF", "#s"), ("COMMA", ","), ("VALUE_REF", value)]

    assert range_of(*words, ("RPAREN", ")")) == KeyRange(low, high, with_high=False)


def test_a_value_on_the_left_is_left_to_others():
    assert range_of(("VALUE_REF", ":a"), ("LT", "<"), ("IDENT", "sk")) is None
