"""What the API answers about reconciliations, as pydantic models for its description, and the prose about them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from laurel.model.job import JobState
from laurel.model.reconciliation import CheckState
from tools.openapi_answers import Answer, CurrencyCode, Instant, Money, StoreId
from tools.openapi_jobs import Count, JobId

OPERATIONS = ("reconcileStore", "getReconciliation")

DESCRIPTIONS = {
    "reconcileStore": (
        "Asks the shop for what it has changed since the last time and records what the Ledger lacks, then holds the "
        "Ledger against the boards and projects again who is not on them as they should be. Every connected store is "
        "reconciled half an hour after midnight (UTC) without being asked.\n\n"
        "Answered 202 with the run; one that is under way is answered instead of a new one."
    ),
    "getReconciliation": (
        "The last runs with their figures, newest first; those of a run that is under way are of what it has seen so "
        "far. Runs are kept for 90 days.\n\n"
        "A store without credentials for its shop's API is held against its boards alone: `shop.state` is "
        "`no_credentials`."
    ),
}


class PurchaseFigures(Answer):
    """Purchases, and what was spent on them in the store's currency."""

    orders: Count
    total: Money


class ReconciledDay(Answer):
    """Orders placed on one day, in the store's time zone, that the shop has changed."""

    day: Annotated[date | None, Field(description="Null for all days that are long ago.")]
    shop: Annotated[PurchaseFigures, Field(description="What the shop says of them.")]
    ledger: Annotated[PurchaseFigures, Field(description="What was kept of them before.")]
    missing: Annotated[int, Field(ge=0, description="Orders that were not kept at all.")]
    outdated: Annotated[int, Field(ge=0, description="Orders that were not kept as the shop has them now.")]
    repaired: Annotated[int, Field(ge=0, description="How many of both have been recorded.")]


class ReconciledShop(Answer):
    """The shop against the Ledger."""

    state: CheckState
    since: Annotated[Instant | None, Field(description="Changes from here on were asked for.")]
    until: Annotated[
        Instant | None, Field(description="Up to here. What is newer may still be on its way, and is the next run's.")
    ]
    requests: Annotated[int, Field(ge=0, description="Requests made to the shop.")]
    checked: Annotated[int, Field(ge=0, description="Orders that were compared.")]
    unreadable: Annotated[int, Field(ge=0, description="Orders that could not be read; see `set_aside`.")]
    missing: Count
    outdated: Count
    repaired: Count
    days: list[ReconciledDay]


class ReconciledPeriod(Answer):
    """A period: what the Ledger comes to, and what the boards' rows said."""

    period: Annotated[str, Field(examples=["2026-W47", "2026-11", "2026-Q4", "2026", "all"])]
    ledger: PurchaseFigures
    rankings: PurchaseFigures
    differences: Annotated[int, Field(ge=0, description="Customers whose row was wrong.")]
    repaired: Count


class ReconciledBoards(Answer):
    """The Ledger against the boards."""

    state: CheckState
    customers: Annotated[int, Field(ge=0, description="Customers that were compared.")]
    house_accounts: Annotated[int, Field(ge=0, description="Customers that are on no board, and were not.")]
    unsettled: Annotated[int, Field(ge=0, description="Customers whose orders kept changing; the next run has them.")]
    differences: Count
    repaired: Count
    periods: list[ReconciledPeriod]


class ReconciliationRun(Answer):
    """One reconciliation of a store."""

    id: JobId
    state: JobState
    error: Annotated[str | None, Field(description="Why it failed, for people.")]
    by: Annotated[str | None, Field(description="E-mail address of who asked for it; null for those of the schedule.")]
    began_at: Instant
    finished_at: Instant | None
    job: Annotated[str, Field(description="Where to follow it.")]
    differences: Annotated[int, Field(ge=0, description="Orders missing or outdated, and rows that were wrong.")]
    repaired: Annotated[int, Field(ge=0, description="How many of them have been put right.")]
    shop: ReconciledShop
    boards: ReconciledBoards


class Reconciliation(Answer):
    """How a store is reconciled."""

    store_id: StoreId
    currency: CurrencyCode
    reconciled_at: Annotated[
        Instant | None, Field(description="When a run last came to its end with nothing left out.")
    ]
    shop_until: Annotated[Instant | None, Field(description="No change of the shop's is unknown up to here.")]
    next_at: Annotated[Instant | None, Field(description="When it is next by itself; null unless connected.")]
    runs: list[ReconciliationRun]
