"""Prove the scores of a whole audience, and repair those that their entries do not lead to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from laurel.model.account import Audience
from laurel.model.job import Job
from laurel.model.scoring import ScoredContact
from laurel.scoring.lists import ContactList
from laurel.scoring.verify import ScoreRecord, verify
from laurel.scoring.work import at_once, finished

MOST_LISTED = 100
_AT_ONCE = 100


class Record(ScoreRecord, Protocol):
    """Reads scores and their entries, and many scores at once."""

    def read_many(
        self, account_id: str, audience_id: str, epoch: int, contacts: Sequence[str]
    ) -> Iterator[ScoredContact]: ...


class VerifyAll:
    """Holds every contact's score against its entries."""

    def __init__(self, contacts: ContactList, record: Record) -> None:
        self._contacts = contacts
        self._record = record

    def step(self, audience: Audience, job: Job) -> Job:
        """Verify the next hundred contacts."""
        total = self._contacts.count_contacts(audience) if job.total is None else job.total
        place = job.place or {"after": None, "checked": 0, "wrong": 0, "repaired": 0, "contacts": []}
        page = self._contacts.contacts(audience, place["after"], _AT_ONCE)
        ids = [listed.contact for listed in page.contacts]
        known = list(self._record.read_many(audience.account_id, audience.id, audience.score_epoch, ids))
        repair = bool(job.input["repair"])
        found = at_once(lambda contact: verify(self._record, contact, repair=repair), known)
        wrong = sorted((one for one in found if not one.sound), key=lambda one: ids.index(one.contact))
        listed = [
            {"contact": one.contact, "kept": one.kept, "score": one.score, "repaired": one.repaired} for one in wrong
        ]
        counts = {
            "checked": place["checked"] + len(found),
            "wrong": place["wrong"] + len(wrong),
            "repaired": place["repaired"] + sum(one.repaired for one in found),
            "contacts": [*place["contacts"], *listed][:MOST_LISTED],
        }
        done = job.done + len(ids)
        job = replace(job, place={"after": page.last, **counts}, done=done, total=max(total, done))
        return job if page.last else finished(job, counts)
