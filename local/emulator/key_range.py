"""Which sort keys a KeyConditionExpression lets through. Plain Python without MiniStack."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

type Token = tuple[str, Any]

COMPARISONS = ("EQ", "LT", "LE", "GT", "GE")
HIGHEST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class KeyRange:
    """A run of sort keys; an end that is None is open."""

    low: Any = None
    high: Any = None
    with_low: bool = True
    with_high: bool = True


def sort_key_range(
    clauses: Sequence[Sequence[Token]], name: str, names: Mapping[str, str], value: Callable[[str], Any]
) -> KeyRange | None:
    """The range that the clause about the sort key ``name`` describes; None when it is not understood.

    Args:
        clauses: The expression's tokens, a sequence for each condition.
        name: The sort key. Without a clause about it the range is open at both ends.
        names: ExpressionAttributeNames.
        value: Gives a placeholder's value in the form that sort keys are compared in.
    """
    for clause in clauses:
        tokens = [token for token in clause if token[0] not in {"LPAREN", "RPAREN", "COMMA"}]
        words = [names.get(text, text) if kind == "NAME_REF" else text for kind, text in tokens if kind in _WORDS]
        if name in words:
            return _range(tokens, {word.upper() for word in words}, value)
    return KeyRange()


_WORDS = {"IDENT", "NAME_REF"}


def _range(tokens: Sequence[Token], words: set[str], value: Callable[[str], Any]) -> KeyRange | None:
    values = [value(text) for kind, text in tokens if kind == "VALUE_REF"]
    if "BEGINS_WITH" in words:
        return _prefix(values[0])
    if "BETWEEN" in words:
        return KeyRange(low=values[0], high=values[1])
    comparisons = [kind for kind, _ in tokens if kind in COMPARISONS]
    if len(comparisons) != 1 or len(values) != 1 or tokens[0][0] == "VALUE_REF":
        return None
    (operand,) = values
    return {
        "EQ": KeyRange(low=operand, high=operand),
        "LT": KeyRange(high=operand, with_high=False),
        "LE": KeyRange(high=operand),
        "GT": KeyRange(low=operand, with_low=False),
        "GE": KeyRange(low=operand),
    }[comparisons[0]]


def _prefix(prefix: str | bytes) -> KeyRange:
    """All that begins with ``prefix``: from it to the next prefix of its length, which is one higher at its end."""
    if isinstance(prefix, bytes):
        stem = prefix.rstrip(b"\xff")
        return KeyRange(prefix, stem[:-1] + bytes([stem[-1] + 1]) if stem else None, with_high=False)
    text = prefix.rstrip(HIGHEST_CHARACTER)
    return KeyRange(prefix, text[:-1] + chr(ord(text[-1]) + 1) if text else None, with_high=False)
