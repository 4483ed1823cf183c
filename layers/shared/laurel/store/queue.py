"""Queues: of jobs and of imports, one message for each chunk of work; of erasures, of mail, of runs of automations."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from itertools import batched
from typing import TYPE_CHECKING, Any, Protocol, cast

from botocore.config import Config

from laurel.model.contact import ContactRef
from laurel.model.errors import Busy
from laurel.store.client import lean_client

if TYPE_CHECKING:
    from laurel.imports.run import Import

_AT_ONCE = 10
"""Messages that SQS takes in one request."""

LONGEST_DELAY = 900
"""Seconds that SQS can hold a message back."""

_INDEX_FOLLOWS = 10
"""Seconds after which an index surely shows what was written."""

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 5})


class SQSClient(Protocol):
    """As much of botocore's client as is used."""

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> Any: ...  # noqa: N803, theirs
    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> Any: ...  # noqa: N803, as above


def create_client(**options: Any) -> SQSClient:
    """A low-level client; ``options`` as ``lean_client`` takes them."""
    return cast("SQSClient", lean_client("sqs", _CONFIG, **options))


@cache
def sqs() -> SQSClient:
    """The process's client, made on first use."""
    return create_client()


class ErasureQueue:
    """The queue that erasures are worked off from."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, account_id: str, erasure_id: str, after: timedelta = timedelta(0)) -> None:
        """Have an erasure taken up, after a time (of fifteen minutes at most, or it is taken up too early)."""
        body = json.dumps({"account": account_id, "erasure": erasure_id})
        self._client.send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=_delay(after))


class SnapshotQueue:
    """The queue of stores that are due snapshots."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, account_id: str, store_id: str) -> None:
        """Have a store's due snapshots taken."""
        body = json.dumps({"account": account_id, "store": store_id})
        self._client.send_message(QueueUrl=self._url, MessageBody=body)


class JobQueue:
    """The queue that jobs are worked off from."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, account_id: str, audience_id: str, job_id: str, after: timedelta = timedelta(0)) -> None:
        """Have the next chunk of a job done, after a time (of fifteen minutes at most, or it is done too early)."""
        body = json.dumps({"account": account_id, "audience": audience_id, "job": job_id})
        self._client.send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=_delay(after))


class MailQueue:
    """The queue that mail is sent from."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, ref: ContactRef, message_id: str) -> None:
        """Have a message's mail sent."""
        body = {"account": ref.account_id, "audience": ref.audience_id, "contact": ref.contact, "message": message_id}
        self._client.send_message(QueueUrl=self._url, MessageBody=json.dumps(body))


class AutomationQueue:
    """The queue that runs of automations are worked off from."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, ref: ContactRef, run_id: str, after: timedelta = timedelta(0)) -> None:
        """Have a run go on, after a time (of fifteen minutes at most, or it is looked at too early)."""
        self._client.send_message(QueueUrl=self._url, MessageBody=run_body(ref, run_id), DelaySeconds=_delay(after))

    def release(self, account_id: str, audience_id: str, automation_id: str) -> None:
        """Have the runs that an automation held while it was paused go on.

        Looked for a little later: the list of them is an index, which follows its table.
        """
        body = json.dumps({"account": account_id, "audience": audience_id, "automation": automation_id})
        self._client.send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=_INDEX_FOLLOWS)


def run_body(ref: ContactRef, run_id: str) -> str:
    """What a message says that has a run go on."""
    return json.dumps({"account": ref.account_id, "audience": ref.audience_id, "contact": ref.contact, "run": run_id})


def _delay(after: timedelta) -> int:
    return min(math.ceil(after.total_seconds()), LONGEST_DELAY)


class ImportQueue:
    """The queue that chunks of imports are worked off from."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, it: Import, numbers: Sequence[int]) -> None:
        """Have chunks worked on. Raises ``Busy`` if the queue takes some of them only."""
        for some in batched(numbers, _AT_ONCE, strict=False):
            entries = [{"Id": str(number), "MessageBody": self._body(it, number)} for number in some]
            if self._client.send_message_batch(QueueUrl=self._url, Entries=entries).get("Failed"):
                raise Busy("The queue of imports")

    def conclude(self, it: Import) -> None:
        """Have what is left of an import that is over tidied up."""
        self._client.send_message(QueueUrl=self._url, MessageBody=self._body(it, None))

    @staticmethod
    def _body(it: Import, number: int | None) -> str:
        return json.dumps({"account": it.account_id, "store": it.store_id, "import": it.id, "chunk": number})
