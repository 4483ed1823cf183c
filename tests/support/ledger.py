"""A shop whose orders, refunds and deletions are told to the Ledger."""

from __future__ import annotations

from laurel.model.account import Store
from laurel.model.activity import Activity
from laurel.model.identity import contact_id
from laurel.model.order import CustomerRef, Deletion, LedgerOrder, Order, Refund
from laurel.store.ledger import Ledger
from tests.support.samples import ADA_ID, BOB, at

BOB_ID = contact_id(BOB)
MONDAY, TUESDAY, WEDNESDAY = "2026-11-16T10:00:00", "2026-11-17T10:00:00", "2026-11-18T10:00:00"
OPENED = Activity(
    "a#1", "email.opened", at("2026-11-20T10:00:00.123"), {"campaign": "autumn", "count": 2, "first": True}
)


class Shop:
    """A store and its Ledger, in a test's words."""

    def __init__(self, facts: Ledger, store: Store) -> None:
        self.ledger = facts
        self.store = store

    def tell(self, order: Order) -> bool:
        """Deliver an order as a webhook would."""
        owner = self.ledger.owners_of(self.store, [order.id]).get(order.id)
        return self.ledger.record_order(self.store, order, owner)

    def refund(self, refund_id: str, amount: int, order_id: str = "1001") -> bool:
        return self.ledger.record_refund(self.store, Refund(order_id, refund_id, amount))

    def delete(self, moment: str | None, order_id: str = "1001") -> bool:
        return self.ledger.record_deletion(self.store, Deletion(order_id, at(moment) if moment else None))

    def kept(self, customer: str = ADA_ID) -> list[LedgerOrder]:
        """Everything kept under a customer."""
        store = self.store
        return list(self.ledger.orders_of(CustomerRef(store.account_id, store.audience_id, store.id, customer)))

    def one(self, customer: str = ADA_ID) -> LedgerOrder:
        (order,) = self.kept(customer)
        return order
