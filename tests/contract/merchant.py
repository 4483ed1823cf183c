"""Who sends requests to the functions as one merchant would, and takes down what they call."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.leaderboard.snapshot import take
from laurel.model.account import Plan
from laurel.model.automation import MetricBetween, run_id, run_subject
from laurel.model.contact import Consent, ConsentStatus, Person, merged
from laurel.model.message import Message
from laurel.model.period import TimeFrame
from laurel.model.ranking import Figures, Metric
from laurel.model.scoring import Change, Effect, EffectKind, ScoringRule
from laurel.scoring.apply import apply
from laurel.store import (
    event_bus,
    import_files,
    keys,
    mail_identities,
    mail_service,
    process,
    queue,
    schedules,
    seal,
    secrets,
    user_pool,
)
from laurel.store.automations import Automations
from laurel.store.board_snapshots import BoardSnapshots
from laurel.store.contacts import Contacts
from laurel.store.messages import Messages
from laurel.store.queue import AutomationQueue
from laurel.store.scores import Scores
from laurel.store.scoring_rules import ScoringRules
from laurel.store.seal import Seal
from laurel.store.workspace import Workspace
from tests.contract.runs_day import RunsDay
from tests.contract.told import Call, Told, calls_of
from tests.support import billing_events, webhook_events
from tests.support.api import ROUTES, Context, api_event, claims, queue_event, stream_event, upload_event
from tests.support.automating import an_automation, moved
from tests.support.functions import (
    AUTOMATIONS_QUEUE,
    AUTOMATIONS_QUEUE_URL,
    ERASURES_QUEUE,
    ERASURES_QUEUE_URL,
    IMPORTS_BUCKET,
    IMPORTS_QUEUE,
    IMPORTS_QUEUE_URL,
    JOBS_QUEUE,
    JOBS_QUEUE_URL,
    MAIL_QUEUE,
    MAIL_QUEUE_URL,
    SHOP_PARAMETERS,
    SNAPSHOTS_QUEUE,
    SNAPSHOTS_QUEUE_URL,
    load_function,
)
from tests.support.mail_service import FakeSES
from tests.support.memory import MemoryDynamoDB
from tests.support.messages import SAID
from tests.support.outside import FakeBus, FakeScheduler
from tests.support.refreshing import await_first
from tests.support.samples import a_contact
from tests.support.seals import SNAPSHOT_KEY, FakeKMS
from tests.support.tables import Database, create_tables
from tests.support.user_pool import FakeCognito
from tools.create_account import create_account

if TYPE_CHECKING:
    pass

NOW = datetime.now(UTC)
FILE_ACTIONS = {"HeadObject": ("GetObject", "ListBucket"), "ListObjectsV2": ("ListBucket",)}
"""What S3 checks permission for, where that is not named after the operation; who may not list is never told 404."""


class Merchant:
    """Sends requests to the functions and takes down what they ask of DynamoDB and of the queue."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: dict[str, set[Call]] = defaultdict(set)
        self._memory = MemoryDynamoDB()
        self._told = Told(self._memory)
        client: Any = self._told
        self.database = Database(self._memory.as_client(), create_tables(self._memory.as_client()))
        self._monkeypatch = monkeypatch
        tables = self.database.tables
        self._fields = dict(zip(tables, tables._fields, strict=True))
        self._function = ""
        self._settled: dict[tuple[str, str], Any] = {}
        monkeypatch.setattr(process, "create_client", lambda: client)
        monkeypatch.setattr("laurel.scoring.work._THREADS", 1)  # so that what fails fails again
        self._queue: Any = queue.create_client()
        for name in (JOBS_QUEUE, MAIL_QUEUE):
            self._queue.create_queue(QueueName=name)
        monkeypatch.setattr(queue, "create_client", lambda: self._queue)
        billing_events.keep_secret()
        self._secrets: Any = secrets.create_client()
        monkeypatch.setattr(secrets, "create_client", lambda: self._secrets)
        self._queue.create_queue(QueueName=IMPORTS_QUEUE)
        self._queue.create_queue(QueueName=ERASURES_QUEUE)
        self._files: Any = import_files.create_client()
        self._files.create_bucket(Bucket=IMPORTS_BUCKET)
        monkeypatch.setattr(import_files, "create_client", lambda: self._files)
        self._ses = FakeSES()
        monkeypatch.setattr(mail_identities, "create_client", lambda: self._ses)
        monkeypatch.setattr(mail_service, "create_client", lambda: self._ses)
        self._queue.create_queue(QueueName=SNAPSHOTS_QUEUE)
        self._queue.create_queue(QueueName=AUTOMATIONS_QUEUE)
        self._outside = {"schedules": FakeScheduler(), "event bus": FakeBus()}
        monkeypatch.setattr(schedules, "create_client", lambda: self._outside["schedules"])
        monkeypatch.setattr(event_bus, "create_client", lambda: self._outside["event bus"])
        self._kms = FakeKMS()
        monkeypatch.setattr(seal, "create_client", lambda: self._kms)
        self._cognito = FakeCognito()
        monkeypatch.setattr(user_pool, "create_client", lambda: self._cognito)
        workspace = Workspace(self.database.client, self.database.tables.workspace)
        created = create_account(workspace, "Shop", Plan.FREE, "en")
        self.account, self.audience = created["account_id"], created["audience_id"]
        self.user = self._cognito.register(self.account, "owner", claims(self.account)["sub"])

    def invoke(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        module = load_function(function, self._monkeypatch, self.database.tables)
        if function in ("ApplyFunction", "SendFunction", "RunFunction", "ReactFunction"):
            module._THREADS = 1  # as above
        handler = module.handler
        queue_events, secret_events = self._queue.meta.events, self._secrets.meta.events
        self._function = function
        self._told.tell = self._take_down
        queue_events.register("provide-client-params.sqs", self._take_down_message)
        secret_events.register("provide-client-params.ssm", self._take_down_secret)
        self._files.meta.events.register("provide-client-params.s3", self._take_down_file)
        try:
            answer: dict[str, Any] = handler(event, Context())
        finally:
            self.calls[function] |= {(operation, "mail service", None) for operation in self._ses.calls}
            self._ses.calls.clear()
            self.calls[function] |= {(operation, "user pool", None) for operation in self._cognito.calls}
            self._cognito.calls.clear()
            self.calls[function] |= {(operation, "seals", None) for operation in self._kms.asked}
            self._kms.asked.clear()
            for service, fake in self._outside.items():
                self.calls[function] |= {(operation, service, None) for operation in fake.calls}
                fake.calls.clear()
            queue_events.unregister("provide-client-params.sqs", self._take_down_message)
            secret_events.unregister("provide-client-params.ssm", self._take_down_secret)
            self._files.meta.events.unregister("provide-client-params.s3", self._take_down_file)
        return answer

    def _take_down(self, operation: str, params: dict[str, Any]) -> None:
        for action, table, index in calls_of(operation, params):
            self.calls[self._function].add((action, self._fields[table], index))

    def _take_down_message(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        name = params["QueueUrl"].rpartition("/")[2]
        self.calls[self._function].add((model.name.removesuffix("Batch"), name, None))

    def _take_down_file(self, model: Any, **_: Any) -> None:
        """A file that is used, or for which a signed address is made."""
        actions = FILE_ACTIONS.get(model.name, (model.name,))
        self.calls[self._function] |= {(action, "files", None) for action in actions}

    def _take_down_secret(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        kind = "shop credentials" if params["Name"].startswith(f"{SHOP_PARAMETERS}/") else "billing secret"
        self.calls[self._function].add((model.name, kind, None))

    def work(self) -> None:
        """Have the queue of jobs worked off, a step a message."""
        self._monkeypatch.setattr("laurel.scoring.work.CHUNK", timedelta(0))
        self._consume(JOBS_QUEUE_URL, "WorkFunction")

    def send_mail(self) -> None:
        """Have the queue of mail sent."""
        self._consume(MAIL_QUEUE_URL, "SendFunction")

    def _consume(self, url: str, function: str) -> None:
        while messages := self._queue.receive_message(QueueUrl=url, AttributeNames=["All"]).get("Messages"):
            assert self.invoke(function, queue_event(messages)) == {"batchItemFailures": []}
            for message in messages:
                self._queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def accept(self, message: Message) -> None:
        """Keep a message that is to be sent to somebody who subscribed."""
        contacts = Contacts(self.database.client, self.database.tables.contacts)
        told = Person(message.to, NOW, consent=Consent(ConsentStatus.SUBSCRIBED, NOW))
        assert contacts.save(self.account, self.audience, merged(None, told, NOW))
        assert Messages(self.database.client, self.database.tables.contacts).accept(message, SAID)

    def outrun(self, email: str) -> None:
        """Make a contact right before the next who are looked up and not found are written."""
        contacts = Contacts(self.database.client, self.database.tables.contacts)

        def save(operation: str) -> None:
            if operation == "batch_execute_statement":
                self._memory.before = lambda _: None
                contacts.save(self.account, self.audience, merged(None, Person(email, NOW), NOW))

        self._memory.before = save

    def forget_link_key(self) -> None:
        """As if no link had been made yet."""
        key: Any = {"pk": {"S": self.account}, "sk": {"S": keys.LINK_KEY}}
        self.database.client.delete_item(TableName=self.database.tables.workspace, Key=key)

    def mailed(self) -> set[str]:
        """Whom the mail service has taken mail to."""
        return {mail.to for mail in self._ses.sent}

    def verify(self, domain: str) -> None:
        """Let SES find what it looks for."""
        self._ses.verify(domain)

    def upload(self, key: str, content: bytes) -> None:
        """Put a file where an import waits for it, and have its chunks worked on."""
        self._files.put_object(Bucket=IMPORTS_BUCKET, Key=key, Body=content)
        assert self.invoke("ImportCutFunction", upload_event(key)) == {"batchItemFailures": []}
        while found := self._queue.receive_message(QueueUrl=IMPORTS_QUEUE_URL, AttributeNames=["All"]).get("Messages"):
            assert self.invoke("ImportWorkFunction", queue_event(found)) == {"batchItemFailures": []}
            for message in found:
                self._queue.delete_message(QueueUrl=IMPORTS_QUEUE_URL, ReceiptHandle=message["ReceiptHandle"])

    def refresh(self, store_id: str) -> None:
        """Have every due snapshot taken, one a message, also at a period's close; somebody waits for a store's."""
        workspace = Workspace(self.database.client, self.database.tables.workspace)
        store: Any = workspace.store(self.account, store_id)
        assert workspace.save_store(replace(store, created_at=NOW - timedelta(days=8)))
        await_first(self.database, store, NOW)
        self._monkeypatch.setattr("laurel.leaderboard.refresh.WORKED", timedelta(0))
        self.invoke("RefreshFunction", {"source": "aws.events"})
        self._consume(SNAPSHOTS_QUEUE_URL, "SnapshotFunction")

    def set_off(self, store: str) -> None:
        """Tell automations of a score that reaches a hundred, and does so again because of what came of it.

        Then tell them of the runs that began.
        """
        figures = MetricBetween(store, Metric.ORDERS_COUNT, TimeFrame.ALL_TIME, 0)
        it = an_automation("set-off", conditions=(figures,), account_id=self.account, audience_id=self.audience)
        assert Automations(self.database.client, self.database.tables.workspace).save(it)
        self._score("a-loop")
        entries = sorted(self._items_of("a-loop", keys.score_entries()), key=lambda it: int(it["seq"]["N"]))
        assert self.invoke("ReactFunction", stream_event(entries)) == {"batchItemFailures": []}
        begun = self._items_of("a-loop", keys.run(""))
        assert self.invoke("ReactFunction", stream_event(begun)) == {"batchItemFailures": []}

    def _score(self, contact: str) -> None:
        """Have somebody's score set to a hundred, from it, and by the run that this begins to a hundred again."""
        client, tables = self.database.client, self.database.tables
        assert Contacts(client, tables.contacts).save(self.account, self.audience, a_contact(id=contact))
        scored = Scores(client, tables.contacts).read(self.account, self.audience, 1, contact)
        assert scored
        begun = run_id("set-off", moved(None, 100))
        points = ((100, "person:1"), (50, "person:2"), (100, run_subject(begun, 0)))
        steps = [Change(subject, NOW, Effect(EffectKind.SET, to)) for to, subject in points]
        apply(Scores(client, tables.contacts), scored, steps, ())

    def _items_of(self, contact: str, prefix: str) -> list[dict[str, Any]]:
        found: Any = self.database.client.query(
            TableName=self.database.tables.contacts,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={
                ":pk": {"S": keys.person(self.account, self.audience, contact)},
                ":prefix": {"S": prefix},
            },
        )["Items"]
        return list(found)

    def run_automations(self, store: str) -> None:
        """Have runs of automations taken up; one is held and let go on, and of one the worker was killed."""
        day = RunsDay(self.database, self.account, self.audience)
        runs = AutomationQueue(self._queue, AUTOMATIONS_QUEUE_URL)
        self._ses.failures = {"SendEmail": "TooManyRequestsException"}
        for ref, begun in day.begin(store):
            runs.send(ref, begun)
        self._consume(AUTOMATIONS_QUEUE_URL, "RunFunction")
        self._ses.failures = {}
        runs.send(*day.kill())
        told = {"account": self.account, "audience": self.audience, "automation": "off"}
        self._queue.send_message(QueueUrl=AUTOMATIONS_QUEUE_URL, MessageBody=json.dumps(told))
        self._consume(AUTOMATIONS_QUEUE_URL, "RunFunction")
        states = {name: state.value for name, state in day.states().items()}
        assert states == {"all": "done", "late": "waiting", "held": "held", "told": "waiting"}

    def close(self, period: str, store_id: str) -> None:
        """Have a period of a store be closed, with somebody on its boards."""
        store: Any = Workspace(self.database.client, self.database.tables.workspace).store(self.account, store_id)
        taken = take(store, period, [("customer-7", Figures(1, 100, 0))], NOW, NOW, closed=True)
        seals = Seal(FakeKMS, SNAPSHOT_KEY)
        assert BoardSnapshots(self.database.client, self.database.tables.workspace, seals).keep(taken)

    def forget(self) -> None:
        """Have the queue of erasures worked off, a step a message, the second time at once."""
        for wait in ("SETTLING", "CHUNK"):
            self._monkeypatch.setattr(f"laurel.privacy.work.{wait}", timedelta(0))
        while found := self._queue.receive_message(QueueUrl=ERASURES_QUEUE_URL, AttributeNames=["All"]).get("Messages"):
            assert self.invoke("EraseFunction", queue_event(found)) == {"batchItemFailures": []}
            for message in found:
                self._queue.delete_message(QueueUrl=ERASURES_QUEUE_URL, ReceiptHandle=message["ReceiptHandle"])

    def ask(self, method: str, resource: str, **request: Any) -> dict[str, Any]:
        event = api_event(method, resource, request.pop("path", None), caller=claims(self.account), **request)
        answer = self.invoke(ROUTES[method, resource], event)
        assert answer["statusCode"] < 500, (method, resource, answer["body"])
        return answer

    def change(self, method: str, resource: str, **request: Any) -> dict[str, Any]:
        """A write with an idempotency key, sent twice; then one that fails, so that its key is free again."""
        own = request.pop("headers", {})
        headers = {"Idempotency-Key": f"{method} {resource}", **own}
        first = self.ask(method, resource, headers=headers, **request)
        assert first["statusCode"] < 300, (method, resource, first["body"])
        self.ask(method, resource, headers=headers, **request)
        self.ask(method, resource, headers={"Idempotency-Key": "bad", **own}, **{**request, "body": "no JSON"})
        return first

    def webhook(self, name: str, store: str, secret: str) -> None:
        sample = webhook_events.load(name)
        platform = sample["pathParameters"]["platform"]
        path = {"account": self.account, "store": store, "platform": platform}
        event = {**sample, "pathParameters": path, "path": f"/webhooks/{self.account}/{store}/{platform}"}
        answer = self.invoke("WebhooksFunction", webhook_events.signed(event, datetime.now(UTC), secret))
        assert answer["statusCode"] in (200, 409), (name, answer["body"])

    def billing(self) -> None:
        body = json.dumps(billing_events.event(self.account))
        headers = {"stripe-signature": billing_events.signature(body, datetime.now(UTC).timestamp())}
        answer = self.ask("POST", "/billing/stripe", body=body, headers=headers)
        assert json.loads(answer["body"]) == {"outcome": "accepted"}

    def rule(self, activity: str) -> None:
        rules = ScoringRules(self.database.client, self.database.tables.workspace)
        rule = ScoringRule("r1", "Rule", enabled=True, activity=activity, effect=Effect(EffectKind.ADD, 5))
        assert rules.save(self.account, self.audience, rule)

    def settle(self) -> None:
        """Carry what changed in the Ledger to its two consumers."""
        facts = {
            (item["pk"]["S"], item["sk"]["S"]): item
            for item in self.database.client.scan(TableName=self.database.tables.ledger)["Items"]
        }
        changed = [item for key, item in facts.items() if self._settled.get(key) != item]
        for function, kinds in (("ProjectFunction", ("order#",)), ("ApplyFunction", ("order#", "activity#"))):
            event = stream_event([item for item in changed if item["sk"]["S"].startswith(kinds)], self._settled)
            assert self.invoke(function, event) == {"batchItemFailures": []}
        self._settled = facts


def order(id_: str, email: str | None, **more: Any) -> dict[str, Any]:
    person = {"customer": {"email": email}} if email else {}
    return {
        "id": id_,
        "placed_at": NOW.isoformat(),
        "status": "paid",
        "currency": "EUR",
        "total": "59.90",
        **person,
        **more,
    }


def connect(merchant: Merchant, platform: str, **more: Any) -> dict[str, Any]:
    plan = {"platform": platform, "name": platform, "currency": "EUR", "time_zone": "Europe/Berlin", **more}
    answer = merchant.ask("POST", "/stores", body=plan)
    assert answer["statusCode"] == 201, answer["body"]
    connected: dict[str, Any] = json.loads(answer["body"])
    return connected
