"""Give one reward to one contact, once an occasion."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from time import sleep
from typing import Protocol

from laurel.model.contact import ContactRef
from laurel.model.errors import Busy
from laurel.model.reward import Award, AwardState, CouponSource, Programme, ProgrammeState, Refusal, Refused

_TRIES = 60
_SHORTEST, _LONGEST = 0.01, 0.5
_CODES_LOOKED_AT = 50


class Obstacle(StrEnum):
    """What stood in the way of writing an award, if several did, the first of these."""

    AWARDED = "awarded"
    """There is one of this occasion."""
    NO_CONTACT = "no_contact"
    PROGRAMME = "programme"
    """It has changed since it was read, or its budget has no room."""
    COUPON = "coupon"
    """Somebody else got the code."""
    OTHERS = "others"
    """Others were writing at the same moment."""


class AwardBook(Protocol):
    """Keeps programmes, their coupons and awards. Reads are strongly consistent."""

    def programme(self, account_id: str, audience_id: str, programme_id: str) -> Programme | None: ...
    def award(self, ref: ContactRef, programme_id: str, occasion: str) -> Award | None: ...
    def free_codes(self, programme: Programme, at_most: int) -> Sequence[str]: ...
    def keep(self, programme: Programme, award: Award) -> Obstacle | None:
        """Write the award, take its coupon and count it, all or nothing."""
        ...


def award(
    book: AwardBook,
    programme: Programme,
    ref: ContactRef,
    occasion: str,
    now: datetime,
    *,
    subject: str | None = None,
    rank: int | None = None,
    pause: Callable[[float], None] = sleep,
) -> Award | Refused:
    """The award that a contact gets of a programme, or got before on the same occasion; else why there is none.

    Asked again with the same occasion, as after a crash, it answers the same: nobody gets two. ``programme`` may have
    changed since it was read; only what it says when the award is written counts. ``subject`` names what
    gives it, ``rank`` is the contact's place if a board decided. Raises ``Busy`` if others never let go.
    """
    if not ref.is_contact:
        return Refused(Refusal.NO_CONTACT)
    for attempt in range(_TRIES):
        if known := book.award(ref, programme.id, occasion):
            return _of_before(known)
        wanted = _wanted(book, programme, ref, occasion, now)
        if isinstance(wanted, Refused):
            return wanted
        wanted = replace(wanted, subject=subject, rank=rank)
        obstacle = book.keep(programme, wanted)
        if obstacle is None:
            return _of_before(wanted)
        if obstacle is Obstacle.NO_CONTACT:
            return Refused(Refusal.NO_CONTACT)
        if obstacle is Obstacle.PROGRAMME:
            programme = book.programme(ref.account_id, ref.audience_id, programme.id) or programme
        if obstacle is Obstacle.OTHERS:
            pause(random.uniform(0, min(_SHORTEST * 2**attempt, _LONGEST)))  # noqa: S311, no secret
    raise Busy(f"Programme {programme.id!r}")


def _wanted(book: AwardBook, programme: Programme, ref: ContactRef, occasion: str, now: datetime) -> Award | Refused:
    """What the contact would get as things stand.

    Who is held out is so only while somebody else in their place would get something: otherwise the two groups could
    not be compared.
    """
    if programme.state is not ProgrammeState.ACTIVE:
        return Refused(Refusal.PAUSED if programme.state is ProgrammeState.PAUSED else Refusal.ENDED)
    if programme.is_used_up:
        return Refused(Refusal.BUDGET_USED)
    coupon = programme.coupons.code if programme.coupons.source is CouponSource.ONE_CODE else None
    if programme.coupons.source.is_pool:
        codes = book.free_codes(programme, _CODES_LOOKED_AT)
        if not codes:
            return Refused(Refusal.POOL_EMPTY)
        coupon = secrets.choice(codes)
    made = Award(ref, programme.id, occasion, now, AwardState.HELD_OUT, programme.benefit, programme.currency)
    if programme.holds_out(ref.contact):
        return made
    return replace(made, state=AwardState.GIVEN, coupon=coupon, valid_until=programme.valid_until(now))


def _of_before(known: Award) -> Award | Refused:
    if known.state is AwardState.HELD_OUT:
        return Refused(Refusal.HELD_OUT)
    return Refused(Refusal.REVOKED) if known.state is AwardState.REVOKED else known
