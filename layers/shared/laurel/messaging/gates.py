"""What a message has to pass on its way to its reader, in the order in which that is told.

Quiet hours are no gate: what comes in them is not refused but waits for their end.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from math import ceil
from types import MappingProxyType

from laurel.messaging.mail import is_mailable
from laurel.model.account import Account, Audience, Plan, Role, Store
from laurel.model.contact import ConsentStatus, Contact
from laurel.model.deliverability import WINDOW, Standing
from laurel.model.errors import (
    AllowanceUsed,
    DailyCeilingReached,
    Forbidden,
    LaurelError,
    NoConnectedStore,
    NoEmailAddress,
    NoPostalAddress,
    NotSubscribed,
    PlanRequired,
    SenderNotVerified,
    SendingStopped,
    StoreDisconnected,
    Suppressed,
)
from laurel.model.message import Limits, Usage
from laurel.model.sender import Sender, SenderState
from laurel.model.suppression import Suppression, SuppressionReason

WRITES = Role.MARKETER
"""The least role that sends messages."""

_SUPPRESSED = {
    SuppressionReason.BOUNCE: "mail to it came back for good",
    SuppressionReason.COMPLAINT: "its reader reported mail as spam",
    SuppressionReason.MANUAL: "somebody of the account put it on the list",
}


class Gate(StrEnum):
    """The gates, in order."""

    ROLE = "role"
    PLAN = "plan"
    STORE = "store"
    SENDER = "sender"
    POSTAL_ADDRESS = "postal_address"
    STANDING = "standing"
    EMAIL_ADDRESS = "email_address"
    CONSENT = "consent"
    SUPPRESSION = "suppression"
    ALLOWANCE = "allowance"
    DAILY_CEILING = "daily_ceiling"


OF_THE_READER = frozenset({Gate.EMAIL_ADDRESS, Gate.CONSENT, Gate.SUPPRESSION})
"""The gates that don't matter if the mail goes to who wrote it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom and what a message is about.

    ``contact`` is None for a customer whom the shop knows by number only. ``store`` is the one that was named or else
    the audience's only connected one, and ``has_store`` whether the audience has any.
    """

    account: Account
    audience: Audience
    contact: Contact | None
    store: Store | None
    has_store: bool


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that the gates ask about, at ``now``.

    ``sender`` is the account's sender that ``sender_address`` belongs to; either is None if there is none.
    """

    role: Role
    subject: Subject
    sender_address: str | None
    sender: Sender | None
    standing: Standing
    suppression: Suppression | None
    usage: Usage
    now: datetime

    @property
    def account(self) -> Account:
        """The account that writes."""
        return self.subject.account

    @property
    def contact(self) -> Contact | None:
        """Who is written to."""
        return self.subject.contact

    @property
    def limits(self) -> Limits:
        """How many messages the account may send."""
        return Limits(self.account.plan.monthly_messages, self.account.daily_ceiling)

    @property
    def scheduled_for(self) -> datetime | None:
        """When the account's quiet hours end, if it has any now."""
        quiet = self.account.quiet_hours
        return quiet.end_after(self.now) if quiet else None


def refusals(it: Circumstances) -> dict[Gate, LaurelError | None]:
    """Every gate, in order, with what is told there; None if it is open."""
    return {gate: ask(it) for gate, ask in _GATES.items()}


def pass_through(it: Circumstances, *, but: Collection[Gate] = ()) -> None:
    """Go through the gates, ``but`` not these. Raises what is told at the first that is closed."""
    for gate, ask in _GATES.items():
        refusal = None if gate in but else ask(it)
        if refusal:
            raise refusal


def spent(account: Account, usage: Usage, now: datetime) -> LaurelError:
    """What an account is told that has reached a limit: the month's, if it is that, or else the day's."""
    return _month_spent(account) if usage.month >= account.plan.monthly_messages else _day_spent(account, now)


def _role(it: Circumstances) -> LaurelError | None:
    if it.role.includes(WRITES):
        return None
    return Forbidden(f"This needs the role {WRITES.value!r}; yours is {it.role.value!r}.")


def _plan(it: Circumstances) -> LaurelError | None:
    plan = it.account.plan
    if plan.monthly_messages:
        return None
    return PlanRequired(f"The plan {plan.value!r} has no messages." + _offer(plan), _higher(plan))


def _store(it: Circumstances) -> LaurelError | None:
    store = it.subject.store
    if store is not None:
        return None if store.shows_boards else StoreDisconnected(store.id)
    return None if it.subject.has_store else NoConnectedStore("audience")


def _sender(it: Circumstances) -> LaurelError | None:
    if it.sender_address is None:
        return SenderNotVerified(
            "There is no verified address to write from. Set one up with POST /v1/senders; if it is a domain, say with "
            "sender_address of PATCH /v1/account which of its addresses mail comes from."
        )
    if it.sender is None:
        return SenderNotVerified(
            f"{it.sender_address!r} is no sender of this account. Set it or its domain up with POST /v1/senders."
        )
    if it.sender.state is SenderState.VERIFIED:
        return None
    return SenderNotVerified(
        f"{it.sender_address!r} cannot be written from: verification of {it.sender.identity!r} is "
        f"{it.sender.state.value!r}. GET /v1/senders/{it.sender.id} says what is left to do."
    )


def _postal_address(it: Circumstances) -> LaurelError | None:
    return None if it.account.postal_address else NoPostalAddress()


def _standing(it: Circumstances) -> LaurelError | None:
    if not it.standing.is_stopped:
        return None
    totals = it.standing.totals
    return SendingStopped(
        f"Of {totals.sent:,} messages of the last {WINDOW.days} days {totals.bounced:,} came back for good and "
        f"{totals.complained:,} were reported as spam, which is more than mail providers bear. GET /v1/deliverability "
        "tells more. Once the cause is mended, whoever runs this installation lifts the stop."
    )


def _email_address(it: Circumstances) -> LaurelError | None:
    return None if it.contact and is_mailable(it.contact.email) else NoEmailAddress()


def _consent(it: Circumstances) -> LaurelError | None:
    status = it.contact.status if it.contact else ConsentStatus.NON_SUBSCRIBED
    return None if status is ConsentStatus.SUBSCRIBED else NotSubscribed(status.value)


def _suppression(it: Circumstances) -> LaurelError | None:
    found = it.suppression
    if found is None:
        return None
    return Suppressed(
        f"This account does not write to this address since {found.at:%Y-%m-%d}: {_SUPPRESSED[found.reason]}."
    )


def _allowance(it: Circumstances) -> LaurelError | None:
    return _month_spent(it.account) if it.usage.month >= it.limits.month else None


def _daily_ceiling(it: Circumstances) -> LaurelError | None:
    return _day_spent(it.account, it.now) if it.usage.day >= it.limits.day else None


_GATES: Mapping[Gate, Callable[[Circumstances], LaurelError | None]] = MappingProxyType(
    {
        Gate.ROLE: _role,
        Gate.PLAN: _plan,
        Gate.STORE: _store,
        Gate.SENDER: _sender,
        Gate.POSTAL_ADDRESS: _postal_address,
        Gate.STANDING: _standing,
        Gate.EMAIL_ADDRESS: _email_address,
        Gate.CONSENT: _consent,
        Gate.SUPPRESSION: _suppression,
        Gate.ALLOWANCE: _allowance,
        Gate.DAILY_CEILING: _daily_ceiling,
    }
)


def _month_spent(account: Account) -> AllowanceUsed:
    plan = account.plan
    return AllowanceUsed(
        f"All {plan.monthly_messages:,} messages that the plan {plan.value!r} has in a month are sent. The next month "
        "begins on its first day, midnight UTC." + _offer(plan),
        _higher(plan),
    )


def _day_spent(account: Account, now: datetime) -> DailyCeilingReached:
    midnight = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    return DailyCeilingReached(account.daily_ceiling, ceil((midnight - now).total_seconds()))


def _higher(plan: Plan) -> tuple[str, ...]:
    return tuple(it.value for it in Plan if it.monthly_messages > plan.monthly_messages)


def _offer(plan: Plan) -> str:
    offers = [f"{it!r} ({Plan(it).monthly_messages:,} a month)" for it in _higher(plan)]
    return f" Upgrade to {', '.join(offers)}." if offers else ""
