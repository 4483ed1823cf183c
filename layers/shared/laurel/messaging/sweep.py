"""What becomes of messages that nobody has finished with when they are due."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from laurel.model.contact import ContactRef
from laurel.model.message import QUEUED_FOR, Message, MessageState


class Waiting(Protocol):
    """Keeps messages; changes return False for whoever comes too late."""

    def message(self, ref: ContactRef, message_id: str) -> Message | None: ...
    def queue(self, message: Message, now: datetime, due: datetime) -> bool: ...
    def give_up(self, message: Message, now: datetime) -> bool: ...


class Queue(Protocol):
    """Has mail sent."""

    def send(self, ref: ContactRef, message_id: str) -> None: ...


class Swept(StrEnum):
    """What was done for a message that was due."""

    QUEUED = "queued"
    QUEUED_AGAIN = "queued_again"
    UNKNOWN = "unknown"
    LEFT = "left"


def sweep(messages: Waiting, queue: Queue, ref: ContactRef, message_id: str, now: datetime) -> Swept:
    """Look after a message of the outbox: queue it if its time has come or its place in the queue got lost.

    Of one that somebody has been sending for too long nobody knows whether it went out. Doing it again, or beside
    others, does nothing twice but queue, and who is queued twice is sent once.
    """
    message = messages.message(ref, message_id)
    if message is None or message.due is None or message.due > now:
        return Swept.LEFT
    if message.state is MessageState.SENDING:
        return Swept.UNKNOWN if messages.give_up(message, now) else Swept.LEFT
    if not messages.queue(message, now, now + QUEUED_FOR):
        return Swept.LEFT
    queue.send(ref, message_id)
    return Swept.QUEUED if message.state is MessageState.SCHEDULED else Swept.QUEUED_AGAIN
