"""Who is who: contacts by e-mail address, customers by what an order tells."""

from __future__ import annotations

import hashlib
import re
import secrets

LONGEST_ID = 338
"""Bytes of an id in a path: as long as any that an order can name, and still short enough for a key."""

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LONGEST_ADDRESS = 254
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_CUSTOMER = "customer-"
_UNIDENTIFIED = "unidentified-"


def is_too_long(value: str) -> bool:
    """True for what is longer than any id there can be; in a key ``%`` and ``#`` take three bytes."""
    return len(value.encode()) + 2 * (value.count("%") + value.count("#")) > LONGEST_ID


def new_id() -> str:
    """Twelve random base32 characters (60 bits): the id of an account, audience or store."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


def normalized_email(email: str | None) -> str | None:
    """Trimmed, lower-cased address, or None if there is none."""
    return (email or "").strip().lower() or None


def address_in(customer_id: str | None) -> str | None:
    """The address that a shop takes for a customer's id, normalized; None if its ids are none."""
    address = normalized_email(customer_id)
    return address if address and len(address) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(address) else None


def contact_id(email: str) -> str:
    """First 32 hex digits of the SHA-256 of the trimmed, lower-cased e-mail address."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]


def customer_key(email: str | None, customer_id: str | None, order_id: str) -> str:
    """Whom an order is ranked under: its contact, else the shop's customer id, else nobody but the order itself."""
    if email and email.strip():
        return contact_id(email)
    if customer_id and customer_id.strip():
        return f"{_CUSTOMER}{customer_id.strip()}"
    return f"{_UNIDENTIFIED}{order_id}"


def is_contact(customer: str) -> bool:
    """True if the customer is known by e-mail address, and so has a contact profile."""
    return not customer.startswith((_CUSTOMER, _UNIDENTIFIED))


def customers_named(email: str | None, customer_id: str | None) -> list[str]:
    """Everyone that a person may be ranked under who has this e-mail address and this id in a shop."""
    found = [contact_id(email)] if email and email.strip() else []
    return found + ([f"{_CUSTOMER}{customer_id.strip()}"] if customer_id and customer_id.strip() else [])


def mark_of(customer: str, store_id: str) -> str:
    """Under which id it is kept that a customer was erased; who is known by a shop's own id only, is so there only."""
    return customer if is_contact(customer) else f"{customer}@{store_id}"


def is_identified(customer: str) -> bool:
    """False for an order with neither e-mail address nor customer id: such orders are reported, never ranked."""
    return not customer.startswith(_UNIDENTIFIED)
