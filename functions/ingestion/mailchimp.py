"""Stores, customers and orders of programs written for Mailchimp's API. A key of the account's says who it is."""

from __future__ import annotations

from typing import Any

from laurel.http import mailchimp_out as out
from laurel.http.mailchimp import Call, MailchimpApi
from laurel.http.mailchimp_fields import wants
from laurel.ingestion.mailchimp import KeptOrder, customer_news, store_news
from laurel.ingestion.mailchimp_orders import Orders
from laurel.ingestion.record import Outcome
from laurel.ingestion.shop_customers import Known, Register
from laurel.model.account import Role, Store
from laurel.model.errors import Conflict, NotFound
from laurel.model.identity import contact_id
from laurel.settings import settings
from laurel.store.api_keys import ApiKeys
from laurel.store.contacts import Contacts
from laurel.store.ledger import Ledger
from laurel.store.process import dynamodb
from laurel.store.shop_customers import ShopCustomers
from laurel.store.shop_orders import ShopOrders
from laurel.store.workspace import Workspace
from laurel.telemetry import count, entry_point
from laurel.workspace import mailchimp_stores as stores

_STORES = "ecommerce/stores"
_STORE = f"{_STORES}/{{store}}"
_CUSTOMERS, _CUSTOMER = f"{_STORE}/customers", f"{_STORE}/customers/{{customer}}"
_ORDERS, _ORDER = f"{_STORE}/orders", f"{_STORE}/orders/{{order}}"
_NOT_KEPT = (f"{_STORE}/{{kind:carts|products|promo-rules}}", f"{_ORDER}/{{kind:lines}}")
_WRITES = ("POST", "PUT", "PATCH")

_workspace = Workspace(dynamodb(), settings().workspace_table)
_ledger = Ledger(dynamodb(), settings().ledger_table)
_contacts = Contacts(dynamodb(), settings().contacts_table)
_customers = ShopCustomers(dynamodb(), settings().ledger_table)
_kept = ShopOrders(dynamodb(), settings().ledger_table)
_register = Register(_customers, _contacts, _ledger)
_orders = Orders(_ledger, _contacts, _kept, _register)
api = MailchimpApi(ApiKeys(dynamodb(), settings().workspace_table))


@api.on("GET", "ping", Role.VIEWER)
def ping(_call: Call) -> dict[str, Any]:
    return {"health_status": "Everything's Chimpy!"}


@api.on("GET", _STORES, Role.VIEWER)
def list_stores(call: Call) -> dict[str, Any]:
    offset, number = call.page()
    found = stores.listed(_workspace, call.key.account_id)
    return out.page("stores", None, [out.store(it) for it in found[offset : offset + number]], len(found))


@api.on("POST", _STORES, Role.OWNER)
def create_store(call: Call) -> dict[str, Any]:
    news = store_news(call.body(), new=True)
    return out.store(stores.create(_workspace, call.key.account_id, news, call.now))


@api.on("GET", _STORE, Role.VIEWER)
def get_store(call: Call) -> dict[str, Any]:
    return out.store(_store(call))


@api.on("PATCH", _STORE, Role.OWNER)
def change_store(call: Call) -> dict[str, Any]:
    news = store_news(call.body(), new=False)
    return out.store(stores.update(_workspace, call.key.account_id, call.path["store"], news))


@api.on("DELETE", _STORE, Role.OWNER)
def delete_store(call: Call) -> None:
    stores.delete(_workspace, call.key.account_id, call.path["store"])


@api.on("GET", _CUSTOMERS, Role.VIEWER)
def list_customers(call: Call) -> dict[str, Any]:
    store, (offset, number) = _store(call), call.page()
    total = None
    if email := call.query.get("email_address"):
        found = _customers.of_person(store, contact_id(email))
        page, total = found[offset : offset + number], len(found)
    else:
        page = _customers.page(store, offset, number)
        if wants(call.query, "total_items"):
            total = _customers.count(store)
    rows = [out.customer(known) for known in _register.listed(store, page)]
    return out.page("customers", store.id, rows, total)


@api.on("POST", _CUSTOMERS, Role.MARKETER)
def create_customer(call: Call) -> dict[str, Any]:
    store, body = _taking(call), call.body()
    news = customer_news(body, call.now)
    if _register.find(store, news.id):
        raise Conflict("A customer with the provided ID already exists in the account for this list.")
    return _shown_customer(_register.keep(store, news.id, news.person, call.now), body)


@api.on("GET", _CUSTOMER, Role.VIEWER)
def get_customer(call: Call) -> dict[str, Any]:
    return out.customer(_existing(_store(call), call))


@api.on("PUT", _CUSTOMER, Role.MARKETER)
def put_customer(call: Call) -> dict[str, Any]:
    return _keep_customer(call, partial=False)


@api.on("PATCH", _CUSTOMER, Role.MARKETER)
def change_customer(call: Call) -> dict[str, Any]:
    return _keep_customer(call, partial=True)


@api.on("DELETE", _CUSTOMER, Role.MARKETER)
def delete_customer(call: Call) -> None:
    store = _taking(call)
    _customers.forget(store, _existing(store, call).customer)


@api.on("GET", _ORDERS, Role.VIEWER)
def list_orders(call: Call) -> dict[str, Any]:
    store, (offset, number) = _store(call), call.page()
    total = None
    if "campaign_id" in call.query or "outreach_id" in call.query:
        page, total = [], 0  # of no order it is known what led to it
    elif customer := call.query.get("customer_id"):
        known = _register.find(store, customer)
        found = _kept.of_customer(store, known.customer.owner) if known else []
        page, total = found[offset : offset + number], len(found)
    else:
        page = _kept.page(store, offset, number)
        if wants(call.query, "total_items"):
            total = _kept.count(store)
    return out.page("orders", store.id, [out.order(store, kept) for kept in page], total)


@api.on("POST", _ORDERS, Role.MARKETER)
def create_order(call: Call) -> dict[str, Any]:
    store, body = _taking(call), call.body()
    return _shown_order(store, body, *_orders.create(store, body, call.now))


@api.on("GET", _ORDER, Role.VIEWER)
def get_order(call: Call) -> dict[str, Any]:
    store = _store(call)
    return out.order(store, _orders.existing(store, call.path["order"]))


@api.on("PUT", _ORDER, Role.MARKETER)
def put_order(call: Call) -> dict[str, Any]:
    store, body = _taking(call), call.body()
    return _shown_order(store, body, *_orders.replace(store, call.path["order"], body, call.now))


@api.on("PATCH", _ORDER, Role.MARKETER)
def change_order(call: Call) -> dict[str, Any]:
    store, body = _taking(call), call.body()
    return _shown_order(store, body, *_orders.change(store, call.path["order"], body, call.now))


@api.on("DELETE", _ORDER, Role.MARKETER)
def delete_order(call: Call) -> None:
    _orders.delete(_taking(call), call.path["order"])


def list_not_kept(call: Call) -> dict[str, Any]:
    """A list of what Laurel has no use for is empty, and has no members."""
    store = _store(call)
    steps = [call.path["kind"], *call.path.get("rest", "").split("/")] if "rest" in call.path else [call.path["kind"]]
    if len(steps) % 2 == 0:
        raise NotFound(call.path["kind"], steps[-1])
    call.page()
    return out.page(steps[-1].replace("-", "_"), store.id, [], 0)


def write_not_kept(call: Call) -> dict[str, Any]:
    """What Laurel has no use for is accepted, and said back; it is not kept."""
    _taking(call)
    body = call.body()
    return body if isinstance(body, dict) else {}


def delete_not_kept(call: Call) -> None:
    """What was not kept is gone."""
    _taking(call)


for _path in (*_NOT_KEPT, *(f"{path}/{{rest+}}" for path in _NOT_KEPT)):
    api.on("GET", _path, Role.VIEWER)(list_not_kept)
    for _method in _WRITES:
        api.on(_method, _path, Role.MARKETER)(write_not_kept)
    api.on("DELETE", _path, Role.MARKETER)(delete_not_kept)


def _store(call: Call) -> Store:
    return stores.existing(_workspace, call.key.account_id, call.path["store"])


def _taking(call: Call) -> Store:
    return stores.taking(_workspace, call.key.account_id, call.path["store"])


def _existing(store: Store, call: Call) -> Known:
    known = _register.find(store, call.path["customer"])
    if known is None:
        raise NotFound("customer", call.path["customer"])
    return known


def _keep_customer(call: Call, *, partial: bool) -> dict[str, Any]:
    store, body, id_ = _taking(call), call.body(), call.path["customer"]
    known = _existing(store, call) if partial else _register.find(store, id_)
    email = known.contact.email if known and known.contact else None
    news = customer_news(body, call.now, id_, email, partial=partial)
    return _shown_customer(_register.keep(store, news.id, news.person, call.now), body)


def _shown_customer(known: Known | None, body: Any) -> dict[str, Any]:
    """A customer; of somebody who was erased no more than what was just said."""
    return out.customer(known) if known else dict(body)


def _shown_order(store: Store, body: Any, kept: KeptOrder | None, outcome: Outcome) -> dict[str, Any]:
    """An order; of somebody who was erased no more than what was just said."""
    count(f"Orders{outcome.capitalize()}")
    return out.order(store, kept) if kept else dict(body)


handler = entry_point(api.resolve)
