"""Rewards: programmes that say who gets what, the awards that contacts got of them, and tiers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from laurel.model.contact import ContactRef
from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric

MOST_PROGRAMMES = 100
"""Programmes of an audience that have not ended."""

MOST_COUPONS = 10_000
"""Codes that are uploaded or generated at once."""

MOST_FIRST = 1000
"""The first so many of a board are known when it closes."""

MOST_AT_ONCE = 100
"""Contacts who are awarded at once by hand."""

MOST_TIERS = 20

LONGEST_CODE = 100

_HASHED = 10**6


class ProgrammeState(StrEnum):
    """Only an active programme gives rewards; one that has ended stays ended."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class BenefitKind(StrEnum):
    """What a reward is."""

    PERCENT_OFF = "percent_off"
    AMOUNT_OFF = "amount_off"
    FREE_PRODUCT = "free_product"
    EARLY_ACCESS = "early_access"


@dataclass(frozen=True, slots=True)
class Benefit:
    """What a reward gives: so many percent or so much off (minor units), or what ``text`` says.

    ``worth`` is what one award costs the merchant at most, in minor units, as far as it is known; an amount off is
    worth itself.
    """

    kind: BenefitKind
    text: str | None = None
    percent: int | None = None
    amount: int | None = None
    worth: int | None = None

    @property
    def value(self) -> int:
        """What one award takes from a budget, in minor units."""
        return self.amount or self.worth or 0


class CouponSource(StrEnum):
    """Where an award's coupon code comes from: nowhere, one code for all, or a pool of which each is given once."""

    NONE = "none"
    ONE_CODE = "one_code"
    POOL = "pool"
    GENERATED = "generated"

    @property
    def is_pool(self) -> bool:
        """True if each award takes a code of its own."""
        return self in (CouponSource.POOL, CouponSource.GENERATED)


@dataclass(frozen=True, slots=True)
class Coupons:
    """The coupons of a programme: its one ``code``, or what generated ones begin with."""

    source: CouponSource = CouponSource.NONE
    code: str | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class FirstOfBoard:
    """The first so many of the programme's store, each time the period of a closed time frame ends."""

    metric: Metric
    time_frame: TimeFrame
    first: int


@dataclass(frozen=True, slots=True)
class ScoreAtLeast:
    """Everyone whose score reaches so many points, once."""

    points: int


@dataclass(frozen=True, slots=True)
class InTier:
    """Everyone who comes to be in a tier, once."""

    tier_id: str


@dataclass(frozen=True, slots=True)
class ByHand:
    """Those named by somebody or by an automation."""


type Who = FirstOfBoard | ScoreAtLeast | InTier | ByHand


@dataclass(frozen=True, slots=True)
class Budget:
    """How many awards there may be, and what all may be worth (minor units); None is no bound."""

    awards: int | None = None
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What a programme has come to. ``value`` in minor units; ``coupons`` are codes that are still to be given."""

    awards: int = 0
    value: int = 0
    held_out: int = 0
    revoked: int = 0
    coupons: int = 0
    coupons_given: int = 0


@dataclass(frozen=True, slots=True)
class Programme:
    """Who gets what, until when and at what cost.

    ``hold_out`` percent of those who would get something get nothing, so that what the reward does can be seen by the
    difference. ``template_id`` is the message that goes out with an award at a close, of a day or by hand.
    ``currency`` is that of all amounts; None where there is none. ``version`` counts the writes of what is set, not
    those of the ``tally``.
    """

    account_id: str
    audience_id: str
    id: str
    name: str
    who: Who
    benefit: Benefit
    created_at: datetime
    updated_at: datetime
    coupons: Coupons = Coupons()
    store_id: str | None = None
    currency: str | None = None
    valid_days: int | None = None
    budget: Budget = Budget()
    hold_out: int = 0
    template_id: str | None = None
    state: ProgrammeState = ProgrammeState.ACTIVE
    version: int = 0
    tally: Tally = field(default_factory=Tally)

    def holds_out(self, contact: str) -> bool:
        """True if the contact is one of those who get nothing: always the same, and alike in no two programmes."""
        digest = hashlib.sha256(f"{self.id} {contact}".encode()).digest()
        return int.from_bytes(digest[:8]) % _HASHED < self.hold_out * _HASHED // 100

    def valid_until(self, now: datetime) -> datetime | None:
        """When an award of ``now`` ends, if ever."""
        return None if self.valid_days is None else now + timedelta(days=self.valid_days)

    @property
    def is_used_up(self) -> bool:
        """True if the budget has no room for one award more."""
        most, tally = self.budget, self.tally
        return (most.awards is not None and tally.awards >= most.awards) or (
            most.value is not None and tally.value + self.benefit.value > most.value
        )


class AwardState(StrEnum):
    """What became of an award; who was held out got nothing, and whose award was revoked is to use it no more."""

    GIVEN = "given"
    HELD_OUT = "held_out"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Award:
    """What a contact got of a programme on an ``occasion``, which makes it once; a copy of what was promised then.

    ``subject`` names what gave it, such as ``job:…`` or ``run:…``; ``rank`` is the contact's place if a board decided.
    ``message_id`` is the message that told of it, ``unsent`` why there is none, as the type of a problem.
    """

    ref: ContactRef
    programme_id: str
    occasion: str
    at: datetime
    state: AwardState
    benefit: Benefit
    currency: str | None = None
    coupon: str | None = None
    valid_until: datetime | None = None
    subject: str | None = None
    rank: int | None = None
    message_id: str | None = None
    unsent: str | None = None
    revoked_at: datetime | None = None


class Refusal(StrEnum):
    """Why somebody gets nothing."""

    BUDGET_USED = "budget_used"
    POOL_EMPTY = "pool_empty"
    HELD_OUT = "held_out"
    ALREADY_GIVEN = "already_given"
    REVOKED = "revoked"
    NO_CONTACT = "no_contact"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Refused:
    """No award, and why."""

    reason: Refusal


@dataclass(frozen=True, slots=True)
class SpentAtLeast:
    """Spent so much (minor units) in a store and time frame."""

    store_id: str
    time_frame: TimeFrame
    amount: int


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier of an audience: its name, its benefits in words, and what it takes."""

    id: str
    name: str
    benefits: tuple[str, ...]
    needs: ScoreAtLeast | SpentAtLeast


@dataclass(frozen=True, slots=True)
class Tiers:
    """The tiers of an audience, lowest first: a contact is in the last one whose needs are met."""

    tiers: tuple[Tier, ...] = ()
    version: int = 0
