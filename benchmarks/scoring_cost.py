"""What scoring a batch of activities costs, beside the naive way: read, add and put for each activity."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import median
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import boto3

from benchmarks import samples
from benchmarks.board_reads import name_and_email
from benchmarks.meter import Meter, Use
from benchmarks.place import CREDENTIALS, Place
from laurel.model.account import Audience, Store
from laurel.model.identity import contact_id
from laurel.model.order import epoch_ms
from laurel.model.scoring import CapWindow, Condition, Effect, EffectKind, FrequencyCap, Operator, ScoringRule
from laurel.settings import settings
from laurel.store import keys, process
from laurel.store.dynamodb import Item, attributes
from laurel.store.scoring_rules import ScoringRules
from laurel.store.workspace import Workspace
from tests.support.api import Context, stream_event
from tests.support.functions import environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ACTIVITIES = 100
CONTACTS = 60
CALLS_LIMIT = 1.2
CPU_LIMIT = 0.002
_NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
_CREATED = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Scored:
    """What one activity costs in a batch: DynamoDB calls, units, and seconds of CPU time."""

    way: str
    calls: float
    reads: float
    writes: float
    seconds: float


def measure(place: Place, rounds: int) -> Iterator[Scored]:
    """Score batches through the function itself and naively, in turns, on contacts that have scores already."""
    _prepare(place)
    batches = (_batch(number) for number in count())
    ways: list[_Function | _Naive] = [_Function(place), _Naive(place)]
    for way in ways:
        way.score(next(batches))
    seconds: dict[str, list[float]] = {way.name: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            batch = next(batches)
            start = time.process_time()
            way.score(batch)
            seconds[way.name].append(time.process_time() - start)
    for way in ways:
        with way.one_at_a_time() as uses:
            way.score(next(batches))
        yield Scored(
            way.name,
            len(uses) / ACTIVITIES,
            sum(use.reads for use in uses) / ACTIVITIES,
            sum(use.writes for use in uses) / ACTIVITIES,
            median(seconds[way.name]) / ACTIVITIES,
        )


class _Function:
    """The function behind the Ledger's stream."""

    name = "Laurel"

    def __init__(self, place: Place) -> None:
        self._place = place
        os.environ |= environment("ApplyFunction", place.tables)
        settings.cache_clear()
        process.dynamodb.cache_clear()
        with patch.object(process, "create_client", lambda: place.client):
            self._module: Any = importlib.import_module("functions.scoring.apply")

    @contextlib.contextmanager
    def one_at_a_time(self) -> Iterator[list[Use]]:
        """Uses of one thread: who counts them knows no more."""
        with patch.object(self._module, "_THREADS", 1), self._place.meter.uses() as uses:
            yield uses

    def score(self, batch: list[Item]) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            answer = self._module.handler(stream_event(batch), Context())
        if answer != {"batchItemFailures": []}:
            raise RuntimeError(f"not scored: {answer}")


class _Naive:
    """A handler as one would write it first: no rules, no cap, no history, and points lost to other writers."""

    name = "read, add, put"

    def __init__(self, place: Place) -> None:
        self._client: DynamoDBClient = boto3.client(
            "dynamodb", endpoint_url=place.client.meta.endpoint_url, **CREDENTIALS
        )  # type: ignore[call-overload]
        self._meter = Meter(self._client)
        self._table = place.tables.contacts

    def one_at_a_time(self) -> contextlib.AbstractContextManager[list[Use]]:
        return self._meter.uses()

    def score(self, batch: list[Item]) -> None:
        for activity in batch:
            key = {"pk": activity["pk"], "sk": {"S": keys.PROFILE}}
            item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)["Item"]
            score = int(item["score"]["N"]) + 5
            self._client.put_item(TableName=self._table, Item={**item, "score": {"N": str(score)}})


def _prepare(place: Place) -> None:
    """Sixty contacts with scores, and three rules, one of which every activity meets."""
    workspace = Workspace(place.client, place.tables.workspace)
    account, audience = place.store.account_id, place.store.audience_id
    workspace.save_audience(Audience(account, audience, "Customers", 1, _CREATED))
    visit = Condition("page", Operator.CONTAINS, ("/lamps",))
    daily = FrequencyCap(1000, CapWindow.DAY)
    rules = ScoringRules(place.client, place.tables.workspace)
    for rule in (
        ScoringRule("visits", "Visits", enabled=True, activity="page.visited", effect=Effect(EffectKind.ADD, 5)),
        ScoringRule("clicks", "Clicks", enabled=True, activity="email.clicked", effect=Effect(EffectKind.ADD, 9)),
        ScoringRule(
            "opens",
            "Opens",
            enabled=True,
            activity="email.opened",
            effect=Effect(EffectKind.ADD, 1),
            conditions=(visit,),
            frequency_cap=daily,
        ),
    ):
        rules.save(account, audience, rule)
    place.put(place.tables.contacts, (profile(place.store, number, score=number * 10) for number in range(CONTACTS)))


def profile(store: Store, number: int, score: int) -> Item:
    """A contact of realistic lengths with a score of the first epoch and nothing in its history."""
    name, email = name_and_email(number)
    first_name, last_name = name.split()
    return attributes(
        {
            "pk": keys.person(store.account_id, store.audience_id, contact_id(email)),
            "sk": keys.PROFILE,
            "email": email,
            "first_name": first_name,
            "last_name": last_name,
            "locale": "en",
            "status": "subscribed",
            "consent_at": epoch_ms(_CREATED),
            "seen_at": epoch_ms(_CREATED),
            "created_at": epoch_ms(_CREATED),
            "version": 1,
            "list_pk": keys.contact_list(store.account_id, store.audience_id),
            "list_sk": email,
            "score": score,
            "score_epoch": 1,
            "score_pk": keys.score_board(store.account_id, store.audience_id, 1),
        }
    )


def _batch(number: int) -> list[Item]:
    """A hundred visits of sixty contacts, as the Ledger keeps them."""
    activities = []
    for place in range(ACTIVITIES):
        _, email = name_and_email(place % CONTACTS)
        at = epoch_ms(_NOW + timedelta(minutes=number, seconds=place / 2))
        activities.append(
            attributes(
                {
                    "pk": keys.person(samples.ACCOUNT, samples.AUDIENCE, contact_id(email)),
                    "sk": keys.activity(f"visit-{number}-{place}"),
                    "name": "page.visited",
                    "occurred_at": at,
                    "properties": {"page": "/lamps/aalto", "referrer": "https://www.example.com/search"},
                    "digest": "0123456789abcdef",
                }
            )
        )
    return activities
