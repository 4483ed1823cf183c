"""Score a contact's facts once more: `python -m tools.score_again --account A --audience B --contact C`.

For contacts whose activities or orders ended in the dead-letter queue, once the cause is mended. Whatever has given its
points is left alone, so running it twice does no harm. Rules count as they are now.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from laurel.model.activity import Activity
from laurel.model.order import LedgerOrder
from laurel.scoring.again import score_again
from laurel.store.dynamodb import create_client
from laurel.store.ledger import Ledger
from laurel.store.scores import Scores
from laurel.store.scoring_rules import ScoringRules
from laurel.store.workspace import RememberedStores, Workspace
from tools.create_account import stack_outputs


def main(argv: list[str] | None = None) -> int:
    """Score the contact that the arguments name; 1 if there is no such contact."""
    parser = argparse.ArgumentParser(description="Score a contact's facts once more.")
    parser.add_argument("--stack", default="laurel", help="name of the deployed stack")
    parser.add_argument("--account", required=True)
    parser.add_argument("--audience", required=True)
    parser.add_argument("--contact", required=True, help="its id: 32 hexadecimal digits")
    parser.add_argument("--since", type=_day, default=datetime.fromtimestamp(0, UTC), help="a day: leave older facts")
    arguments = parser.parse_args(argv)
    outputs = stack_outputs(arguments.stack)
    client = create_client()
    workspace, scores = Workspace(client, outputs["WorkspaceTable"]), Scores(client, outputs["ContactsTable"])
    where = arguments.account, arguments.audience
    audience = workspace.audience(*where)
    contact = scores.read(*where, audience.score_epoch, arguments.contact) if audience else None
    if contact is None:
        print("There is no such contact.", file=sys.stderr)
        return 1
    facts = Ledger(client, outputs["LedgerTable"]).history_of(*where, arguments.contact)
    rules = ScoringRules(client, outputs["WorkspaceTable"]).rules(*where)
    since = _since(facts, arguments.since)
    written = score_again(scores, RememberedStores(workspace), contact, since, rules, datetime.now(UTC))
    after = scores.read(*where, contact.state.epoch, arguments.contact)
    print(f"{len(written)} entries written; the score is {after.state.points if after else None}")
    return 0


def _since(
    facts: Iterator[tuple[str, LedgerOrder | Activity]], since: datetime
) -> Iterator[tuple[str, LedgerOrder | Activity]]:
    for store_id, fact in facts:
        at = fact.occurred_at.timestamp() if isinstance(fact, Activity) else fact.placed_at or 0
        if at >= since.timestamp():
            yield store_id, fact


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main())
