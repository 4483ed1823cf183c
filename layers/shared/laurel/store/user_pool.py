"""Users of the installation, in a Cognito user pool whose user names are e-mail addresses."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol, cast

from botocore.config import Config
from botocore.exceptions import ClientError

from laurel.model.account import Role
from laurel.model.errors import Busy, InvalidInput
from laurel.model.user import Registered, UserStatus
from laurel.store.client import lean_client

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
_THROTTLED = ("TooManyRequestsException", "LimitExceededException")
_NOT_FOUND = "UserNotFoundException"


class CognitoClient(Protocol):
    """As much of botocore's client as is used."""

    def admin_create_user(self, **request: Any) -> Any: ...
    def admin_get_user(self, *, UserPoolId: str, Username: str) -> Any: ...  # noqa: N803, botocore's names
    def admin_update_user_attributes(self, **request: Any) -> Any: ...
    def admin_user_global_sign_out(self, *, UserPoolId: str, Username: str) -> Any: ...  # noqa: N803, as above
    def admin_delete_user(self, *, UserPoolId: str, Username: str) -> Any: ...  # noqa: N803, as above


def create_client(**options: Any) -> CognitoClient:
    """A low-level client; ``options`` as ``lean_client`` takes them."""
    return cast("CognitoClient", lean_client("cognito-idp", _CONFIG, **options))


@cache
def cognito() -> CognitoClient:
    """The process's client, made on first use."""
    return create_client()


class CognitoUsers:
    """The users of a pool. What it is asked too often raises ``Busy``."""

    def __init__(self, client: CognitoClient, pool: str) -> None:
        self._client = client
        self._pool = pool

    def create(
        self,
        account_id: str,
        email: str,
        name: str | None,
        role: Role,
        locale: str,
        *,
        silently: bool = False,
    ) -> Registered | None:
        """Make a user, whom Cognito mails a temporary password unless it is done ``silently``.

        None if the address is somebody's. Raises ``InvalidInput`` for an address that Cognito does not take.
        """
        values = {
            "email": email,
            "email_verified": "true",
            "name": name,
            "locale": locale,
            "custom:account_id": account_id,
            "custom:role": role.value,
        }
        try:
            answer = self._client.admin_create_user(
                UserPoolId=self._pool,
                Username=email,
                UserAttributes=[{"Name": key, "Value": value} for key, value in values.items() if value],
                DesiredDeliveryMediums=["EMAIL"],
                **({"MessageAction": "SUPPRESS"} if silently else {}),
            )
        except ClientError as error:
            if _code(error) == "UsernameExistsException":
                return None
            if _code(error) == "CodeDeliveryFailureException":
                # The user was made, and would hold an address that nobody reads.
                self._client.admin_delete_user(UserPoolId=self._pool, Username=email)
                raise InvalidInput.at("/email", "No invitation could be mailed to this address.") from None
            if _code(error) == "InvalidParameterException":
                raise InvalidInput.at("/email", "This cannot be a user's address.") from None
            raise _translated(error) from None
        return _registered(answer["User"], answer["User"]["Attributes"])

    def invite_again(self, email: str) -> None:
        """Mail another temporary password to who has not signed in yet."""
        try:
            self._client.admin_create_user(
                UserPoolId=self._pool, Username=email, DesiredDeliveryMediums=["EMAIL"], MessageAction="RESEND"
            )
        except ClientError as error:
            raise _translated(error) from None

    def user(self, id_or_email: str) -> Registered | None:
        """Who has this id or address, or None."""
        try:
            answer = self._client.admin_get_user(UserPoolId=self._pool, Username=id_or_email)
        except ClientError as error:
            if _code(error) == _NOT_FOUND:
                return None
            raise _translated(error) from None
        return _registered(answer, answer["UserAttributes"])

    def change_role(self, user_id: str, role: Role) -> None:
        """Have a user's next tokens name another role."""
        attributes = [{"Name": "custom:role", "Value": role.value}]
        try:
            self._client.admin_update_user_attributes(
                UserPoolId=self._pool, Username=user_id, UserAttributes=attributes
            )
        except ClientError as error:
            raise _translated(error) from None

    def remove(self, user_id: str) -> None:
        """Give a user no further tokens, and forget them; one who is gone already stays so."""
        for operation in (self._client.admin_user_global_sign_out, self._client.admin_delete_user):
            try:
                operation(UserPoolId=self._pool, Username=user_id)
            except ClientError as error:
                if _code(error) != _NOT_FOUND:
                    raise _translated(error) from None


def _registered(user: Mapping[str, Any], attributes: list[dict[str, str]]) -> Registered:
    known = {attribute["Name"]: attribute["Value"] for attribute in attributes}
    role = known.get("custom:role", "")
    status = UserStatus.INVITED if user["UserStatus"] == "FORCE_CHANGE_PASSWORD" else UserStatus.ACTIVE
    return Registered(
        account_id=known.get("custom:account_id"),
        id=known["sub"],
        email=known["email"],
        name=known.get("name"),
        role=Role(role) if role in list(Role) else None,
        locale=known.get("locale"),
        status=status if user["Enabled"] else UserStatus.DISABLED,
        created_at=user["UserCreateDate"],
    )


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _translated(error: ClientError) -> Exception:
    """What to raise for an error of Cognito: ``Busy`` for what may be asked again."""
    return Busy("The list of users") if _code(error) in _THROTTLED else error
