"""A deployed stack as its users and its operator see it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

import httpx

from laurel.model.account import Plan, Role
from local import aws
from local.sign_in import TARGET
from tests.support.client import Answer, Client, Tenant
from tests.support.template import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

PASSWORD = "Correct-horse-7"
SECONDS = 20.0
"""How long a board may take to show what was sent. It takes a fraction of one on an idle machine."""


class Deployed:
    """Sends requests, signs users in, makes accounts and looks into tables."""

    def __init__(self, stack: Mapping[str, Any]) -> None:
        self.stack = stack
        self._http = httpx.Client(timeout=60, trust_env=False)
        self._dynamodb = aws.client("dynamodb", stack["endpoint"])
        self._queues = aws.client("sqs", stack["endpoint"])
        self._functions = aws.client("lambda", stack["endpoint"])
        self._resources = aws.client("cloudformation", stack["endpoint"])
        self._files = aws.client("s3", stack["endpoint"])
        self._logs = aws.client("logs", stack["endpoint"])
        self._users = aws.client("cognito-idp", stack["endpoint"])

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
        """Answer of the deployed API."""
        authorization = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self._http.request(
            method,
            self.stack["api_url"] + path,
            params=dict(query) if query else None,
            headers={**(headers or {}), **authorization},
            content=body.encode() if body is not None else None,
        )
        return Answer(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.text)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()
        for client in (
            self._dynamodb,
            self._queues,
            self._functions,
            self._resources,
            self._files,
            self._logs,
            self._users,
        ):
            client.close()

    def tokens(self, email: str, password: str = PASSWORD) -> dict[str, str]:
        """What Cognito gives to who signs in, as anybody can ask it to, without credentials."""
        parameters = {"USERNAME": email, "PASSWORD": password}
        answer = self._http.post(
            self.stack["endpoint"],
            headers={"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET},
            json={
                "AuthFlow": "USER_PASSWORD_AUTH",
                "ClientId": self.stack["client_id"],
                "AuthParameters": parameters,
            },
        )
        answer.raise_for_status()
        tokens: dict[str, str] = answer.json()["AuthenticationResult"]
        return tokens

    def sign_in(self, email: str, password: str = PASSWORD) -> str:
        """A bearer token."""
        return self.tokens(email, password)["IdToken"]

    def create_user(self, *options: str) -> tuple[str, dict[str, str]]:
        """A user, made by the tool that operators use; the address and what the tool printed."""
        email = f"user-{uuid4().hex[:12]}@example.com"
        return email, self._tool("create_account", "--email", email, "--password", PASSWORD, *options)

    def choose_password(self, email: str) -> None:
        """Have somebody who was invited choose a password, as with the one that Cognito mailed."""
        pool = self.stack["user_pool_id"]
        self._users.admin_set_user_password(UserPoolId=pool, Username=email, Password=PASSWORD, Permanent=True)

    def change_plan(self, account_id: str, plan: Plan) -> None:
        """Give an account another plan, with the tool that operators use."""
        self._tool("change_plan", "--account", account_id, "--plan", plan.value)

    def allow(self, tenant: Tenant, _domain: str) -> None:
        """Give a tenant a paid plan; its domain is verified, as all are by the emulator."""
        self.change_plan(tenant.account_id, Plan.STANDARD)

    def tenant(self, name: str, roles: tuple[Role, ...] = tuple(Role)) -> Tenant:
        """A new account with a user of each role."""
        owner, created = self.create_user("--name", name)
        emails = {Role.OWNER: owner}
        for role in roles:
            if role is not Role.OWNER:
                emails[role], _ = self.create_user("--account", created["account_id"], "--role", role.value)
        tokens = {role: self.sign_in(email) for role, email in emails.items()}
        return Tenant(self.send, created["account_id"], created["audience_id"], tokens)

    def _tool(self, name: str, *arguments: str) -> dict[str, str]:
        """What an operator's tool prints."""
        result = subprocess.run(
            [sys.executable, "-m", f"tools.{name}", "--stack", self.stack["stack"], *arguments],
            cwd=ROOT,
            env=aws.environment(self.stack["endpoint"]) | {"PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'shared'}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        printed: dict[str, str] = json.loads(result.stdout)
        return printed

    @property
    def demo(self) -> Client:
        """The demo account's owner."""
        return Client(self.send, self.sign_in(self.stack["email"], self.stack["password"]))

    def board(self, client: Client, store_id: str, **query: Any) -> dict[str, tuple[int, str]]:
        """Purchases and spending of everybody on a board of all time."""
        rows = client.ok("getLeaderboard", store=store_id, query={"period": "all"} | query)["rows"]
        return {row["email"] or row["customer"]: (row["orders_count"], row["total_spent"]) for row in rows}

    def items_of(self, account_id: str) -> list[Any]:
        """All items of an account, of all tables."""
        return [
            item
            for table in self.stack["tables"].values()
            for page in self._dynamodb.get_paginator("scan").paginate(
                TableName=table,
                ConsistentRead=True,
                FilterExpression="begins_with(pk, :account)",
                ExpressionAttributeValues={":account": {"S": account_id}},
            )
            for item in page["Items"]
        ]

    def import_files(self, account_id: str) -> list[tuple[str, bytes]]:
        """Files of an account's imports: what was uploaded, and what was rejected."""
        bucket = self._physical("ImportsBucket")
        pages = self._files.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        keys = [
            entry["Key"] for page in pages for entry in page.get("Contents", []) if f"/{account_id}/" in entry["Key"]
        ]
        return [(key, self._files.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]

    def logs(self) -> list[str]:
        """All that the stack's log groups hold."""
        pages = self._logs.get_paginator("describe_log_groups").paginate()
        groups = [group["logGroupName"] for page in pages for group in page["logGroups"]]
        return [
            event["message"]
            for group in groups
            if self.stack["stack"] in group
            for page in self._logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            for event in page["events"]
        ]

    def put(self, table: str, item: Any) -> None:
        """Write an item past the product."""
        self._dynamodb.put_item(TableName=self.stack["tables"][table], Item=item)

    def invoke(self, function: str, event: Any = None) -> Any:
        """What a function, by its logical id, answers to an event."""
        answer = self._functions.invoke(FunctionName=self._physical(function), Payload=json.dumps(event or {}).encode())
        assert "FunctionError" not in answer, answer["Payload"].read()
        return json.loads(answer["Payload"].read() or b"null")

    def connected_at(self, account_id: str, store_id: str, at: datetime) -> None:
        """Have a store connected since then, past the product: its boards are closed from that day on."""
        self._dynamodb.update_item(
            TableName=self.stack["tables"]["workspace"],
            Key={"pk": {"S": account_id}, "sk": {"S": f"store#{store_id}"}},
            UpdateExpression="SET created_at = :at",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues={":at": {"N": str(int(at.timestamp()))}},
        )

    def _physical(self, resource: str) -> str:
        """Name of a resource, by its logical id."""
        found = self._resources.describe_stack_resource(StackName=self.stack["stack"], LogicalResourceId=resource)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def mails(self, to: str) -> list[dict[str, Any]]:
        """Mails that were sent to an address, newest first, as the local mailbox tells of them."""
        answer = self._http.get(f"{self.stack['mailbox_url']}.json")
        answer.raise_for_status()
        return [mail for mail in answer.json()["mails"] if mail["recipients"] == [to]]

    def happen(self, mail_id: str, **asked: str) -> None:
        """Have the local mailbox tell of something that happened to a mail."""
        answer = self._http.post(f"{self.stack['mailbox_url']}/{quote(mail_id, safe='')}/events", json=asked)
        assert answer.status_code == HTTPStatus.ACCEPTED, answer.text

    def dead_letters(self) -> list[Any]:
        """What waits in the projection's dead-letter queue."""
        url = self.stack["outputs"]["ProjectDeadLettersUrl"]
        answer = self._queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def eventually[T](look: Callable[[], T], expected: Callable[[T], object], seconds: float = SECONDS) -> T:
    """What is seen once it is as expected; fails with what was seen last."""
    deadline = time.monotonic() + seconds
    while not expected(seen := look()):
        assert time.monotonic() < deadline, f"after {seconds} s still: {seen}"
        time.sleep(0.05)
    return seen
