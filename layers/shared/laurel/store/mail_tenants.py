"""Accounts as tenants of Amazon SES, so that the mail of one does not tell against that of another."""

from __future__ import annotations

from typing import Any, Protocol

from botocore.exceptions import ClientError

from laurel.model.errors import Busy
from laurel.store.mail_identities import translated

_EXISTS, _MISSING = "AlreadyExistsException", "NotFoundException"


class SESClient(Protocol):
    """As much of botocore's client as is used."""

    def create_tenant(self, **request: Any) -> Any: ...
    def create_tenant_resource_association(self, **request: Any) -> Any: ...
    def delete_tenant_resource_association(self, **request: Any) -> Any: ...


class SESTenants:
    """The tenants of SES, named by the accounts' ids. Raises ``Busy`` for what SES is asked too often."""

    def __init__(self, client: SESClient, ses_arn: str, configuration_set: str) -> None:
        """``ses_arn`` is what the ARNs of SES's identities and configuration sets begin with."""
        self._client = client
        self._identities = f"{ses_arn}:identity"
        self._configuration_set = f"{ses_arn}:configuration-set/{configuration_set}"

    def join(self, account_id: str, identity: str) -> None:
        """Let an account's tenant, which is made if there is none, send from an identity that SES knows."""
        if not self._associated(account_id, self._configuration_set):
            self._ask(self._client.create_tenant, TenantName=account_id)
            self._associate(account_id, self._configuration_set)
        self._associate(account_id, f"{self._identities}/{identity}")

    def leave(self, account_id: str, identity: str) -> None:
        """Take an identity from an account's tenant. SES deletes none that a tenant has."""
        delete = self._client.delete_tenant_resource_association
        self._ask(delete, TenantName=account_id, ResourceArn=f"{self._identities}/{identity}")

    def _associate(self, account_id: str, arn: str) -> None:
        if not self._associated(account_id, arn):
            raise Busy("The mail service")

    def _associated(self, account_id: str, arn: str) -> bool:
        """False if there is no such tenant, or no such thing for it to use."""
        create = self._client.create_tenant_resource_association
        return self._ask(create, TenantName=account_id, ResourceArn=arn)

    def _ask(self, operation: Any, **request: Any) -> bool:
        """Have SES do something, which it may have done before; False if something it takes is not there."""
        try:
            operation(**request)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code not in (_EXISTS, _MISSING):
                raise translated(error) from None
            return bool(code == _EXISTS)
        return True
