"""The environment, read once; each function asks for what it uses."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

_STAGE = "v1"


@dataclass(frozen=True, slots=True)
class Settings:
    """Names a function was deployed with. A name it was not given raises ``KeyError`` when asked for."""

    environment: tuple[tuple[str, str], ...]

    def _get(self, name: str) -> str:
        return dict(self.environment)[name]

    @property
    def ledger_table(self) -> str:
        """Name of the Ledger table."""
        return self._get("LEDGER_TABLE")

    @property
    def rankings_table(self) -> str:
        """Name of the Rankings table."""
        return self._get("RANKINGS_TABLE")

    @property
    def contacts_table(self) -> str:
        """Name of the Contacts table."""
        return self._get("CONTACTS_TABLE")

    @property
    def workspace_table(self) -> str:
        """Name of the Workspace table."""
        return self._get("WORKSPACE_TABLE")

    @property
    def jobs_queue_url(self) -> str:
        """URL of the queue of jobs."""
        return self._get("JOBS_QUEUE_URL")

    @property
    def mail_queue_url(self) -> str:
        """URL of the queue of mail."""
        return self._get("MAIL_QUEUE_URL")

    @property
    def mail_configuration_set(self) -> str:
        """Name of the configuration set that mail is sent under."""
        return self._get("MAIL_CONFIGURATION_SET")

    @property
    def mail_tenants(self) -> bool:
        """True if each account is a tenant of SES's."""
        return self._get("MAIL_TENANTS") == "on"

    @property
    def ses_arn(self) -> str:
        """What the ARNs of this installation's identities and configuration sets begin with."""
        return self._get("SES_ARN")

    @property
    def imports_bucket(self) -> str:
        """Name of the bucket that files are imported from."""
        return self._get("IMPORTS_BUCKET")

    @property
    def imports_queue_url(self) -> str:
        """URL of the queue of imports' chunks."""
        return self._get("IMPORTS_QUEUE_URL")

    @property
    def erasures_queue_url(self) -> str:
        """URL of the queue of erasures."""
        return self._get("ERASURES_QUEUE_URL")

    @property
    def snapshots_queue_url(self) -> str:
        """URL of the queue of stores that are due snapshots."""
        return self._get("SNAPSHOTS_QUEUE_URL")

    @property
    def snapshot_key(self) -> str:
        """Id of the key that signs snapshots of boards."""
        return self._get("SNAPSHOT_KEY")

    @property
    def automations_queue_url(self) -> str:
        """URL of the queue of automations' runs."""
        return self._get("AUTOMATIONS_QUEUE_URL")

    @property
    def automations_queue_arn(self) -> str:
        """ARN of the same."""
        return self._get("AUTOMATIONS_QUEUE_ARN")

    @property
    def schedule_group(self) -> str:
        """Name of the group of one-time schedules."""
        return self._get("SCHEDULE_GROUP")

    @property
    def scheduler_role(self) -> str:
        """ARN of the role that schedules act as."""
        return self._get("SCHEDULER_ROLE")

    @property
    def event_bus(self) -> str:
        """Name of the installation's own event bus."""
        return self._get("EVENT_BUS")

    @property
    def billing_secret_parameter(self) -> str:
        """Name of the SSM parameter that holds the secret of the billing webhook; empty if billing is not connected."""
        return self._get("BILLING_SECRET_PARAMETER")

    @property
    def shop_parameters(self) -> str:
        """What the names of the SSM parameters with shops' credentials begin with."""
        return self._get("SHOP_PARAMETERS")

    @property
    def local_shops(self) -> bool:
        """True if shops on this machine may be asked; never on AWS."""
        return self._get("LOCAL_SHOPS") == "on"

    @property
    def dashboard_url(self) -> str:
        """Where the links of mail to teams lead, without a slash at its end."""
        return self._get("DASHBOARD_URL")

    @property
    def user_pool(self) -> str:
        """Id of the user pool."""
        return self._get("USER_POOL")

    @property
    def region(self) -> str:
        """The AWS Region that the function runs in."""
        return self._get("AWS_REGION")

    @property
    def public_api_url(self) -> str:
        """The API's base URL as clients see it, ending in the version; may hold ``{api_id}`` and ``{stage}``."""
        return self._get("PUBLIC_API_URL")

    @property
    def api_url(self) -> str:
        """The same for functions that no request tells which API they belong to."""
        return self.public_api_url.format(api_id=self._get("API_ID"), stage=_STAGE)


@cache
def settings() -> Settings:
    """The process's settings."""
    return Settings(tuple(os.environ.items()))
