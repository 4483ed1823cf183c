"""Make tenants of SES of all accounts that have senders, or undo it: `python -m tools.mail_tenants join` (or `leave`).

For when the parameter MailTenants was changed after senders were set up: `join` before it is turned on, `leave` after
it was turned off, since SES deletes no identity that a tenant has. Either may be done again. Prints one line of JSON a
sender, `{"account_id", "identity"}`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable

from laurel.model.errors import Busy
from laurel.store import mail_identities
from laurel.store.dynamodb import create_client
from laurel.store.mail_tenants import SESTenants
from laurel.store.senders import Senders
from laurel.store.workspace import Workspace
from tools.create_account import stack_outputs

_PAUSE = 1.0
"""Seconds; SES takes one such request a second."""


def main(argv: list[str] | None = None) -> int:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser(description="Make tenants of SES of all accounts that have senders, or undo it.")
    parser.add_argument("what", choices=["join", "leave"])
    parser.add_argument("--stack", default="laurel", help="name of the deployed stack")
    arguments = parser.parse_args(argv)
    stack = stack_outputs(arguments.stack)
    client, table = create_client(), stack["WorkspaceTable"]
    tenants = SESTenants(mail_identities.create_client(), stack["SesArn"], stack["MailConfigurationSet"])
    act = tenants.join if arguments.what == "join" else tenants.leave
    accounts = dict.fromkeys(account for account, _ in Workspace(client, table).all_audiences())
    for account_id in accounts:
        for sender in Senders(client, table).senders(account_id):
            _until_taken(act, account_id, sender.identity)
            print(json.dumps({"account_id": account_id, "identity": sender.identity}))
    return 0


def _until_taken(act: Callable[[str, str], None], account_id: str, identity: str) -> None:
    while True:
        try:
            act(account_id, identity)
        except Busy:
            time.sleep(_PAUSE)
            continue
        return


if __name__ == "__main__":
    sys.exit(main())
