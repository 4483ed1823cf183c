"""What steps do to a score, one after another, and rules that give points for orders."""

from __future__ import annotations

from dataclasses import replace

from laurel.model.scoring import ORDER_PLACED, ScoreState, ScoringRule, Step
from laurel.scoring.fold import Folded, fold
from tests.support.steps import PER_UNIT, a_rule, cancelled

EMPTY = ScoreState()
TEN_FOR_ORDERS = a_rule(10, "bought", activity=ORDER_PLACED)
TWO_A_UNIT = a_rule(2, "per unit", activity=ORDER_PLACED, kind=PER_UNIT)
EXPIRY = replace(cancelled(), cause="expired", reason="expired", rule_id="bought", frees_cap=False)


def folded(*steps: Step, rules: list[ScoringRule], state: ScoreState = EMPTY) -> Folded:
    """What steps do to a score."""
    return fold(state, steps, rules)


def then(before: Folded, *steps: Step, rules: list[ScoringRule]) -> Folded:
    """What further steps do, with what is known from before; all entries together."""
    after = fold(before.state, steps, rules, before.entries)
    return Folded(after.state, before.entries + after.entries)
