"""Queues: of jobs, one message for each chunk of work, and of mail, one for each mail that is to be sent."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Protocol, cast

from botocore.config import Config

from laurel.model.contact import ContactRef
from laurel.store.client import lean_client

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 5})


class SQSClient(Protocol):
    """As much of botocore's client as is used."""

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> Any: ...  # noqa: N803, botocore's names


def create_client(**options: Any) -> SQSClient:
    """A low-level client; ``options`` as ``lean_client`` takes them."""
    return cast("SQSClient", lean_client("sqs", _CONFIG, **options))


@cache
def sqs() -> SQSClient:
    """The process's client, made on first use."""
    return create_client()


class JobQueue:
    """The queue that jobs are worked off from."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, account_id: str, audience_id: str, job_id: str) -> None:
        """Have the next chunk of a job done."""
        body = json.dumps({"account": account_id, "audience": audience_id, "job": job_id})
        self._client.send_message(QueueUrl=self._url, MessageBody=body)


class MailQueue:
    """The queue that mail is sent from."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, ref: ContactRef, message_id: str) -> None:
        """Have a message's mail sent."""
        body = {"account": ref.account_id, "audience": ref.audience_id, "contact": ref.contact, "message": message_id}
        self._client.send_message(QueueUrl=self._url, MessageBody=json.dumps(body))
