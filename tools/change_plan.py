"""Give an account another plan: `python -m tools.change_plan --account A --plan standard`.

It takes effect with the account's next request. Prints `{"account_id", "before", "plan", "monthly_messages"}`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from laurel.model.account import Plan
from laurel.model.errors import NotFound
from laurel.store.dynamodb import create_client
from laurel.store.plans import Plans
from laurel.workspace.billing import set_plan
from tools.create_account import stack_outputs


def main(argv: list[str] | None = None) -> int:
    """Change the plan that the arguments name."""
    parser = argparse.ArgumentParser(description="Give an account another plan, whatever its subscriptions say.")
    parser.add_argument("--stack", default="laurel", help="name of the deployed stack")
    parser.add_argument("--account", required=True, help="id of the account")
    parser.add_argument("--plan", type=Plan, required=True, choices=list(Plan))
    arguments = parser.parse_args(argv)
    plan: Plan = arguments.plan
    plans = Plans(create_client(), stack_outputs(arguments.stack)["WorkspaceTable"])
    try:
        before = set_plan(plans, arguments.account, plan, int(time.time()))
    except NotFound:
        parser.error(f"there is no account {arguments.account!r}")
    changed = {"account_id": arguments.account, "before": before.value, "plan": plan.value}
    print(json.dumps(changed | {"monthly_messages": plan.monthly_messages}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
