"""Unsubscribe links: no token but the one that was made is taken, and a decision is carried out once."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.messaging.unsubscribe import Decision, decide, read, token
from laurel.model.activity import Activity
from laurel.model.contact import Consent, ConsentStatus, Contact, ContactRef
from laurel.model.errors import Conflict
from laurel.model.identity import contact_id

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
EMAIL = "ada@example.com"
REF = ContactRef("abcdefghijkl", "mnopqrstuvwx", contact_id(EMAIL))
TOKEN = token(KEY, REF)
NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
IDS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=12, max_size=12)
REFS = st.builds(ContactRef, IDS, IDS, st.text("0123456789abcdef", min_size=32, max_size=32))


def proves(said: str, key: bytes = KEY) -> ContactRef | None:
    link = read(said)
    return link.ref if link and link.proven_by(key) else None


@given(REFS, st.binary(min_size=32, max_size=32))
def test_a_token_leads_to_whom_it_was_made_for(ref: ContactRef, key: bytes) -> None:
    made = token(key, ref)

    assert proves(made, key) == ref
    assert len(made) == 118
    assert set(made) <= set(ALPHABET)


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(ALPHABET))
def test_no_other_character_anywhere_is_taken(position: int, character: str) -> None:
    said = TOKEN[:position] + character + TOKEN[position + 1 :]

    assert (proves(said) is None) == (said != TOKEN)


@given(st.integers(0, len(TOKEN)), st.integers(0, 8), st.text(max_size=8))
def test_nothing_cut_out_or_put_in_is_taken(position: int, cut: int, put: str) -> None:
    said = TOKEN[:position] + put + TOKEN[position + cut :]

    assert (proves(said) is None) == (said != TOKEN)


@given(st.text(max_size=200) | st.text(ALPHABET, max_size=200))
def test_no_other_text_is_taken(said: str) -> None:
    assert proves(said) is None


@given(REFS)
def test_a_tag_is_good_for_its_own_contact_only(ref: ContactRef) -> None:
    tag = base64.urlsafe_b64decode(TOKEN + "==")[-32:]
    named = f"{ref.account_id}{ref.audience_id}{ref.contact}".encode()
    said = base64.urlsafe_b64encode(named + tag).decode().rstrip("=")

    assert (proves(said) is None) == (ref != REF)


def test_another_accounts_key_proves_nothing() -> None:
    assert proves(TOKEN, OTHER_KEY) is None
    assert proves(token(OTHER_KEY, REF)) is None


def test_a_token_holds_no_address() -> None:
    assert EMAIL.encode() not in base64.urlsafe_b64decode(TOKEN + "==")


def test_only_ids_are_named() -> None:
    with pytest.raises(ValueError, match="ids"):
        token(KEY, replace(REF, contact="customer-7"))


class Ledger:
    """Keeps activities; the digest of a known one must be the same."""

    def __init__(self) -> None:
        self.kept: dict[str, Activity] = {}

    def record_activity(self, account_id: str, audience_id: str, contact: str, activity: Activity) -> bool:
        assert (account_id, audience_id, contact) == (REF.account_id, REF.audience_id, REF.contact)
        known = self.kept.setdefault(activity.id, activity)
        if known.digest != activity.digest:
            raise Conflict("other content")
        return known is activity


class People:
    """One contact."""

    def __init__(self, consent: Consent | None) -> None:
        self.kept = Contact(REF.contact, EMAIL, None, None, None, consent, (), None, NOW, NOW, 1)
        self.crashes = False

    def contact(self, account_id: str, audience_id: str, contact: str) -> Contact | None:
        return self.kept

    def look_up(self, account_id: str, audience_id: str, contact: str) -> Contact | None:
        return self.kept

    def save(self, account_id: str, audience_id: str, contact: Contact) -> bool:
        if self.crashes:
            raise RuntimeError("gone")
        self.kept = contact
        return True


def act(people: People, ledger: Ledger, decision: Decision, now: datetime = NOW) -> bool:
    return decide(people, ledger, REF, people.kept, decision, now)


@pytest.mark.parametrize("status", [None, *sorted(set(ConsentStatus) - {ConsentStatus.UNSUBSCRIBED})])
def test_whoever_unsubscribes_is_unsubscribed(status: ConsentStatus | None) -> None:
    people, ledger = People(Consent(status, NOW - timedelta(days=1)) if status else None), Ledger()

    assert act(people, ledger, Decision.UNSUBSCRIBE)
    assert not act(people, ledger, Decision.UNSUBSCRIBE, NOW + timedelta(days=1))

    assert people.kept.consent == Consent(ConsentStatus.UNSUBSCRIBED, NOW)
    assert [(it.name, it.occurred_at, it.properties) for it in ledger.kept.values()] == [
        ("unsubscribed", NOW, {"source": "link"})
    ]


def test_a_consent_that_claims_to_be_of_the_future_ends_too() -> None:
    people = People(Consent(ConsentStatus.SUBSCRIBED, NOW + timedelta(days=400)))

    act(people, Ledger(), Decision.UNSUBSCRIBE)

    assert people.kept.status is ConsentStatus.UNSUBSCRIBED


def test_a_crash_in_between_loses_nothing_and_adds_nothing() -> None:
    people, ledger = People(Consent(ConsentStatus.SUBSCRIBED, NOW - timedelta(days=1))), Ledger()
    people.crashes = True
    with pytest.raises(RuntimeError):
        act(people, ledger, Decision.UNSUBSCRIBE)
    people.crashes = False

    act(people, ledger, Decision.UNSUBSCRIBE, NOW + timedelta(minutes=1))

    assert people.kept.status is ConsentStatus.UNSUBSCRIBED
    assert len(ledger.kept) == 1


def test_each_time_that_somebody_leaves_is_an_activity_of_its_own() -> None:
    people, ledger = People(None), Ledger()

    for day, decision in enumerate([*Decision, *Decision]):
        assert act(people, ledger, decision, NOW + timedelta(days=day))

    assert len(ledger.kept) == 2
    assert people.kept.consent == Consent(ConsentStatus.SUBSCRIBED, NOW + timedelta(days=3))


@pytest.mark.parametrize("status", [None, *sorted(set(ConsentStatus) - {ConsentStatus.UNSUBSCRIBED})])
def test_only_an_unsubscribe_is_taken_back(status: ConsentStatus | None) -> None:
    people, ledger = People(Consent(status, NOW) if status else None), Ledger()
    before = people.kept

    assert not act(people, ledger, Decision.SUBSCRIBE, NOW + timedelta(days=1))

    assert people.kept == before
    assert not ledger.kept
