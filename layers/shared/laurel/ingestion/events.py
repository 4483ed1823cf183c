"""What a webhook delivery can mean, whatever platform it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from laurel.model.contact import Person
from laurel.model.order import Deletion, Order, Refund


@dataclass(frozen=True, slots=True)
class OrderReport:
    """The shop's whole view of one order and, if it names an e-mail address and is no test, the person who bought.

    One that was made from what is kept says with ``seen`` how many ``changes`` that had: it is void after another.
    """

    order: Order
    person: Person | None = None
    seen: int | None = None


class PrivacyRequestKind(StrEnum):
    """What a platform asks on behalf of a person or of a shop that left."""

    CUSTOMER_DATA = "customer_data"
    CUSTOMER_ERASURE = "customer_erasure"
    STORE_ERASURE = "store_erasure"


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """A request to be fulfilled within 30 days.

    ``subject`` holds what the platform said of the person; empty for a whole store.
    """

    id: str
    kind: PrivacyRequestKind
    subject: Mapping[str, str]
    orders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """The shop removed the app: no more webhooks will come."""

    at: datetime | None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A delivery that is answered 200 and only counted, such as a ping or a topic Laurel has no use for."""

    reason: str


Event = OrderReport | Refund | Deletion | PrivacyRequest | Uninstalled | Ignored
