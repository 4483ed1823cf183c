"""What the stream of Contacts tells of contacts, as automations hear it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from laurel.automation.react import Told
from laurel.model.automation import Run, run_of_subject
from laurel.model.contact import ContactRef
from laurel.model.signal import FirstPurchase, Pulse, ScoreMoved, SetBack, Signal, TagGiven
from laurel.store import keys
from laurel.store.contacts import TAGGED_BY, TAGGED_VERSION
from laurel.store.dynamodb import Item, instant, number, string
from laurel.store.runs import decode_run
from laurel.store.signals import decode_signal


def told(record: Mapping[str, Any]) -> Told | Run:
    """What a stream record tells: what happened, or which run began. Raises ``LookupError`` or ``ValueError``."""
    stream = record["dynamodb"]
    at = datetime.fromtimestamp(float(stream["ApproximateCreationDateTime"]), UTC)
    ref = ContactRef(*keys.split(stream["Keys"]["pk"]["S"]))
    kind, *_ = keys.split(stream["Keys"]["sk"]["S"])
    new, old = stream["NewImage"], stream.get("OldImage")
    if kind == "run":
        return decode_run(new)
    return Told(ref, at, _signals(kind, new, old, at))


def _signals(kind: str, new: Item, old: Item | None, at: datetime) -> tuple[Signal | SetBack, ...]:
    if kind == keys.PROFILE:
        return tuple(_tags(new, old, at))
    if kind == "pulse":
        return _pulse(new, old)
    if old is not None:
        return ()
    if kind == "score":
        return (_score(new),)
    return (decode_signal(new),)


def _score(new: Item) -> ScoreMoved:
    subject = keys.split(new["sk"]["S"])[2]
    return ScoreMoved(
        at=instant(new, "at"),
        before=number(new, "before"),
        after=number(new, "after"),
        seq=int(new["seq"]["N"]),
        epoch=int(new["epoch"]["N"]),
        run=run_of_subject(subject),
    )


def _tags(new: Item, old: Item | None, at: datetime) -> list[TagGiven]:
    """Tags that were not there before, as of when the contact was last seen; those that a run gave, as of now."""
    if "email" not in new:
        return []
    version = int(new["version"]["N"])
    run = string(new, TAGGED_BY) if number(new, TAGGED_VERSION) == version else None
    since = at if run else instant(new, "seen_at")
    known = _tags_of(old) if old else set()
    return [TagGiven(since, tag, version, run) for tag in sorted(_tags_of(new) - known)]


def _tags_of(item: Item) -> set[str]:
    return {element["S"] for element in item["tags"]["L"]} if "tags" in item else set()


def _pulse(new: Item, old: Item | None) -> tuple[Signal | SetBack, ...]:
    pulse, last = Pulse(keys.split(new["sk"]["S"])[1]), _day(new)
    if old is None:
        return (FirstPurchase(instant(new, "first_at")),) if pulse is Pulse.PURCHASE else ()
    return (SetBack(pulse, last, _day(old)),) if last < _day(old) else ()


def _day(item: Item) -> date:
    return date.fromisoformat(item["day"]["S"])
