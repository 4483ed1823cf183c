"""Messages, in their contacts' partitions; those that somebody has to look after are in the outbox index as well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from laurel.model.contact import ContactRef
from laurel.model.message import FailureReason, Message, MessageContent, MessageState
from laurel.model.order import epoch_ms
from laurel.store import keys
from laurel.store.dynamodb import (
    Item,
    Value,
    attribute,
    attributes,
    instant,
    number,
    pages,
    setting,
    string,
    written_first,
    written_together,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NEW = "attribute_not_exists(pk)"
_NEXT = {
    MessageState.SCHEDULED: MessageState.QUEUED,
    MessageState.QUEUED: MessageState.SENDING,
    MessageState.SENDING: MessageState.UNKNOWN,
}


class Messages:
    """The messages in the Contacts table. Reads are strongly consistent; times are kept to the millisecond.

    Each change names the states that it may follow and those that it must not, and is made by one writer only: who
    comes second is told False.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def accept(self, message: Message, content: MessageContent) -> bool:
        """Keep a new message and what it says, both or neither; False if there is one of that id."""
        said = {"subject": content.subject, "text": content.text, "html": content.html}
        items = (
            attributes(_encode(message)),
            attributes({"pk": _pk(message.ref), "sk": keys.message_content(message.id), **said}),
        )
        writes: list[Any] = [
            {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": _NEW}} for item in items
        ]
        return written_together(self._client, writes)

    def message(self, ref: ContactRef, message_id: str) -> Message | None:
        """A message, or None."""
        item = self._get(ref, keys.message(message_id))
        return _decode(item) if item else None

    def content(self, ref: ContactRef, message_id: str) -> MessageContent | None:
        """What a message says, or None."""
        item = self._get(ref, keys.message_content(message_id))
        return MessageContent(item["subject"]["S"], item["text"]["S"], string(item, "html")) if item else None

    def messages_of(self, account_id: str, audience_id: str, contact: str) -> Iterator[Message]:
        """All messages to a contact, in no order."""
        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes(
                {":pk": keys.person(account_id, audience_id, contact), ":prefix": keys.message("")}
            ),
            ConsistentRead=True,
        )
        return map(_decode, query)

    def due(self, now: datetime) -> Iterator[tuple[ContactRef, str]]:
        """Messages of all accounts that somebody has to look after, longest due first; eventually consistent."""
        query = pages(
            self._client,
            TableName=self._table,
            IndexName="by_list",
            KeyConditionExpression="list_pk = :pk AND list_sk < :now",
            ExpressionAttributeValues=attributes({":pk": keys.OUTBOX, ":now": keys.outbox(epoch_ms(now) + 1, "")}),
        )
        for item in query:
            yield ContactRef(*keys.split(item["pk"]["S"])), keys.split(item["sk"]["S"])[1]

    def queue(self, message: Message, now: datetime, due: datetime) -> bool:
        """Scheduled, now queued; ``due`` is when to look whether that got lost. One that is queued stays so."""
        if MessageState.QUEUED in message.times:
            return self._change(message, {}, due, after=MessageState.QUEUED, before=MessageState.SENDING)
        return self._change(
            message, {MessageState.QUEUED: now}, due, after=MessageState.SCHEDULED, before=MessageState.QUEUED
        )

    def postpone(self, message: Message, now: datetime, due: datetime) -> bool:
        """Queued, now scheduled again."""
        times = {MessageState.SCHEDULED: now}
        return self._change(
            message,
            times,
            due,
            after=MessageState.QUEUED,
            before=MessageState.SENDING,
            removed=(MessageState.QUEUED,),
        )

    def claim(self, message: Message, claim: str, now: datetime, due: datetime) -> bool:
        """Queued, now being sent, by whoever is told True. From here on nobody else sends it, whatever happens.

        ``claim`` is a name that no other attempt has: asked again under it, as after a lost answer, it is True again.
        """
        times = {MessageState.SENDING: now}
        also = {"claim": claim}
        claimed = self._change(message, times, due, after=MessageState.QUEUED, before=MessageState.SENDING, also=also)
        return claimed or self._is_claimed(message, claim)

    def sent(self, message: Message, now: datetime, mail_id: str) -> bool:
        """Being sent, now sent, under the mail service's name for it."""
        times = {MessageState.SENT: now}
        return self._change(
            message, times, None, after=MessageState.SENDING, before=MessageState.SENT, also={"mail_id": mail_id}
        )

    def put_off(self, message: Message, claim: str, now: datetime, due: datetime) -> bool:
        """Being sent under this ``claim``, but certainly not gone: scheduled again."""
        times = {MessageState.SCHEDULED: now}
        removed = (MessageState.QUEUED, MessageState.SENDING)
        return self._change(
            message,
            times,
            due,
            after=MessageState.SENDING,
            before=MessageState.UNKNOWN,
            removed=removed,
            under=claim,
        )

    def fail(
        self, message: Message, now: datetime, reason: FailureReason, detail: str | None = None, *, after: MessageState
    ) -> bool:
        """Scheduled, queued or being sent (``after`` says which), now failed for good."""
        also = {"reason": reason.value, "detail": detail}
        return self._change(message, {MessageState.FAILED: now}, None, after=after, before=_NEXT[after], also=also)

    def give_up(self, message: Message, now: datetime) -> bool:
        """Being sent for too long: nobody knows whether it went out."""
        times = {MessageState.UNKNOWN: now}
        return self._change(message, times, None, after=MessageState.SENDING, before=MessageState.UNKNOWN)

    def _change(
        self,
        message: Message,
        times: Mapping[MessageState, datetime],
        due: datetime | None,
        *,
        after: MessageState,
        before: MessageState,
        also: Mapping[str, Value] | None = None,
        removed: Iterable[MessageState] = (),
        under: str | None = None,
    ) -> bool:
        """A change of a message that has reached ``after`` and neither ``before`` nor an end, ``under`` a claim."""
        values: dict[str, Value] = {time_attribute(state): epoch_ms(at) for state, at in times.items()}
        values |= _outbox(message.id, due) | dict(also or {})
        values |= {time_attribute(state): None for state in removed}
        ends = {before, MessageState.FAILED, MessageState.SENT} - {after}
        conditions = [
            f"attribute_exists({time_attribute(after)})",
            *(f"attribute_not_exists({time_attribute(it)})" for it in sorted(ends)),
        ]
        update = setting(values)
        if under is not None:
            conditions.append("claim = :under")
            update["ExpressionAttributeValues"][":under"] = attribute(under)
        return written_first(
            self._client.update_item,
            TableName=self._table,
            Key=_key(message.ref, keys.message(message.id)),
            ConditionExpression=" AND ".join(conditions),
            **update,
        )

    def _is_claimed(self, message: Message, claim: str) -> bool:
        """True while a message is being sent under this claim."""
        item = self._get(message.ref, keys.message(message.id))
        return item is not None and string(item, "claim") == claim and _decode(item).state is MessageState.SENDING

    def _get(self, ref: ContactRef, sk: str) -> Item | None:
        return self._client.get_item(TableName=self._table, Key=_key(ref, sk), ConsistentRead=True).get("Item")


def time_attribute(state: MessageState) -> str:
    """Attribute that holds when a message reached a state, in epoch milliseconds."""
    return f"{state}_at"


def _pk(ref: ContactRef) -> str:
    return keys.person(ref.account_id, ref.audience_id, ref.contact)


def _key(ref: ContactRef, sk: str) -> Item:
    return attributes({"pk": _pk(ref), "sk": sk})


def _outbox(message_id: str, due: datetime | None) -> dict[str, Value]:
    return {
        "due_at": epoch_ms(due) if due else None,
        "list_pk": keys.OUTBOX if due else None,
        "list_sk": keys.outbox(epoch_ms(due), message_id) if due else None,
    }


def _encode(message: Message) -> dict[str, Value]:
    return {
        "pk": _pk(message.ref),
        "sk": keys.message(message.id),
        "to": message.to,
        "sender": message.sender,
        "subject": message.subject,
        "created_at": epoch_ms(message.created_at),
        "by": message.by,
        "test": message.test or None,
        "template_id": message.template_id,
        "template_version": message.template_version,
        "store_id": message.store_id,
        **{time_attribute(state): epoch_ms(at) for state, at in message.times.items()},
        **_outbox(message.id, message.due),
    }


def _decode(item: Item) -> Message:
    return Message(
        ref=ContactRef(*keys.split(item["pk"]["S"])),
        id=keys.split(item["sk"]["S"])[1],
        to=item["to"]["S"],
        sender=item["sender"]["S"],
        subject=item["subject"]["S"],
        created_at=instant(item, "created_at"),
        times={state: instant(item, time_attribute(state)) for state in MessageState if time_attribute(state) in item},
        due=instant(item, "due_at") if "due_at" in item else None,
        by=string(item, "by"),
        test="test" in item,
        template_id=string(item, "template_id"),
        template_version=number(item, "template_version"),
        store_id=string(item, "store_id"),
        mail_id=string(item, "mail_id"),
        reason=FailureReason(item["reason"]["S"]) if "reason" in item else None,
        detail=string(item, "detail"),
        told="told" in item,
        bounced_for_good="bounced_for_good" in item,
    )
