"""Create an account, its first audience and its owner: `python -m tools.create_account --name … --email …`.

Prints `{"account_id", "audience_id"}`. With `--account` the user joins an existing account instead, in the given role;
somebody who is a user of it and not on its list is put there.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from datetime import UTC, datetime
from typing import Any

import boto3

from laurel.model.account import Account, Audience, Plan, Role
from laurel.model.errors import AddressTaken
from laurel.model.identity import new_id
from laurel.model.user import UserStatus
from laurel.store.dynamodb import create_client
from laurel.store.user_pool import CognitoUsers
from laurel.store.users import Users
from laurel.store.workspace import Workspace
from laurel.workspace.users import listed


def stack_outputs(stack: str) -> dict[str, str]:
    """Outputs of a deployed stack by name."""
    (description,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in description["Outputs"]}


def create_account(workspace: Workspace, name: str, plan: Plan, locale: str) -> dict[str, str]:
    """A new account with one audience; returns both ids."""
    now = datetime.now(UTC)
    account = Account(new_id(), name, plan, locale, secrets.token_hex(32), now)
    audience = Audience(account.id, new_id(), "Customers", score_epoch=1, created_at=now)
    workspace.save_account(account)
    workspace.save_audience(audience)
    return {"account_id": account.id, "audience_id": audience.id}


def create_user(
    members: Users, users: Any, pool: str, email: str, account_id: str, role: Role, locale: str, password: str | None
) -> None:
    """A user of an account, on its list. Without a password Cognito mails an invitation with a temporary one.

    One whom the account has already is put on its list, in the role they have. Raises ``AddressTaken``.
    """
    known = CognitoUsers(users, pool)
    registered = known.create(account_id, email, None, role, locale, silently=password is not None)
    if registered is None:
        registered = known.user(email)
        if registered is None or registered.account_id != account_id:
            raise AddressTaken
    if password and registered.status is UserStatus.INVITED:
        users.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
    listed(members, registered, account_id, locale)


def main(argv: list[str] | None = None) -> int:
    """Create what the arguments say."""
    parser = argparse.ArgumentParser(description="Create an account and its owner, or another user of an account.")
    parser.add_argument("--stack", default="laurel", help="name of the deployed stack")
    parser.add_argument("--email", required=True, help="the user's e-mail address")
    parser.add_argument("--password", help="set this password instead of mailing an invitation")
    parser.add_argument("--name", help="the company's name; creates a new account")
    parser.add_argument("--plan", type=Plan, default=Plan.FREE, choices=list(Plan))
    parser.add_argument("--locale", default="en", choices=["en", "pt-BR", "fr", "de"])
    parser.add_argument("--account", help="id of an existing account to join")
    parser.add_argument("--role", type=Role, default=Role.OWNER, choices=list(Role))
    arguments = parser.parse_args(argv)
    if (arguments.name is None) == (arguments.account is None):
        parser.error("give either --name, for a new account, or --account, for an existing one")
    outputs = stack_outputs(arguments.stack)
    client = create_client()
    workspace = Workspace(client, outputs["WorkspaceTable"])
    if arguments.name:
        created = create_account(workspace, arguments.name, arguments.plan, arguments.locale)
    elif workspace.account(arguments.account):
        created = {"account_id": arguments.account}
    else:
        parser.error(f"there is no account {arguments.account!r}")
    members = Users(client, outputs["WorkspaceTable"])
    pool, locale = outputs["UserPoolId"], arguments.locale
    users = boto3.client("cognito-idp")
    role, password = arguments.role, arguments.password
    try:
        create_user(members, users, pool, arguments.email, created["account_id"], role, locale, password)
    except AddressTaken as error:
        parser.error(str(error))
    print(json.dumps(created))
    return 0


if __name__ == "__main__":
    sys.exit(main())
