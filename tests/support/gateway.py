"""The deployed API in this process: API Gateway's part, and the functions behind it on tables in its memory."""

from __future__ import annotations

import json
import re
import secrets
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
from moto import mock_aws

from laurel import settings
from laurel.model.account import Plan, Role
from laurel.store import import_files, mail_identities, mail_service, process, queue, seal, user_pool
from laurel.store.dynamodb import attributes
from laurel.store.plans import Plans
from laurel.store.schedules import create_client as scheduler_client
from laurel.store.shop_http import ShopHttp
from laurel.store.workspace import Workspace
from laurel.workspace.billing import set_plan
from tests.support import billing_events
from tests.support.api import ROUTES, Context, api_event, claims, queue_event, stream_event, upload_event
from tests.support.automating import is_let_through
from tests.support.client import Answer, Tenant
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
    SCHEDULE_GROUP,
    SNAPSHOTS_QUEUE,
    SNAPSHOTS_QUEUE_URL,
    environment,
    load_function,
)
from tests.support.mail_service import FakeSES
from tests.support.memory import MemoryDynamoDB
from tests.support.seals import FakeKMS
from tests.support.tables import Database, create_tables
from tests.support.template import load_template
from tests.support.user_pool import FakeCognito
from tools.create_account import create_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

    from laurel.http.routes import Route

Item = dict[str, Any]


class Gateway:
    """Routes requests to functions the way API Gateway does, and carries the Ledger's stream to its consumers."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch, claims_of: Gateway | None = None) -> None:
        """``claims_of`` is another gateway whose tokens are good here too."""
        self.database = database
        self.cognito: FakeCognito = claims_of.cognito if claims_of else FakeCognito()
        monkeypatch.setattr(user_pool, "create_client", lambda: self.cognito)
        monkeypatch.setattr(seal, "create_client", FakeKMS)
        # One request after the other, so that what fails fails again.
        monkeypatch.setattr("laurel.scoring.work._THREADS", 1)
        monkeypatch.setattr("laurel.store.queue._INDEX_FOLLOWS", 0)  # here indexes are never behind
        patience: Any = ShopHttp.__init__.__kwdefaults__
        monkeypatch.setitem(patience, "pause", lambda _: None)  # shops of earlier tests are gone
        self._modules = {name: load_function(name, monkeypatch, database.tables) for name in FUNCTIONS}
        self._modules["ApplyFunction"]._THREADS = self._modules["SendFunction"]._THREADS = 1
        for function in FUNCTIONS:  # they share a process here, and so an environment
            for name, value in environment(function, database.tables).items():
                monkeypatch.setenv(name, value)
        settings.settings.cache_clear()
        self._claims: dict[str, Mapping[str, str]] = claims_of._claims if claims_of else {}
        self._settled: dict[tuple[str, str], Item] = {}
        self._heard: dict[tuple[str, str], Item] = {}

    def token(self, token_claims: Mapping[str, str]) -> str:
        """A bearer token that the authorizer takes, with these claims."""
        token = secrets.token_urlsafe()
        self._claims[token] = token_claims
        return token

    def tenant(self, name: str = "Shop", plan: Plan = Plan.FREE, email: str | None = None) -> Tenant:
        """A new account with one audience and a user of each role, of this ``email`` address if there is one."""
        created = create_account(Workspace(self.database.client, self.database.tables.workspace), name, plan, "en")
        account_id = created["account_id"]
        address = {"email": email, "email_verified": "true"} if email else {}
        tokens = {
            role: self.token(claims(account_id, role.value, self._user(account_id, role)) | address) for role in Role
        }
        return Tenant(self.send, account_id, created["audience_id"], tokens)

    def _user(self, account_id: str, role: Role) -> str:
        """Somebody of an account, as an operator makes them."""
        return self.cognito.register(account_id, role.value, f"{account_id}-{role.value}")

    def allow(self, tenant: Tenant, domain: str) -> None:
        """Give a tenant a paid plan and have its domain verified."""
        set_plan(Plans(self.database.client, self.database.tables.workspace), tenant.account_id, Plan.STANDARD, 0)
        self.ses.verify(domain)

    def age(self, tenant: Tenant, store: Any, days: int = 60) -> None:
        """Have the store be connected for so long."""
        created = int((datetime.now(UTC) - timedelta(days=days)).timestamp())
        self.database.client.update_item(
            TableName=self.database.tables.workspace,
            Key=attributes({"pk": tenant.account_id, "sk": f"store#{store['id']}"}),
            UpdateExpression="SET created_at = :at",
            ExpressionAttributeValues=attributes({":at": created}),
        )

    def send(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
    ) -> Answer:
        """Answer a request."""
        route, parameters = _match(method, path)
        if route is None:
            return _own_answer("MISSING_AUTHENTICATION_TOKEN")
        caller = self._claims.get(token or "")
        if caller is None and not _is_public(*route):
            return _own_answer("UNAUTHORIZED")
        event = api_event(method, route[1], parameters, caller=caller, body=body, query=query, headers=headers)
        return self.invoke(*route, event)

    def invoke(self, method: str, resource: str, event: dict[str, Any]) -> Answer:
        """What the route's function answers to an event."""
        return as_answer(self.handler(ROUTES[method, resource])(event, Context()))

    def handler(self, function: str) -> Callable[[dict[str, Any], Context], dict[str, Any]]:
        """A function's handler."""
        handler: Callable[[dict[str, Any], Context], dict[str, Any]] = self._modules[function].handler
        return handler

    def module_of(self, function: str) -> ModuleType:
        """A function's module."""
        return self._modules[function]

    def module(self, route: Route) -> ModuleType:
        """The module that answers a route."""
        return self._modules[ROUTES[route.method, route.path]]

    @property
    def ses(self) -> FakeSES:
        """The mail service."""
        client: FakeSES = self._modules["SendersFunction"]._identities._client
        return client

    def settle(self) -> None:
        """Carry what changed in the Ledger since the last time to its two consumers."""
        facts = {(item["pk"]["S"], item["sk"]["S"]): item for item in self.items("ledger")}
        changed = [item for key, item in facts.items() if self._settled.get(key) != item]
        for function, kinds in (("ProjectFunction", ("order#",)), ("ApplyFunction", ("order#", "activity#"))):
            wanted = [item for item in changed if item["sk"]["S"].startswith(kinds)]
            if wanted:
                event = stream_event(wanted, self._settled)
                assert self.handler(function)(event, Context()) == {"batchItemFailures": []}
        self._settled = facts

    def react(self) -> None:
        """Carry what changed in Contacts since the last time to automations, and then the runs that they began.

        All of it is told as if it had changed just now.
        """
        while self._has_reacted():
            pass

    def _has_reacted(self) -> bool:
        items = {(item["pk"]["S"], item["sk"]["S"]): item for item in self.items("contacts")}
        records = stream_event([it for key, it in items.items() if self._heard.get(key) != it], self._heard)["Records"]
        for record in records:
            record["dynamodb"]["ApproximateCreationDateTime"] = datetime.now(UTC).timestamp()
        wanted = [record for record in records if is_let_through(record)]
        if wanted:
            assert self.handler("ReactFunction")({"Records": wanted}, Context()) == {"batchItemFailures": []}
        self._heard = items
        return bool(wanted)

    def tell_again(self) -> None:
        """Carry everything in the Ledger to its two consumers once more, as if it had just been written."""
        self._settled = {}
        self.settle()

    def work(self) -> None:
        """Have the queue of jobs worked off, chunk by chunk, until nothing is left in it."""
        self._consume(JOBS_QUEUE_URL, "WorkFunction")

    def send_mail(self) -> None:
        """Have the queue of mail sent, until nothing is left in it."""
        self._consume(MAIL_QUEUE_URL, "SendFunction")

    def work_on_runs(self) -> None:
        """Have the queue of automations worked off, until nothing is left in it that is due."""
        self._consume(AUTOMATIONS_QUEUE_URL, "RunFunction")

    def refresh(self) -> None:
        """Have every due snapshot of boards taken and told."""
        assert self.handler("RefreshFunction")({"source": "aws.events"}, Context()) is None
        self._consume(SNAPSHOTS_QUEUE_URL, "SnapshotFunction")

    def _consume(self, url: str, function: str) -> None:
        client: Any = queue.sqs()
        while messages := client.receive_message(QueueUrl=url, AttributeNames=["All"]).get("Messages"):
            assert self.handler(function)(queue_event(messages), Context()) == {"batchItemFailures": []}
            for message in messages:
                client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def work_on_erasures(self) -> None:
        """Have the queue of erasures worked off once; what is to be taken up later is not waited for."""
        self._consume(ERASURES_QUEUE_URL, "EraseFunction")

    def work_on_imports(self) -> None:
        """Have the queue of imports worked off, chunk by chunk, until nothing is left in it."""
        self._consume(IMPORTS_QUEUE_URL, "ImportWorkFunction")

    def upload(self, url: str, content: bytes) -> None:
        """PUT a file where an import's answer says, and tell of it as S3 does."""
        bucket, key = urlsplit(url).path[1:].split("/", 1)
        import_files.s3().put_object(Bucket=bucket, Key=key, Body=content)
        assert self.handler("ImportCutFunction")(upload_event(key), Context()) == {"batchItemFailures": []}

    def items(self, table: str) -> list[Item]:
        """Everything in a table."""
        items: list[Item] = self.database.client.scan(TableName=getattr(self.database.tables, table))["Items"]
        return items


@contextmanager
def running() -> Iterator[Gateway]:
    """A gateway on fresh tables. Not beside another use of moto, which would empty them."""
    with pytest.MonkeyPatch.context() as monkeypatch, mock_aws():
        client = MemoryDynamoDB().as_client()
        monkeypatch.setattr(process, "create_client", lambda: client)
        ses = FakeSES()
        monkeypatch.setattr(mail_identities, "create_client", lambda: ses)
        monkeypatch.setattr(mail_service, "create_client", lambda: ses)
        queues: Any = queue.create_client()
        monkeypatch.setattr(queue, "create_client", lambda: queues)
        for name in (JOBS_QUEUE, MAIL_QUEUE, IMPORTS_QUEUE, ERASURES_QUEUE, AUTOMATIONS_QUEUE, SNAPSHOTS_QUEUE):
            queues.create_queue(QueueName=name)
        schedules: Any = scheduler_client()
        schedules.create_schedule_group(Name=SCHEDULE_GROUP)
        files: Any = import_files.create_client()
        files.create_bucket(Bucket=IMPORTS_BUCKET)
        monkeypatch.setattr(import_files, "create_client", lambda: files)
        billing_events.keep_secret()
        yield Gateway(Database(client, create_tables(client)), monkeypatch)


def as_answer(result: Mapping[str, Any]) -> Answer:
    """A function's result as API Gateway sends it on."""
    assert result["isBase64Encoded"] is False
    assert json.loads(json.dumps(result)) == result, "Lambda sends plain JSON"
    headers = {**result.get("headers", {}), **{n: v[-1] for n, v in result.get("multiValueHeaders", {}).items()}}
    return Answer(result["statusCode"], {name.lower(): value for name, value in headers.items()}, result["body"])


def _match(method: str, path: str) -> tuple[tuple[str, str] | None, dict[str, str]]:
    for known, resource in sorted(ROUTES, key=lambda route: route[1].count("{")):
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(resource))
        pattern = pattern.replace(r"\{proxy\+\}", "(?P<proxy>.+)")
        if known in (method, "ANY") and (found := re.fullmatch(pattern, path)):
            values = found.groupdict()
            return (known, resource), {
                name: value if name == "proxy" else unquote(value) for name, value in values.items()
            }
    return None, {}


def _is_public(method: str, resource: str) -> bool:
    functions = load_template()["Resources"]
    events = functions[ROUTES[method, resource]]["Properties"]["Events"].values()
    (event,) = (
        it["Properties"]
        for it in events
        if it["Type"] == "Api" and (it["Properties"]["Method"].upper(), it["Properties"]["Path"]) == (method, resource)
    )
    return event.get("Auth") == {"Authorizer": "NONE"}


def _own_answer(kind: str) -> Answer:
    """What API Gateway answers itself, as the template has it."""
    answer = load_template()["Resources"]["Api"]["Properties"]["GatewayResponses"][kind]
    headers = {name.lower(): value.strip("'") for name, value in answer["ResponseParameters"]["Headers"].items()}
    (text,) = answer["ResponseTemplates"].values()
    return Answer(answer["StatusCode"], headers, text)
