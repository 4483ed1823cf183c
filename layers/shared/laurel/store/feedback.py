"""What became of messages: a message and the tally of its day are written together, or neither is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from laurel.model.contact import ContactRef
from laurel.model.deliverability import Counts
from laurel.model.message import Message, MessageState
from laurel.model.order import epoch_ms
from laurel.store import keys
from laurel.store.deliverability import counted
from laurel.store.dynamodb import Value, attributes, setting, written_together
from laurel.store.messages import Messages, time_attribute

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Heard:
    """Messages in the Contacts table, and their days' tallies in Workspace."""

    def __init__(self, client: DynamoDBClient, contacts_table: str, workspace_table: str) -> None:
        self._client = client
        self._contacts = contacts_table
        self._workspace = workspace_table
        self._messages = Messages(client, contacts_table)

    def message(self, ref: ContactRef, message_id: str) -> Message | None:
        """A message, strongly consistent, or None."""
        return self._messages.message(ref, message_id)

    def hear(self, before: Message, after: Message, day: date, counts: Counts) -> bool:
        """Write what changed of a message and add to its day's counts; False if the message is not as it was read.

        Nobody has to look after a message any more that the mail service has told of.
        """
        was, is_ = _states(before), _states(after)
        changes: dict[str, Value] = {name: is_[name] for name in was if was[name] != is_[name]}
        changes |= {"due_at": None, "list_pk": None, "list_sk": None}
        update = setting(changes)
        for name, value in was.items():
            update["ExpressionAttributeNames"][f"#{name}"] = name
            if value is not None:
                update.setdefault("ExpressionAttributeValues", {}).update(attributes({f":was_{name}": value}))
        unchanged = (
            f"#{name} = :was_{name}" if value is not None else f"attribute_not_exists(#{name})"
            for name, value in was.items()
        )
        pk = keys.person(before.ref.account_id, before.ref.audience_id, before.ref.contact)
        message: Any = {
            "TableName": self._contacts,
            "Key": attributes({"pk": pk, "sk": keys.message(before.id)}),
            "ConditionExpression": " AND ".join(unchanged),
            **update,
        }
        writes: list[Any] = [{"Update": message}]
        if any(counts.values()):
            writes.append(counted(self._workspace, before.ref.account_id, day, before.id, counts))
        return written_together(self._client, writes)


def _states(message: Message) -> dict[str, Value]:
    """What feedback can change of a message, and what others change of it meanwhile."""
    times = {state: message.times.get(state) for state in MessageState}
    return {
        **{time_attribute(state): epoch_ms(at) if at else None for state, at in times.items()},
        "mail_id": message.mail_id,
        "told": message.told or None,
        "bounced_for_good": message.bounced_for_good or None,
        "reason": message.reason.value if message.reason else None,
        "detail": message.detail,
    }
