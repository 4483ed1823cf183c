"""What reconciliations look like in answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from laurel.http.formats import utc, utc_or_none
from laurel.model.account import Store
from laurel.model.job import Job, JobState
from laurel.model.money import major_units
from laurel.model.reconciliation import (
    Amount,
    BoardFigures,
    DayFigures,
    PeriodFigures,
    Reconciled,
    Reconciliation,
    ShopFigures,
    read_boards,
    read_shop,
)


def reconciliation(
    store: Store, reconciled: Reconciled, runs: Iterable[dict[str, Any]], next_at: datetime | None
) -> dict[str, Any]:
    """How a store is reconciled, and its last runs."""
    return {
        "store_id": store.id,
        "currency": store.currency,
        "reconciled_at": utc_or_none(reconciled.finished_at),
        "shop_until": utc_or_none(reconciled.shop_until),
        "next_at": utc_or_none(next_at),
        "runs": list(runs),
    }


def summary(run: Reconciliation | None) -> dict[str, Any] | None:
    """What a store shows of its last run."""
    if run is None:
        return None
    return {
        "id": run.id,
        "began_at": utc(run.began_at),
        "finished_at": utc_or_none(run.finished_at),
        **_whole(run),
        "shop": run.shop.state.value,
        "boards": run.boards.state.value,
    }


def run(store: Store, run: Reconciliation, job: Job | None) -> dict[str, Any]:
    """A run with its figures; of one that is under way those so far.

    A job that is not there was lost on its way, and is begun again within a day.
    """
    if run.finished_at is None and job and job.place:
        run = replace(run, shop=read_shop(job.place["shop"]), boards=read_boards(job.place["boards"]))
    state = JobState.DONE if run.finished_at else job.state if job else JobState.QUEUED
    return {
        "id": run.id,
        "state": state.value,
        "error": job.error if job and run.finished_at is None else None,
        "by": run.by,
        "began_at": utc(run.began_at),
        "finished_at": utc_or_none(run.finished_at),
        "job": f"/v1/audiences/{quote(run.audience_id, safe='')}/jobs/{run.id}",
        **_whole(run),
        "shop": _shop(run.shop, store.currency),
        "boards": _boards(run.boards, store.currency),
    }


def _whole(run: Reconciliation) -> dict[str, int]:
    whole = run.shop.whole
    return {
        "differences": whole.missing + whole.outdated + run.boards.differences,
        "repaired": whole.repaired + run.boards.repaired,
    }


def _shop(figures: ShopFigures, currency: str) -> dict[str, Any]:
    whole = figures.whole
    return {
        "state": figures.state.value,
        "since": utc_or_none(figures.since),
        "until": utc_or_none(figures.until),
        "requests": figures.requests,
        "checked": figures.checked,
        "unreadable": figures.unreadable,
        "missing": whole.missing,
        "outdated": whole.outdated,
        "repaired": whole.repaired,
        "days": [{"day": day or None, **_day(it, currency)} for day, it in sorted(figures.days.items())],
    }


def _day(figures: DayFigures, currency: str) -> dict[str, Any]:
    return {
        "shop": _amount(figures.shop, currency),
        "ledger": _amount(figures.ledger, currency),
        "missing": figures.missing,
        "outdated": figures.outdated,
        "repaired": figures.repaired,
    }


def _boards(figures: BoardFigures, currency: str) -> dict[str, Any]:
    return {
        "state": figures.state.value,
        "customers": figures.customers,
        "house_accounts": figures.house_accounts,
        "unsettled": figures.unsettled,
        "differences": figures.differences,
        "repaired": figures.repaired,
        "periods": [{"period": id_, **_period(it, currency)} for id_, it in sorted(figures.periods.items())],
    }


def _period(figures: PeriodFigures, currency: str) -> dict[str, Any]:
    return {
        "ledger": _amount(figures.ledger, currency),
        "rankings": _amount(figures.rankings, currency),
        "differences": figures.differences,
        "repaired": figures.repaired,
    }


def _amount(amount: Amount, currency: str) -> dict[str, Any]:
    return {"orders": amount.orders, "total": major_units(amount.total, currency)}
