"""Customers as a shop's own client numbers them: which of its ids is which contact.

Mailchimp's API is about such customers, and an order there may name no more than the id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from laurel.ingestion.record import ActivityFacts, People, remember
from laurel.model.account import Store
from laurel.model.contact import Contact, Erased, Person
from laurel.model.identity import customer_key, is_contact


@dataclass(frozen=True, slots=True)
class ShopCustomer:
    """A shop's customer. ``owner`` is the contact they are, or a customer without an e-mail address."""

    id: str
    owner: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A shop's customer together with the profile, if they have one."""

    customer: ShopCustomer
    contact: Contact | None


class Profiles(People, Protocol):
    """Keeps contacts; ``contacts`` reads many, by their ids."""

    def contacts(self, account_id: str, audience_id: str, contacts: Iterable[str]) -> Mapping[str, Contact]: ...


class ShopCustomers(Protocol):
    """Keeps which id of a shop's is which contact. Writing what is known already changes nothing."""

    def customer(self, store: Store, customer_id: str) -> ShopCustomer | None: ...
    def keep(self, store: Store, customer: ShopCustomer, before: ShopCustomer | None) -> None: ...
    def forget(self, store: Store, customer: ShopCustomer) -> None: ...
    def page(self, store: Store, offset: int, count: int) -> Sequence[ShopCustomer]: ...
    def of_person(self, store: Store, owner: str) -> Sequence[ShopCustomer]: ...
    def count(self, store: Store) -> int: ...


def digest(customer_id: str) -> str:
    """What stands for a shop's id in keys: many shops take the e-mail address for one, which no key should tell."""
    return hashlib.sha256(customer_id.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Register:
    """Knows a shop's customers, and keeps what the shop tells of them."""

    customers: ShopCustomers
    people: Profiles
    activities: ActivityFacts

    def find(self, store: Store, customer_id: str) -> Known | None:
        """A customer, or None; one whose contact was erased is unknown, too."""
        customer = self.customers.customer(store, customer_id)
        return self.with_profile(store, customer) if customer else None

    def with_profile(self, store: Store, customer: ShopCustomer) -> Known | None:
        """A customer with the profile; None if there should be one and is none."""
        if not is_contact(customer.owner):
            return Known(customer, None)
        contact = self.people.look_up(store.account_id, store.audience_id, customer.owner)
        return Known(customer, contact) if isinstance(contact, Contact) else None

    def keep(self, store: Store, customer_id: str, person: Person | None, now: datetime) -> Known | None:
        """Remember who a customer is; None if it is somebody who was erased, whom only a purchase brings back.

        Without a ``person`` nothing new is told of one who is known.
        """
        if person:
            found = self.people.look_up(store.account_id, store.audience_id, person.contact_id)
            if isinstance(found, Erased):
                return None
            remember(self.people, self.activities, store.account_id, store.audience_id, person, now)
        return self.link(store, customer_id, person.contact_id if person else None, now)

    def link(self, store: Store, customer_id: str, contact: str | None, now: datetime) -> Known | None:
        """Keep which contact a customer is, and answer as ``keep`` does."""
        before = self.customers.customer(store, customer_id)
        owner = contact or (before.owner if before else customer_key(None, customer_id, ""))
        kept = ShopCustomer(customer_id, owner, before.created_at if before else now)
        known = self.with_profile(store, kept)
        if known and (before is None or before.owner != owner):
            self.customers.keep(store, kept, before)
        return known

    def listed(self, store: Store, page: Sequence[ShopCustomer]) -> list[Known]:
        """Some of a store's customers with their profiles."""
        contacts = self.people.contacts(store.account_id, store.audience_id, [customer.owner for customer in page])
        known = (Known(customer, contacts.get(customer.owner)) for customer in page)
        return [it for it in known if it.contact or not is_contact(it.customer.owner)]


type FindCustomer = Callable[[str], Known | None]
