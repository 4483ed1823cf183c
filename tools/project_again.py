"""Compute ranking rows again from the Ledger: `python -m tools.project_again --account A --store S [--customer C]`.

For customers whose changes ended in the dead-letter queue, once the cause is mended. Reads go on meanwhile; running it
twice does no harm.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from laurel.leaderboard.project import Projector
from laurel.model.account import Store
from laurel.model.order import CustomerRef
from laurel.store.dynamodb import create_client
from laurel.store.ledger import Ledger
from laurel.store.rankings import Rankings
from laurel.store.rates import RateTables
from laurel.store.workspace import RememberedStores, Workspace
from tools.create_account import stack_outputs

_THREADS = 8


def project_again(projector: Projector, store: Store, customers: set[str]) -> int:
    """Project every customer; returns how many rows were written."""

    def project(customer: str) -> int:
        ref = CustomerRef(store.account_id, store.audience_id, store.id, customer)
        return projector.project(ref, None, datetime.now(UTC)).written

    with ThreadPoolExecutor(_THREADS) as pool:
        return sum(pool.map(project, sorted(customers)))


def main(argv: list[str] | None = None) -> int:
    """Project the customers that the arguments name."""
    parser = argparse.ArgumentParser(description="Compute ranking rows again from the Ledger.")
    parser.add_argument("--stack", default="laurel", help="name of the deployed stack")
    parser.add_argument("--account", required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--customer", help="one customer only")
    arguments = parser.parse_args(argv)
    outputs = stack_outputs(arguments.stack)
    client = create_client()
    stores = RememberedStores(Workspace(client, outputs["WorkspaceTable"]))
    store = stores.store(arguments.account, arguments.store)
    ledger = Ledger(client, outputs["LedgerTable"])
    customers = {arguments.customer} if arguments.customer else ledger.customers_of(store)
    rates = RateTables(client, outputs["WorkspaceTable"])
    projector = Projector(ledger, Rankings(client, outputs["RankingsTable"]), stores, rates)
    written = project_again(projector, store, customers)
    print(f"{len(customers)} customers, {written} rows written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
