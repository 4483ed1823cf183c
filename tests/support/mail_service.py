"""As much of Amazon SES as Laurel asks for, in this process. ``tests/local`` holds the emulator's against the same."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError


class FakeSES:
    """Speaks like boto3's ``sesv2`` client. ``calls`` are the operations that were asked for."""

    def __init__(self) -> None:
        self.identities: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.production = False
        self.failures: dict[str, str] = {}

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
        del self.identities[EmailIdentity]
        return {}

    def get_account(self) -> Any:
        self._called("GetAccount")
        return {"ProductionAccessEnabled": self.production}

    def _called(self, operation: str) -> None:
        self.calls.append(operation)
        if operation in self.failures:
            raise failure(self.failures[operation])

    def _existing(self, name: str) -> dict[str, Any]:
        if name not in self.identities:
            raise failure("NotFoundException")
        return self.identities[name]


def failure(code: str) -> ClientError:
    """An error as SES answers it."""
    return ClientError({"Error": {"Code": code, "Message": code}}, "Test")
