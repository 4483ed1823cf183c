"""Contacts: a person's profile, and in the same partition what changed their score."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from laurel.model.contact import Consent, ConsentStatus, Contact, Erased
from laurel.store import keys
from laurel.store.dynamodb import (
    Item,
    Value,
    attribute,
    attributes,
    get_all,
    insert_all,
    instant,
    number,
    pages,
    setting,
    string,
    written_first,
)
from laurel.store.ledger_items import ERASED

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from laurel.model.scoring import ScoreEntry

TAGGED_BY = "tagged_by"
"""Attribute of a profile: the run that gave or took the tags of the version that ``TAGGED_VERSION`` names."""
TAGGED_VERSION = "tagged_version"


class Contacts:
    """The Contacts table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def contact(self, account_id: str, audience_id: str, contact: str) -> Contact | None:
        """A contact's profile, strongly consistent, or None."""
        known = self.look_up(account_id, audience_id, contact)
        return None if isinstance(known, Erased) else known

    def look_up(self, account_id: str, audience_id: str, contact: str) -> Contact | Erased | None:
        """A contact's profile or the mark that erasing it left, strongly consistent, or None."""
        answer = self._client.get_item(
            TableName=self._table, Key=_key(account_id, audience_id, contact), ConsistentRead=True
        )
        if "Item" not in answer:
            return None
        return _contact_or_mark(answer["Item"], contact)

    def look_up_all(self, account_id: str, audience_id: str, contacts: Iterable[str]) -> dict[str, Contact | Erased]:
        """As ``look_up``, for many; those of whom nothing is known are left out."""
        wanted = [_key(account_id, audience_id, contact) for contact in dict.fromkeys(contacts)]
        found = get_all(self._client, self._table, wanted, ConsistentRead=True)
        ids = ((keys.split(item["pk"]["S"])[2], item) for item in found)
        return {contact: _contact_or_mark(item, contact) for contact, item in ids}

    def contacts(self, account_id: str, audience_id: str, contacts: Iterable[str]) -> dict[str, Contact]:
        """Profiles of many contacts by their ids; who has none is left out."""
        wanted = [_key(account_id, audience_id, contact) for contact in dict.fromkeys(contacts)]
        found = ((keys.split(item["pk"]["S"])[2], item) for item in get_all(self._client, self._table, wanted))
        return {contact: _decode(item, contact) for contact, item in found if not is_mark(item)}

    def save(self, account_id: str, audience_id: str, contact: Contact, *, tagged_by: str | None = None) -> bool:
        """Write the profile, leaving the score alone, if it still has the version before.

        ``tagged_by`` is the automation's run that changed the tags, if one did: it stays with that version. False if
        another writer was faster, or is just then changing the score.
        """
        values = _profile(account_id, audience_id, contact)
        if tagged_by:
            values |= {TAGGED_BY: tagged_by, TAGGED_VERSION: contact.version}
        update = setting(values)
        if contact.version > 1:
            update["ExpressionAttributeValues"][":before"] = attribute(contact.version - 1)
        return written_first(
            self._client.update_item,
            TableName=self._table,
            Key=_key(account_id, audience_id, contact.id),
            ConditionExpression="#version = :before" if contact.version > 1 else "attribute_not_exists(pk)",
            **update,
        )

    def add_all(self, account_id: str, audience_id: str, contacts: Sequence[Contact]) -> set[str]:
        """Write profiles of people of whom nothing is known; the ids of those that were written."""
        items = [
            _key(account_id, audience_id, it.id) | attributes(_profile(account_id, audience_id, it)) for it in contacts
        ]
        inserted = insert_all(self._client, self._table, items)
        return {it.id for it, new in zip(contacts, inserted, strict=True) if new}

    def history_of(self, account_id: str, audience_id: str, contact: str) -> Iterator[ScoreEntry]:
        """What changed a contact's score, latest causes first."""
        from laurel.store.scores import decode_entry  # noqa: PLC0415, who keeps profiles needs no scoring

        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes(
                {":pk": keys.person(account_id, audience_id, contact), ":prefix": keys.score_entries()}
            ),
            ScanIndexForward=False,
        )
        return map(decode_entry, query)


def _key(account_id: str, audience_id: str, contact: str) -> Item:
    return attributes({"pk": keys.person(account_id, audience_id, contact), "sk": keys.PROFILE})


def _profile(account_id: str, audience_id: str, contact: Contact) -> dict[str, Value]:
    """What is kept of a contact beside the score."""
    return {
        "email": contact.email,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "locale": contact.locale,
        "status": contact.status.value,
        "consent_at": _milliseconds(contact.consent.at) if contact.consent else None,
        "tags": list(contact.tags) or None,
        "seen_at": _milliseconds(contact.seen_at),
        "created_at": _milliseconds(contact.created_at),
        "version": contact.version,
        "list_pk": keys.contact_list(account_id, audience_id),
        "list_sk": contact.email,
    }


def _milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def _contact_or_mark(item: Item, contact: str) -> Contact | Erased:
    if is_mark(item):
        return Erased(instant(item, ERASED), int(item["version"]["N"]))
    return _decode(item, contact)


def _decode(item: Item, contact: str) -> Contact:
    consent = Consent(ConsentStatus(item["status"]["S"]), instant(item, "consent_at")) if "consent_at" in item else None
    return Contact(
        id=contact,
        email=item["email"]["S"],
        first_name=string(item, "first_name"),
        last_name=string(item, "last_name"),
        locale=string(item, "locale"),
        consent=consent,
        tags=tuple(element["S"] for element in item["tags"]["L"]) if "tags" in item else (),
        score=number(item, "score"),
        seen_at=instant(item, "seen_at"),
        created_at=instant(item, "created_at"),
        version=int(item["version"]["N"]),
        score_epoch=number(item, "score_epoch"),
        erased_at=instant(item, ERASED) if ERASED in item else None,
    )


def is_mark(item: Item) -> bool:
    """True for what is left of the profile of somebody who was erased."""
    return ERASED in item and "email" not in item
