"""Contacts: profiles are saved only over what was read, and scores are left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from laurel.ingestion.record import remember
from laurel.model.account import Store
from laurel.model.contact import Consent, ConsentStatus, Contact
from laurel.model.identity import contact_id
from laurel.model.scoring import ScoreEntry
from laurel.scoring.fold import Folded
from laurel.store import keys
from laurel.store.contacts import Contacts
from laurel.store.scores import Scores
from tests.support.fakes import FakeFacts
from tests.support.faults import client_error
from tests.support.samples import ADA_ID, NOW, a_contact, a_person, a_score_entry, at
from tests.support.stage import MemoryStage
from tests.support.tables import Database


@pytest.fixture
def contacts(database: Database) -> Contacts:
    return Contacts(database.client, database.tables.contacts)


@pytest.fixture
def scores(database: Database) -> Scores:
    return Scores(database.client, database.tables.contacts)


def give(scores: Scores, store: Store, entry: ScoreEntry) -> None:
    """Give a contact points that no rule asked for."""
    seen = scores.read(store.account_id, store.audience_id, entry.epoch, ADA_ID)
    assert seen
    scores.write(seen, Folded(replace(seen.state, points=entry.after, seq=entry.seq), (entry,)))


FULL = a_contact(
    first_name="Ada",
    last_name="King",
    locale="en-GB",
    consent=Consent(ConsentStatus.SUBSCRIBED, at("2026-11-19T08:30:00.250")),
    tags=("vip", "wholesale"),
    seen_at=at("2026-11-20T10:00:00.123"),
)


def test_profiles_of_the_unknown_are_written_many_at_a_time_as_one_by_one(contacts: Contacts, store: Store) -> None:
    ids = store.account_id, store.audience_id
    others = [replace(FULL, id=contact_id(f"{n}@example.com"), email=f"{n}@example.com") for n in range(30)]
    assert contacts.save(*ids, FULL)

    added = contacts.add_all(*ids, [replace(FULL, first_name="Eve"), *others])

    assert added == {it.id for it in others}
    assert contacts.look_up_all(*ids, [FULL.id, *added]) == {it.id: it for it in (FULL, *others)}


@pytest.mark.parametrize("contact", [a_contact(), FULL], ids=["nothing known", "everything known"])
def test_a_profile_is_read_as_it_was_saved(contacts: Contacts, store: Store, contact: Contact) -> None:
    assert contacts.save(store.account_id, store.audience_id, contact)

    assert contacts.contact(store.account_id, store.audience_id, ADA_ID) == contact


def test_a_contact_belongs_to_one_audience(contacts: Contacts, store: Store) -> None:
    contacts.save(store.account_id, store.audience_id, a_contact())

    assert contacts.contact(store.account_id, "another", ADA_ID) is None
    assert contacts.contact("another", store.audience_id, ADA_ID) is None


def test_a_profile_is_saved_only_over_the_version_that_was_read(contacts: Contacts, store: Store) -> None:
    # Given a profile in its second version
    assert contacts.save(store.account_id, store.audience_id, a_contact())
    assert contacts.save(store.account_id, store.audience_id, a_contact(version=2, first_name="Ada"))

    # When writers come who read the first one, or none at all
    late = [a_contact(version=2, first_name="Late"), a_contact(version=1), a_contact(version=4)]
    assert [contacts.save(store.account_id, store.audience_id, it) for it in late] == [False, False, False]

    # Then the second version stands
    found = contacts.contact(store.account_id, store.audience_id, ADA_ID)
    assert found == a_contact(version=2, first_name="Ada")


def test_what_is_known_no_longer_is_removed(contacts: Contacts, store: Store) -> None:
    contacts.save(store.account_id, store.audience_id, FULL)

    assert contacts.save(store.account_id, store.audience_id, a_contact(version=2))

    assert contacts.contact(store.account_id, store.audience_id, ADA_ID) == a_contact(version=2)


def test_saving_a_profile_leaves_its_score_alone(contacts: Contacts, scores: Scores, store: Store) -> None:
    # Given a contact who was given points meanwhile
    contacts.save(store.account_id, store.audience_id, a_contact())
    give(scores, store, a_score_entry())

    # When the profile is saved by somebody who knows of no score
    assert contacts.save(store.account_id, store.audience_id, a_contact(version=2))

    # Then the score is still there
    found = contacts.contact(store.account_id, store.audience_id, ADA_ID)
    assert found == a_contact(version=2, score=5, score_epoch=1)


def test_a_contacts_history_is_what_changed_the_score_latest_causes_first(
    database: Database, contacts: Contacts, scores: Scores, store: Store
) -> None:
    contacts.save(store.account_id, store.audience_id, a_contact())
    early = a_score_entry(1, subject_at=at("2026-11-20"), expires_on=date(2026, 12, 1))
    late = a_score_entry(2, subject_at=at("2026-11-21"), before=5, after=10)
    give(scores, store, early)
    give(scores, store, late)

    assert list(contacts.history_of(store.account_id, store.audience_id, ADA_ID)) == [late, early]


def test_contacts_of_an_audience_are_listed_by_address(database: Database, contacts: Contacts, store: Store) -> None:
    for email in ("bob@example.com", "ada@example.com"):
        contacts.save(store.account_id, store.audience_id, a_contact(id=contact_id(email), email=email))
    contacts.save(store.account_id, "another", a_contact())

    listed = database.client.query(
        TableName=database.tables.contacts,
        IndexName="by_list",
        KeyConditionExpression="list_pk = :pk",
        ExpressionAttributeValues={":pk": {"S": keys.contact_list(store.account_id, store.audience_id)}},
    )

    assert [item["list_sk"]["S"] for item in listed["Items"]] == ["ada@example.com", "bob@example.com"]


def test_a_profile_that_meets_points_being_given_is_read_again() -> None:
    # Given a contact whose score a transaction is changing
    stage = MemoryStage()
    contacts = Contacts(stage.client, stage.tables.contacts)
    left = [2]

    def busy(operation: str) -> None:
        if operation == "update_item" and left[0]:
            left[0] -= 1
            raise client_error("TransactionConflictException", operation)

    stage.before = busy

    # When somebody else saves the profile
    remember(contacts, FakeFacts(), "account", "audience", a_person(first_name="Ada"), NOW)

    # Then it waits its turn
    found = contacts.contact("account", "audience", ADA_ID)
    assert found
    assert found.first_name == "Ada"


def test_whoever_is_met_again_with_nothing_new_costs_no_write() -> None:
    # Given somebody known by all there is, at a time finer than is kept
    stage = MemoryStage()
    contacts = Contacts(stage.client, stage.tables.contacts)
    person = a_person(
        first_name="Ada",
        tags=("vip", "early"),
        seen_at=at("2026-11-20T10:00:00.123456"),
        consent=Consent(ConsentStatus.SUBSCRIBED, at("2026-11-19T08:30:00.987654")),
    )
    remember(contacts, FakeFacts(), "account", "audience", person, NOW)
    requests: list[str] = []
    stage.before = requests.append

    # When they are met again
    remember(contacts, FakeFacts(), "account", "audience", person, NOW)

    # Then the profile was read and left alone
    assert requests == ["get_item"]


def test_two_who_meet_a_person_for_the_first_time_both_leave_their_news() -> None:
    # Given a writer that is about to save a new contact
    stage = MemoryStage()
    contacts = Contacts(stage.client, stage.tables.contacts)

    def meanwhile(operation: str) -> None:
        if operation == "update_item":
            stage.before = lambda _: None
            remember(contacts, FakeFacts(), "account", "audience", a_person(locale="en"), NOW)

    stage.before = meanwhile

    # When another one is faster
    remember(contacts, FakeFacts(), "account", "audience", a_person(first_name="Ada"), NOW)

    # Then nothing is lost
    found = contacts.contact("account", "audience", ADA_ID)
    assert found
    assert (found.first_name, found.locale, found.version) == ("Ada", "en", 2)


def test_other_errors_are_the_callers_to_handle() -> None:
    stage = MemoryStage()

    def fails(operation: str) -> None:
        raise client_error("InternalServerError", operation)

    stage.before = fails
    with pytest.raises(ClientError, match="InternalServerError"):
        Contacts(stage.client, stage.tables.contacts).save("account", "audience", a_contact())


_milliseconds = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)).map(  # noqa: DTZ001
    lambda it: it.replace(tzinfo=UTC) - timedelta(microseconds=it.microsecond % 1000)
)


@given(seen_at=_milliseconds, decided_at=_milliseconds, status=st.sampled_from(ConsentStatus))
def test_times_are_kept_to_the_millisecond(seen_at: datetime, decided_at: datetime, status: ConsentStatus) -> None:
    stage = MemoryStage()
    contacts = Contacts(stage.client, stage.tables.contacts)
    contact = replace(a_contact(), seen_at=seen_at, consent=Consent(status, decided_at))

    contacts.save("account", "audience", contact)

    assert contacts.contact("account", "audience", ADA_ID) == contact
