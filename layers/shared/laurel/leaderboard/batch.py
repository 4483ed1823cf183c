"""Many customers' projections, none of which was made under settings of a store that hold no longer.

Stores are remembered, and may be changed while a customer is projected. So a store is read afresh once its customers
are written: those who were projected under an older calendar revision are projected again. Whatever is left when this
is done was settled before the change, and the rebuild that the change began comes to it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from laurel.leaderboard.project import Projection, Projector
from laurel.model.errors import NotFound
from laurel.model.order import CustomerRef, OrderChange
from laurel.model.rebuild import Rebuild

type Changes = Collection[OrderChange] | None
type Outcome = Projection | Exception
type Run = Callable[[Callable[[CustomerRef], Outcome], Sequence[CustomerRef]], Iterable[Outcome]]

EVERYTHING = Rebuild("", everything=True)


@dataclass(frozen=True, slots=True)
class Batch:
    """Projects many customers. ``run`` calls a function with each of them, and may do so at the same time."""

    projector: Projector
    run: Run

    def project(
        self, batch: Mapping[CustomerRef, Changes], now: datetime, scope: Rebuild = EVERYTHING
    ) -> dict[CustomerRef, Outcome]:
        """What became of each customer: its projection, or the error that ended it."""

        def project(ref: CustomerRef) -> Outcome:
            try:
                return self.projector.project(ref, batch[ref], now, scope)
            except Exception as error:  # noqa: BLE001, whatever failed, only this customer is lost
                return error

        outcomes: dict[CustomerRef, Outcome] = {}
        waiting = list(batch)
        while waiting:
            outcomes |= zip(waiting, self.run(project, waiting), strict=True)
            waiting = self._outdated({ref: outcomes[ref] for ref in waiting})
        return outcomes

    def _outdated(self, outcomes: Mapping[CustomerRef, Outcome]) -> list[CustomerRef]:
        """Whose store has been changed since."""
        done = {ref: outcome.calendar_revision for ref, outcome in outcomes.items() if isinstance(outcome, Projection)}
        present = {store: self._revision(*store) for store in {(ref.account_id, ref.store_id) for ref in done}}
        return [ref for ref, revision in done.items() if revision < present[ref.account_id, ref.store_id]]

    def _revision(self, account_id: str, store_id: str) -> int:
        try:
            return self.projector.stores.store(account_id, store_id, fresh=True).calendar_revision
        except NotFound:
            return 0
