"""What programmes, awards and tiers look like in answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from laurel.http.formats import inert, utc, utc_or_none
from laurel.model.contact import Contact
from laurel.model.money import major_units
from laurel.model.reward import (
    Award,
    Benefit,
    FirstOfBoard,
    InTier,
    Programme,
    ScoreAtLeast,
    SpentAtLeast,
    Tier,
    Tiers,
    Who,
)

if TYPE_CHECKING:
    from laurel.rewards.lift import Difference, Differences, Group, Lift

CSV_HEADER = (
    "at", "state", "contact", "email", "name", "rank", "coupon", "valid_until", "occasion", "message", "unsent",
)  # fmt: skip
CODES_HEADER = ("code", "state")


def programmes(found: Iterable[Programme]) -> dict[str, Any]:
    """All programmes of an audience."""
    return {"programmes": [programme(it) for it in found]}


def programme(programme: Programme) -> dict[str, Any]:
    """A programme and what it has come to."""
    tally, code = programme.tally, programme.currency
    is_pool = programme.coupons.source.is_pool
    return {
        "id": programme.id,
        "audience_id": programme.audience_id,
        **programme_body(programme),
        "tally": {
            "awards": tally.awards,
            "value": _money(tally.value, code),
            "held_out": tally.held_out,
            "revoked": tally.revoked,
            "coupons_left": tally.coupons if is_pool else None,
            "coupons_given": tally.coupons_given if is_pool else None,
        },
        "created_at": utc(programme.created_at),
        "updated_at": utc(programme.updated_at),
        "version": programme.version,
    }


def programme_body(programme: Programme) -> dict[str, Any]:
    """A programme as clients write it."""
    coupons, code = programme.coupons, programme.currency
    return {
        "name": programme.name,
        "who": _who(programme.who),
        "benefit": benefit(programme.benefit, code),
        "coupon": {"source": coupons.source.value, "code": coupons.code, "prefix": coupons.prefix},
        "store": programme.store_id,
        "currency": code,
        "valid_days": programme.valid_days,
        "budget": {"awards": programme.budget.awards, "value": _money(programme.budget.value, code)},
        "hold_out": programme.hold_out,
        "template": programme.template_id,
        "state": programme.state.value,
    }


def benefit(benefit: Benefit, code: str | None) -> dict[str, Any]:
    """What a reward is."""
    return {
        "kind": benefit.kind.value,
        "percent": benefit.percent,
        "amount": _money(benefit.amount, code),
        "text": benefit.text,
        "worth": _money(benefit.worth, code),
    }


def award(award: Award, contact: Contact | None, programme: Programme | None) -> dict[str, Any]:
    """An award; name and address are the contact's as they are now."""
    return {
        "contact": award.ref.contact,
        "name": contact.name if contact else None,
        "email": contact.email if contact else None,
        **fact(award, programme),
    }


def fact(award: Award, programme: Programme | None) -> dict[str, Any]:
    """An award as the timeline of its contact shows it."""
    return {
        "programme": award.programme_id,
        "programme_name": programme.name if programme else None,
        "occasion": award.occasion,
        "at": utc(award.at),
        "state": award.state.value,
        "benefit": benefit(award.benefit, award.currency),
        "currency": award.currency,
        "coupon": award.coupon,
        "valid_until": utc_or_none(award.valid_until),
        "rank": award.rank,
        "message": award.message_id,
        "unsent": award.unsent,
        "revoked_at": utc_or_none(award.revoked_at),
    }


def award_row(award: Award, contact: Contact | None) -> tuple[str, ...]:
    """An award in the order of ``CSV_HEADER``."""
    return (
        utc(award.at),
        award.state.value,
        award.ref.contact,
        inert(contact.email if contact else ""),
        inert((contact.name if contact else None) or ""),
        "" if award.rank is None else str(award.rank),
        inert(award.coupon or ""),
        utc(award.valid_until) if award.valid_until else "",
        inert(award.occasion),
        award.message_id or "",
        award.unsent or "",
    )


def codes(found: Sequence[tuple[str, bool]], programme: Programme, cursor: str | None) -> dict[str, Any]:
    """A page of a programme's codes, each with whether it was given."""
    return {
        "coupons": [{"code": code, "state": _given(given)} for code, given in found],
        "left": programme.tally.coupons,
        "given": programme.tally.coupons_given,
        "next_cursor": cursor,
    }


def code_row(code: str, *, given: bool) -> tuple[str, str]:
    """A code in the order of ``CODES_HEADER``."""
    return inert(code), _given(given)


def tiers(tiers: Tiers, currencies: Mapping[str, str]) -> dict[str, Any]:
    """All tiers of an audience; ``currencies`` are those of its stores, by id."""
    return {
        "tiers": [{**tier(it), "needs": _needs(it.needs, currencies)} for it in tiers.tiers],
        "version": tiers.version,
    }


def tier(tier: Tier) -> dict[str, Any]:
    """A tier by name, and what it offers."""
    return {"id": tier.id, "name": tier.name, "benefits": list(tier.benefits)}


def tiered(rows: Iterable[dict[str, Any]], found: Mapping[str, Tier]) -> None:
    """Say in each row of a board which tier its customer is in."""
    for row in rows:
        customers = found.get(row["customer"])
        row["tier"] = tier(customers) if customers else None


def lift(lift: Lift) -> dict[str, Any]:
    """What a reward did to those who got it."""
    code = lift.currency
    return {
        "days": lift.days,
        "currency": code,
        "awarded": _group(lift.awarded, code),
        "held_out": _group(lift.held_out, code),
        "too_recent": lift.too_recent,
        "beyond": lift.beyond,
        "least_persons": lift.least_persons,
        "enough": lift.differences is not None,
        "differences": _differences(lift.differences, code) if lift.differences else None,
    }


def _group(group: Group, code: str | None) -> dict[str, Any]:
    return {
        "persons": group.persons,
        "buyers": group.buyers,
        "orders": group.orders,
        "spent": _money(group.spent, code),
        "buyers_share": _rounded(group.buyers / group.persons) if group.persons else None,
        "orders_per_head": _rounded(group.orders / group.persons) if group.persons else None,
        "spent_per_head": _money(group.spent / group.persons, code) if group.persons else None,
    }


def _differences(found: Differences, code: str | None) -> dict[str, Any]:
    spent = found.spent_per_head
    return {
        "buyers_share": _difference(found.buyers_share, _rounded),
        "orders_per_head": _difference(found.orders_per_head, _rounded),
        "spent_per_head": _difference(spent, partial(_money, code=code)) if spent and code else None,
    }


def _difference(found: Difference, shown: Callable[[float], float | str | None]) -> dict[str, Any]:
    return {"difference": shown(found.estimate), "low": shown(found.low), "high": shown(found.high)}


def _rounded(value: float) -> float:
    return round(value, 4)


def _money(amount: float | None, code: str | None) -> str | None:
    return None if amount is None or code is None else major_units(round(amount), code)


def _given(given: bool) -> str:  # noqa: FBT001, it is what it is about
    return "given" if given else "free"


def _who(who: Who) -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys(("metric", "time_frame", "first", "points", "tier"))
    own: dict[str, Any] = {"kind": "hand"}
    match who:
        case FirstOfBoard(metric, frame, first):
            own = {"kind": "board", "metric": metric.value, "time_frame": frame.value, "first": first}
        case ScoreAtLeast(points):
            own = {"kind": "score", "points": points}
        case InTier(tier_id):
            own = {"kind": "tier", "tier": tier_id}
    return {**nothing, **own}


def _needs(needs: ScoreAtLeast | SpentAtLeast, currencies: Mapping[str, str]) -> dict[str, Any]:
    if isinstance(needs, ScoreAtLeast):
        return {
            "kind": "score", "points": needs.points, "store": None, "time_frame": None, "amount": None,
            "currency": None,
        }  # fmt: skip
    code = currencies.get(needs.store_id)
    return {
        "kind": "spent",
        "points": None,
        "store": needs.store_id,
        "time_frame": needs.time_frame.value,
        "amount": _money(needs.amount, code),
        "currency": code,
    }
