"""Lift the stop of an account whose mail bounced or was complained of: `python -m tools.resume_sending --account A`.

What is known by now of the messages sent until now counts no more. Prints `{"account_id", "before", "state"}`.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime

from laurel.store.deliverability import Tallies
from laurel.store.dynamodb import create_client
from laurel.store.workspace import Workspace
from tools.create_account import stack_outputs


def main(argv: list[str] | None = None) -> int:
    """Lift the stop of the account that the arguments name."""
    parser = argparse.ArgumentParser(description="Let an account send again, once what it was stopped for is mended.")
    parser.add_argument("--stack", default="laurel", help="name of the deployed stack")
    parser.add_argument("--account", required=True, help="id of the account")
    arguments = parser.parse_args(argv)
    client, table = create_client(), stack_outputs(arguments.stack)["WorkspaceTable"]
    if Workspace(client, table).account(arguments.account) is None:
        parser.error(f"there is no account {arguments.account!r}")
    tallies, now = Tallies(client, table), datetime.now(UTC)
    before = tallies.standing(arguments.account, now)
    tallies.resume(arguments.account, now)
    after = tallies.standing(arguments.account, now)
    print(json.dumps({"account_id": arguments.account, "before": before.state.value, "state": after.state.value}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
