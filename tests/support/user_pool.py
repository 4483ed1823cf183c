"""As much of Amazon Cognito as Laurel asks for, in this process. ``tests/e2e`` has the emulator do the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

USER_POOL = "us-east-1_users0000"


class FakeCognito:
    """Speaks like boto3's ``cognito-idp`` client. ``calls`` are the operations that were asked for.

    ``failures`` are codes with which operations are refused, once each. ``mails`` are the invitations, ``signed_out``
    who was.
    """

    def __init__(self) -> None:
        self.users: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.mails: list[str] = []
        self.signed_out: list[str] = []
        self.failures: dict[str, str] = {}

    def register(self, account_id: str, role: str, id_: str | None = None, email: str | None = None) -> str:
        """A user who was made by an operator and has signed in; their id."""
        known = id_ or str(uuid4())
        values = {"email": email or f"{known}@example.com", "custom:account_id": account_id, "custom:role": role}
        self._add(known, values)["UserStatus"] = "CONFIRMED"
        return known

    def sign_in(self, id_: str) -> None:
        """Have somebody choose a password."""
        self._found(id_)["UserStatus"] = "CONFIRMED"

    def disable(self, id_: str) -> None:
        """Let somebody sign in no more, as an operator can."""
        self._found(id_)["Enabled"] = False

    def attribute(self, id_: str, name: str) -> str:
        """An attribute of a user."""
        values = {it["Name"]: it["Value"] for it in self._found(id_)["Attributes"]}
        return str(values[name])

    def admin_create_user(self, **request: Any) -> Any:
        email = request["Username"]
        assert request["DesiredDeliveryMediums"] == ["EMAIL"]
        if request.get("MessageAction") == "RESEND":
            self._called("AdminCreateUser")
            assert self._found(email)["UserStatus"] == "FORCE_CHANGE_PASSWORD"
            self.mails.append(email)
            return {}
        if self._known(email):
            raise _failure("UsernameExistsException")
        refused = self.failures.get("AdminCreateUser")
        if refused != "CodeDeliveryFailureException":
            self._called("AdminCreateUser")
        user = self._add(str(uuid4()), {it["Name"]: it["Value"] for it in request["UserAttributes"]})
        if refused == "CodeDeliveryFailureException":
            self._called("AdminCreateUser")
        if request.get("MessageAction") != "SUPPRESS":
            self.mails.append(email)
        return {"User": user}

    def admin_get_user(self, *, UserPoolId: str, Username: str) -> Any:  # noqa: N803, botocore's names
        self._called("AdminGetUser")
        assert UserPoolId == USER_POOL
        found = dict(self._found(Username))
        return {**found, "UserAttributes": found.pop("Attributes")}

    def admin_update_user_attributes(self, **request: Any) -> Any:
        self._called("AdminUpdateUserAttributes")
        user = self._found(request["Username"])
        changed = {it["Name"]: it["Value"] for it in request["UserAttributes"]}
        assert "custom:account_id" not in changed, "not mutable"
        kept = {it["Name"]: it["Value"] for it in user["Attributes"]}
        user["Attributes"] = _attributes(kept | changed)

    def admin_user_global_sign_out(self, *, UserPoolId: str, Username: str) -> Any:  # noqa: N803, as above
        self._called("AdminUserGlobalSignOut")
        assert UserPoolId == USER_POOL
        self.signed_out.append(self._found(Username)["Username"])

    def admin_delete_user(self, *, UserPoolId: str, Username: str) -> Any:  # noqa: N803, as above
        self._called("AdminDeleteUser")
        assert UserPoolId == USER_POOL
        del self.users[self._found(Username)["Username"]]

    def _add(self, id_: str, values: dict[str, str]) -> dict[str, Any]:
        user = {
            "Username": id_,
            "Attributes": _attributes(values | {"sub": id_}),
            "UserCreateDate": datetime.now(UTC),
            "Enabled": True,
            "UserStatus": "FORCE_CHANGE_PASSWORD",
        }
        self.users[id_] = user
        return user

    def _called(self, operation: str) -> None:
        self.calls.append(operation)
        if code := self.failures.pop(operation, None):
            raise _failure(code)

    def _known(self, id_or_email: str) -> dict[str, Any] | None:
        for user in self.users.values():
            email = next(it["Value"] for it in user["Attributes"] if it["Name"] == "email")
            if id_or_email == user["Username"] or id_or_email.lower() == email.lower():
                return user
        return None

    def _found(self, id_or_email: str) -> dict[str, Any]:
        if found := self._known(id_or_email):
            return found
        raise _failure("UserNotFoundException")


def _attributes(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]


def _failure(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "made up"}}, "any")
