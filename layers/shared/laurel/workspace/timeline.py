"""A contact's timeline, newest first: orders, activities, messages, changes of the score, automations and awards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from laurel.model.activity import Activity
from laurel.model.contact import ContactRef
from laurel.model.message import Message
from laurel.model.order import LedgerOrder
from laurel.model.reward import Award, AwardState

if TYPE_CHECKING:
    from laurel.model.automation import Run
    from laurel.model.scoring import ScoreEntry

FACTS_READ = 5_000


class FactHistory(Protocol):
    """Facts of a person as (store id or "", fact), in no order."""

    def history_of(
        self, account_id: str, audience_id: str, contact: str
    ) -> Iterator[tuple[str, LedgerOrder | Activity]]: ...


class ScoreHistory(Protocol):
    """What changed a contact's score, in no order."""

    def history_of(self, account_id: str, audience_id: str, contact: str) -> Iterator[ScoreEntry]: ...


class MessageHistory(Protocol):
    """Messages to a contact, in no order."""

    def messages_of(self, account_id: str, audience_id: str, contact: str) -> Iterator[Message]: ...


class RunHistory(Protocol):
    """Runs of automations for a contact, in no order."""

    def runs_of(self, ref: ContactRef) -> Iterator[Run]: ...


class AwardHistory(Protocol):
    """Awards of a contact, in no order."""

    def awards_of(self, ref: ContactRef) -> Iterable[Award]: ...


@dataclass(frozen=True, slots=True)
class Histories:
    """Where a timeline is read."""

    facts: FactHistory
    scores: ScoreHistory
    messages: MessageHistory
    runs: RunHistory
    awards: AwardHistory


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of a timeline.

    ``kind`` is order, activity, score, message, automation or reward; ``fact`` what it shows, an award as it was then.
    """

    at: datetime
    kind: str
    id: str
    fact: LedgerOrder | Activity | ScoreEntry | Message | Run | Award
    store_id: str = ""

    @property
    def position(self) -> tuple[str, str, str, str]:
        """Sorts entries by time; unique within a timeline."""
        id_ = self.id.zfill(12) if self.kind == "score" else self.id
        return (self.at.isoformat(timespec="milliseconds"), self.kind, self.store_id, id_)


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Entries newest first. ``truncated`` says that the person has more facts than one reading takes in."""

    entries: list[TimelineEntry]
    next_cursor: dict[str, str] | None
    truncated: bool


def read_timeline(
    histories: Histories, ref: ContactRef, limit: int, cursor: Mapping[str, str] | None = None
) -> TimelinePage:
    """One page of a timeline. Reads at most ``FACTS_READ`` facts of each kind.

    Test messages are left out, and awards of which the contact was held out.
    """
    person = ref.account_id, ref.audience_id, ref.contact
    ledger = list(islice(histories.facts.history_of(*person), FACTS_READ))
    own = list(islice(histories.scores.history_of(*person), FACTS_READ))
    sent = list(islice(histories.messages.messages_of(*person), FACTS_READ))
    begun = list(islice(histories.runs.runs_of(ref), FACTS_READ))
    given = list(islice(histories.awards.awards_of(ref), FACTS_READ))
    entries = [entry for store_id, fact in ledger if (entry := _of_fact(store_id, fact))]
    entries += [TimelineEntry(it.created_at, "message", it.id, it) for it in sent if not it.test]
    entries += [TimelineEntry(entry.at, "score", str(entry.seq), entry) for entry in own]
    entries += [TimelineEntry(run.started_at, "automation", run.id, run) for run in begun]
    entries += [entry for award in given for entry in _of_award(award)]
    entries.sort(key=lambda entry: entry.position, reverse=True)
    if cursor:
        before = (cursor["at"], cursor["kind"], cursor["store_id"], cursor["id"])
        entries = [entry for entry in entries if entry.position < before]
    page = entries[:limit]
    following = None
    if len(entries) > limit:
        following = dict(zip(("at", "kind", "store_id", "id"), page[-1].position, strict=True))
    read = len(ledger), len(own), len(sent), len(begun), len(given)
    return TimelinePage(page, following, truncated=FACTS_READ in read)


def _of_fact(store_id: str, fact: LedgerOrder | Activity) -> TimelineEntry | None:
    if isinstance(fact, Activity):
        return TimelineEntry(fact.occurred_at, "activity", fact.id, fact)
    if fact.placed_at is None or fact.moved_to:
        return None
    return TimelineEntry(datetime.fromtimestamp(fact.placed_at, UTC), "order", fact.id, fact, store_id)


def _of_award(award: Award) -> Iterator[TimelineEntry]:
    """That it was given, and that it was revoked."""
    if award.state is AwardState.HELD_OUT:
        return
    id_ = f"{award.programme_id}/{award.occasion}"
    yield TimelineEntry(award.at, "reward", f"{id_}/given", replace(award, state=AwardState.GIVEN))
    if award.revoked_at:
        yield TimelineEntry(award.revoked_at, "reward", f"{id_}/revoked", award)
