"""Every call a function makes is granted by its role, and every grant is needed by a call.

One merchant's day goes through all functions, route by route and webhook by webhook, and the calls to DynamoDB, to
the queues of jobs and of mail, to the mail service, the user pool and for the billing secret are taken down.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from laurel.leaderboard.snapshot import take
from laurel.model.account import Plan, Platform
from laurel.model.automation import MetricBetween, run_id, run_subject
from laurel.model.contact import Consent, ConsentStatus, ContactRef, Person, merged
from laurel.model.identity import contact_id
from laurel.model.message import Message, MessageState
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
from tests.contract.alerts_day import alerts_of_a_day
from tests.contract.automations_day import automations_of_a_day
from tests.contract.rewards_day import rewards_of_a_day
from tests.contract.runs_day import RunsDay
from tests.support import billing_events, webhook_events
from tests.support.api import ROUTES, Context, api_event, claims, queue_event, stream_event, upload_event
from tests.support.automating import an_automation, moved
from tests.support.functions import (
    AUTOMATIONS_QUEUE,
    AUTOMATIONS_QUEUE_URL,
    ERASURES_QUEUE,
    ERASURES_QUEUE_URL,
    FUNCTIONS,
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
from tests.support.mail_events import event_about
from tests.support.mail_service import FakeSES
from tests.support.memory import MemoryDynamoDB
from tests.support.messages import SAID, a_message
from tests.support.outside import FakeBus, FakeScheduler
from tests.support.partiql import inserted
from tests.support.refreshing import await_first
from tests.support.samples import a_contact
from tests.support.seals import SNAPSHOT_KEY, FakeKMS
from tests.support.shop_server import ShopServer, serving
from tests.support.tables import Database, create_tables
from tests.support.template import resources
from tests.support.user_pool import FakeCognito
from tools.create_account import create_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Call = tuple[str, str, str | None]
"""Action, table or queue, index."""

NOW = datetime.now(UTC)
TRANSACTED = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
QUEUES = {
    "JobsQueue": "jobs",
    "MailQueue": "mail",
    "ImportsQueue": "imports",
    "ErasuresQueue": "erasures",
    "SnapshotsQueue": "snapshots",
    "AutomationsQueue": "automations",
}
SERVICES = {
    "ses": "mail service",
    "cognito-idp": "user pool",
    "kms": "seals",
    "scheduler": "schedules",
    "events": "event bus",
    "iam": "schedules",
}
FILE_ACTIONS = {"HeadObject": ("GetObject", "ListBucket"), "ListObjectsV2": ("ListBucket",)}
"""What S3 checks permission for, where that is not named after the operation; who may not list is never told 404."""


def calls_of(operation: str, params: dict[str, Any]) -> Iterator[Call]:
    """What DynamoDB checks permission for when it is asked this."""
    if operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            ((kind, it),) = item.items()
            yield TRANSACTED[kind], it["TableName"], None
    elif operation == "BatchExecuteStatement":
        for it in params["Statements"]:
            yield "PartiQLInsert", inserted(it["Statement"], it["Parameters"])[0], None
    elif operation in ("BatchGetItem", "BatchWriteItem"):
        for table in params["RequestItems"]:
            yield operation, table, None
    else:
        yield operation, params["TableName"], params.get("IndexName")


def grants(function: str) -> set[Call]:
    """What the template lets a function do to tables, and whether it may queue jobs; taking them is up to Lambda."""
    role = resources("AWS::IAM::Role")[f"{function.removesuffix('Function')}Role"]
    granted = set()
    for statement in role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        targets = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        if service := SERVICES.get(actions[0].partition(":")[0]):
            granted |= {(action.partition(":")[2], service, None) for action in actions}
            continue
        for target in targets:
            if any(action.startswith("ssm:") for action in actions):
                kind = "shop credentials" if str(target).endswith("/shops/*'}") else "billing secret"
                granted |= {(action.removeprefix("ssm:"), kind, None) for action in actions}
                continue
            if "ImportsBucket" in str(target):
                granted |= {(action.removeprefix("s3:"), "files", None) for action in actions}
                continue
            if "Fn::Sub" in target:  # ${RankingsTable.Arn}/index/by_total_spent
                table, index = target["Fn::Sub"].removeprefix("${").split("Table.Arn}/index/")
            elif "Fn::GetAtt" in target and target["Fn::GetAtt"][0].endswith("Table"):
                table, index = target["Fn::GetAtt"][0].removesuffix("Table"), None
                if target["Fn::GetAtt"][1] != "Arn":
                    continue  # the stream, which Lambda reads
            elif "Fn::GetAtt" in target and target["Fn::GetAtt"][0] in QUEUES:
                name = QUEUES[target["Fn::GetAtt"][0]]
                granted |= {("SendMessage", name, None)} & {
                    (action.removeprefix("sqs:"), name, None) for action in actions
                }
                continue
            else:
                continue
            granted |= {(action.removeprefix("dynamodb:"), table.lower(), index) for action in actions}
    return granted


class Told:
    """Speaks like a client of DynamoDB, and tells of each request before it is made."""

    def __init__(self, client: MemoryDynamoDB) -> None:
        self.tell: Callable[[str, dict[str, Any]], None] = lambda operation, params: None
        self._client = client

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(self._client, name)

        def ask(**params: Any) -> Any:
            self.tell("".join(map(str.capitalize, name.split("_"))), params)
            return method(**params)

        return ask


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


def a_day(merchant: Merchant) -> None:
    """Everything that the API offers, at least once."""
    kim, lee, max_ = "kim@example.com", "lee@example.com", "max@example.com"
    audience = {"audience": merchant.audience}
    person = {**audience, "contact": contact_id(max_)}

    merchant.ask("GET", "/account")
    merchant.billing()
    merchant.change("PATCH", "/account", body={"name": "The shop"})
    merchant.ask("GET", "/audiences")
    merchant.change("POST", "/audiences", body={"name": "Others"})
    merchant.ask("GET", "/audiences/{audience}", path=audience)
    merchant.change("PATCH", "/audiences/{audience}", path=audience, body={"name": "Customers"})
    merchant.ask("GET", "/stores/{store}/leaderboard", path={"store": "none"})
    merchant.rule("order.placed")

    stores = {
        platform: connect(merchant, platform, audience_id=merchant.audience, secret=webhook_events.SECRETS[platform])
        for platform in ("shopify", "woocommerce", "generic")
    }
    store = {"store": stores["generic"]["id"]}
    merchant.ask("GET", "/stores")
    merchant.ask("GET", "/stores/{store}", path=store)
    merchant.change("PATCH", "/stores/{store}", path=store, body={"name": "Mine", "house_account_orders": 2})
    merchant.ask("POST", "/stores/{store}/secret", path=store, body={"secret": webhook_events.SECRETS["generic"]})

    batch = [order("1", kim), order("2", None), order("3", kim), order("4", kim), order("5", max_)]
    merchant.change("POST", "/stores/{store}/orders", path=store, body={"orders": batch})
    moved = order("1", lee, status="cancelled")
    merchant.ask("POST", "/stores/{store}/orders", path=store, body=moved)
    activity = {
        "id": "a1",
        "name": "page.visited",
        "occurred_at": NOW.isoformat(),
        "contact": {"email": "new@example.com"},
    }
    merchant.change("POST", "/audiences/{audience}/activities", path=audience, body=activity)
    opened = {**activity, "id": "a2", "name": "email.opened", "properties": {"message": "m1"}}
    merchant.ask("POST", "/audiences/{audience}/activities", path=audience, body=opened)
    judged = {**audience, "contact": contact_id("new@example.com"), "activity": "a1"}
    judgement = "/audiences/{audience}/contacts/{contact}/activities/{activity}/judgement"
    merchant.change("POST", judgement, path=judged, body={"machine": True})
    for name in sorted(webhook_events.names(), key=lambda name: "app-uninstalled" in name):
        platform = name.split("-")[1]
        merchant.webhook(name, stores[platform]["id"], webhook_events.SECRETS[platform])
    merchant.settle()
    for minutes, status in enumerate(("voided", "paid"), 1):
        changed = order("5", max_, status=status, updated_at=(NOW + timedelta(minutes=minutes)).isoformat())
        merchant.ask("POST", "/stores/{store}/orders", path=store, body=changed)
        merchant.settle()

    for metric in ("orders_count", "total_spent", "average_order_value"):
        merchant.ask("GET", "/stores/{store}/leaderboard", path=store, query={"rank_by": metric})
        place = {**store, "customer": contact_id(max_)}
        merchant.ask("GET", "/stores/{store}/leaderboard/{customer}", path=place, query={"rank_by": metric})
    merchant.close("2020-01", store["store"])
    merchant.ask("GET", "/stores/{store}/leaderboard/{customer}/explanation", path=place, query={"period": "all"})
    merchant.ask("GET", "/stores/{store}/leaderboard", path=store, query={"period": "2020-01", "view": "closed"})
    merchant.ask("GET", "/stores/{store}/leaderboard-changes", path=store, query={"period": "2020-01"})
    merchant.ask("GET", "/stores/{store}/snapshots", path=store)
    merchant.ask("GET", "/stores/{store}/set-aside", path=store)
    merchant.ask("GET", "/audiences/{audience}/contacts/{contact}", path=person, query={"months": "12"})
    merchant.ask("GET", "/audiences/{audience}/contacts/{contact}/timeline", path=person)
    mail_of_a_day(merchant, person)
    scores_of_a_day(merchant, person, store["store"])
    merchant.ask("DELETE", "/stores/{store}", path=store)


def mail_of_a_day(merchant: Merchant, person: dict[str, str]) -> None:
    """Senders, and a contact who unsubscribes."""
    made = json.loads(merchant.change("POST", "/senders", body={"domain": "example.com"})["body"])
    sender = {"sender": made["id"]}
    merchant.ask("POST", "/senders", body={"email": "shop@example.com"})
    merchant.ask("GET", "/senders")
    merchant.ask("GET", "/senders/{sender}", path=sender)
    merchant.ask("DELETE", "/senders/{sender}", path=sender)
    profile = merchant.ask("GET", "/audiences/{audience}/contacts/{contact}", path=person)
    token = {"token": json.loads(profile["body"])["unsubscribe_url"].rpartition("/")[2]}
    merchant.ask("GET", "/unsubscribe/{token}", path=token)
    form = {"content-type": "application/x-www-form-urlencoded"}
    merchant.ask("POST", "/unsubscribe/{token}", path=token, headers=form, body="List-Unsubscribe=One-Click")


def scores_of_a_day(merchant: Merchant, person: dict[str, str], store: str) -> None:
    """Rules and scores, of one contact and of all."""
    rules, audience = "/audiences/{audience}/scoring-rules", {"audience": merchant.audience}
    opens = {"name": "Opens", "activity": "email.opened", "effect": "add", "points": 5}
    made = json.loads(merchant.change("POST", rules, path=audience, body=opens)["body"])
    rule, version = {**audience, "rule": made["id"]}, {"If-Match": "*"}
    merchant.ask("GET", rules, path=audience)
    merchant.ask("GET", f"{rules}/{{rule}}", path=rule)
    merchant.ask("PATCH", f"{rules}/{{rule}}", path=rule, body={"points": 6}, headers=version)
    merchant.ask("DELETE", f"{rules}/{{rule}}", path=rule, headers=version)

    score = "/audiences/{audience}/contacts/{contact}/score"
    merchant.change("POST", score, path=person, body={"effect": "add", "points": 100})
    merchant.ask("GET", score, path=person)
    merchant.ask("POST", f"{score}/verify", path=person)
    for query in ({}, {"tag": "vip"}, {"none": "true"}, {"store": store, "metric_at_least": "1"}):
        merchant.ask("GET", "/audiences/{audience}/scores", path=audience, query=query)
        merchant.ask("GET", "/audiences/{audience}/scores/count", path=audience, query=query)
    merchant.ask("GET", "/audiences/{audience}/scoring", path=audience)
    merchant.ask("PATCH", "/audiences/{audience}/scoring", path=audience, body={"monthly_decay": 10})
    for whose in ({"contact": person["contact"]}, {}):
        merchant.ask("POST", "/audiences/{audience}/scores/reset", path=audience, body=whose)


def messages_of_a_day(merchant: Merchant, store: str) -> None:
    """A message to the customer of a store, from a domain whose verification nobody has looked at yet."""
    kim = {"audience": merchant.audience, "contact": contact_id("kim@example.com")}
    messages = "/audiences/{audience}/contacts/{contact}/messages"
    settings = {"postal_address": "Shop street 1", "sender_address": "hello@shop.example"}
    merchant.ask("PATCH", "/account", body=settings)
    merchant.ask("POST", "/senders", body={"domain": "shop.example"})
    merchant.verify("shop.example")
    consent = {"status": "subscribed", "at": NOW.isoformat()}
    agreed = {"id": "a9", "name": "form.submitted", "occurred_at": NOW.isoformat()}
    agreed["contact"] = {"email": "kim@example.com", "consent": consent}
    merchant.ask("POST", "/audiences/{audience}/activities", path={"audience": merchant.audience}, body=agreed)
    written = {
        "subject": "Thank you",
        "text": 'You are number {{ rank.total_spent | default("one") }}.',
        "store": store,
    }
    made = json.loads(merchant.change("POST", messages, path=kim, body=written)["body"])
    message = {**kim, "message": made["id"]}
    merchant.ask("POST", f"{messages}/preview", path=kim, body=written)
    merchant.ask("POST", f"{messages}/test", path=kim, body=written)
    merchant.ask("GET", messages, path=kim)
    merchant.ask("GET", f"{messages}/{{message}}", path=message)
    merchant.ask("GET", "/audiences/{audience}/contacts/{contact}/message-gates", path=kim)
    cancelled = merchant.ask("DELETE", f"{messages}/{{message}}", path=message)
    assert json.loads(cancelled["body"])["state"] == "failed"


def sending_of_a_day(merchant: Merchant) -> None:
    """A message from the outbox to the mail service; those who may not send it and it may not reach are refused."""
    merchant.ask("PATCH", "/account", body={"postal_address": "Shop street 1"})
    sender = json.loads(merchant.ask("POST", "/senders", body={"domain": "shop.example"})["body"])
    merchant.verify("shop.example")
    merchant.ask("GET", "/senders/{sender}", path={"sender": sender["id"]})
    for minutes, state in ((-1, MessageState.SCHEDULED), (-60, MessageState.QUEUED), (-60, MessageState.SENDING)):
        to = f"{state}@example.com"
        ref = ContactRef(merchant.account, merchant.audience, contact_id(to))
        due = NOW + timedelta(minutes=minutes)
        merchant.accept(a_message(ref, state, to=to, sender="hello@shop.example", due=due))
    merchant.forget_link_key()
    merchant.invoke("SweepFunction", {"source": "aws.events"})
    merchant.send_mail()
    assert merchant.mailed() == {"scheduled@example.com", "queued@example.com"}
    feedback_of_a_day(merchant)


def feedback_of_a_day(merchant: Merchant) -> None:
    """What the mail service tells of a mail, and what an account sees of it."""
    ref = ContactRef(merchant.account, merchant.audience, contact_id("told@example.com"))
    message = a_message(ref, MessageState.SENDING, to="told@example.com", sender="hello@shop.example")
    merchant.accept(message)
    for kind, seconds in (("open", 9), ("delivery", 10), ("click-honeypot", 11), ("click", 99), ("complaint", 100)):
        at = message.created_at + timedelta(seconds=seconds)
        assert merchant.invoke("FeedbackFunction", event_about(message, kind, at)) is None
    merchant.ask("GET", "/deliverability")
    merchant.ask("GET", "/suppressions")
    made = json.loads(merchant.change("POST", "/suppressions", body={"email": "eve@example.com"})["body"])
    merchant.ask("POST", "/suppressions", body={"email": "eve@example.com"})
    merchant.ask("DELETE", "/suppressions/{address}", path={"address": made["id"]})


def templates_of_a_day(merchant: Merchant) -> str:
    """A template, and how it would look to the customer of a store; the store's id."""
    store = connect(merchant, "api", audience_id=merchant.audience)["id"]
    merchant.ask("POST", "/stores/{store}/orders", path={"store": store}, body=order("1", "kim@example.com"))
    merchant.settle()
    said = {"subject": "{{ contact.name }}", "html": "<p>{{ rank.total_spent }}</p>"}
    made = json.loads(merchant.change("POST", "/templates", body={"name": "Thanks", **said})["body"])
    template, version = {"template": made["id"]}, {"If-Match": "*"}
    merchant.ask("GET", "/templates")
    merchant.ask("PATCH", "/templates/{template}", path=template, body={"name": "Thank you"}, headers=version)
    merchant.ask("GET", "/templates/{template}", path=template)
    merchant.ask("GET", "/templates/{template}/versions", path=template)
    merchant.ask("GET", "/templates/{template}/versions/{version}", path={**template, "version": "1"})
    wish = {"audience": merchant.audience, "contact": "kim@example.com", "store": store}
    merchant.ask("POST", "/templates/{template}/preview", path=template, body=wish)
    merchant.ask("POST", "/templates/preview", body=wish | said)
    merchant.ask("DELETE", "/templates/{template}", path=template, headers=version)
    return str(store)


def counting_of_a_day(merchant: Merchant) -> None:
    """A store that is told rates, counts by another calendar and is rebuilt."""
    connected = connect(merchant, "generic", audience_id=merchant.audience, house_account_orders=2)
    store, max_ = {"store": connected["id"]}, "max@example.com"
    rates = {"rates": [{"currency": "USD", "month": f"{NOW:%Y-%m}", "rate": "0.9"}]}
    merchant.change("PUT", "/stores/{store}/rates", path=store, body=rates)
    merchant.ask("GET", "/stores/{store}/rates", path=store)
    orders = [order("1", max_, currency="USD"), order("2", max_), order("3", max_)]
    merchant.ask("POST", "/stores/{store}/orders", path=store, body={"orders": orders})
    merchant.settle()
    merchant.ask("PATCH", "/stores/{store}", path=store, body={"house_account_orders": 9, "time_zone": "Asia/Tokyo"})
    merchant.ask("GET", "/stores/{store}/leaderboard", path=store)
    merchant.work()
    merchant.change("POST", "/stores/{store}/rebuild", path=store)
    merchant.ask("PUT", "/stores/{store}/rates", path=store, body={"rates": []})
    merchant.work()


def shop_of_a_day(merchant: Merchant) -> None:
    """A shop lets its orders be read, and is taken that from."""
    store = {"store": connect(merchant, "woocommerce", audience_id=merchant.audience)["id"]}
    credentials = "/stores/{store}/shop-credentials"
    with serving(ShopServer()) as shop:
        merchant.change("PUT", credentials, path=store, body=shop.body(Platform.WOOCOMMERCE))
    merchant.ask("GET", credentials, path=store)
    merchant.change("DELETE", credentials, path=store)


def reconciliation_of_a_day(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop is asked what it has changed: an order that is not kept, and the same with another customer."""
    monkeypatch.setattr("laurel.reconciliation.shop.UNDER_WAY", timedelta(hours=-1))  # what is new counts too
    monkeypatch.setattr("laurel.reconciliation.boards.SETTLING", timedelta(0))
    store = {"store": connect(merchant, "woocommerce", audience_id=merchant.audience)["id"]}
    sold = webhook_events.body_of("webhooks-woocommerce-order-created")
    with serving(ShopServer()) as shop:
        merchant.change("PUT", "/stores/{store}/shop-credentials", path=store, body=shop.body(Platform.WOOCOMMERCE))
        for minutes, email in ((5, "kim@example.com"), (6, "max@example.com")):
            changed = f"{datetime.now(UTC) + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S}"
            shop.put({**sold, "date_modified_gmt": changed, "billing": {"email": email}})
            merchant.ask("POST", "/stores/{store}/reconciliation", path=store)
            merchant.work()
            merchant.settle()
    merchant.ask("GET", "/stores/{store}/reconciliation", path=store)


def jobs_of_a_day(merchant: Merchant) -> None:
    """Each kind of job, from its start to its end."""
    audience = {"audience": merchant.audience}
    store = connect(merchant, "api", audience_id=merchant.audience)["id"]
    merchant.ask("POST", "/stores/{store}/orders", path={"store": store}, body=order("1", "max@example.com"))
    merchant.settle()
    named = [f"{number}@example.com" for number in range(150)] + ["max@example.com"]
    bulk = {"effect": "add", "points": 5, "contacts": named}
    found = {"effect": "add", "points": 5, "query": {"at_least": 5, "store": store, "metric_at_least": "1.00"}}
    rule = {"name": "Bought", "activity": "order.placed", "effect": "add", "points": 5}
    merchant.change("POST", "/audiences/{audience}/scores/bulk", path=audience, body=bulk)
    merchant.work()
    merchant.ask("POST", "/audiences/{audience}/scores/bulk", path=audience, body=found)
    merchant.change("POST", "/audiences/{audience}/scores/verify", path=audience, body={})
    tried = {"rules": [rule], "threshold": 5}
    merchant.change("POST", "/audiences/{audience}/back-tests", path=audience, body=tried)
    merchant.invoke("DailyFunction", {"source": "aws.events"})
    merchant.work()
    listed = json.loads(merchant.ask("GET", "/audiences/{audience}/jobs", path=audience)["body"])["jobs"]
    assert {(job["state"], job["error"]) for job in listed} == {("done", None)}
    merchant.ask("GET", "/audiences/{audience}/jobs/{job}", path={**audience, "job": listed[0]["id"]})
    merchant.ask("GET", "/audiences/{audience}/scores/distribution", path=audience)
    merchant.ask("GET", "/audiences/{audience}/scores/snapshots", path=audience)


def users_of_a_day(merchant: Merchant) -> None:
    """Two are invited, one of them again; both become owners, and one is one no longer when the other goes."""
    merchant.ask("GET", "/users")
    made = merchant.change("POST", "/users", body={"email": "kim@example.com", "role": "viewer"})
    kim = {"user": json.loads(made["body"])["id"]}
    for role in ("owner", "viewer", "owner"):
        merchant.ask("PATCH", "/users/{user}", path=kim, body={"role": role})
    merchant.change("PATCH", "/users/{user}", path=kim, body={"role": "marketer"})
    merchant.change("DELETE", "/users/{user}", path=kim)


def plugin_of_a_day(merchant: Merchant) -> None:
    """API keys, and what a program written for Mailchimp's API does with one."""
    made = json.loads(merchant.ask("POST", "/api-keys", body={"name": "Plugin", "role": "owner"})["body"])
    unused = json.loads(merchant.ask("POST", "/api-keys", body={"name": "Unused"})["body"])
    merchant.ask("GET", "/api-keys")
    merchant.change("DELETE", "/api-keys/{api_key}", path={"api_key": unused["id"]})

    def plugin(method: str, path: str, body: Any = None) -> None:
        headers = {"authorization": f"Bearer {made['key']}"}
        event = api_event(method, "/3.0/{proxy+}", {"proxy": path}, body=body, headers=headers)
        answer = merchant.invoke(ROUTES["ANY", "/3.0/{proxy+}"], event)
        assert answer["statusCode"] in (200, 204), (method, path, answer["body"])

    stores, store = "ecommerce/stores", "ecommerce/stores/web-shop"
    audience = json.loads(merchant.ask("GET", "/audiences/{audience}", path={"audience": merchant.audience})["body"])
    shop = {"id": "web-shop", "list_id": audience["id"], "name": "Web shop", "currency_code": "EUR"}
    plugin("POST", stores, shop)
    plugin("GET", stores)
    plugin("PATCH", store, {"name": "Shop"})
    for email in ("zoe@example.com", "zoe@example.org"):
        plugin("PUT", f"{store}/customers/1", {"email_address": email, "opt_in_status": True})
    plugin("GET", f"{store}/customers")
    line = {"id": "1", "product_id": "1", "product_variant_id": "1", "quantity": 1, "price": 5}
    placed = {"id": "o1", "customer": {"id": "1"}, "currency_code": "EUR", "order_total": 5, "lines": [line]}
    plugin("POST", f"{store}/orders", placed)
    moved = {"id": "2", "email_address": "zoe@example.net", "opt_in_status": False}
    plugin("PATCH", f"{store}/orders/o1", {"customer": moved})
    plugin("GET", f"{store}/orders")
    plugin("GET", f"{store}/orders/o1")
    plugin("DELETE", f"{store}/orders/o1")
    plugin("DELETE", f"{store}/customers/1")
    plugin("DELETE", store)


def imports_of_a_day(merchant: Merchant) -> None:
    """Files of orders and of contacts, with good rows and bad ones, and one that is cancelled."""
    store = {"store": connect(merchant, "api", audience_id=merchant.audience)["id"]}
    imports, one = "/stores/{store}/imports", "/stores/{store}/imports/{import_id}"
    head = b"id,placed_at,updated_at,total,email,tags,customer_id\n"
    amy = b"1,2026-11-20,2026-11-20,5.00,amy@example.com,vip,\n"
    abe = b"4,2026-11-20,2026-11-20,5.00,abe@example.com,,\n"
    orders = head + abe + amy + b"2,2026-11-20,2026-11-20,free,,,\n" + amy
    merchant.outrun("abe@example.com")
    moved = head + b"1,2026-11-20,2026-11-21,5.00,amy@example.org,vip,\n3,2026-11-20,2026-11-20,5.00,,,c3\n"
    contacts = b"email,consent,tags\nbo@example.com,yes,new\nnobody,yes,\n"
    for kind, content, state in (
        ("orders", orders, "done"),
        ("orders", moved, "done"),
        ("contacts", contacts, "done"),
        ("contacts", b"name\nBo\n", "failed"),
    ):
        body = {"kind": kind, "file_name": "history.csv"}
        made = json.loads(merchant.ask("POST", imports, path=store, body=body)["body"])
        merchant.upload(f"uploads/{merchant.account}/{store['store']}/{made['id']}", content)
        told = json.loads(merchant.ask("GET", one, path=store | {"import_id": made["id"]})["body"])
        assert told["state"] == state, told["error"]
    merchant.ask("GET", imports, path=store)
    body = {"kind": "orders", "file_name": "never.csv"}
    made = json.loads(merchant.change("POST", imports, path=store, body=body)["body"])
    merchant.change("POST", f"{one}/cancel", path=store | {"import_id": made["id"]})


def privacy_of_a_day(merchant: Merchant) -> None:
    """A person and a store are forgotten, and what a platform has asked is carried out."""
    shop = connect(merchant, "shopify", audience_id=merchant.audience, secret=webhook_events.SECRETS["shopify"])
    store, email = {"store": shop["id"]}, "zoe.last@example.com"
    merchant.ask("PATCH", "/stores/{store}", path=store, body={"house_account_orders": 1})
    for number in "12":
        merchant.ask("POST", "/stores/{store}/orders", path=store, body=order(number, email))
        merchant.settle()
    person = {"audience": merchant.audience, "contact": contact_id(email)}
    bought = {"id": "z1", "name": "order.said", "occurred_at": NOW.isoformat(), "contact": {"email": email}}
    merchant.ask("POST", "/audiences/{audience}/activities", path={"audience": merchant.audience}, body=bought)
    merchant.webhook("webhooks-shopify-customers-data_request", shop["id"], webhook_events.SECRETS["shopify"])
    merchant.webhook("webhooks-shopify-customers-redact", shop["id"], webhook_events.SECRETS["shopify"])
    merchant.invoke("PrivacyDueFunction", {"source": "aws.events"})
    merchant.ask("POST", "/audiences/{audience}/contacts/{contact}/export", path=person)
    merchant.change("POST", "/audiences/{audience}/contacts/{contact}/erasure", path=person)
    merchant.forget()
    merchant.ask("POST", "/stores/{store}/orders", path=store, body=order("3", "yan@example.com"))
    merchant.settle()
    merchant.ask("POST", "/stores/{store}/erasure", path=store, headers={"Idempotency-Key": "too early"})
    merchant.ask("DELETE", "/stores/{store}", path=store)
    merchant.change("POST", "/stores/{store}/erasure", path=store)
    merchant.invoke("PrivacyDueFunction", {"source": "aws.events"})
    merchant.forget()
    listed = json.loads(merchant.ask("GET", "/erasures")["body"])["erasures"]
    assert {it["state"] for it in listed} == {"done"}
    merchant.ask("GET", "/erasures/{erasure}", path={"erasure": listed[0]["id"]})


@pytest.fixture(scope="module")
def calls() -> Iterator[dict[str, set[Call]]]:
    with pytest.MonkeyPatch.context() as monkeypatch, mock_aws():
        merchant = Merchant(monkeypatch)
        a_day(merchant)
        jobs_of_a_day(merchant)
        counting_of_a_day(merchant)
        shop_of_a_day(merchant)
        reconciliation_of_a_day(merchant, monkeypatch)
        wrote_about = templates_of_a_day(merchant)
        messages_of_a_day(merchant, wrote_about)
        sending_of_a_day(merchant)
        merchant.run_automations(wrote_about)
        merchant.set_off(wrote_about)
        imports_of_a_day(merchant)
        plugin_of_a_day(merchant)
        users_of_a_day(merchant)
        merchant.refresh(wrote_about)
        rewards_of_a_day(merchant, wrote_about, merchant.database)
        automations_of_a_day(merchant, wrote_about)
        alerts_of_a_day(merchant, merchant.database, wrote_about)
        privacy_of_a_day(merchant)
        yield merchant.calls


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_call_is_granted(function: str, calls: dict[str, set[Call]]) -> None:
    assert calls[function] - grants(function) == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_grant_is_needed(function: str, calls: dict[str, set[Call]]) -> None:
    assert grants(function) - calls[function] == set()
