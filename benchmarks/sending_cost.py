"""What a message costs in read and write units, from its acceptance to what its reader does with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.place import Place
from laurel.ingestion.record import Outcome
from laurel.messaging.feedback import Feedback, read
from laurel.messaging.hear import Ear
from laurel.model.contact import ConsentStatus
from laurel.model.message import Limits, Message, MessageContent, MessageState
from laurel.store.allowances import Allowances
from laurel.store.evidence import Evidence
from laurel.store.feedback import Heard
from laurel.store.ledger import Ledger
from laurel.store.suppressions import Suppressions
from tests.support.mail_events import event_about
from tests.support.post import Post

_CONTENT = MessageContent("Thank you, Kim", "Your coupon is inside. " * 40, "<p>Your coupon is inside.</p>" * 100)
"""About four kilobytes, of which three are HTML."""

_OTHER = "other@example.com"


@dataclass(frozen=True, slots=True)
class Sent:
    """What happened to a message, and what it cost."""

    what: str
    calls: int
    reads: float
    writes: float


def measure(place: Place) -> Iterator[Sent]:
    """A message's life: each event's cost."""
    post = Post(place.client, place.tables)
    post.decide(ConsentStatus.SUBSCRIBED)
    post.decide(ConsentStatus.SUBSCRIBED, _OTHER)
    first = post.accept()
    post.deliver(first)
    message = post.accept(said=_CONTENT)
    post.accept(MessageState.SCHEDULED, said=_CONTENT, due=post.now)
    yield _metered(place, "counted and accepted", lambda: _accept(place, post))
    yield _metered(place, "sent", lambda: post.deliver(message))
    yield _metered(place, "found by a sweep and queued, where it was scheduled", post.sweep)
    ear = Ear(
        Heard(place.client, place.tables.contacts, place.tables.workspace),
        Ledger(place.client, place.tables.ledger),
        Evidence(place.client, place.tables.ledger),
        place.contacts,
        Suppressions(place.client, place.tables.workspace),
    )
    other = post.accept(said=_CONTENT, to=_OTHER)
    post.deliver(other)
    for seconds, (kind, about, what) in enumerate(
        (
            ("send", message, "SES's report that it was sent"),
            ("delivery", message, "that it was delivered"),
            ("open", message, "that it was opened"),
            ("click", message, "that a link in it was followed"),
            ("complaint", message, "that it was complained of"),
            ("bounce-permanent", other, "that another came back for good"),
        )
    ):
        heard = _feedback(post.known(about), kind, seconds)
        yield _metered(place, what, lambda heard=heard: _hear(ear, post, heard))  # type: ignore[misc]


def _accept(place: Place, post: Post) -> None:
    allowances = Allowances(place.client, place.tables.workspace)
    allowances.count(post.account.id, post.now, Limits(50_000, 5_000))
    post.accept(said=_CONTENT)


def _hear(ear: Ear, post: Post, feedback: Feedback) -> None:
    heard = ear.hear(feedback, post.now + timedelta(minutes=1))
    if heard is not Outcome.ACCEPTED:
        raise RuntimeError(f"not kept: {heard}")


def _feedback(message: Message, kind: str, seconds: int) -> Feedback:
    at = message.created_at + timedelta(seconds=seconds)
    found = read(event_about(message, kind, at, mail_id=message.mail_id or "")["detail"])
    if not isinstance(found, Feedback):
        raise TypeError(f"not heard: {kind}")
    return found


def _metered(place: Place, what: str, act: Callable[[], object]) -> Sent:
    with place.meter.uses() as uses:
        act()
    return Sent(what, len(uses), sum(use.reads for use in uses), sum(use.writes for use in uses))
