"""Functions, loaded the way Lambda would: by the template's handler, with the template's environment."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from laurel import settings
from laurel.store import (
    event_bus,
    import_files,
    mail_identities,
    mail_service,
    process,
    queue,
    schedules,
    seal,
    secrets,
    user_pool,
)
from tests.support import billing_events
from tests.support.mail_service import CONFIGURATION_SET, SES_ARN
from tests.support.seals import SNAPSHOT_KEY
from tests.support.tables import Tables
from tests.support.template import load_template, resources
from tests.support.user_pool import USER_POOL

if TYPE_CHECKING:
    from types import ModuleType

    import pytest

PUBLIC_API_URL = "https://api.example.test/v1"
JOBS_QUEUE = "jobs"
JOBS_QUEUE_URL = f"https://sqs.us-east-1.amazonaws.com/123456789012/{JOBS_QUEUE}"
MAIL_QUEUE = "mail"
MAIL_QUEUE_URL = f"https://sqs.us-east-1.amazonaws.com/123456789012/{MAIL_QUEUE}"
"""As moto names queues."""
IMPORTS_QUEUE = "imports"
IMPORTS_QUEUE_URL = JOBS_QUEUE_URL.removesuffix(JOBS_QUEUE) + IMPORTS_QUEUE
IMPORTS_BUCKET = "imports"
ERASURES_QUEUE = "erasures"
ERASURES_QUEUE_URL = JOBS_QUEUE_URL.removesuffix(JOBS_QUEUE) + ERASURES_QUEUE
SNAPSHOTS_QUEUE = "snapshots"
SNAPSHOTS_QUEUE_URL = JOBS_QUEUE_URL.removesuffix(JOBS_QUEUE) + SNAPSHOTS_QUEUE
AUTOMATIONS_QUEUE = "automations"
SCHEDULE_GROUP = "laurel-runs"
AUTOMATIONS_QUEUE_URL = JOBS_QUEUE_URL.removesuffix(JOBS_QUEUE) + AUTOMATIONS_QUEUE
EVENT_BUS = "laurel-events"
SHOP_PARAMETERS = "/laurel/laurel/shops"
UNUSED = Tables(*Tables._fields)

FUNCTIONS = tuple(resources("AWS::Serverless::Function"))


def properties(function: str) -> dict[str, Any]:
    """What the template says about a function, by its logical id; what all functions share included."""
    own = resources("AWS::Serverless::Function")[function]["Properties"]
    shared = load_template()["Globals"]["Function"]
    variables = shared["Environment"]["Variables"] | own["Environment"]["Variables"]
    return {**shared, **own, "Environment": {"Variables": variables}}


def module_name(function: str) -> str:
    """Where a function's code is, seen from the repository."""
    own = properties(function)
    return f"{own['CodeUri'].strip('/').replace('/', '.')}.{own['Handler'].removesuffix('.handler')}"


def environment(function: str, tables: Tables = UNUSED, public_api_url: str = PUBLIC_API_URL) -> dict[str, str]:
    """The variables a function would be deployed with."""
    values = {f"{name.capitalize()}Table": table for name, table in tables._asdict().items()}
    values |= {"JobsQueue": JOBS_QUEUE_URL, "MailQueue": MAIL_QUEUE_URL, "MailConfigurationSet": CONFIGURATION_SET}
    values["Api"] = "a1b2c3d4e5"
    values["ImportsQueue"] = IMPORTS_QUEUE_URL
    values["ImportsBucket"] = IMPORTS_BUCKET
    values["ErasuresQueue"] = ERASURES_QUEUE_URL
    values |= {"SnapshotsQueue": SNAPSHOTS_QUEUE_URL, "SnapshotKey": SNAPSHOT_KEY}
    values |= {"AutomationsQueue": AUTOMATIONS_QUEUE_URL, "RunSchedules": SCHEDULE_GROUP, "EventBus": EVENT_BUS}
    values |= {name: it["Default"] for name, it in load_template()["Parameters"].items() if "Default" in it}

    values["BillingSecretParameter"] = billing_events.PARAMETER
    values["LocalShops"] = "on"
    values["UserPool"] = USER_POOL

    def resolve(value: Any) -> str:
        if isinstance(value, dict):
            if "Ref" in value:
                return str(values[value["Ref"]])
            if "Fn::GetAtt" in value:
                return "arn:" + ":".join(value["Fn::GetAtt"])
            pasted = value.get("Fn::Sub", "")
            return SES_ARN if ":ses:" in pasted else SHOP_PARAMETERS if "/shops" in pasted else public_api_url
        return str(value)

    return {name: resolve(value) for name, value in properties(function)["Environment"]["Variables"].items()}


def load_function(function: str, monkeypatch: pytest.MonkeyPatch, tables: Tables = UNUSED) -> ModuleType:
    """A fresh import of a function's module, bound to these tables by its environment alone."""
    for name in (
        "LEDGER_TABLE",
        "RANKINGS_TABLE",
        "CONTACTS_TABLE",
        "WORKSPACE_TABLE",
        "PUBLIC_API_URL",
        "API_ID",
        "JOBS_QUEUE_URL",
        "MAIL_QUEUE_URL",
        "MAIL_CONFIGURATION_SET",
        "MAIL_TENANTS",
        "SES_ARN",
        "BILLING_SECRET_PARAMETER",
        "IMPORTS_QUEUE_URL",
        "IMPORTS_BUCKET",
        "ERASURES_QUEUE_URL",
        "SNAPSHOTS_QUEUE_URL",
        "SNAPSHOT_KEY",
        "DASHBOARD_URL",
        "AUTOMATIONS_QUEUE_URL",
        "AUTOMATIONS_QUEUE_ARN",
        "SCHEDULE_GROUP",
        "SCHEDULER_ROLE",
        "EVENT_BUS",
        "SHOP_PARAMETERS",
        "LOCAL_SHOPS",
        "USER_POOL",
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment(function, tables).items():
        monkeypatch.setenv(name, value)
    settings.settings.cache_clear()
    process.dynamodb.cache_clear()
    queue.sqs.cache_clear()
    import_files.s3.cache_clear()
    mail_identities.ses.cache_clear()
    mail_service.ses.cache_clear()
    seal.kms.cache_clear()
    secrets.ssm.cache_clear()
    event_bus.events.cache_clear()
    schedules.scheduler.cache_clear()
    user_pool.cognito.cache_clear()
    sys.modules.pop(module_name(function), None)
    return importlib.import_module(module_name(function))
