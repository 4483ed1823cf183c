"""Orders as Mailchimp's API creates, replaces, changes and deletes them, on the ordinary way into the Ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from laurel.ingestion.fields import Fields
from laurel.ingestion.mailchimp import KeptOrder, order_report, says_the_same
from laurel.ingestion.record import Facts, Outcome, People, record_orders
from laurel.ingestion.shop_customers import Register
from laurel.model.account import Store
from laurel.model.errors import Busy, Conflict, NotFound
from laurel.model.order import Deletion

_ATTEMPTS = 8


class KeptOrders(Protocol):
    """Reads orders as they are kept; ``order`` strongly consistent."""

    def order(self, store: Store, order_id: str) -> KeptOrder | None: ...
    def of_customer(self, store: Store, customer: str) -> Sequence[KeptOrder]: ...
    def page(self, store: Store, offset: int, count: int) -> Sequence[KeptOrder]: ...
    def count(self, store: Store) -> int: ...


@dataclass(frozen=True, slots=True)
class Orders:
    """Keeps what a shop's own client says of its orders."""

    facts: Facts
    people: People
    kept: KeptOrders
    register: Register

    def create(self, store: Store, body: object, now: datetime) -> tuple[KeptOrder | None, Outcome]:
        """Keep a new order. Raises ``Conflict`` for one that is known, as Mailchimp does."""
        order_id = Fields(body).optional_identifier("id")
        known = self.kept.order(store, order_id) if order_id else None
        if known and known.stands:
            raise Conflict("An order with the provided ID already exists in the account for this list.")
        return self._keep(store, order_id, body, now, partial=False)

    def replace(self, store: Store, order_id: str, body: object, now: datetime) -> tuple[KeptOrder | None, Outcome]:
        """Keep an order as it is said to be, known or not."""
        return self._keep(store, order_id, body, now, partial=False)

    def change(self, store: Store, order_id: str, body: object, now: datetime) -> tuple[KeptOrder | None, Outcome]:
        """Keep what is new about an order. Raises ``NotFound``."""
        return self._keep(store, order_id, body, now, partial=True)

    def delete(self, store: Store, order_id: str) -> None:
        """Mark an order as deleted. Raises ``NotFound``."""
        self.existing(store, order_id)
        self.facts.record_deletion(store, Deletion(order_id, None))

    def existing(self, store: Store, order_id: str) -> KeptOrder:
        """An order. Raises ``NotFound``."""
        kept = self.kept.order(store, order_id)
        if kept is None or not kept.stands:
            raise NotFound("order", order_id)
        return kept

    def _keep(
        self, store: Store, order_id: str | None, body: object, now: datetime, *, partial: bool
    ) -> tuple[KeptOrder | None, Outcome]:
        """What is kept afterwards, and whether that is new; None of somebody who was erased since they bought.

        Starts again from what a faster writer left.
        """
        for _ in range(_ATTEMPTS):
            before = self.kept.order(store, order_id) if order_id else None
            if partial and (before is None or not before.stands):
                raise NotFound("order", order_id or "")
            report, news = order_report(
                body, now, lambda id_: self.register.find(store, id_), before, order_id, partial=partial
            )
            outcome = Outcome.UNCHANGED
            if before is None or not says_the_same(report.order, before):
                seen = before.order.changes if before else None
                (result,) = record_orders(self.facts, self.people, store, [replace(report, seen=seen)], now)
                if result.error:
                    raise result.error
                outcome = result.outcome
            if news:
                self.register.link(store, news.id, news.person.contact_id if news.person else None, now)
            after = self.kept.order(store, report.order.id)
            if before is None or outcome is not Outcome.UNCHANGED or _changes(after) == _changes(before):
                return (after if after and after.stands else None), outcome
        raise Busy(f"Order {order_id!r}")


def _changes(kept: KeptOrder | None) -> int:
    return kept.order.changes if kept else 0
