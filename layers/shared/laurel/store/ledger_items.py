"""An order's item in Ledger: encoding, decoding and the rule of what is newer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from laurel.model.activity import Activity, ActivityChange
from laurel.model.order import CustomerRef, LedgerOrder, Order, OrderChange, OrderState, epoch_ms
from laurel.store import keys
from laurel.store.dynamodb import Item, Value, attribute, number, plain, string

NOTICE = "notice#"
ERASED = "erased_at"
"""Attribute of orders that were erased with their person, and of the marks that erased contacts leave."""
_KEPT = frozenset({"pk", "sk", "placed_at", "state", "changes"})
"""What stays of an order that was erased."""
FORMER = "was#"
"""Begins the attributes of a locator that tell whose the order was before; a mark is left there."""
NAMELESS: Mapping[str, None] = {"name": None, "email": None, "customer_id": None, "products": None}
"""Attributes to take from the mark that an order leaves where it was before it went to another customer."""
NEWER = "(attribute_not_exists(revision) OR revision < :revision OR (revision = :revision AND digest <> :digest))"


def content(order: Order) -> dict[str, Any]:
    """The attributes an order write sets, in DynamoDB's JSON; None for those it removes."""
    values: dict[str, Value] = {
        "placed_at": epoch_ms(order.placed_at) // 1000,
        "total": order.total,
        "currency": order.currency,
        "state": order.state.value,
        "revision": order.revision,
        "digest": order.digest,
        "number": order.number,
        "refunds": dict(order.refunds) or None,
        "test": order.test or None,
        "name": order.buyer.name,
        "email": order.buyer.email,
        "customer_id": order.buyer.customer_id,
        "products": list(order.products) or None,
    }
    return {name: None if value is None else attribute(value) for name, value in values.items()}


def first_content(order: Order) -> Item:
    """The attributes of an order that is written for the first time, its keys apart."""
    return {name: value for name, value in content(order).items() if value is not None} | {"changes": attribute(1)}


def assignment(values: Mapping[str, Any], changes: int = 1) -> dict[str, Any]:
    """UpdateItem arguments that set or remove the given attributes and count as so many changes."""
    names = {f"#a{index}": name for index, name in enumerate(values)}
    sets = [f"{alias} = :{alias[1:]}" for alias, name in names.items() if values[name] is not None]
    removes = [alias for alias, name in names.items() if values[name] is None]
    removal = f" REMOVE {', '.join(removes)}" if removes else ""
    return {
        "UpdateExpression": f"SET {', '.join(sets)}{removal} ADD changes :changes",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {
            ":changes": attribute(changes),
            **{f":{alias[1:]}": values[name] for alias, name in names.items() if values[name] is not None},
        },
    }


def is_newer(order: Order, kept: Item) -> bool:
    """The rule of ``NEWER``, for an item at hand."""
    before = string(kept, "revision") or ""
    return before < order.revision or (before == order.revision and string(kept, "digest") != order.digest)


def erased(item: Item, at: int) -> dict[str, Any]:
    """What to write so that an order's item says no more than its id and when it was placed; ``at`` in milliseconds.

    The mark of an order that went to another customer stays one.
    """
    if "moved_to" in item:
        kept = _KEPT | {"moved_to", "revision"}
        return {name: None for name in item if name not in kept} | {"state": item.get("state", attribute("unknown"))}
    gone: dict[str, Any] = {name: None for name in item if name not in _KEPT}
    return gone | {"state": attribute(OrderState.DELETED.value), ERASED: attribute(at)}


def is_erased(item: Item) -> bool:
    """True for an order's item that has nothing to erase."""
    return ERASED in item or ("moved_to" in item and not set(item) - _KEPT - {"moved_to", "revision"})


def following(before: str | None) -> str:
    """The revision of a deletion that carries no time: right after the present one."""
    updated, triggered, _, refunded = (before or f"{0:014d}.{0:014d}.0.{0:016d}").split(".")
    return f"{updated}.{int(triggered) + 1:014d}.{list(OrderState).index(OrderState.DELETED)}.{refunded}"


def decode_order(item: Item) -> LedgerOrder:
    refunds = {name[len(NOTICE) :]: int(value["N"]) for name, value in item.items() if name.startswith(NOTICE)}
    if "refunds" in item:
        refunds.update(plain(item["refunds"]))
    return LedgerOrder(
        id=keys.split(item["sk"]["S"])[2],
        customer=keys.split(item["pk"]["S"])[2],
        placed_at=number(item, "placed_at"),
        total=number(item, "total") or 0,
        refunded=sum(refunds.values()),
        currency=string(item, "currency") or "",
        state=OrderState(string(item, "state") or OrderState.UNKNOWN),
        test="test" in item,
        changes=number(item, "changes") or 0,
        moved_to=string(item, "moved_to"),
        number=string(item, "number"),
        name=string(item, "name"),
        email=string(item, "email"),
        customer_id=string(item, "customer_id"),
        products=tuple(plain(item["products"])) if "products" in item else (),
        # A rate of the currency that the order was in before is none.
        rate=string(item, "rate") if string(item, "rate_of") == string(item, "currency") else None,
        is_erased=ERASED in item,
    )


def decode_activity(item: Item) -> Activity:
    return Activity(
        id=keys.split(item["sk"]["S"])[1],
        name=item["name"]["S"],
        occurred_at=datetime.fromtimestamp(int(item["occurred_at"]["N"]) / 1000, UTC),
        properties=plain(item["properties"]),
        machine=string(item, "machine"),
        machine_note=string(item, "machine_note"),
    )


@dataclass(frozen=True, slots=True)
class FactChange:
    """One committed write of a fact and whose it is. ``store_id`` is "" for activities."""

    account_id: str
    audience_id: str
    customer: str
    store_id: str
    change: OrderChange | ActivityChange
    at: datetime


def fact_change(stream: Mapping[str, Any]) -> FactChange:
    """What changed, from the ``dynamodb`` part of a stream record. Raises ``LookupError`` or ``ValueError``."""
    at = datetime.fromtimestamp(float(stream["ApproximateCreationDateTime"]), UTC)
    kind, *_ = keys.split(stream["Keys"]["sk"]["S"])
    if kind == "order":
        ref, order = order_change(stream)
        return FactChange(ref.account_id, ref.audience_id, ref.customer, ref.store_id, order, at)
    before = stream.get("OldImage")
    after = decode_activity(stream["NewImage"])
    account_id, audience_id, customer = keys.split(stream["Keys"]["pk"]["S"])
    change = ActivityChange(decode_activity(before) if before else None, after)
    return FactChange(account_id, audience_id, customer, "", change, at)


def order_change(stream: Mapping[str, Any]) -> tuple[CustomerRef, OrderChange]:
    """Whose order changed, and how, from the ``dynamodb`` part of a stream record.

    Raises ``LookupError`` or ``ValueError``.
    """
    account_id, audience_id, customer = keys.split(stream["Keys"]["pk"]["S"])
    store_id = keys.split(stream["Keys"]["sk"]["S"])[1]
    before, after = stream.get("OldImage"), decode_order(stream["NewImage"])
    at = datetime.fromtimestamp(float(stream["ApproximateCreationDateTime"]), UTC)
    return (
        CustomerRef(account_id, audience_id, store_id, customer),
        OrderChange(decode_order(before) if before else None, after, at),
    )
