"""Text made fit for one line of a mail's head."""

from __future__ import annotations

import unicodedata

from laurel.model.template import LONGEST_LINE

_BREAKS = frozenset({"Cc", "Zl", "Zp"})
_UNSEEN = frozenset({"Cs", "Co", "Cn"})
_TURNS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
"""They change the direction in which a line is read, by which it can be made to say something else."""


def one_line(text: str) -> str:
    """The text as one line of at most ``LONGEST_LINE`` characters, without anything that could end it or hide in it."""
    kept = (" " if unicodedata.category(it) in _BREAKS else it for it in text if it not in _TURNS)
    line = " ".join("".join(it for it in kept if unicodedata.category(it) not in _UNSEEN).split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1].rstrip()}…"
