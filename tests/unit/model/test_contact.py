"""Contacts: which consent holds, and what is kept of what is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.model.contact import (
    Consent,
    ConsentSource,
    ConsentStatus,
    Contact,
    Person,
    full_name,
    merged,
    newer_consent,
)
from tests.support.samples import ADA_ID, NOW, a_contact, a_person, at

MONDAY, TUESDAY = at("2026-11-16T10:00:00"), at("2026-11-17T10:00:00")
ORDER, PERSON = ConsentSource.ORDER, ConsentSource.PERSON
SUBSCRIBED, UNSUBSCRIBED, CLEANED = ConsentStatus.SUBSCRIBED, ConsentStatus.UNSUBSCRIBED, ConsentStatus.CLEANED
OPTED_OUT = [UNSUBSCRIBED, CLEANED]
OPTED_IN = [SUBSCRIBED, ConsentStatus.NON_SUBSCRIBED, ConsentStatus.PENDING]

decisions = st.builds(Consent, st.sampled_from(ConsentStatus), st.sampled_from([MONDAY, TUESDAY]))
sources = st.sampled_from(ConsentSource)


# ---- Consent ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [ORDER, PERSON])
def test_the_newer_of_two_decisions_holds(source: ConsentSource) -> None:
    monday, tuesday = Consent(SUBSCRIBED, MONDAY), Consent(UNSUBSCRIBED, TUESDAY)

    assert newer_consent(monday, tuesday, source) == tuesday
    assert newer_consent(tuesday, Consent(SUBSCRIBED, MONDAY), source) == tuesday


@pytest.mark.parametrize("before", OPTED_OUT)
@pytest.mark.parametrize("after", OPTED_IN)
def test_an_order_never_lifts_an_opt_out(before: ConsentStatus, after: ConsentStatus) -> None:
    out = Consent(before, MONDAY)

    assert newer_consent(out, Consent(after, TUESDAY), ORDER) == out


@pytest.mark.parametrize("status", ConsentStatus)
def test_what_a_shop_says_of_a_state_holds_only_where_nothing_is_known(status: ConsentStatus) -> None:
    decided, said = Consent(SUBSCRIBED, MONDAY), Consent(status, TUESDAY)

    assert newer_consent(decided, said, ConsentSource.SHOP) == decided
    assert newer_consent(None, said, ConsentSource.SHOP) == said


def test_a_person_may_change_their_mind() -> None:
    back = Consent(SUBSCRIBED, TUESDAY)

    assert newer_consent(Consent(UNSUBSCRIBED, MONDAY), back, PERSON) == back


@pytest.mark.parametrize("source", [ORDER, PERSON])
def test_of_decisions_of_the_same_time_an_opt_out_holds(source: ConsentSource) -> None:
    into, out = Consent(SUBSCRIBED, MONDAY), Consent(UNSUBSCRIBED, MONDAY)

    assert newer_consent(into, out, source) == out
    assert newer_consent(out, into, source) == out


def test_of_decisions_of_the_same_time_and_kind_the_first_one_stays() -> None:
    first, second = Consent(SUBSCRIBED, MONDAY), Consent(ConsentStatus.PENDING, MONDAY)

    assert newer_consent(first, second, PERSON) == first


def test_an_order_may_opt_out() -> None:
    out = Consent(UNSUBSCRIBED, TUESDAY)

    assert newer_consent(Consent(SUBSCRIBED, MONDAY), out, ORDER) == out


def test_no_decision_leaves_what_holds() -> None:
    decision = Consent(SUBSCRIBED, MONDAY)

    assert newer_consent(decision, None, ORDER) == decision
    assert newer_consent(None, decision, ORDER) == decision
    assert newer_consent(None, None, ORDER) is None


@given(first=decisions, told=st.lists(st.tuples(decisions, sources)))
def test_whatever_orders_say_after_an_opt_out_it_holds_until_the_person_says_otherwise(
    first: Consent, told: list[tuple[Consent, ConsentSource]]
) -> None:
    holds: Consent | None = first
    for decision, source in told:
        before, holds = holds, newer_consent(holds, decision, source)
        assert holds in (before, decision)
        assert before is None or holds is None or holds.at >= before.at
        if before and before.status in OPTED_OUT and source is ORDER:
            assert holds
            assert holds.status in OPTED_OUT


# ---- Names and status ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("Ada", "King", "Ada King"),
        (" Ada ", "  King", "Ada King"),
        ("Ada", None, "Ada"),
        (None, "King", "King"),
        ("", "King", "King"),
        (" ", "", None),
        (None, None, None),
    ],
)
def test_a_name_is_one_line(first: str | None, last: str | None, name: str | None) -> None:
    assert full_name(first, last) == name
    assert a_contact(first_name=first, last_name=last).name == name


def test_who_was_never_asked_is_not_subscribed() -> None:
    assert a_contact().status is ConsentStatus.NON_SUBSCRIBED
    assert a_contact(consent=Consent(CLEANED, MONDAY)).status is CLEANED


@pytest.mark.parametrize(("given_under", "epoch", "score"), [(None, 1, None), (1, 2, None), (2, 2, 0), (3, 2, 0)])
def test_a_score_counts_since_the_reset_it_was_given_after(
    given_under: int | None, epoch: int, score: int | None
) -> None:
    assert a_contact(score=0, score_epoch=given_under).score_under(epoch) == score


# ---- What is told of a person ----------------------------------------------------------------------------------------


def test_a_person_nobody_knew_becomes_a_contact() -> None:
    consent = Consent(SUBSCRIBED, MONDAY)
    person = a_person(
        first_name="Ada", last_name="King", locale="en", tags=("vip", "early", "vip"), consent=consent, seen_at=TUESDAY
    )

    assert merged(None, person, NOW) == Contact(
        id=ADA_ID,
        email="ada@example.com",
        first_name="Ada",
        last_name="King",
        locale="en",
        consent=consent,
        tags=("early", "vip"),
        score=None,
        seen_at=TUESDAY,
        created_at=NOW,
        version=1,
    )


def test_newer_fields_replace_older_ones_and_missing_ones_leave_what_is_known() -> None:
    score = {"score": 250, "score_epoch": 2}
    known = a_contact(first_name="Ada", last_name="Byron", locale="en", seen_at=MONDAY, version=3, **score)

    assert merged(known, a_person(last_name="King", seen_at=TUESDAY), NOW) == a_contact(
        first_name="Ada", last_name="King", locale="en", seen_at=TUESDAY, version=4, **score
    )


def test_what_is_told_late_only_fills_gaps() -> None:
    known = a_contact(last_name="King", seen_at=TUESDAY)

    late = a_person(first_name="Ada", last_name="Byron", locale="en", seen_at=MONDAY)

    assert merged(known, late, NOW) == a_contact(
        first_name="Ada", last_name="King", locale="en", seen_at=TUESDAY, version=2
    )


def test_tags_add_up() -> None:
    known = a_contact(tags=("early", "vip"), seen_at=TUESDAY)

    assert merged(known, a_person(tags=("vip", "wholesale"), seen_at=MONDAY), NOW).tags == ("early", "vip", "wholesale")


@pytest.mark.parametrize(("source", "status"), [(ORDER, UNSUBSCRIBED), (PERSON, SUBSCRIBED)])
def test_consent_keeps_its_own_rule(source: ConsentSource, status: ConsentStatus) -> None:
    known = a_contact(consent=Consent(UNSUBSCRIBED, MONDAY), seen_at=MONDAY)
    person = a_person(consent=Consent(SUBSCRIBED, TUESDAY), consent_source=source, seen_at=TUESDAY)

    assert merged(known, person, NOW).status is status


def test_times_are_taken_to_the_millisecond() -> None:
    told = at("2026-11-17T10:00:00.123999")

    contact = merged(None, a_person(seen_at=told, consent=Consent(SUBSCRIBED, told)), NOW)

    kept = at("2026-11-17T10:00:00.123")
    assert (contact.seen_at, contact.consent) == (kept, Consent(SUBSCRIBED, kept))


people = st.builds(
    Person,
    email=st.just("ada@example.com"),
    seen_at=st.sampled_from([MONDAY, TUESDAY]),
    first_name=st.sampled_from([None, "Ada", "A."]),
    tags=st.sampled_from([(), ("a",), ("b", "a")]),
    consent=st.none() | decisions,
    consent_source=sources,
)


@given(known=st.none() | st.just(a_contact()), person=people)
def test_hearing_the_same_twice_says_nothing_new(known: Contact | None, person: Person) -> None:
    once = merged(known, person, NOW)
    twice = merged(once, person, NOW)

    assert (twice.version, twice.first_name, twice.tags, twice.consent, twice.seen_at) == (
        once.version + 1,
        once.first_name,
        once.tags,
        once.consent,
        once.seen_at,
    )
