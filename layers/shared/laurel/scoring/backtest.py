"""Try rules out on the past: what would today's scores be if these rules had held, without writing any.

The activities and orders of each contact are folded through the draft rules by the same ``fold`` that scores are made
with, from no score on. Orders count as they stand today: what was spent, less refunds, at the time they were placed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from laurel.model.account import Audience, Store
from laurel.model.activity import Activity
from laurel.model.job import Job
from laurel.model.order import LedgerOrder, OrderChange
from laurel.model.scoring import Points, ScoredContact, ScoreState, ScoringRule, Trigger
from laurel.scoring.distribution import bin_of, bins, no_bins
from laurel.scoring.fold import fold
from laurel.scoring.lists import ContactList, Listed
from laurel.scoring.orders import steps_of_order
from laurel.scoring.triggers import trigger_of
from laurel.scoring.work import at_once, finished

LONGEST = timedelta(days=90)
MOST_LISTED = 100
_AT_ONCE = 100

type Fact = tuple[str, LedgerOrder | Activity]
"""A store id ("" of an activity) and what happened."""


class FactBook(Protocol):
    """Everything a person did."""

    def history_of(self, account_id: str, audience_id: str, contact: str) -> Iterator[Fact]: ...


class ScoreReader(Protocol):
    """Reads many scores at once; who is no contact is left out."""

    def read_many(
        self, account_id: str, audience_id: str, epoch: int, contacts: Sequence[str]
    ) -> Iterator[ScoredContact]: ...


class StoreDirectory(Protocol):
    """Lists an account's stores."""

    def stores(self, account_id: str) -> list[Store]: ...


@dataclass(frozen=True, slots=True)
class Replay:
    """What draft rules make of a contact's past: the score, and how often each rule fired and what it gave in all."""

    points: Points
    triggers: int
    fired: Mapping[str, int]
    given: Mapping[str, int]

    @property
    def dominant(self) -> str | None:
        """The rule that moved the score furthest, or None if none did."""
        return max(
            (rule for rule in self.given if self.given[rule]), key=lambda rule: abs(self.given[rule]), default=None
        )


def triggers_between(
    facts: Iterable[Fact], stores: Mapping[str, Store], since: datetime, until: datetime
) -> list[Trigger]:
    """What rules see of a person's past, from ``since`` to ``until``, oldest first."""
    triggers = []
    for store_id, fact in facts:
        if isinstance(fact, Activity):
            triggers.append(trigger_of(fact))
        elif store := stores.get(store_id):
            placed = steps_of_order(OrderChange(None, fact), store, until)
            triggers += [step for step in placed if isinstance(step, Trigger)]
    within = (trigger for trigger in triggers if since <= trigger.at <= until)
    return sorted(within, key=lambda trigger: (trigger.at, trigger.subject))


def replay(triggers: Sequence[Trigger], rules: Sequence[ScoringRule]) -> Replay:
    """Fold what happened, oldest first, through draft rules, from no score on."""
    folded = fold(ScoreState(), triggers, rules)
    fired: dict[str, int] = {}
    given: dict[str, int] = {}
    for entry in folded.entries:
        fired[entry.rule_id] = fired.get(entry.rule_id, 0) + 1
        given[entry.rule_id] = given.get(entry.rule_id, 0) + entry.given
    return Replay(folded.state.points, len(triggers), fired, given)


class Comparison:
    """Today's scores beside those that draft rules give. It is small however many contacts it takes in."""

    def __init__(self, rules: Sequence[ScoringRule], threshold: int, kept: Mapping[str, Any] | None = None) -> None:
        self._rules = rules
        self._threshold = threshold
        self._kept: dict[str, Any] = dict(kept) if kept else _nothing(rules)

    def add(self, listed: Listed, today: Points, draft: Replay) -> None:
        """Take in one contact."""
        kept = self._kept
        kept["contacts"] += 1
        kept["replayed"] += draft.triggers
        for side, points in (("today", today), ("draft", draft.points)):
            if points is not None:
                kept[side]["contacts"] += 1
                kept[side]["total"] += points
                kept[side]["reached"] += points >= self._threshold
                kept[side]["histogram"][bin_of(points)] += 1
        for rule_id, times in draft.fired.items():
            told = kept["rules"][rule_id]
            told["fired"] += times
            told["points"] += draft.given[rule_id]
            told["contacts"] += 1
        before, after = (points is not None and points >= self._threshold for points in (today, draft.points))
        if before != after:
            crossing = kept["rising" if after else "falling"]
            crossing["count"] += 1
            if len(crossing["contacts"]) < MOST_LISTED:
                crossing["contacts"].append(
                    {
                        "contact": listed.contact,
                        "email": listed.email,
                        "today": today,
                        "draft": draft.points,
                        "rule": _number(draft.dominant),
                    }
                )

    def kept(self) -> dict[str, Any]:
        """What a later ``Comparison`` needs to go on, as JSON can hold it."""
        return self._kept

    def result(self) -> dict[str, Any]:
        """What was found. Rules are numbered from 1, as they were sent."""
        kept = self._kept
        rules = [{"rule": _number(rule.id), "name": rule.name, **kept["rules"][rule.id]} for rule in self._rules]
        moved = [rule for rule in rules if rule["points"]]
        dominant = max(moved, key=lambda rule: abs(rule["points"]), default=None)
        histograms = zip(bins(kept["today"]["histogram"]), kept["draft"]["histogram"], strict=True)
        return {
            "threshold": self._threshold,
            "contacts": kept["contacts"],
            "replayed": kept["replayed"],
            **{
                side: {name: kept[side][name] for name in ("contacts", "total", "reached")}
                for side in ("today", "draft")
            },
            "rising": kept["rising"],
            "falling": kept["falling"],
            "rules": rules,
            "dominant_rule": dominant["rule"] if dominant else None,
            "histogram": [
                {"from": lowest, "to": highest, "today": today, "draft": draft}
                for (lowest, highest, today), draft in histograms
            ],
        }


class BackTest:
    """Replays the past of a hundred contacts a step."""

    def __init__(
        self,
        contacts: ContactList,
        scores: ScoreReader,
        facts: FactBook,
        stores: StoreDirectory,
        rule_of: Callable[[str, Mapping[str, Any]], ScoringRule],
    ) -> None:
        """``rule_of`` reads a rule, by its id, as a job's input holds it."""
        self._contacts = contacts
        self._scores = scores
        self._facts = facts
        self._stores = stores
        self._rule_of = rule_of

    def step(self, audience: Audience, job: Job) -> Job:
        """Compare the next hundred contacts."""
        total = self._contacts.count_contacts(audience) if job.total is None else job.total
        place = job.place or {"after": None, "found": None}
        rules = [self._rule_of(str(number), body) for number, body in enumerate(job.input["rules"], 1)]
        comparison = Comparison(rules, job.input["threshold"], place["found"])
        page = self._contacts.contacts(audience, place["after"], _AT_ONCE)
        ids = [listed.contact for listed in page.contacts]
        known = self._scores.read_many(audience.account_id, audience.id, audience.score_epoch, ids)
        today = {contact.contact: contact.state.points for contact in known}
        listed = [contact for contact in page.contacts if contact.contact in today]
        since = job.created_at - timedelta(days=job.input["days"])
        stores = {store.id: store for store in self._stores.stores(audience.account_id)}

        def replayed(contact: Listed) -> Replay:
            facts = self._facts.history_of(audience.account_id, audience.id, contact.contact)
            return replay(triggers_between(facts, stores, since, job.created_at), rules)

        for contact, draft in zip(listed, at_once(replayed, listed), strict=True):
            comparison.add(contact, today[contact.contact], draft)
        done = job.done + len(ids)
        job = replace(job, place={"after": page.last, "found": comparison.kept()}, done=done, total=max(total, done))
        return job if page.last else finished(job, {"days": job.input["days"], **comparison.result()})


def _nothing(rules: Sequence[ScoringRule]) -> dict[str, Any]:
    return {
        "contacts": 0,
        "replayed": 0,
        **{side: {"contacts": 0, "total": 0, "reached": 0, "histogram": no_bins()} for side in ("today", "draft")},
        "rising": {"count": 0, "contacts": []},
        "falling": {"count": 0, "contacts": []},
        "rules": {rule.id: {"fired": 0, "points": 0, "contacts": 0} for rule in rules},
    }


def _number(rule_id: str | None) -> int | None:
    return None if rule_id is None else int(rule_id)
