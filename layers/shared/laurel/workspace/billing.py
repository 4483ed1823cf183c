"""Plans of accounts, changed by Stripe's events about subscriptions and by an operator."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from laurel.model.account import Plan
from laurel.model.errors import Busy, NotFound
from laurel.model.plan import AccountPlan, SubscriptionState

_ATTEMPTS = 10
_DELETED = "customer.subscription.deleted"
# Of one second: whatever the first tells comes before whatever the second tells.
_KINDS = {"customer.subscription.created": 0, "customer.subscription.updated": 10, _DELETED: 20}
_NOT_PAID_YET = "incomplete"
_PAID = ("trialing", "active", "past_due")
# In the order in which a subscription can come to be in them.
_STATUSES = ("trialing", "paused", "active", "past_due", "unpaid", "incomplete_expired", "canceled")
_LOOKUP_KEY = re.compile(rf"laurel_({'|'.join(Plan)})(?:_.*)?")
_ACCOUNT_ID = re.compile(r"[a-z2-7]{12}")
_SUBSCRIPTION_ID = re.compile(r"[A-Za-z0-9_]{1,100}")
_LAST_SECOND = 10**11


class Outcome(StrEnum):
    """What became of an event: it was taken in, was old or known, was of no concern, or could not be acted upon."""

    ACCEPTED = "accepted"
    UNCHANGED = "unchanged"
    IGNORED = "ignored"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class SubscriptionEvent:
    """What an event says of an account's subscription."""

    account_id: str
    subscription: str
    state: SubscriptionState


@dataclass(frozen=True, slots=True)
class OfNoConcern:
    """The event changes no plan, and should not."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Somebody subscribes to Laurel, and whose account or which plan it is cannot be told."""

    reason: str


class Plans(Protocol):
    """Keeps accounts' plans."""

    def plan(self, account_id: str) -> AccountPlan | None: ...
    def save_plan(self, account_id: str, plan: AccountPlan) -> bool: ...


def read_event(event: Mapping[str, Any]) -> SubscriptionEvent | OfNoConcern | Unplaced:
    """What a verified event of Stripe means for plans.

    The account is the subscription's ``metadata.account_id``. The plan is in the ``lookup_key`` of its price
    (``laurel_standard``, ``laurel_standard_yearly``; of several the highest), or else its ``metadata.plan``. A
    subscription that names neither account nor plan is of another product.
    """
    subscription = _object(_object(event.get("data")).get("object"))
    if reason := _why_of_no_concern(event.get("type"), subscription):
        return OfNoConcern(reason)
    account_id = _matching(_ACCOUNT_ID, _metadata(subscription).get("account_id"))
    id_ = _matching(_SUBSCRIPTION_ID, subscription.get("id"))
    if account_id is None:
        return Unplaced("no account is named")
    if id_ is None:
        return Unplaced("no subscription is named")
    state = _state(event, subscription)
    return state if isinstance(state, Unplaced) else SubscriptionEvent(account_id, id_, state)


def take_in(plans: Plans, event: SubscriptionEvent) -> Outcome:
    """Have an account's plan follow an event; ``REJECTED`` if there is no such account. Raises ``Busy``."""
    try:
        before, after = _change(plans, event.account_id, lambda known: known.told(event.subscription, event.state))
    except NotFound:
        return Outcome.REJECTED
    return Outcome.UNCHANGED if after is before else Outcome.ACCEPTED


def set_plan(plans: Plans, account_id: str, plan: Plan, at: int) -> Plan:
    """Give an account a plan, whatever its subscriptions say; the plan before. Raises ``NotFound`` and ``Busy``."""
    before, _ = _change(plans, account_id, lambda known: known.set_by_operator(plan, at))
    return before.plan


def _change(
    plans: Plans, account_id: str, change: Callable[[AccountPlan], AccountPlan]
) -> tuple[AccountPlan, AccountPlan]:
    for _ in range(_ATTEMPTS):
        before = plans.plan(account_id)
        if before is None:
            raise NotFound("account", account_id)
        after = change(before)
        if after is before or plans.save_plan(account_id, after):
            return before, after
    raise Busy("The account's plan")


def _why_of_no_concern(kind: Any, subscription: Mapping[str, Any]) -> str | None:
    if not isinstance(kind, str) or kind not in _KINDS:
        return "not about a subscription"
    if "account_id" not in _metadata(subscription) and _plan(subscription) is None:
        return "of another product"
    if kind != _DELETED and subscription.get("status") == _NOT_PAID_YET:
        return "not paid yet"
    return None


def _state(event: Mapping[str, Any], subscription: Mapping[str, Any]) -> SubscriptionState | Unplaced:
    at, kind, status = event.get("created"), event["type"], subscription.get("status")
    if type(at) is not int or not 0 < at < _LAST_SECOND:
        return Unplaced("no time is named")
    if kind == _DELETED:
        return SubscriptionState(at, _KINDS[kind], Plan.FREE)
    if status not in _STATUSES:
        return Unplaced("the status is not known")
    plan = _plan(subscription) if status in _PAID else Plan.FREE
    if plan is None:
        return Unplaced("the plan is not known")
    return SubscriptionState(at, _KINDS[kind] + _STATUSES.index(status), plan)


def _plan(subscription: Mapping[str, Any]) -> Plan | None:
    items = _object(subscription.get("items")).get("data")
    prices = [_object(_object(item).get("price")) for item in items] if isinstance(items, list) else []
    found = [_LOOKUP_KEY.fullmatch(key) for price in prices if isinstance(key := price.get("lookup_key"), str)]
    paid_for = [Plan(match[1]) for match in found if match]
    if paid_for:
        return max(paid_for, key=list(Plan).index)
    named = _metadata(subscription).get("plan")
    return Plan(named) if named in list(Plan) else None


def _metadata(subscription: Mapping[str, Any]) -> Mapping[str, Any]:
    return _object(subscription.get("metadata"))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _matching(pattern: re.Pattern[str], value: Any) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None
