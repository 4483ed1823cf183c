"""Every sample in events/ is accepted by the function it is named after, and every function has one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from laurel.http.routes import OTHERS_APIS, ROUTES
from laurel.model.account import Role
from laurel.model.automation_state import AutomationState
from laurel.model.reward import Coupons
from laurel.shops.http import Answer
from laurel.store import import_files, mail_identities, mail_service, process, queue, seal, user_pool
from laurel.store.alerts import Alerts
from laurel.store.api_keys import ApiKeys
from laurel.store.automations import Automations
from laurel.store.awards import Awards
from laurel.store.board_snapshots import BoardSnapshots
from laurel.store.erasures import Erasures
from laurel.store.imports import Imports
from laurel.store.jobs import Jobs
from laurel.store.link_keys import LinkKeys
from laurel.store.messages import Messages
from laurel.store.runs import Runs
from laurel.store.scoring_rules import ScoringRules
from laurel.store.seal import Seal
from laurel.store.senders import Senders
from laurel.store.shop_http import ShopHttp
from laurel.store.suppressions import Suppressions
from laurel.store.templates import Templates
from laurel.store.users import Users
from laurel.store.workspace import Workspace
from tests.contract.sample_tenant import (
    ALERT,
    API_KEY,
    AUDIENCE,
    AUTOMATION,
    AWARD,
    CLOSED,
    DRY_RUN,
    ERASURE,
    IMPORT,
    JOB,
    LEFT_STORE,
    LINK_KEY,
    MAILED,
    MEMBER,
    MESSAGE,
    PROGRAMME,
    RULE,
    RUN,
    SAID,
    SENDER,
    SUPPRESSED,
    TEMPLATE,
    seed,
)
from tests.support import billing_events, webhook_events
from tests.support.api import Context
from tests.support.functions import (
    AUTOMATIONS_QUEUE,
    ERASURES_QUEUE,
    FUNCTIONS,
    IMPORTS_BUCKET,
    IMPORTS_QUEUE,
    JOBS_QUEUE,
    MAIL_QUEUE,
    SNAPSHOTS_QUEUE,
    load_function,
    properties,
)
from tests.support.mail_service import FakeSES
from tests.support.seals import SNAPSHOT_KEY, FakeKMS
from tests.support.stage import MemoryStage
from tests.support.template import ROOT, load_template
from tests.support.user_pool import FakeCognito

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.support.tables import Tables

STREAMED = {
    "ProjectFunction": ("order#",),
    "ApplyFunction": ("order#", "activity#"),
    "ReactFunction": ("score#", "signal#", "pulse#", "profile", "run#"),
}
SENT_BEFORE = (
    "orders-one",
    "orders-batch",
    "activities-page-visited",
    "shopcredentials-replace",
    "project-orders-placed",
)
"""Samples of what the account has."""
SAMPLES = sorted((ROOT / "events").glob("*.json"))


def function_of(sample: Path) -> str:
    return {name.lower(): name for name in FUNCTIONS}[f"{sample.stem.split('-')[0]}function"]


def load(sample: Path) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(sample.read_text())
    if event.get("pathParameters") and event["pathParameters"].get("platform") == "generic":
        return webhook_events.signed(event, datetime.now(UTC))  # an old delivery is refused, as a replay
    if event.get("resource") == "/billing/stripe":
        return billing_events.signed(event, datetime.now(UTC).timestamp())
    return event


@pytest.fixture(scope="module")
def files() -> Iterator[Any]:
    """S3 with the bucket of imports; queues and the billing secret are there, too."""
    with mock_aws():
        queues: Any = queue.create_client()
        for name in (JOBS_QUEUE, MAIL_QUEUE, IMPORTS_QUEUE, ERASURES_QUEUE, SNAPSHOTS_QUEUE, AUTOMATIONS_QUEUE):
            queues.create_queue(QueueName=name)
        files: Any = import_files.create_client()
        files.create_bucket(Bucket=IMPORTS_BUCKET)
        billing_events.keep_secret()
        yield files


@pytest.fixture(scope="module")
def seeded(files: Any) -> MemoryStage:
    """Where the samples' account has the orders and activities of the samples, on the boards."""
    stage = MemoryStage()
    client, tables = stage.client, stage.tables
    seed(Workspace(client, tables.workspace))
    Jobs(client, tables.workspace).save(JOB)
    Jobs(client, tables.workspace).save(DRY_RUN)
    assert Automations(client, tables.workspace).save(AUTOMATION)
    assert Runs(client, tables.contacts).begin(RUN, AutomationState(AUTOMATION.id))
    assert ScoringRules(client, tables.workspace).save(webhook_events.ACCOUNT, AUDIENCE, RULE)
    assert Senders(client, tables.workspace).claim(SENDER) == SENDER
    ApiKeys(client, tables.workspace).add(API_KEY)
    Users(client, tables.workspace).add(MEMBER)
    assert Templates(client, tables.workspace).save(webhook_events.ACCOUNT, TEMPLATE)
    messages = Messages(client, tables.contacts)
    assert messages.accept(MESSAGE, SAID)
    assert messages.accept(MAILED, SAID)
    assert Suppressions(client, tables.workspace).suppress(SUPPRESSED)
    assert Erasures(client, tables.workspace).save(ERASURE)
    assert Workspace(client, tables.workspace).save_store(LEFT_STORE)
    Imports(client, tables.workspace).create(IMPORT)
    with pytest.MonkeyPatch.context() as monkeypatch:
        stand_in(monkeypatch, client)
        for name in SENT_BEFORE:
            sample = ROOT / "events" / f"{name}.json"
            load_function(function_of(sample), monkeypatch, tables).handler(load(sample), Context())
    BoardSnapshots(client, tables.workspace, Seal(FakeKMS, SNAPSHOT_KEY)).keep(CLOSED)
    assert Alerts(client, tables.workspace).save(ALERT, ALERT.opened_at)
    awards = Awards(client, tables.workspace, tables.contacts)
    programme = awards.save(PROGRAMME)
    assert programme
    assert awards.keep(replace(programme, coupons=Coupons()), AWARD) is None
    return stage


def stand_in(monkeypatch: pytest.MonkeyPatch, client: DynamoDBClient) -> None:
    """Have functions use these tables, and fakes of all other services but queues and files."""
    monkeypatch.setattr(process, "create_client", lambda: client)
    ses = FakeSES()
    monkeypatch.setattr(mail_identities, "create_client", lambda: ses)
    monkeypatch.setattr(mail_service, "create_client", lambda: ses)
    cognito = FakeCognito()
    for id_, role in (("a1b2", Role.OWNER), (MEMBER.id, MEMBER.role)):
        cognito.register(webhook_events.ACCOUNT, role.value, id_, f"{id_}@example.com")
    monkeypatch.setattr(user_pool, "create_client", lambda: cognito)
    monkeypatch.setattr(LinkKeys, "known", lambda _keys, _account: LINK_KEY)
    monkeypatch.setattr(ShopHttp, "get", lambda *_: Answer(200, {}, b"[]"))
    monkeypatch.setattr(seal, "create_client", FakeKMS)


@pytest.fixture
def tables(seeded: MemoryStage, files: Any, monkeypatch: pytest.MonkeyPatch) -> Tables:
    """A copy of what was seeded, which functions use, and a file that waits to be imported."""
    stage = seeded.copy()
    stand_in(monkeypatch, stage.client)
    orders = b'{"id": "1", "placed_at": "2026-11-20T10:00:00Z", "status": "paid", "currency": "EUR", "total": "1.00"}'
    files.put_object(Bucket=IMPORTS_BUCKET, Key=IMPORT.upload, Body=orders)
    return stage.tables


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_sample_is_accepted(sample: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = load_function(function_of(sample), monkeypatch, tables).handler

    answer = handler(load(sample), Context())

    event = load(sample)
    if "Records" in event:
        assert answer == {"batchItemFailures": []}
    elif "httpMethod" not in event:
        assert answer is None
    else:
        route = ROUTES.get((event["httpMethod"], event["resource"]))
        assert answer["statusCode"] == (route.status if route else 200), answer["body"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_sample_arrives_where_the_template_sends_it(sample: Path) -> None:
    event = load(sample)
    sent = properties(function_of(sample))["Events"].values()

    if event.get("source") == "aws.ses":
        assert {it["Type"] for it in sent} == {"EventBridgeRule"}
    elif "httpMethod" not in event and "Records" not in event:
        assert event["source"] == "aws.events"
        assert {it["Type"] for it in sent} == {"Schedule"}
    elif "Records" in event and event["Records"][0]["eventSource"] == "aws:sqs":
        assert {it["Type"] for it in sent} == {"SQS"}
    elif "Records" in event:
        assert "DynamoDB" in {it["Type"] for it in sent}
        kinds = STREAMED[function_of(sample)]
        assert all(record["dynamodb"]["Keys"]["sk"]["S"].startswith(kinds) for record in event["Records"])
    else:
        key = event["httpMethod"], event["resource"]
        if ("ANY", event["resource"]) in OTHERS_APIS:
            key = "ANY", event["resource"]
        assert key in {(it["Properties"]["Method"], it["Properties"]["Path"]) for it in sent if it["Type"] == "Api"}
        assert event["requestContext"]["stage"] == load_template()["Resources"]["Api"]["Properties"]["StageName"]
        signed_in = "claims" in event["requestContext"].get("authorizer", {})
        assert signed_in == (key in ROUTES and ROUTES[key].role is not None)


def test_every_function_has_a_sample() -> None:
    assert {function_of(sample) for sample in SAMPLES} == set(FUNCTIONS)


def test_every_route_has_a_sample() -> None:
    samples = [event for event in map(load, SAMPLES) if "httpMethod" in event]

    others = {path for _, path in OTHERS_APIS}
    assert {it["resource"] for it in samples} >= others
    assert {(it["httpMethod"], it["resource"]) for it in samples if it["resource"] not in others} == set(ROUTES)
