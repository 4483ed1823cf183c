"""Coupon codes that Laurel makes."""

from __future__ import annotations

import secrets

_DIGITS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""None that is taken for another one when it is read out or written down."""

_LENGTH = 10


def generated(prefix: str, count: int) -> list[str]:
    """So many random codes, each another one, that nobody guesses: 49 bits each."""
    made: dict[str, None] = {}
    while len(made) < count:
        made[prefix + "".join(secrets.choice(_DIGITS) for _ in range(_LENGTH))] = None
    return list(made)
