"""Which plan an account has: what an operator said, or what its subscriptions say, whichever is newer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from laurel.model.account import Plan

_PLANS = list(Plan)


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """What is known of one subscription: the plan that it pays for, since ``at`` (epoch seconds).

    Of two states of the same second the one of the higher ``phase`` is newer: it is one that can only come later.
    """

    at: int
    phase: int
    plan: Plan

    def is_newer_than(self, other: SubscriptionState) -> bool:
        """True if this state replaces the other. Of two that nothing else tells apart the higher plan is newer."""
        return self._age > other._age

    @property
    def _age(self) -> tuple[int, int, int]:
        return self.at, self.phase, _PLANS.index(self.plan)


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """The plan of an account and what it follows from.

    ``set_at`` (epoch seconds) is when an operator last set it, 0 for never. ``version`` counts the writes.
    """

    plan: Plan
    subscriptions: Mapping[str, SubscriptionState] = field(default_factory=dict)
    set_at: int = 0
    version: int = 0

    def told(self, subscription: str, state: SubscriptionState) -> AccountPlan:
        """This plan once a subscription's state is known; unchanged if it is not newer than what was known.

        The highest plan that any subscription pays for counts, unless an operator's word is newer than all of them.
        What comes of several states does not depend on the order in which they are told.
        """
        known = self.subscriptions.get(subscription)
        if known and not state.is_newer_than(known):
            return self
        subscriptions = {**self.subscriptions, subscription: state}
        plan = self.plan
        if max(it.at for it in subscriptions.values()) > self.set_at:
            plan = max((it.plan for it in subscriptions.values()), key=_PLANS.index)
        return replace(self, plan=plan, subscriptions=subscriptions)

    def set_by_operator(self, plan: Plan, at: int) -> AccountPlan:
        """This plan once an operator has set it; newer than everything that subscriptions have told so far."""
        newest = max((it.at for it in self.subscriptions.values()), default=0)
        return replace(self, plan=plan, set_at=max(at, newest))
