"""The job of a reconciliation: the shop against the Ledger, then the Ledger against the boards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from laurel.model.account import Audience, Store
from laurel.model.job import Job
from laurel.model.reconciliation import (
    BoardFigures,
    CheckState,
    Reconciled,
    Reconciliation,
    ShopFigures,
    kept_boards,
    kept_shop,
    read_boards,
    read_shop,
)
from laurel.reconciliation.boards import CompareBoards
from laurel.reconciliation.shop import CompareShop, since
from laurel.scoring.work import Impossible, finished

_OPEN = (CheckState.WAITING, CheckState.RUNNING)
_COMPLETE = (CheckState.DONE, CheckState.NO_CREDENTIALS)


class Stores(Protocol):
    """Finds stores."""

    def store(self, account_id: str, store_id: str) -> Store | None: ...


class Runs(Protocol):
    """Keeps runs, and how far a store is reconciled."""

    def run(self, store: Store, run_id: str) -> Reconciliation | None: ...
    def reconciled(self, store: Store) -> Reconciled: ...
    def finish(self, run: Reconciliation, reconciled: Reconciled) -> None: ...


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Takes a step of either comparison; the shop's comes first, so that the boards have what it brought."""

    stores: Stores
    runs: Runs
    shop: CompareShop
    boards: CompareBoards
    now: Callable[[], datetime]

    def step(self, audience: Audience, job: Job) -> Job:
        """Do the next part. Raises ``Impossible`` once the store takes no orders any more."""
        store = self.stores.store(audience.account_id, job.input["store"])
        if store is None:
            raise Impossible("There is no such store any more.")
        if not store.is_connected:
            raise Impossible("The store is not connected any more.")
        place = dict(job.place or _BEGUN)
        shop, boards = read_shop(place["shop"]), read_boards(place["boards"])
        pause = None
        if shop.state in _OPEN:
            since = self._since(store, shop)
            shop, place["shop_at"], pause = self.shop.step(store, job.id, shop, place["shop_at"], since)
        elif boards.state in _OPEN:
            boards, place["boards_at"], pause = self.boards.step(store, boards, place["boards_at"])
        else:
            return self._finished(store, job, shop, boards)
        place |= {"shop": kept_shop(shop), "boards": kept_boards(boards)}
        return replace(job, place=place, done=max(job.done, _walked(place)), pause=pause)

    def _since(self, store: Store, shop: ShopFigures) -> datetime:
        return shop.since or since(store, self.runs.reconciled(store), self.now())

    def _finished(self, store: Store, job: Job, shop: ShopFigures, boards: BoardFigures) -> Job:
        now = self.now()
        run = self.runs.run(store, job.id) or Reconciliation(
            store.account_id, store.audience_id, store.id, job.id, job.created_at, job.by
        )
        before = self.runs.reconciled(store)
        complete = shop.state in _COMPLETE and boards.state in _COMPLETE
        self.runs.finish(
            replace(run, finished_at=now, shop=shop, boards=boards),
            Reconciled(
                shop_until=shop.until if shop.state is CheckState.DONE else before.shop_until,
                finished_at=now if complete else before.finished_at,
            ),
        )
        return finished(job, _result(store, shop, boards))


_BEGUN: Mapping[str, Any] = {
    "shop": kept_shop(ShopFigures()),
    "shop_at": None,
    "boards": kept_boards(BoardFigures()),
    "boards_at": None,
}


def _walked(place: Mapping[str, Any]) -> int:
    """Orders that were walked along, as far as the place tells."""
    at = place["boards_at"]
    return int(at["orders"]) if at else 0


def _result(store: Store, shop: ShopFigures, boards: BoardFigures) -> dict[str, Any]:
    whole = shop.whole
    return {
        "store": store.id,
        "missing": whole.missing,
        "outdated": whole.outdated,
        "rows": boards.differences,
        "repaired": whole.repaired + boards.repaired,
        "shop": shop.state.value,
        "boards": boards.state.value,
    }
