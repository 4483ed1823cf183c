"""What automations ask of the world outside: webhooks, the event bus, mail to the team, and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from laurel.model.account import Account
from laurel.model.contact import ContactRef


class WebhookFault(StrEnum):
    """Why a webhook did not arrive, or was not taken."""

    NOT_HTTPS = "not-https"
    NOT_AN_ADDRESS = "not-an-address"
    NO_SUCH_HOST = "no-such-host"
    NOT_PUBLIC = "not-public"
    """The host is not on the public Internet."""
    UNREACHABLE = "unreachable"
    """It cannot be reached, has no valid certificate, or does not answer in time."""
    NOT_TAKEN = "not-taken"
    """It answered with another status than 2xx."""


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What came of a webhook: the answer's ``status`` if there was one, and the ``fault``, None if it was taken."""

    status: int | None
    fault: WebhookFault | None = None


class WebhookSender(Protocol):
    """Sends webhooks."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> WebhookAnswer: ...


class EventBus(Protocol):
    """Takes events."""

    def put(self, detail_type: str, detail: Mapping[str, Any]) -> None: ...


class TeamBusy(Exception):
    """The mail service takes no more mail now."""


@dataclass(frozen=True, slots=True)
class Told:
    """How many users of the account were told, now or before, or ``why`` nobody can be."""

    users: int = 0
    why: str | None = None


class TeamMailer(Protocol):
    """Mails the users of an account, each of them once for a key. Raises ``TeamBusy``."""

    def send(self, account: Account, key: str, subject: str, text: str, now: datetime) -> Told: ...


class Waits(Protocol):
    """Has a run taken up again at a time; the same ``name`` twice is one wait."""

    def wait(self, ref: ContactRef, run_id: str, name: str, until: datetime, now: datetime) -> None: ...
