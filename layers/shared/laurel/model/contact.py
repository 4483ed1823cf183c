"""A person in an audience: profile, consent, and what an order or activity tells about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from laurel.model.identity import contact_id, is_contact

MOST_TAGS = 250
"""Tags of a contact: as many as Shopify allows. A shop that tags every order must not outgrow the item."""


class ConsentStatus(StrEnum):
    """Whether the person wants marketing mail. ``cleaned`` means the address bounces for good."""

    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    NON_SUBSCRIBED = "non_subscribed"
    PENDING = "pending"
    CLEANED = "cleaned"


class ConsentSource(StrEnum):
    """Where a consent decision comes from.

    One that arrives with an order can't undo an unsubscribe; a ``SHOP`` that reports a state, and no decision of some
    time, decides for those about whom nothing is known.
    """

    ORDER = "order"
    PERSON = "person"
    SHOP = "shop"


@dataclass(frozen=True, slots=True)
class Consent:
    """A decision and the time at which it was made."""

    status: ConsentStatus
    at: datetime


_OPTED_OUT = frozenset({ConsentStatus.UNSUBSCRIBED, ConsentStatus.CLEANED})


def newer_consent(current: Consent | None, incoming: Consent | None, source: ConsentSource) -> Consent | None:
    """The decision that holds: the newer one, but an order never lifts an opt-out. On equal times an opt-out wins."""
    if incoming is None or current is None:
        return incoming or current
    if source is ConsentSource.SHOP:
        return current
    if current.status in _OPTED_OUT and incoming.status not in _OPTED_OUT and source is ConsentSource.ORDER:
        return current
    if incoming.at == current.at:
        return incoming if incoming.status in _OPTED_OUT and current.status not in _OPTED_OUT else current
    return incoming if incoming.at > current.at else current


@dataclass(frozen=True, slots=True)
class Person:
    """What one order or activity says of the person behind it, as of ``seen_at``.

    Consent is None unless the source states a decision with a time of its own.
    """

    email: str
    seen_at: datetime
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    tags: tuple[str, ...] = ()
    consent: Consent | None = None
    consent_source: ConsentSource = ConsentSource.ORDER

    @property
    def contact_id(self) -> str:
        """Id of the contact this person is."""
        return contact_id(self.email)


@dataclass(frozen=True, slots=True)
class ContactRef:
    """One contact of one audience."""

    account_id: str
    audience_id: str
    contact: str

    @property
    def is_contact(self) -> bool:
        """True unless it is a customer who is known by an id of a shop's own only."""
        return is_contact(self.contact)


@dataclass(frozen=True, slots=True)
class Erased:
    """The mark of a person who was erased; facts from before ``at`` are not of anybody any more."""

    at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact's profile.

    ``score`` is None when there is none, which is not 0; it counts only under the audience's ``score_epoch`` it was
    given under. ``erased_at`` is when all that was known before was erased, if the person has come back since.
    """

    id: str
    email: str
    first_name: str | None
    last_name: str | None
    locale: str | None
    consent: Consent | None
    tags: tuple[str, ...]
    score: int | None
    seen_at: datetime
    created_at: datetime
    version: int
    score_epoch: int | None = None
    erased_at: datetime | None = None

    @property
    def status(self) -> ConsentStatus:
        """Consent status; ``non_subscribed`` while nobody has asked."""
        return self.consent.status if self.consent else ConsentStatus.NON_SUBSCRIBED

    @property
    def name(self) -> str | None:
        """First and last name as one line, or None."""
        return full_name(self.first_name, self.last_name)

    def score_under(self, epoch: int) -> int | None:
        """The score if it was given since the reset that began ``epoch``, else None."""
        return None if self.score_epoch is None or self.score_epoch < epoch else self.score


def full_name(first_name: str | None, last_name: str | None) -> str | None:
    """First and last name as one line, or None if both are missing."""
    return " ".join(part.strip() for part in (first_name, last_name) if part and part.strip()) or None


def _milliseconds(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _tags(told: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    """What is told now and what was known, sorted; of more than fit into a profile, what was known gives way."""
    return tuple(sorted(list(dict.fromkeys((*told, *known)))[:MOST_TAGS]))


def merged(contact: Contact | Erased | None, person: Person, now: datetime) -> Contact:
    """The contact after what ``person`` tells: newer fields replace older ones, missing ones leave what is known.

    Who was erased begins anew.

    Times are taken to the millisecond, as they are kept.
    """
    consent = person.consent and replace(person.consent, at=_milliseconds(person.consent.at))
    erased = contact if isinstance(contact, Erased) else None
    contact = None if isinstance(contact, Erased) else contact
    known_tags = contact.tags if contact else ()
    person = replace(
        person, consent=consent, seen_at=_milliseconds(person.seen_at), tags=_tags(person.tags, known_tags)
    )
    consent = newer_consent(contact.consent if contact else None, person.consent, person.consent_source)
    if contact is None:
        return Contact(
            person.contact_id,
            person.email,
            person.first_name,
            person.last_name,
            person.locale,
            consent,
            person.tags,
            None,
            person.seen_at,
            now,
            erased.version + 1 if erased else 1,
            erased_at=erased.at if erased else None,
        )
    newer = person.seen_at >= contact.seen_at
    older, fresher = (contact, person) if newer else (person, contact)
    return Contact(
        contact.id,
        contact.email,
        fresher.first_name or older.first_name,
        fresher.last_name or older.last_name,
        fresher.locale or older.locale,
        consent,
        person.tags,
        contact.score,
        max(contact.seen_at, person.seen_at),
        contact.created_at,
        contact.version + 1,
        contact.score_epoch,
        contact.erased_at,
    )
