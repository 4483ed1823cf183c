"""What clients send about rewards and tiers: pydantic models, imported where a body is read and by the generator.

What takes several fields to judge is judged by the functions that make values of the model from them.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictInt, StringConstraints

from laurel.http.exchange import Request
from laurel.http.jobs_in import ContactRef
from laurel.http.schemas import Amount, Body, Currency, Name, Text, line, read
from laurel.http.scoring_in import Points
from laurel.http.tables import csv_lines, is_csv
from laurel.http.templates_in import Reference
from laurel.model.errors import FieldError, InvalidInput, located
from laurel.model.identity import new_id
from laurel.model.money import currency, minor_units
from laurel.model.period import TimeFrame
from laurel.model.ranking import BoardView, Metric
from laurel.model.reward import (
    LONGEST_CODE,
    MOST_AT_ONCE,
    MOST_COUPONS,
    MOST_FIRST,
    MOST_TIERS,
    Benefit,
    BenefitKind,
    Budget,
    ByHand,
    Coupons,
    CouponSource,
    FirstOfBoard,
    InTier,
    Programme,
    ProgrammeState,
    ScoreAtLeast,
    SpentAtLeast,
    Tier,
    Tiers,
    Who,
)

_HEADINGS = frozenset({"code", "coupon", "coupon code", "coupon_code"})

Code = Annotated[
    str,
    BeforeValidator(line),
    StringConstraints(min_length=1, max_length=LONGEST_CODE, pattern=r"^[!-~]+$"),
    Field(description="Printable ASCII without spaces.", examples=["LAUREL-10"]),
]
Prefix = Annotated[str, StringConstraints(max_length=20, pattern=r"^[A-Za-z0-9_-]*$"), Field(examples=["VIP-"])]
ClosedFrame = Literal["last_week", "last_month", "last_quarter", "last_year"]
Occasion = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:-]+$"),
    Field(description="Nobody gets a programme's reward twice on the same one.", examples=["2026-11-22"]),
]


class WhoIn(Body):
    """Who gets the reward."""

    kind: Annotated[
        Literal["board", "score", "tier", "hand"],
        Field(
            description=(
                "`board`: the first of the store's board when a period closes. `score`: whose score reaches `points`. "
                "`tier`: who comes to be in a `tier`. `hand`: only those who are named."
            )
        ),
    ]
    metric: Metric | None = Field(default=None, description="What the board is ranked by.")
    time_frame: ClosedFrame | None = Field(default=None, description="Which periods of the board.")
    first: Annotated[StrictInt, Field(ge=1, le=MOST_FIRST)] | None = Field(
        default=None, description="How many of the board, as it lists them: of those in a tie the latest buyers."
    )
    points: Points | None = Field(default=None, description="The score that it takes, at least 1.")
    tier: Reference | None = Field(default=None, description="Id of a tier of the audience.")


class BenefitIn(Body):
    """What the reward is."""

    kind: BenefitKind
    percent: Annotated[StrictInt, Field(ge=1, le=100)] | None = Field(default=None, description="Of `percent_off`.")
    amount: Amount | None = Field(default=None, description="Of `amount_off`.")
    text: Text | None = Field(default=None, description="In words; `free_product` and `early_access` need it.")
    worth: Amount | None = Field(
        default=None,
        description="What one award costs at most, for the budget's `value`; not of `amount_off`, whose amount it is.",
    )


class CouponIn(Body):
    """Where the coupon codes come from."""

    source: CouponSource = Field(
        default=CouponSource.NONE,
        description=(
            "`one_code`: the same `code` for all. `pool`: codes that you upload. `generated`: codes that Laurel makes "
            "and you enter in the shop. Each code of the last two is given once."
        ),
    )
    code: Code | None = Field(default=None, description="Of `one_code`.")
    prefix: Prefix | None = Field(default=None, description="What `generated` codes begin with.")


class BudgetIn(Body):
    """Bounds of all awards together; what is missing or null is no bound."""

    awards: Annotated[StrictInt, Field(ge=1, le=1_000_000)] | None = None
    value: Amount | None = Field(default=None, description="Needs an `amount` or a `worth` of the benefit.")


class ProgrammeIn(Body):
    """A programme of rewards."""

    name: Name
    who: WhoIn
    benefit: BenefitIn
    coupon: CouponIn = CouponIn()
    store: Reference | None = Field(
        default=None, description="Id of a store of the audience: whose board it is, and what messages are about."
    )
    currency: Currency | None = Field(default=None, description="Of all amounts; with a store it is the store's.")
    valid_days: Annotated[StrictInt, Field(ge=1, le=3650)] | None = Field(
        default=None, description="How long an award can be used; null for as long as the shop takes it."
    )
    budget: BudgetIn = BudgetIn()
    hold_out: Annotated[StrictInt, Field(ge=0, le=50)] = Field(
        default=0, description="Percent of those who would get the reward who get nothing, to measure what it does."
    )
    template: Reference | None = Field(
        default=None, description="Id of the message template that is sent with an award; `coupon` is its merge field."
    )
    state: ProgrammeState = ProgrammeState.ACTIVE


class ProgrammeChange(Body):
    """Fields to change; the rest stays. `If-Match` names the version that was read."""

    name: Name | None = None
    who: WhoIn | None = None
    benefit: BenefitIn | None = None
    coupon: CouponIn | None = None
    store: Reference | None = None
    currency: Currency | None = None
    valid_days: Annotated[StrictInt, Field(ge=1, le=3650)] | None = None
    budget: BudgetIn | None = None
    hold_out: Annotated[StrictInt, Field(ge=0, le=50)] | None = None
    template: Reference | None = None
    state: ProgrammeState | None = None


class CouponsIn(Body):
    """Codes for the pool: those that you have in `codes`, or how many to `generate`."""

    codes: Annotated[list[Code], Field(min_length=1, max_length=MOST_COUPONS)] | None = None
    generate: Annotated[StrictInt, Field(ge=1, le=MOST_COUPONS)] | None = None


class BoardIn(Body):
    """A board whose first get the reward."""

    store: Reference
    rank_by: Metric = Metric.TOTAL_SPENT
    time_frame: TimeFrame | None = Field(default=None, description="`month_to_date` by default; not with `period`.")
    period: Annotated[str, StringConstraints(max_length=20)] | None = Field(
        default=None, description="`2026-W47`, `2026-11`, `2026-Q4`, `2026` or `all`."
    )
    view: BoardView = Field(default=BoardView.NOW, description="The board as of now, or as it was when it closed.")
    first: Annotated[StrictInt, Field(ge=1, le=MOST_AT_ONCE)]


class AwardsIn(Body):
    """Who is to get the reward: the first of a `board`, or `contacts`."""

    board: BoardIn | None = None
    contacts: Annotated[list[ContactRef], Field(min_length=1, max_length=MOST_AT_ONCE)] | None = Field(
        default=None, description="Ids or e-mail addresses."
    )
    occasion: Occasion | None = Field(
        default=None, description="By default the board and its period, or for `contacts` today (UTC)."
    )


class NeedsIn(Body):
    """What a tier takes: a `score` of at least `points`, or to have `spent` at least an `amount`."""

    kind: Literal["score", "spent"]
    points: Points | None = None
    store: Reference | None = Field(default=None, description="Id of a store of the audience.")
    time_frame: TimeFrame | None = None
    amount: Amount | None = Field(default=None, description="In the store's currency.")


class TierIn(Body):
    """A tier."""

    id: Reference | None = Field(default=None, description="Of a tier that there is; a new one gets its own.")
    name: Name
    benefits: list[Annotated[Text, StringConstraints(min_length=1)]] = Field(default=[], max_length=20)
    needs: NeedsIn


class TiersIn(Body):
    """All tiers of the audience, lowest first; they replace those before."""

    tiers: Annotated[list[TierIn], Field(max_length=MOST_TIERS)]


def programme_of(body: ProgrammeIn, known: Programme, store_currency: str | None, now: datetime) -> Programme:
    """``known`` as the body wants it; ``store_currency`` is that of the store that it names.

    Raises ``InvalidInput`` with pointers.
    """
    code = store_currency
    if code is None and body.currency is not None:
        code = located("/currency", partial(currency, body.currency))
    elif body.currency is not None and body.currency.upper() != code:
        raise InvalidInput.at("/currency", f"The store sells in {code}.")
    who, benefit = _who(body), _benefit(body.benefit, code)
    value = None if body.budget.value is None else _minor(body.budget.value, code, "/budget/value")
    if value is not None and not benefit.value:
        raise InvalidInput.at("/budget/value", "Say with /benefit/worth what one award costs.")
    return Programme(
        account_id=known.account_id,
        audience_id=known.audience_id,
        id=known.id,
        name=body.name,
        who=who,
        benefit=benefit,
        created_at=known.created_at,
        updated_at=now,
        coupons=_coupons(body.coupon),
        store_id=body.store,
        currency=code,
        valid_days=body.valid_days,
        budget=Budget(body.budget.awards, value),
        hold_out=body.hold_out,
        template_id=body.template,
        state=body.state,
        version=known.version,
        tally=known.tally,
    )


def asked_codes(request: Request) -> CouponsIn:
    """The codes of a request's body, JSON or CSV. Raises ``MalformedBody``, or ``InvalidInput`` with pointers."""
    asked = read(CouponsIn, {"codes": _first_column(request)} if is_csv(request) else request.json())
    if (asked.codes is None) == (asked.generate is None):
        raise InvalidInput.at("/codes", "Give either codes or how many to generate.")
    return asked


def tiers_of(body: TiersIn, known: Tiers, currencies: Mapping[str, str]) -> tuple[Tier, ...]:
    """The tiers of a body; ``currencies`` are those of the audience's stores, by id.

    A tier without an id gets one. Raises ``InvalidInput`` with pointers to all faults.
    """
    ids, faults, tiers = {it.id for it in known.tiers}, list[FieldError](), list[Tier]()
    for number, it in enumerate(body.tiers):
        pointer = f"/tiers/{number}"
        if it.id is not None and it.id not in ids:
            faults.append(FieldError(f"{pointer}/id", "There is no such tier, or it is listed twice."))
        ids.discard(it.id or "")
        try:
            needs = _needs(it.needs, currencies, f"{pointer}/needs")
        except InvalidInput as error:
            faults += error.errors
        else:
            tiers.append(Tier(it.id or new_id(), it.name, tuple(it.benefits), needs))
    if faults:
        raise InvalidInput("A tier makes no sense.", tuple(faults))
    return tuple(tiers)


def _needs(needs: NeedsIn, currencies: Mapping[str, str], pointer: str) -> ScoreAtLeast | SpentAtLeast:
    if needs.kind == "score":
        _only(needs, {"points"}, pointer)
        return ScoreAtLeast(_positive(needs.points, f"{pointer}/points"))
    _only(needs, {"store", "time_frame", "amount"}, pointer)
    if needs.store is None or needs.time_frame is None or needs.amount is None:
        raise InvalidInput.at(pointer, "Give store, time_frame and amount.")
    if needs.store not in currencies:
        raise InvalidInput.at(f"{pointer}/store", "There is no such store in this audience.")
    amount = _minor(needs.amount, currencies[needs.store], f"{pointer}/amount")
    return SpentAtLeast(needs.store, needs.time_frame, amount)


def _who(body: ProgrammeIn) -> Who:
    who = body.who
    if who.kind == "board":
        _only(who, {"metric", "time_frame", "first"}, "/who")
        if who.metric is None or who.time_frame is None or who.first is None:
            raise InvalidInput.at("/who", "Give metric, time_frame and first.")
        if body.store is None:
            raise InvalidInput.at("/store", "Name the store whose board it is.")
        return FirstOfBoard(who.metric, TimeFrame(who.time_frame), who.first)
    if who.kind == "score":
        _only(who, {"points"}, "/who")
        return ScoreAtLeast(_positive(who.points, "/who/points"))
    if who.kind == "tier":
        _only(who, {"tier"}, "/who")
        if who.tier is None:
            raise InvalidInput.at("/who/tier", "Name a tier of the audience.")
        return InTier(who.tier)
    _only(who, set(), "/who")
    return ByHand()


def _benefit(body: BenefitIn, code: str | None) -> Benefit:
    allowed = {BenefitKind.PERCENT_OFF: {"percent", "worth"}, BenefitKind.AMOUNT_OFF: {"amount"}}
    _only(body, {"text", *allowed.get(body.kind, {"worth"})}, "/benefit")
    if body.kind is BenefitKind.PERCENT_OFF and body.percent is None:
        raise InvalidInput.at("/benefit/percent", "Say how many percent.")
    if body.kind is BenefitKind.AMOUNT_OFF and body.amount is None:
        raise InvalidInput.at("/benefit/amount", "Say how much.")
    if body.kind in (BenefitKind.FREE_PRODUCT, BenefitKind.EARLY_ACCESS) and not body.text:
        raise InvalidInput.at("/benefit/text", "Say in words what it is.")
    amount = None if body.amount is None else _minor(body.amount, code, "/benefit/amount")
    worth = None if body.worth is None else _minor(body.worth, code, "/benefit/worth")
    return Benefit(body.kind, body.text or None, body.percent, amount, worth)


def _coupons(body: CouponIn) -> Coupons:
    if (body.source is CouponSource.ONE_CODE) != (body.code is not None):
        raise InvalidInput.at("/coupon/code", "A code is for one_code, which needs it.")
    if body.prefix and body.source is not CouponSource.GENERATED:
        raise InvalidInput.at("/coupon/prefix", "A prefix is for generated codes.")
    return Coupons(body.source, body.code, body.prefix or "")


def _only(body: Body, allowed: set[str], pointer: str) -> None:
    """Raise ``InvalidInput`` for fields that go with another kind."""
    sent = {name for name, value in body if value is not None} - {"kind"}
    faults = [FieldError(f"{pointer}/{name}", "Does not go with this kind.") for name in sorted(sent - allowed)]
    if faults:
        raise InvalidInput("A field goes with another kind.", tuple(faults))


def _positive(value: int | None, pointer: str) -> int:
    if not value:
        raise InvalidInput.at(pointer, "Give a number of points, at least 1.")
    return value


def _minor(amount: str, code: str | None, pointer: str) -> int:
    if code is None:
        raise InvalidInput.at("/currency", "An amount needs a currency, or a store that has one.")
    value = located(pointer, partial(minor_units, amount, code))
    if not value:
        raise InvalidInput.at(pointer, "Must be more than 0.")
    return value


def _first_column(request: Request) -> list[str]:
    codes = [code for cells in csv_lines(request) if (code := cells[0].strip())]
    return codes[1:] if codes and codes[0].lower() in _HEADINGS else codes
