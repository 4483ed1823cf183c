"""As much of Amazon SES as Laurel asks for, in this process. ``tests/local`` holds the emulator's against the same."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

SES_ARN = "arn:aws:ses:us-east-1:123456789012"
CONFIGURATION_SET = "laurel-mail"


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail that SES took."""

    id: str
    to: str
    content: bytes
    tags: dict[str, str]
    tenant: str | None


class FakeSES:
    """Speaks like boto3's ``sesv2`` client. ``calls`` are the operations that were asked for, ``sent`` is its mail.

    ``failures`` are the codes, or codes and messages, with which operations are refused; ``before`` and ``after`` are
    called when a mail is about to be taken and when it was.
    """

    def __init__(self) -> None:
        self.identities: dict[str, dict[str, Any]] = {}
        self.tenants: dict[str, set[str]] = {}
        self.sent: list[SentMail] = []
        self.calls: list[str] = []
        self.production = False
        self.rate = 14.0
        self.failures: dict[str, str | tuple[str, str]] = {}
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self._numbers = itertools.count(1)

    def verify(self, identity: str, status: str = "SUCCESS") -> None:
        """Let SES find, or not find, what it looks for."""
        found = self.identities[identity]
        found |= {"VerificationStatus": status, "VerifiedForSendingStatus": status == "SUCCESS"}

    def create_email_identity(self, **request: Any) -> Any:
        self._called("CreateEmailIdentity")
        name = request["EmailIdentity"]
        if name in self.identities:
            raise failure("AlreadyExistsException")
        is_domain = "@" not in name
        assert ("DkimSigningAttributes" in request) == is_domain
        if request.get("Tags"):
            self.calls.append("TagResource")  # SES asks for this permission too
        self.identities[name] = {
            "VerifiedForSendingStatus": False,
            "VerificationStatus": "PENDING",
            "DkimAttributes": {"Tokens": [f"{letter}{len(name)}" for letter in "abc"] if is_domain else []},
            "MailFromAttributes": {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"},
            "Tags": list(request.get("Tags", ())),
        }
        return {}

    def put_email_identity_mail_from_attributes(self, **request: Any) -> Any:
        self._called("PutEmailIdentityMailFromAttributes")
        self._existing(request["EmailIdentity"])["MailFromAttributes"] = {
            "MailFromDomain": request["MailFromDomain"],
            "BehaviorOnMxFailure": request["BehaviorOnMxFailure"],
        }
        return {}

    def get_email_identity(self, *, EmailIdentity: str) -> Any:  # noqa: N803, botocore's names
        self._called("GetEmailIdentity")
        return self._existing(EmailIdentity)

    def delete_email_identity(self, *, EmailIdentity: str) -> Any:  # noqa: N803, botocore's names
        self._called("DeleteEmailIdentity")
        self._existing(EmailIdentity)
        if any(f"{SES_ARN}:identity/{EmailIdentity}" in resources for resources in self.tenants.values()):
            raise failure("BadRequestException")
        del self.identities[EmailIdentity]
        return {}

    def get_account(self) -> Any:
        self._called("GetAccount")
        return {"ProductionAccessEnabled": self.production, "SendQuota": {"MaxSendRate": self.rate}}

    def create_tenant(self, *, TenantName: str) -> Any:  # noqa: N803, botocore's names
        self._called("CreateTenant")
        if TenantName in self.tenants:
            raise failure("AlreadyExistsException")
        self.tenants[TenantName] = set()
        return {}

    def create_tenant_resource_association(self, *, TenantName: str, ResourceArn: str) -> Any:  # noqa: N803, as above
        self._called("CreateTenantResourceAssociation")
        kind, _, name = ResourceArn.removeprefix(f"{SES_ARN}:").partition("/")
        exists = name in self.identities if kind == "identity" else ResourceArn.endswith(f"-set/{CONFIGURATION_SET}")
        if TenantName not in self.tenants or not exists:
            raise failure("NotFoundException")
        if ResourceArn in self.tenants[TenantName]:
            raise failure("AlreadyExistsException")
        self.tenants[TenantName].add(ResourceArn)
        return {}

    def delete_tenant_resource_association(self, *, TenantName: str, ResourceArn: str) -> Any:  # noqa: N803, as above
        self._called("DeleteTenantResourceAssociation")
        if ResourceArn not in self.tenants.get(TenantName, ()):
            raise failure("NotFoundException")
        self.tenants[TenantName].remove(ResourceArn)
        return {}

    def send_email(self, **request: Any) -> Any:
        self._called("SendEmail")
        self.calls.append("SendRawEmail")  # SES asks for this permission too
        (to,) = request["Destination"]["ToAddresses"]
        tenant = request.get("TenantName")
        if request["ConfigurationSetName"] != CONFIGURATION_SET or not self._may_send(tenant):
            raise failure("NotFoundException")
        self.before()
        tags = {tag["Name"]: tag["Value"] for tag in request["EmailTags"]}
        mail = SentMail(f"mail-{next(self._numbers)}", to, request["Content"]["Raw"]["Data"], tags, tenant)
        self.sent.append(mail)
        self.after()
        return {"MessageId": mail.id}

    def _may_send(self, tenant: str | None) -> bool:
        """A tenant needs the configuration set and an identity."""
        return tenant is None or {arn.split(":")[5].split("/")[0] for arn in self.tenants.get(tenant, ())} == {
            "identity",
            "configuration-set",
        }

    def _called(self, operation: str) -> None:
        self.calls.append(operation)
        if operation in self.failures:
            failed = self.failures[operation]
            raise failure(*((failed,) if isinstance(failed, str) else failed))

    def _existing(self, name: str) -> dict[str, Any]:
        if name not in self.identities:
            raise failure("NotFoundException")
        return self.identities[name]


def failure(code: str, message: str = "", status: int = 400) -> ClientError:
    """An error as SES answers it."""
    response: Any = {
        "Error": {"Code": code, "Message": message or code},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "Test")
