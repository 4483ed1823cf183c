"""What there is to know of the deployed stack and its demo account."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import asdict

from local import aws
from local.deploy import STAGE
from local.emulator import mailbox_page
from local.paths import ROOT
from local.stack_file import Stack
from local.workspace import EMAIL, PASSWORD, Stores

TABLES = ("LedgerTable", "RankingsTable", "ContactsTable", "WorkspaceTable")


def api_url(endpoint: str, outputs: Mapping[str, str]) -> str:
    """The API's address on the emulator."""
    return f"{endpoint}/_aws/execute-api/{outputs['ApiId']}/{STAGE}"


def describe(endpoint: str, outputs: Mapping[str, str], stores: Stores) -> Stack:
    """The contents of ``.local/stack.json``."""
    return {
        "api_url": api_url(endpoint, outputs),
        "dashboard_url": None,
        "mailbox_url": endpoint + mailbox_page.ROOT,
        "account_id": stores.account_id,
        "audience_id": stores.audience_id,
        "store_id": stores.store_id,
        "email": EMAIL,
        "password": PASSWORD,
        "webhooks": {platform: asdict(webhook) for platform, webhook in stores.webhooks.items()},
        "token_command": token_command(),
        "endpoint": endpoint,
        "region": aws.REGION,
        "stack": aws.STACK,
        "user_pool_id": outputs["UserPoolId"],
        "client_id": outputs["UserPoolClientId"],
        "tables": {name.removesuffix("Table").lower(): outputs[name] for name in TABLES},
        "outputs": dict(outputs),
    }


def token_command() -> str:
    """A shell command that prints a fresh bearer token, wherever it is run."""
    return f"(cd {shlex.quote(str(ROOT))} && {shlex.quote(sys.executable)} -m local token)"
