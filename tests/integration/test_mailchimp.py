"""API keys, shop customers and orders of Mailchimp's API in storage: crashes, races, erased people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.ingestion.mailchimp_orders import Orders
from laurel.ingestion.record import Outcome
from laurel.ingestion.shop_customers import Register, ShopCustomer
from laurel.model.account import Role
from laurel.model.api_key import ApiKey, fingerprint, hint, new_secret
from laurel.model.contact import ContactRef, Person
from laurel.model.errors import Busy
from laurel.model.identity import contact_id
from laurel.store.api_keys import ApiKeys
from laurel.store.contacts import Contacts
from laurel.store.forgetting import Forgetting
from laurel.store.ledger import Ledger
from laurel.store.shop_customers import ShopCustomers
from laurel.store.shop_orders import ShopOrders
from tests.support import mailchimp
from tests.support.samples import a_store
from tests.support.stage import MemoryStage

if TYPE_CHECKING:
    from collections.abc import Callable

    from laurel.ingestion.mailchimp import KeptOrder
    from laurel.model.account import Store
    from tests.support.tables import Database

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
ADA, BEN = "ada@example.com", "ben@example.com"


class Shop:
    """What a shop's own client works with."""

    def __init__(self, client: Any, tables: Any, store: Store) -> None:
        self.store = store
        self.contacts = Contacts(client, tables.contacts)
        self.customers = ShopCustomers(client, tables.ledger)
        self.kept = ShopOrders(client, tables.ledger)
        ledger = Ledger(client, tables.ledger)
        self.register = Register(self.customers, self.contacts, ledger)
        self.orders = Orders(ledger, self.contacts, self.kept, self.register)

    def create(self, **more: Any) -> KeptOrder:
        kept, outcome = self.orders.create(self.store, mailchimp.order(**more), NOW)
        assert kept
        assert outcome is Outcome.ACCEPTED
        return kept

    def change(self, **body: Any) -> KeptOrder:
        kept, _ = self.orders.change(self.store, "o1", body, NOW)
        assert kept
        return kept


@pytest.fixture
def shop(database: Database, store: Store) -> Shop:
    return Shop(database.client, database.tables, store)


def a_key(account_id: str) -> tuple[ApiKey, str]:
    secret = new_secret()
    return ApiKey(account_id, "k1", "Plugin", Role.MARKETER, fingerprint(secret), hint(secret), NOW), secret


def test_a_key_is_found_by_what_it_is(database: Database, store: Store) -> None:
    keys = ApiKeys(database.client, database.tables.workspace)
    key, secret = a_key(store.account_id)
    keys.add(key)

    assert keys.by_fingerprint(fingerprint(secret)) == key
    assert keys.by_fingerprint(fingerprint(new_secret())) is None
    assert keys.keys(store.account_id) == [key]
    keys.note_use(key, NOW)
    used = keys.key(store.account_id, "k1")
    assert used
    assert used.last_used_at == NOW

    keys.remove(key)
    keys.remove(key)

    assert keys.by_fingerprint(fingerprint(secret)) is None
    assert keys.keys(store.account_id) == []


def test_a_customer_is_kept_and_forgotten(shop: Shop) -> None:
    customer = ShopCustomer("c1", contact_id(ADA), NOW)
    shop.customers.keep(shop.store, customer, None)

    assert shop.customers.customer(shop.store, "c1") == customer
    assert shop.customers.page(shop.store, 0, 10) == [customer]
    assert shop.customers.of_person(shop.store, contact_id(ADA)) == [customer]
    assert shop.customers.count(shop.store) == 1

    shop.customers.forget(shop.store, customer)

    assert shop.customers.customer(shop.store, "c1") is None
    assert shop.customers.page(shop.store, 0, 10) == []
    assert shop.customers.count(shop.store) == 0


def test_a_customer_who_becomes_another_is_no_longer_the_first(shop: Shop) -> None:
    first, second = (ShopCustomer("c1", contact_id(email), NOW) for email in (ADA, BEN))
    shop.customers.keep(shop.store, first, None)
    shop.customers.keep(shop.store, second, first)

    assert shop.customers.customer(shop.store, "c1") == second
    assert shop.customers.of_person(shop.store, contact_id(ADA)) == []


@pytest.mark.parametrize("write", [1, 2, 3])
def test_a_crash_between_the_writes_is_made_good_by_the_next_call(write: int) -> None:
    stage = MemoryStage()
    shop = Shop(stage.client, stage.tables, a_store())
    first, second = (Person(email, NOW) for email in (ADA, BEN))
    shop.register.keep(shop.store, "c1", first, NOW)
    writes = iter(range(1, 4))

    def crash(operation: str) -> None:
        if operation in ("put_item", "delete_item") and next(writes) == write:
            raise KeyboardInterrupt

    stage.before = crash
    with pytest.raises(KeyboardInterrupt):
        shop.register.keep(shop.store, "c1", second, NOW)
    stage.before = lambda operation: None

    found = shop.register.find(shop.store, "c1")
    assert found
    assert found.customer.owner in (contact_id(ADA), contact_id(BEN))
    again = shop.register.keep(shop.store, "c1", second, NOW)
    assert again
    assert again.customer.owner == contact_id(BEN)
    assert [it.customer.id for it in shop.register.listed(shop.store, shop.customers.page(shop.store, 0, 9))] == ["c1"]


CHANGES = [
    {"financial_status": "paid"},
    {"financial_status": "pending"},
    {"financial_status": "refunded"},
    {"order_total": 10},
    {"order_total": 7.5},
    {"cancelled_at_foreign": "2026-11-21T00:00:00Z"},
    {"cancelled_at_foreign": None},
    {"processed_at_foreign": "2026-11-19T00:00:00Z"},
    {"customer": {"id": "c2", "email_address": BEN}},
]


def interrupting(stage: MemoryStage, at: int, act: Callable[[], object]) -> list[int]:
    """Have something done once, before the writer's request of that number; what is returned has it then."""
    asked, done = iter(range(10**6)), list[int]()

    def before(_operation: str) -> None:
        if next(asked) == at:
            stage.before = lambda operation: None
            done.append(at)
            act()

    stage.before = before
    return done


@given(mine=st.sampled_from(CHANGES), other=st.sampled_from(CHANGES), at=st.integers(0, 16))
def test_a_change_is_never_lost_to_another_that_comes_between(
    mine: dict[str, Any], other: dict[str, Any], at: int
) -> None:
    """Whenever the other comes, the order is as after one and then the other, in either order."""

    def result(first: dict[str, Any], second: dict[str, Any]) -> Any:
        stage = MemoryStage()
        shop = Shop(stage.client, stage.tables, a_store())
        shop.create()
        shop.change(**first)
        return seen(shop.change(**second))

    def seen(kept: KeptOrder) -> Any:
        it = kept.order
        return it.state, it.total, it.refunded, it.placed_at, it.email, it.customer_id

    stage = MemoryStage()
    shop = Shop(stage.client, stage.tables, a_store())
    shop.create()
    done = interrupting(stage, at, lambda: shop.change(**other))
    shop.change(**mine)
    stage.before = lambda operation: None
    if not done:
        shop.change(**other)

    kept = shop.kept.order(shop.store, "o1")

    assert kept
    assert seen(kept) in (result(mine, other), result(other, mine))


def test_a_writer_who_is_always_late_gives_up() -> None:
    stage = MemoryStage()
    shop = Shop(stage.client, stage.tables, a_store())
    shop.create()
    totals = iter(range(1, 1000))

    def hasten(operation: str) -> None:
        if operation == "update_item":
            stage.before = lambda operation: None
            shop.change(order_total=next(totals))
            stage.before = hasten

    stage.before = hasten
    with pytest.raises(Busy):
        shop.change(financial_status="pending")


def test_an_order_is_found_while_it_moves() -> None:
    stage = MemoryStage()
    shop = Shop(stage.client, stage.tables, a_store())
    shop.create()
    interrupting(stage, 1, lambda: shop.change(customer={"id": "c2", "email_address": BEN}))

    kept = shop.kept.order(shop.store, "o1")

    assert kept
    assert kept.order.email == BEN


@pytest.fixture
def erased(database: Database, shop: Shop) -> Shop:
    """A shop that had a customer who was erased a minute ago."""
    tables = database.tables
    forgetting = Forgetting(database.client, tables.ledger, tables.contacts, tables.rankings)
    shop.register.keep(shop.store, "c1", Person(ADA, NOW - timedelta(days=1)), NOW - timedelta(days=1))
    ref = ContactRef(shop.store.account_id, shop.store.audience_id, contact_id(ADA))
    forgetting.mark(ref, NOW - timedelta(minutes=1))
    forgetting.remove([(table, key) for table, _, key in forgetting.others(ref, None)])
    return shop


def test_an_erased_customer_is_unknown_and_stays_so(erased: Shop) -> None:
    assert erased.register.find(erased.store, "c1") is None
    assert erased.register.keep(erased.store, "c1", Person(ADA, NOW), NOW) is None

    assert erased.contacts.contact(erased.store.account_id, erased.store.audience_id, contact_id(ADA)) is None
    assert erased.register.listed(erased.store, erased.customers.page(erased.store, 0, 10)) == []


def test_an_order_from_before_its_customer_was_erased_is_not_kept(erased: Shop) -> None:
    before = mailchimp.order(processed_at_foreign="2026-11-20T10:00:00Z")

    assert erased.orders.create(erased.store, before, NOW) == (None, Outcome.IGNORED)
    assert erased.orders.replace(erased.store, "o1", before, NOW) == (None, Outcome.IGNORED)

    assert erased.register.find(erased.store, "c1") is None
    assert erased.kept.page(erased.store, 0, 10) == []


def test_a_new_purchase_brings_an_erased_customer_back(erased: Shop) -> None:
    erased.create(processed_at_foreign=NOW.isoformat())

    found = erased.register.find(erased.store, "c1")

    assert found
    assert found.contact
    assert found.contact.email == ADA
