"""Jobs that change the scores of many contacts: as a person asks for, and as time goes by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from laurel.model.account import Audience
from laurel.model.job import MOST_CONTACTS, Job
from laurel.model.scoring import DECAY, Change, Correction, Effect, EffectKind, ScoredContact
from laurel.scoring.apply import ScoreBook, apply
from laurel.scoring.lists import ContactList, ExpiryList
from laurel.scoring.search import ScoreCriteria, ScoreIndex, find
from laurel.scoring.work import Impossible, at_once, finished

EXPIRY = "expiry"
EXPIRED = "expired"
AT_ONCE = 100
"""Contacts of a step."""

_PAGE = 1_000


class Scores(ScoreBook, Protocol):
    """Reads and writes scores, and reads many at once."""

    def read_many(
        self, account_id: str, audience_id: str, epoch: int, contacts: Sequence[str]
    ) -> Iterator[ScoredContact]: ...


class ChosenContacts(Protocol):
    """Keeps whom a job is about; what was kept first stays."""

    def save_contacts(self, job: Job, contacts: Sequence[str]) -> bool: ...
    def contacts_of(self, job: Job) -> list[str] | None: ...


class Bulk:
    """Changes the scores of up to ``MOST_CONTACTS`` contacts, named or found by a search when the job begins."""

    def __init__(
        self,
        chosen: ChosenContacts,
        index: ScoreIndex,
        scores: Scores,
        criteria_of: Callable[[Audience, Mapping[str, str], datetime], ScoreCriteria],
    ) -> None:
        """``criteria_of`` reads what a search asks for, as of a time."""
        self._chosen = chosen
        self._index = index
        self._scores = scores
        self._criteria_of = criteria_of
        self._remembered: tuple[str, list[str]] = ("", [])

    def step(self, audience: Audience, job: Job) -> Job:
        """Change the next hundred."""
        contacts = self._contacts(audience, job)
        place = job.place or {"at": 0, "changed": 0}
        wanted = contacts[place["at"] : place["at"] + AT_ONCE]
        effect = Effect(EffectKind(job.input["effect"]), job.input["points"])
        change = Change(job.subject, job.created_at, effect, by=job.by, reason=job.input["reason"])
        known = _read(self._scores, audience, wanted)
        at_once(lambda contact: apply(self._scores, contact, [change], ()), known)
        done, changed = place["at"] + len(wanted), place["changed"] + len(known)
        job = replace(job, place={"at": done, "changed": changed}, done=done, total=len(contacts))
        if done < len(contacts):
            return job
        return finished(job, {"changed": changed, "missing": done - changed})

    def _contacts(self, audience: Audience, job: Job) -> list[str]:
        """Whom the job is about. A search is made once: scores that change must not change who is meant."""
        key = f"{job.account_id}#{job.id}"
        if self._remembered[0] != key:
            contacts = self._chosen.contacts_of(job)
            if contacts is None:
                contacts = self._found(audience, job)
                if not self._chosen.save_contacts(job, contacts):
                    contacts = self._chosen.contacts_of(job) or []
            self._remembered = (key, contacts)
        return self._remembered[1]

    def _found(self, audience: Audience, job: Job) -> list[str]:
        criteria = self._criteria_of(audience, job.input["query"], job.created_at)
        found: list[str] = []
        cursor = None
        while True:
            page = find(self._index, audience, criteria, _PAGE, cursor)
            found += [row.contact for row in page.rows]
            if len(found) > MOST_CONTACTS:
                raise Impossible(
                    f"The query finds more than {MOST_CONTACTS} contacts. Nothing was changed. Narrow it down."
                )
            cursor = page.next_cursor
            if cursor is None:
                return list(dict.fromkeys(found))


class Decay:
    """Lets the scores of an audience fall by some percent, once a month."""

    def __init__(self, contacts: ContactList, scores: Scores) -> None:
        self._contacts = contacts
        self._scores = scores

    def step(self, audience: Audience, job: Job) -> Job:
        """Change the next hundred contacts' scores; 0 and no score cannot fall."""
        total = self._contacts.count_contacts(audience) if job.total is None else job.total
        place = job.place or {"after": None, "changed": 0}
        month = date.fromisoformat(job.input["month"])
        change = Change(
            f"decay:{month:%Y-%m}", midnight(month), Effect(EffectKind.FALL, job.input["percent"]), activity=DECAY
        )
        page = self._contacts.contacts(audience, place["after"], AT_ONCE)
        known = _read(self._scores, audience, [listed.contact for listed in page.contacts])
        falling = [contact for contact in known if contact.state.points]
        at_once(lambda contact: apply(self._scores, contact, [change], ()), falling)
        changed = place["changed"] + len(falling)
        done = job.done + len(page.contacts)
        job = replace(job, place={"after": page.last, "changed": changed}, done=done, total=max(total, done))
        return job if page.last else finished(job, {"changed": changed})


class Expiry:
    """Takes back points whose time is over, of every day from the first to the last of the job."""

    def __init__(self, expiring: ExpiryList, scores: Scores) -> None:
        self._expiring = expiring
        self._scores = scores

    def step(self, audience: Audience, job: Job) -> Job:
        """Take back the next hundred entries of a day."""
        place = job.place or {"day": job.input["first"], "after": None}
        day, last = date.fromisoformat(place["day"]), date.fromisoformat(job.input["last"])
        page = self._expiring.expiring(audience, day, place["after"], AT_ONCE)
        due: dict[str, list[Correction]] = defaultdict(list)
        for points in page.points:
            due[points.contact].append(
                Correction(
                    points.subject,
                    EXPIRED,
                    points.subject_at,
                    midnight(day),
                    EXPIRY,
                    reason=EXPIRED,
                    rule_id=points.rule_id,
                    frees_cap=False,
                )
            )
        known = _read(self._scores, audience, list(due))
        at_once(lambda contact: apply(self._scores, contact, due[contact.contact], ()), known)
        done = job.done + len(page.points)
        if page.last:
            return replace(job, place={"day": place["day"], "after": page.last}, done=done)
        following = day + timedelta(days=1)
        job = replace(job, place={"day": following.isoformat(), "after": None}, done=done)
        return job if following <= last else finished(job, {"expired": done})


def midnight(day: date) -> datetime:
    """The first instant of a day, in UTC."""
    return datetime.combine(day, time(), UTC)


def _read(scores: Scores, audience: Audience, contacts: Sequence[str]) -> list[ScoredContact]:
    return list(scores.read_many(audience.account_id, audience.id, audience.score_epoch, contacts))
