"""Mail sent by Amazon SES (API v2), asked once for each mail: SES has no way to tell a repetition."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any, Protocol, cast

from botocore.config import Config
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError

from laurel.messaging.outbox import BusyReason, Mail, MailBusy, MailRefused
from laurel.model.message import MAIL_TAGS
from laurel.store.client import lean_client

_CONFIG = Config(connect_timeout=3, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 1})
_SOON, _LATER = timedelta(minutes=1), timedelta(hours=1)
_REFUSED = frozenset({"MessageRejected", "MailFromDomainNotVerifiedException", "BadRequestException"})
_THROTTLED = frozenset({"TooManyRequestsException", "LimitExceededException", "Throttling", "ThrottlingException"})
_CLIENT_ERRORS = range(400, 500)
_NEVER_REACHED = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError)
_UNKNOWN_RATE = 1.0
_TEAM_TAG = "laurel-team"


class SESClient(Protocol):
    """As much of botocore's client as is used."""

    def send_email(self, **request: Any) -> Any: ...
    def get_account(self) -> Any: ...


def create_client(**options: Any) -> SESClient:
    """A low-level client that never repeats a request; ``options`` as ``lean_client`` takes them.

    It makes a connection for each request. One that was kept may be dead, which shows only when a mail is on its way,
    and then nobody knows whether it arrived.
    """
    client = lean_client("sesv2", _CONFIG, **options)
    client.meta.events.register("before-send.sesv2", _close_afterwards)
    return cast("SESClient", client)


def _close_afterwards(request: Any, **_: Any) -> None:
    request.headers["Connection"] = "close"


@cache
def ses() -> SESClient:
    """The process's client, made on first use."""
    return create_client()


class SESMail:
    """Sends mail under a configuration set, for each account as a tenant of its own if there are ``tenants``."""

    def __init__(self, client: SESClient, configuration_set: str, *, tenants: bool) -> None:
        self._client = client
        self._configuration_set = configuration_set
        self._tenants = tenants
        self._rate = _UNKNOWN_RATE

    def send(self, mail: Mail) -> str:
        """Send a mail and return SES's id of it. Raises ``MailRefused`` and ``MailBusy``.

        What is raised else leaves open whether SES took the mail: an answer that was lost, or an error of SES's own.
        """
        ids = (mail.ref.account_id, mail.ref.audience_id, mail.ref.contact, mail.message_id)
        return self._send(mail.ref.account_id, mail.to, mail.content, dict(zip(MAIL_TAGS, ids, strict=True)))

    def send_note(self, account_id: str, to: str, content: bytes) -> None:
        """Send a mail to a user of an account. Raises as ``send``.

        It is of no contact's: without all of ``MAIL_TAGS`` nothing that becomes of it is heard.
        """
        self._send(account_id, to, content, {_TEAM_TAG: account_id})

    def _send(self, account_id: str, to: str, content: bytes, tags: Mapping[str, str]) -> str:
        try:
            answer = self._client.send_email(
                Destination={"ToAddresses": [to]},
                Content={"Raw": {"Data": content}},
                ConfigurationSetName=self._configuration_set,
                EmailTags=[{"Name": name, "Value": value} for name, value in tags.items()],
                **({"TenantName": account_id} if self._tenants else {}),
            )
        except _NEVER_REACHED:
            raise MailBusy(BusyReason.UNREACHABLE, _SOON) from None
        except ClientError as error:
            raise _translated(error) from None
        return str(answer["MessageId"])

    def rate(self) -> float:
        """Mails a second that SES takes; what it said last while it does not answer such questions."""
        try:
            self._rate = float(self._client.get_account()["SendQuota"]["MaxSendRate"])
        except ClientError as error:
            if error.response["Error"]["Code"] not in _THROTTLED:
                raise
        return self._rate


def _translated(error: ClientError) -> Exception:
    """What SES answered. All answers that blame the request mean that nothing was sent."""
    code, said = str(error.response["Error"]["Code"]), str(error.response["Error"].get("Message", ""))
    if code in _REFUSED:
        return MailRefused(said)
    if code in _THROTTLED:
        # One code, two sentences: "Maximum sending rate exceeded." and "Daily message quota exceeded."
        daily = "daily" in said.lower()
        return MailBusy(BusyReason.QUOTA, _LATER) if daily else MailBusy(BusyReason.RATE, _SOON)
    if error.response["ResponseMetadata"]["HTTPStatusCode"] in _CLIENT_ERRORS:
        # Paused or suspended, no permission, no such configuration set or tenant.
        return MailBusy(BusyReason.HELD, _LATER)
    return error
