"""Gates: each closes on one thing, they close in order, and all can be told at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.messaging.gates import OF_THE_READER, Circumstances, Gate, Subject, pass_through, refusals, spent
from laurel.model.account import Account, Audience, Plan, Role, StoreState
from laurel.model.contact import Consent, ConsentStatus, Contact
from laurel.model.deliverability import Counts, Standing
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
from laurel.model.message import Usage
from laurel.model.quiet import QuietHours
from laurel.model.sender import Sender, SenderKind, SenderState
from laurel.model.suppression import Suppression, SuppressionReason
from tests.support.samples import ACCOUNT, ADA, ADA_ID, AUDIENCE, NOW, a_store

Mend = Callable[[Circumstances], Circumstances]

COMPANY = Account(ACCOUNT, "Shop", Plan.ESSENTIALS, "en", "00", NOW, postal_address="Hauptstr. 1, Berlin")
READER = Contact(ADA_ID, ADA, "Ada", None, None, Consent(ConsentStatus.SUBSCRIBED, NOW), (), None, NOW, NOW, 1)
SENDER = Sender(ACCOUNT, "sender", SenderKind.DOMAIN, "example.com", SenderState.VERIFIED, NOW, NOW)
AUDIENCE_OF_IT = Audience(ACCOUNT, AUDIENCE, "Customers", 1, NOW)
OPEN = Circumstances(
    role=Role.MARKETER,
    subject=Subject(COMPANY, AUDIENCE_OF_IT, READER, a_store(), has_store=True),
    sender_address="shop@example.com",
    sender=SENDER,
    standing=Standing(Counts(sent=100)),
    suppression=None,
    usage=Usage(4_999, 499),
    now=NOW,
)
STOPPED = Standing(Counts(sent=100, bounced=5))


def about(**changes: Any) -> Mend:
    return lambda it: replace(it, subject=replace(it.subject, **changes))


def by(**changes: Any) -> Mend:
    return lambda it: replace(it, subject=replace(it.subject, account=replace(it.account, **changes)))


def with_(**changes: Any) -> Mend:
    return lambda it: replace(it, **changes)


def to(**changes: Any) -> Mend:
    return about(contact=replace(READER, **changes))


SUPPRESSION = Suppression(ACCOUNT, ADA, SuppressionReason.BOUNCE, NOW)
UNVERIFIED = replace(SENDER, state=SenderState.PENDING)
CLOSED: list[tuple[Gate, type[LaurelError], Mend, Mend]] = [
    (Gate.ROLE, Forbidden, with_(role=Role.VIEWER), with_(role=Role.OWNER)),
    (Gate.PLAN, PlanRequired, by(plan=Plan.FREE), by(plan=Plan.ESSENTIALS)),
    (Gate.STORE, NoConnectedStore, about(store=None, has_store=False), about(store=None, has_store=True)),
    (Gate.SENDER, SenderNotVerified, with_(sender=UNVERIFIED), with_(sender=SENDER)),
    (Gate.POSTAL_ADDRESS, NoPostalAddress, by(postal_address=None), by(postal_address="Berlin")),
    (Gate.STANDING, SendingStopped, with_(standing=STOPPED), with_(standing=Standing())),
    (Gate.EMAIL_ADDRESS, NoEmailAddress, about(contact=None), to(consent=None)),
    (Gate.CONSENT, NotSubscribed, to(consent=None), to()),
    (Gate.SUPPRESSION, Suppressed, with_(suppression=SUPPRESSION), with_(suppression=None)),
    (Gate.ALLOWANCE, AllowanceUsed, with_(usage=Usage(5_000, 500)), with_(usage=Usage(0, 500))),
    (Gate.DAILY_CEILING, DailyCeilingReached, with_(usage=Usage(500, 500)), with_(usage=Usage(499, 499))),
]
"""Each gate, what is told there, what closes it, and what opens it."""


def test_nothing_stands_in_the_way_of_who_may_write() -> None:
    pass_through(OPEN)

    assert list(refusals(OPEN).items()) == [(gate, None) for gate in Gate]


@pytest.mark.parametrize(("gate", "error", "close", "_open"), CLOSED, ids=[gate for gate, *_ in CLOSED])
def test_each_gate_closes_on_its_own(gate: Gate, error: type[LaurelError], close: Mend, _open: Mend) -> None:
    told = {found: type(refusal) for found, refusal in refusals(close(OPEN)).items() if refusal}

    also = {Gate.CONSENT} if gate is Gate.EMAIL_ADDRESS else set[Gate]()
    also |= {Gate.ALLOWANCE, Gate.DAILY_CEILING} if gate is Gate.PLAN else set()
    also |= {Gate.DAILY_CEILING} if gate is Gate.ALLOWANCE else set()
    assert told[gate] is error
    assert set(told) == {gate} | also
    with pytest.raises(error):
        pass_through(close(OPEN))


def test_all_are_closed_and_mended_one_by_one_in_order() -> None:
    it = OPEN
    for gate, _, close, _ in CLOSED:
        if gate is not Gate.CONSENT:  # whom nobody can write to has not agreed to it either
            it = close(it)
    it = replace(it, usage=Usage(5_000, 500))
    assert all(refusals(it).values())

    for _, error, _, mend in CLOSED:
        with pytest.raises(LaurelError) as told:
            pass_through(it)
        assert type(told.value) is error
        it = mend(it)

    pass_through(it)


@given(st.sets(st.sampled_from(range(len(CLOSED)))))
def test_what_is_told_is_the_first_of_all_that_are_closed(closed: set[int]) -> None:
    it = OPEN
    for number in sorted(closed):
        it = CLOSED[number][2](it)

    told = [refusal for refusal in refusals(it).values() if refusal]

    if not told:
        pass_through(it)
        assert not closed
        return
    with pytest.raises(LaurelError) as raised:
        pass_through(it)
    assert (type(raised.value), str(raised.value)) == (type(told[0]), str(told[0]))


def test_a_test_message_passes_the_gates_of_its_reader() -> None:
    it = replace(about(contact=None)(OPEN), suppression=SUPPRESSION)

    pass_through(it, but=OF_THE_READER)

    for gate, error, close, _ in CLOSED:
        if gate not in OF_THE_READER:
            with pytest.raises(error):
                pass_through(close(it), but=OF_THE_READER)


def test_a_named_store_has_to_be_connected() -> None:
    gone = about(store=a_store(state=StoreState.DISCONNECTED), has_store=True)(OPEN)

    with pytest.raises(StoreDisconnected):
        pass_through(gone)


@pytest.mark.parametrize("status", [status for status in ConsentStatus if status is not ConsentStatus.SUBSCRIBED])
def test_only_who_is_subscribed_gets_mail(status: ConsentStatus) -> None:
    with pytest.raises(NotSubscribed, match=status.value):
        pass_through(to(consent=Consent(status, NOW))(OPEN))


@pytest.mark.parametrize("address", ["ada@", "@example.com", "a b@example.com", "ädä@example.com", f"{'a' * 65}@b.de"])
def test_an_address_that_mail_cannot_go_to_is_none(address: str) -> None:
    with pytest.raises(NoEmailAddress):
        pass_through(to(email=address)(OPEN))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sender_address": None, "sender": None}, "no verified address"),
        ({"sender": None}, "'shop@example.com' is no sender"),
        ({"sender": UNVERIFIED}, "'pending'"),
        ({"sender": replace(SENDER, state=SenderState.FAILED)}, "'failed'"),
    ],
)
def test_it_is_said_what_the_sender_lacks(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(SenderNotVerified, match=said):
        pass_through(replace(OPEN, **changes))


@pytest.mark.parametrize(
    ("plan", "usage", "higher"),
    [
        (Plan.FREE, Usage(0, 0), ("essentials", "standard", "premium")),
        (Plan.ESSENTIALS, Usage(5_000, 0), ("standard", "premium")),
        (Plan.PREMIUM, Usage(500_000, 0), ()),
    ],
)
def test_it_is_said_what_to_upgrade_to(plan: Plan, usage: Usage, higher: tuple[str, ...]) -> None:
    with pytest.raises(PlanRequired) as told:
        pass_through(replace(by(plan=plan)(OPEN), usage=usage))

    assert told.value.upgrade_to == higher
    assert all(name in str(told.value) for name in higher)
    assert ("Upgrade" in str(told.value)) == bool(higher)


@pytest.mark.parametrize("reason", SuppressionReason)
def test_it_is_said_why_an_address_is_suppressed(reason: SuppressionReason) -> None:
    with pytest.raises(Suppressed, match="since 2026-11-22: "):
        pass_through(replace(OPEN, suppression=replace(SUPPRESSION, reason=reason)))


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        (datetime(2026, 11, 22, tzinfo=UTC), 86_400),
        (datetime(2026, 11, 22, 23, 59, 59, 999_999, tzinfo=UTC), 1),
        (datetime(2026, 12, 31, 12, tzinfo=UTC), 43_200),
    ],
)
def test_the_day_begins_again_at_midnight(now: datetime, seconds: int) -> None:
    told = spent(COMPANY, Usage(500, 500), now)

    assert isinstance(told, DailyCeilingReached)
    assert told.retry_after == seconds


def test_of_both_limits_the_months_is_told() -> None:
    assert isinstance(spent(COMPANY, Usage(5_000, 500), NOW), AllowanceUsed)


def test_quiet_hours_put_off_and_close_nothing() -> None:
    quiet = by(quiet_hours=QuietHours(time(12), time(14), "UTC"))(OPEN)

    pass_through(quiet)
    assert quiet.scheduled_for == NOW + timedelta(hours=2)
    assert replace(quiet, now=NOW + timedelta(hours=2)).scheduled_for is None
    assert OPEN.scheduled_for is None
