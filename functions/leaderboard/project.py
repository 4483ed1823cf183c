"""Ledger stream: bring the ranking rows of every customer in the batch up to date."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from laurel.leaderboard.batch import Batch
from laurel.leaderboard.project import Projection, Projector
from laurel.model.order import CustomerRef, OrderChange
from laurel.settings import settings
from laurel.store.corrections import Corrections
from laurel.store.ledger import Ledger
from laurel.store.ledger_items import order_change
from laurel.store.process import dynamodb
from laurel.store.rankings import Rankings
from laurel.store.rates import RateTables
from laurel.store.workspace import RememberedStores, Workspace
from laurel.telemetry import count, entry_point, logger

_THREADS = 8

_projector = Projector(
    Ledger(dynamodb(), settings().ledger_table),
    Rankings(dynamodb(), settings().rankings_table),
    RememberedStores(Workspace(dynamodb(), settings().workspace_table)),
    RateTables(dynamodb(), settings().workspace_table),
    Corrections(dynamodb(), settings().ledger_table),
)


@entry_point
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Project the batch, a customer at a time; records of customers that failed are reported and come again."""
    batch: dict[CustomerRef, list[tuple[str, OrderChange]]] = defaultdict(list)
    failed: list[str] = []
    for record in event["Records"]:
        sequence = record["dynamodb"]["SequenceNumber"]
        try:
            ref, change = order_change(record["dynamodb"])
        except (LookupError, ValueError):
            logger.exception("unreadable_record", sequence=sequence)
            failed.append(sequence)
        else:
            batch[ref].append((sequence, change))
    told = {ref: [change for _, change in changes] for ref, changes in batch.items()}
    with ThreadPoolExecutor(min(_THREADS, len(batch) or 1)) as pool:
        outcomes = Batch(_projector, pool.map).project(told, datetime.now(UTC))
    for ref, outcome in outcomes.items():
        if isinstance(outcome, Exception):
            _report(ref, outcome)
            failed.extend(sequence for sequence, _ in batch[ref])
        elif outcome.house_account:
            count("HouseAccountOrders", len(batch[ref]))
            logger.warning("house_account", account_id=ref.account_id, store_id=ref.store_id, customer=ref.customer)
    results = [outcome for outcome in outcomes.values() if isinstance(outcome, Projection)]
    count("RowsWritten", sum(result.written for result in results))
    count("OrdersConverted", sum(result.converted for result in results))
    count("RecordsProjected", len(event["Records"]) - len(failed))
    count("RecordsFailed", len(failed))
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failed]}


def _report(ref: CustomerRef, error: Exception) -> None:
    logger.error(
        "projection_failed", account_id=ref.account_id, store_id=ref.store_id, customer=ref.customer, exc_info=error
    )
