"""One-time schedules of the emulator: who may make them, once for a name, and where they go when they are due."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from laurel.store.schedules import Schedules
from tests.local.world import TRUST, World, eventually

pytestmark = pytest.mark.local


class Corner:
    """A queue, a group of schedules, and somebody who may make schedules in that group and nowhere else."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.name = f"corner-{uuid.uuid4().hex[:8]}"
        self.queues = world.client("sqs")
        self.url = self.queues.create_queue(QueueName=self.name)["QueueUrl"]
        asked = self.queues.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.queue_arn = asked["Attributes"]["QueueArn"]
        world.client("scheduler").create_schedule_group(Name=self.name)
        iam = world.client("iam")
        self.role = iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        statement = {
            "Effect": "Allow",
            "Action": ["scheduler:CreateSchedule", "iam:PassRole"],
            "Resource": [f"arn:aws:scheduler:us-east-1:000000000000:schedule/{self.name}/*", self.role],
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_role_policy(RoleName=self.name, PolicyName="schedule", PolicyDocument=policy)

    def schedules(self, group: str | None = None) -> Schedules:
        """Schedules as that somebody makes them."""
        given = self.world.client("sts").assume_role(RoleArn=self.role, RoleSessionName="test")["Credentials"]
        client: Any = boto3.client(
            "scheduler",
            endpoint_url=self.world.endpoint,
            region_name="us-east-1",
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )
        return Schedules(lambda: client, group or self.name, self.role, self.queue_arn)

    def arrived(self) -> list[str]:
        """What is in the queue."""
        found = self.queues.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [it["Body"] for it in found.get("Messages", [])]


@pytest.fixture
def corner(world: World) -> Corner:
    return Corner(world)


def test_a_schedule_that_is_due_fills_the_queue_once_and_is_gone(corner: Corner) -> None:
    schedules = corner.schedules()
    for _ in range(2):
        schedules.at("soon", datetime.now(UTC) + timedelta(seconds=1), "a message")

    assert eventually(corner.arrived) == ["a message"]
    listed = corner.world.client("scheduler").list_schedules(GroupName=corner.name)["Schedules"]
    assert listed == []


def test_nobody_makes_schedules_in_a_group_that_is_not_theirs(corner: Corner) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        corner.schedules("default").at("soon", datetime.now(UTC), "a message")
