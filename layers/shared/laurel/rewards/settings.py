"""What of a programme may be set, and when."""

from __future__ import annotations

from laurel.model.errors import Conflict, InvalidInput
from laurel.model.reward import InTier, Programme, ProgrammeState, Tiers


def check_references(wanted: Programme, tiers: Tiers, *, has_template: bool) -> None:
    """Raise ``InvalidInput`` if a programme names a tier or template that is not there."""
    if isinstance(wanted.who, InTier) and wanted.who.tier_id not in {it.id for it in tiers.tiers}:
        raise InvalidInput.at("/who/tier", "There is no such tier in this audience.")
    if wanted.template_id is not None and not has_template:
        raise InvalidInput.at("/template", "There is no such template in this account.")


def check_change(known: Programme, wanted: Programme) -> None:
    """Raise ``Conflict`` if a programme has ended, or what it has come to could not be compared with what comes."""
    if known.state is ProgrammeState.ENDED:
        raise Conflict("This programme has ended. Make a new one.")
    begun = known.tally.awards + known.tally.held_out
    fixed = ("who", "store_id", "currency", "hold_out")
    changed = [name for name in fixed if getattr(known, name) != getattr(wanted, name)]
    if begun and changed:
        raise Conflict("Somebody was awarded or held out already: who, store, currency and hold_out stay as they are.")
    if (begun or known.tally.coupons) and known.coupons.source is not wanted.coupons.source:
        raise Conflict("There are coupons or awards already: the source of coupons stays as it is.")
