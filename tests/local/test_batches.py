"""Batches: who may send and insert several things at a time, and that streams tell of what was inserted."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from laurel.store.dynamodb import create_client, insert_all
from tests.local.world import TRUST, World, eventually

pytestmark = pytest.mark.local


def a_role(world: World, *statements: tuple[str, str]) -> dict[str, str]:
    """Credentials of somebody who may do these things, each to one thing."""
    iam, name = world.client("iam"), f"role-{uuid.uuid4().hex[:8]}"
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    allowed = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in statements]
    policy = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=policy)
    given = world.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }


def items(*sort_keys: str) -> list[dict[str, Any]]:
    return [{"pk": {"S": "p"}, "sk": {"S": key}} for key in sort_keys]


def test_who_may_send_a_message_may_send_several(world: World) -> None:
    url = world.queue()
    sender = a_role(world, ("sqs:SendMessage", world.queue_arn(url)))
    client: Any = boto3.client("sqs", endpoint_url=world.endpoint, **sender)

    client.send_message_batch(QueueUrl=url, Entries=[{"Id": id_, "MessageBody": f'"{id_}"'} for id_ in "ab"])

    assert sorted(world.messages(url)) == ["a", "b"]


def test_who_may_insert_into_a_table_may_insert_several_items_and_into_no_other(world: World) -> None:
    table, other = world.table(), world.table()
    arn = world.dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    client = create_client(endpoint_url=world.endpoint, **a_role(world, ("dynamodb:PartiQLInsert", arn)))

    assert insert_all(client, table, items("a", "b")) == [True, True]
    with pytest.raises(ClientError, match="AccessDenied"):
        insert_all(client, other, items("a"))


def test_who_may_put_items_may_not_insert_them_by_statements(world: World) -> None:
    table = world.table()
    arn = world.dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    client = create_client(endpoint_url=world.endpoint, **a_role(world, ("dynamodb:PutItem", arn)))

    with pytest.raises(ClientError, match="AccessDenied"):
        insert_all(client, table, items("a"))


def test_what_is_inserted_is_in_the_stream_once(world: World) -> None:
    table = world.table()
    consumer = world.consumer(table)

    assert insert_all(world.dynamodb, table, items("a", "b")) == [True, True]
    assert insert_all(world.dynamodb, table, items("b", "c")) == [False, True]

    assert eventually(lambda: consumer.seen() == {"a", "b", "c"})
    assert sorted(key for call in consumer.calls() for key in call) == ["a", "b", "c"]
