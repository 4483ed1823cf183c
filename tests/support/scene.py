"""An audience with one contact, what happens to her, and what automations hear of it; any request may be the last."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from laurel.model.contact import ContactRef
from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from laurel.model.scoring import Change, Effect, EffectKind
from laurel.model.signal import RankMoved
from laurel.scoring.apply import apply
from laurel.store.contact_stream import TAGGED_BY, TAGGED_VERSION
from laurel.store.contacts import Contacts
from laurel.store.dynamodb import attributes
from laurel.store.pulses import KeptPulses
from laurel.store.rankings import Rankings
from laurel.store.scores import Scores
from laurel.store.signals import Signals
from laurel.store.workspace import Workspace
from tests.support.api import stream_event
from tests.support.automating import Listener, an_audience
from tests.support.samples import ADA_ID, AUDIENCE, a_contact, at
from tests.support.tables import Database

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from mypy_boto3_dynamodb import DynamoDBClient

    from laurel.model.account import Store
    from laurel.model.automation import Automation, Run

TOLD_AT = at("2026-11-22T10:00:00")
SPENT, RUNNING = Metric.TOTAL_SPENT, TimeFrame.MONTH_TO_DATE


class Killed(BaseException):
    """The worker's time is up."""


class Watched:
    """A client that tells of each request, before it is made and after it was."""

    def __init__(self, real: DynamoDBClient) -> None:
        self.before: Callable[[str], None] = lambda _: None
        self.after: Callable[[str], None] = lambda _: None
        self._real = real

    def __getattr__(self, operation: str) -> Any:
        real = getattr(self._real, operation)

        def asked(**request: Any) -> Any:
            self.before(operation)
            answer = real(**request)
            self.after(operation)
            return answer

        return asked


class Scene:
    """An audience with one contact, and a listener to what happens to her."""

    def __init__(self, database: Database, client: Watched, listener: Listener, store: Store) -> None:
        self.client, self.listener, self.store = client, listener, store
        self._database = database
        self._plain, self._contacts = database.client, database.tables.contacts
        self.ref = ContactRef(store.account_id, AUDIENCE, ADA_ID)
        self.workspace = Workspace(database.client, database.tables.workspace)
        self.workspace.save_audience(an_audience(store.account_id))
        self.workspace.save_store(store)
        self.people = Contacts(database.client, database.tables.contacts)
        self.scores = Scores(database.client, database.tables.contacts)
        self.signals = Signals(database.client, database.tables.contacts)
        self.pulses = KeptPulses(database.client, database.tables.contacts)
        self.rankings = Rankings(database.client, database.tables.rankings)
        assert self.people.save(self.ref.account_id, AUDIENCE, a_contact(seen_at=TOLD_AT))
        self._seen: dict[tuple[str, str], Any] = {}
        self._numbers = itertools.count(1)
        self.told()

    def let_live(self) -> None:
        """Nobody is killed any more."""
        self.client.before = self.client.after = lambda _: None
        self.listener.queue.before = lambda: None

    def another(self, name: str) -> Scene:
        """The same in another account."""
        store = replace(self.store, account_id=f"{self.store.account_id}-{name}")
        return Scene(self._database, self.client, self.listener, store)

    def automate(self, *automations: Automation) -> None:
        for it in automations:
            assert self.listener.automations.save(replace(it, account_id=self.ref.account_id))

    def score(self, points: int | None, subject: str | None = None, when: datetime = TOLD_AT) -> None:
        """Somebody sets the score."""
        contact = self.scores.read(self.ref.account_id, AUDIENCE, 1, ADA_ID)
        assert contact
        effect = Effect(EffectKind.REMOVE) if points is None else Effect(EffectKind.SET, points)
        assert apply(self.scores, contact, [Change(subject or f"person:{next(self._numbers)}", when, effect)], ())

    def tag(self, *tags: str, run: str | None = None) -> None:
        """The contact has these tags from now on."""
        known = self.people.contact(self.ref.account_id, AUDIENCE, ADA_ID)
        assert known
        after = replace(known, tags=tags, version=known.version + 1)
        assert self.people.save(self.ref.account_id, AUDIENCE, after)
        if run:
            self._plain.update_item(
                TableName=self._contacts,
                Key=attributes({"pk": f"{self.ref.account_id}#{AUDIENCE}#{ADA_ID}", "sk": "profile"}),
                UpdateExpression=f"SET {TAGGED_BY} = :run, {TAGGED_VERSION} = :version",
                ExpressionAttributeValues=attributes({":run": run, ":version": after.version}),
            )

    def ranked(self, before: int | None, after: int | None, hour: int = 0) -> None:
        signal = RankMoved(TOLD_AT + timedelta(hours=hour), self.store.id, SPENT, RUNNING, "2026-11", before, after)
        self.signals.put(self.ref, signal)

    def told(self) -> list[dict[str, Any]]:
        """What the stream tells of since this was asked last, an item's last image only."""
        answer = self._plain.query(
            TableName=self._contacts,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=attributes({":pk": f"{self.ref.account_id}#{AUDIENCE}#{ADA_ID}"}),
            ConsistentRead=True,
        )
        items: dict[tuple[str, str], Any] = {(it["pk"]["S"], it["sk"]["S"]): it for it in answer["Items"]}
        changed = [item for key, item in items.items() if self._seen.get(key) != item]
        records: list[dict[str, Any]] = stream_event(changed, self._seen)["Records"]
        for record in records:
            record["dynamodb"]["ApproximateCreationDateTime"] = TOLD_AT.timestamp()
        self._seen = items
        return records

    def hear(self, records: list[dict[str, Any]] | None = None) -> list[str]:
        return self.listener.hear(self.told() if records is None else records)

    def runs(self, automation: str | None = None) -> list[Run]:
        return self.listener.runs_of(self.ref, automation)

    def sent(self) -> Counter[str]:
        """How often each run's message was sent."""
        return Counter(run for ref, run in self.listener.queue.sent if ref == self.ref)


def a_scene(database: Database, monkeypatch: pytest.MonkeyPatch, store: Store) -> Scene:
    client = Watched(database.client)
    listener = Listener(monkeypatch, Database(cast("DynamoDBClient", client), database.tables))
    return Scene(database, client, listener, store)
