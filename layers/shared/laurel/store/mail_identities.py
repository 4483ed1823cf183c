"""Domains and addresses that Amazon SES (API v2) sends from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from time import monotonic
from typing import Any, Protocol, cast

from botocore.config import Config
from botocore.exceptions import ClientError

from laurel.model.errors import Busy, InvalidInput
from laurel.model.sender import Identity, Sender, SenderKind, SenderState
from laurel.store.client import lean_client

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
_OWNER = "laurel:account"
_DKIM_ZONE = "dkim.amazonses.com"
_REMEMBERED_SECONDS = 60.0
_THROTTLED = ("TooManyRequestsException", "LimitExceededException", "ConcurrentModificationException")


class SESClient(Protocol):
    """As much of botocore's client as is used."""

    def create_email_identity(self, **request: Any) -> Any: ...
    def put_email_identity_mail_from_attributes(self, **request: Any) -> Any: ...
    def get_email_identity(self, *, EmailIdentity: str) -> Any: ...  # noqa: N803, botocore's names
    def delete_email_identity(self, *, EmailIdentity: str) -> Any: ...  # noqa: N803, botocore's names
    def get_account(self) -> Any: ...
    def create_tenant(self, **request: Any) -> Any: ...
    def create_tenant_resource_association(self, **request: Any) -> Any: ...
    def delete_tenant_resource_association(self, **request: Any) -> Any: ...


def create_client(**options: Any) -> SESClient:
    """A low-level client; ``options`` as ``lean_client`` takes them."""
    return cast("SESClient", lean_client("sesv2", _CONFIG, **options))


@cache
def ses() -> SESClient:
    """The process's client, made on first use."""
    return create_client()


class SESIdentities:
    """The identities of SES. SES takes one request a second: what it is asked too often raises ``Busy``."""

    def __init__(self, client: SESClient) -> None:
        self._client = client
        self._sandbox: tuple[float, bool] | None = None

    def create(self, sender: Sender) -> Identity:
        """Make an identity, with Easy DKIM and a bounce domain of its own for a domain; SES mails an address itself.

        Returns what is there already, whoever made it. Raises ``InvalidInput`` for what SES takes for no identity.
        """
        dkim = {"DkimSigningAttributes": {"NextSigningKeyLength": "RSA_2048_BIT"}}
        try:
            self._client.create_email_identity(
                EmailIdentity=sender.identity,
                Tags=[{"Key": _OWNER, "Value": sender.account_id}],
                **(dkim if sender.kind is SenderKind.DOMAIN else {}),
            )
        except ClientError as error:
            if _code(error) == "BadRequestException":
                raise InvalidInput.at(f"/{sender.kind}", "The mail service does not take this as a sender.") from None
            if _code(error) != "AlreadyExistsException":
                raise translated(error) from None
        found = self.identity(sender.identity)
        if found is None:
            raise Busy(f"Sender {sender.identity!r}")
        if sender.kind is SenderKind.DOMAIN and found.mail_from is None and found.owner == sender.account_id:
            found = self._with_mail_from(sender, found)
        return found

    def identity(self, identity: str) -> Identity | None:
        """What SES knows of a domain or address, or None."""
        try:
            answer = self._client.get_email_identity(EmailIdentity=identity)
        except ClientError as error:
            if _code(error) == "NotFoundException":
                return None
            raise translated(error) from None
        dkim = answer.get("DkimAttributes") or {}
        return Identity(
            state=_state(answer),
            dkim_tokens=tuple(dkim.get("Tokens") or ()),
            dkim_zone=dkim.get("SigningHostedZone") or _DKIM_ZONE,
            mail_from=(answer.get("MailFromAttributes") or {}).get("MailFromDomain") or None,
            owner=next((tag["Value"] for tag in answer.get("Tags") or () if tag["Key"] == _OWNER), None),
        )

    def delete(self, identity: str) -> None:
        """Have SES forget a domain or address, if it knows it."""
        try:
            self._client.delete_email_identity(EmailIdentity=identity)
        except ClientError as error:
            if _code(error) != "NotFoundException":
                raise translated(error) from None

    def in_sandbox(self) -> bool:
        """True while SES delivers to verified addresses only; asked once a minute at most."""
        if self._sandbox is None or monotonic() - self._sandbox[0] >= _REMEMBERED_SECONDS:
            try:
                answer = self._client.get_account()
            except ClientError as error:
                raise translated(error) from None
            self._sandbox = (monotonic(), not answer["ProductionAccessEnabled"])
        return self._sandbox[1]

    def _with_mail_from(self, sender: Sender, found: Identity) -> Identity:
        """Have bounces go to a name below the domain, so that SPF is the sender's own too.

        Until its records are published SES uses a name of its own. Whoever deleted the identity meanwhile wins.
        """
        mail_from = f"bounce.{sender.identity}"
        try:
            self._client.put_email_identity_mail_from_attributes(
                EmailIdentity=sender.identity, MailFromDomain=mail_from, BehaviorOnMxFailure="USE_DEFAULT_VALUE"
            )
        except ClientError as error:
            if _code(error) != "NotFoundException":
                raise translated(error) from None
            return found
        return Identity(found.state, found.dkim_tokens, found.dkim_zone, mail_from, found.owner)


def _state(answer: Mapping[str, Any]) -> SenderState:
    if answer.get("VerifiedForSendingStatus"):
        return SenderState.VERIFIED
    return SenderState.FAILED if answer.get("VerificationStatus") == "FAILED" else SenderState.PENDING


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def translated(error: ClientError) -> Exception:
    """What to raise for an error of SES: ``Busy`` for what may be asked again."""
    return Busy("The mail service") if _code(error) in _THROTTLED else error
