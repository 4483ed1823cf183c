"""Links by which people stop and resume mail, without signing in.

A link names account, audience, contact and purpose, and is signed with a key of the account. It holds ids only, never
expires, and is the same in every mail to a contact.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from laurel.ingestion.record import ActivityFacts, People, remember
from laurel.model.activity import UNSUBSCRIBED, Activity
from laurel.model.contact import Consent, ConsentSource, ConsentStatus, Contact, ContactRef, Person
from laurel.model.errors import Conflict

_TAG_BYTES = 32
_PURPOSE = b"laurel unsubscribe link\0"
_TICK = timedelta(milliseconds=1)
_NAMED = re.compile(rb"([a-z2-7]{12})([a-z2-7]{12})([0-9a-f]{32})")


class Decision(StrEnum):
    """What a person can decide with a link."""

    UNSUBSCRIBE = "unsubscribe"
    SUBSCRIBE = "subscribe"


@dataclass(frozen=True, slots=True)
class UnprovenLink:
    """What a token says before its signature is checked; it is worth nothing until then."""

    ref: ContactRef
    named: bytes
    tag: bytes

    def proven_by(self, key: bytes) -> bool:
        """True if the account's key made this link; takes as long whatever is wrong with it."""
        return hmac.compare_digest(_tag(key, self.named), self.tag)


def token(key: bytes, ref: ContactRef) -> str:
    """The token of a contact's link, as it stands in the URL: 118 characters of the URL-safe base64 alphabet."""
    named = f"{ref.account_id}{ref.audience_id}{ref.contact}".encode()
    if not _NAMED.fullmatch(named):
        raise ValueError("a link names an account, an audience and a contact by their ids")
    return _encoded(named + _tag(key, named))


def read(token: str) -> UnprovenLink | None:
    """What a token says, or None if it is not one; there is one spelling of each token and no other."""
    try:
        decoded = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    named, tag = decoded[:-_TAG_BYTES], decoded[-_TAG_BYTES:]
    found = _NAMED.fullmatch(named)
    if found is None or _encoded(decoded) != token:
        return None
    return UnprovenLink(ContactRef(*(part.decode() for part in found.groups())), named, tag)


def decide(
    people: People, activities: ActivityFacts, ref: ContactRef, contact: Contact, decision: Decision, now: datetime
) -> bool:
    """Carry out what a contact decided with their link; False if it is so already.

    It is the person's own decision and the latest one, whatever time an earlier one claims. An unsubscribe is an
    activity too, kept before the profile changes and under one id however often it is asked for, so that a crash in
    between loses nothing and a repetition adds nothing. Only an unsubscribe is taken back, nothing else subscribes.
    Raises ``Busy``.
    """
    opted_out = contact.status is ConsentStatus.UNSUBSCRIBED
    if opted_out is (decision is Decision.UNSUBSCRIBE):
        return False
    before = contact.consent.at if contact.consent else None
    at = max(now, before + _TICK) if before else now
    status = ConsentStatus.SUBSCRIBED
    if decision is Decision.UNSUBSCRIBE:
        status = ConsentStatus.UNSUBSCRIBED
        # A consent that ends is known by when it began.
        since = round(before.timestamp() * 1000) if before else 0
        with suppress(Conflict):
            activity = Activity(f"unsubscribe-{since}", UNSUBSCRIBED, now, {"source": "link"})
            activities.record_activity(ref.account_id, ref.audience_id, ref.contact, activity)
    person = Person(contact.email, now, consent=Consent(status, at), consent_source=ConsentSource.PERSON)
    remember(people, activities, ref.account_id, ref.audience_id, person, now)
    return True


def _tag(key: bytes, named: bytes) -> bytes:
    return hmac.digest(key, _PURPOSE + named, hashlib.sha256)


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
