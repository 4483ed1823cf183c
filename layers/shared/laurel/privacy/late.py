"""Deliveries that cannot be read and name somebody who was erased: that they came is kept, what they said is not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

from laurel.model.account import Store
from laurel.model.contact import Contact, Erased
from laurel.model.setaside import UnreadableDelivery
from laurel.privacy.mentions import contacts_in

_MOST_NAMED = 20


class People(Protocol):
    """Tells what is known of a contact, strongly consistent."""

    def look_up(self, account_id: str, audience_id: str, contact: str) -> Contact | Erased | None: ...


class Shelf(Protocol):
    """Keeps deliveries, with their bodies or without; returns False for one that is kept already."""

    def keep(self, store: Store, delivery: UnreadableDelivery, body: bytes | None) -> bool: ...


@dataclass(frozen=True, slots=True)
class DiscreetShelf:
    """A shelf that forgets what is said of whom it was told to forget."""

    shelf: Shelf
    people: People

    def keep(self, store: Store, delivery: UnreadableDelivery, body: bytes) -> bool:
        """Keep a delivery; of one that has the address of somebody who was erased, neither body nor faults."""
        named = islice(contacts_in(body.decode(errors="replace")), _MOST_NAMED)
        found = (self.people.look_up(store.account_id, store.audience_id, contact) for contact in named)
        if any(isinstance(it, Erased) for it in found):
            return self.shelf.keep(store, replace(delivery, faults=()), None)
        return self.shelf.keep(store, delivery, body)
