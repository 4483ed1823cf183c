"""A job that gives awards is killed at any step and taken up again: everybody gets one, and one mail of it."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import timedelta
from typing import Any, cast

import pytest

from laurel.model.contact import ContactRef
from laurel.model.job import Job, JobKind, JobState
from laurel.model.reward import Coupons, CouponSource, Programme, ScoreAtLeast
from laurel.model.template import Content, MessageTemplate
from laurel.rewards.tell import Tell
from laurel.rewards.work import GiveAwards, Sources
from laurel.scoring.work import Chunk, Worker
from laurel.store.awards import Awards
from laurel.store.coupons import CouponPools
from laurel.store.jobs import Jobs
from laurel.store.score_search import ScoreSearch
from laurel.store.tiers import TierBook
from tests.support.desk import Company
from tests.support.rewards import a_programme
from tests.support.samples import ACCOUNT, AUDIENCE, NOW

pytestmark = pytest.mark.integration

PEOPLE, CODES = 12, 10
REWARD = MessageTemplate("templateaaaa", "Reward", Content("Your code", "It is {{ coupon }}.", None), NOW, NOW)


class Crash(BaseException):
    """The process ends."""


class Shop:
    """A company that gives rewards by jobs, each step kept at once."""

    def __init__(self, **changes: Any) -> None:
        self.company = Company()
        self.stage = self.company.stage
        client, tables = self.company.database
        self.awards = Awards(client, tables.workspace, tables.contacts)
        self.jobs = Jobs(client, tables.workspace)
        self.search = ScoreSearch(client, tables.contacts, tables.rankings)
        assert self.company.templates.save(ACCOUNT, REWARD)
        self.readers = [self.company.reader(f"reader-{number}@example.com") for number in range(PEOPLE)]
        coupons = Coupons(CouponSource.POOL)
        saved = self.awards.save(a_programme(coupons=coupons, template_id=REWARD.id, **changes))
        assert saved
        assert CouponPools(client, tables.workspace).add(saved, [f"C{number}" for number in range(CODES)]) == CODES
        self.told = Tell(self.company.desk, self.awards)
        self.now = NOW
        places = Sources(
            self.jobs, self.company.workspace, self.company.desk.boards, cast("Any", None),
            TierBook(client, tables.workspace), self.search,
        )  # fmt: skip
        task = GiveAwards(self.awards, places, self.told, self._tick)
        self.worker = Worker(self.jobs, self.company.workspace, {JobKind.AWARD: task}, self._tick)

    def _tick(self) -> Any:
        """Time goes on, so that each step is saved."""
        self.now += timedelta(seconds=3)
        return self.now

    def start(self, **asked: Any) -> Job:
        asked = {"programme": a_programme().id, "occasion": "fair", **asked}
        job = Job(ACCOUNT, AUDIENCE, "3oc3gwj42xbqdk7w", JobKind.AWARD, NOW, NOW, asked)
        saved = self.jobs.save(job)
        assert saved
        return saved

    def work(self, job: Job) -> Job:
        """Do what is left of a job."""
        while self.worker.work(ACCOUNT, AUDIENCE, job.id) is Chunk.GOES_ON:
            pass
        done = self.jobs.job(ACCOUNT, AUDIENCE, job.id)
        assert done
        return done

    def programme(self) -> Programme:
        found = self.awards.programme(ACCOUNT, AUDIENCE, a_programme().id)
        assert found
        return found


def test_a_job_that_is_killed_gives_everybody_one_award_and_one_mail() -> None:
    """Some steps of all, in turn."""
    for moment, step in itertools.product(("before", "after"), (13, 17)):
        kills = 0
        for steps in itertools.count(step, 37):
            if not _killed(steps, moment):
                break
            kills += 1
        assert kills, moment


def _killed(steps: int, moment: str) -> bool:
    """Kill the worker after so many steps, then have another one go on; False if there were fewer steps."""
    shop = Shop()
    job = shop.start()
    assert shop.jobs.save_contacts(job, [it.contact for it in shop.readers])
    left = itertools.count(steps, -1)

    def die(_operation: str) -> None:
        if next(left) == 0:
            raise Crash

    setattr(shop.stage, moment, die)
    try:
        shop.work(job)
    except Crash:
        killed = True
    else:
        killed = False
    setattr(shop.stage, moment, lambda _: None)

    done = shop.work(job)

    assert (done.state, done.done, done.total) == (JobState.DONE, PEOPLE, PEOPLE)
    assert done.result is not None
    assert (done.result["given"], done.result["refused"]) == (CODES, {"pool_empty": PEOPLE - CODES})
    kept = [shop.awards.awards_of(it) for it in shop.readers]
    assert Counter(map(len, kept)) == {1: CODES, 0: PEOPLE - CODES}
    assert len({it[0].coupon for it in kept if it}) == CODES
    for reader, awards in zip(shop.readers, kept, strict=True):
        messages = shop.company.kept(reader)
        assert [it.id for it in messages] == [it.message_id for it in awards]
    tally = shop.programme().tally
    assert (tally.awards, tally.coupons, tally.coupons_given) == (CODES, 0, CODES)
    return killed


def test_a_daily_job_ends_where_nobody_gets_anything_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("laurel.rewards.work._LISTED", 4)
    shop = Shop(who=ScoreAtLeast(10))
    _score(shop, [20 + number for number in range(PEOPLE)])

    done = shop.work(shop.start(occasion="score"))

    assert done.result is not None
    assert (done.result["given"], done.result["refused"]) == (CODES, {"pool_empty": 2})
    again = shop.work(shop.jobs.save(Job(ACCOUNT, AUDIENCE, "3oc3gwj42xbqdk7x", JobKind.AWARD, NOW, NOW, done.input)))  # type: ignore[arg-type]
    assert again.result is not None
    assert (again.result["given"], again.done) == (0, 2)
    highest = [ContactRef(ACCOUNT, AUDIENCE, it["contact"]) for it in done.result["contacts"][:3]]
    assert highest == shop.readers[:-4:-1]


def _score(shop: Shop, points: list[int]) -> None:
    client, tables = shop.company.database
    for reader, score in zip(shop.readers, points, strict=True):
        client.update_item(
            TableName=tables.contacts,
            Key={"pk": {"S": f"{ACCOUNT}#{AUDIENCE}#{reader.contact}"}, "sk": {"S": "profile"}},
            UpdateExpression="SET score = :score, score_pk = :board, score_epoch = :epoch",
            ExpressionAttributeValues={
                ":score": {"N": str(score)},
                ":board": {"S": f"{ACCOUNT}#{AUDIENCE}#1"},
                ":epoch": {"N": "1"},
            },
        )


def test_a_job_of_what_is_gone_says_so() -> None:
    shop = Shop()

    unknown = shop.work(shop.start(programme="none"))

    assert (unknown.state, unknown.error) == (JobState.FAILED, "There is no such programme any more.")


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"board": {"store": "none", "period": "all", "metric": "total_spent", "view": "now"}, "first": 3},
         "The store shows no boards any more."),
        ({}, "Whom the programme is for has changed."),
    ],
)  # fmt: skip
def test_a_job_whose_aim_is_gone_says_so(asked: dict[str, Any], error: str) -> None:
    shop = Shop()

    failed = shop.work(shop.start(**asked))

    assert (failed.state, failed.error) == (JobState.FAILED, error)
