"""Who is who."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.model.identity import (
    address_in,
    contact_id,
    customer_key,
    is_contact,
    is_identified,
    new_id,
    normalized_email,
)


@pytest.mark.parametrize("email", ["ada@example.com", " Ada@Example.COM ", "ADA@EXAMPLE.COM\n"])
def test_a_contact_is_known_by_address_whatever_its_case(email: str) -> None:
    assert contact_id(email) == "b5fc85e55755f9e0d030a10ab4429b6b"


@pytest.mark.parametrize(
    ("email", "normalized"), [(" Ada@Example.COM ", "ada@example.com"), ("", None), ("  ", None), (None, None)]
)
def test_an_address_is_trimmed_and_lower_cased(email: str | None, normalized: str | None) -> None:
    assert normalized_email(email) == normalized


@pytest.mark.parametrize(
    ("email", "customer_id", "key"),
    [
        ("ada@example.com", "7", "b5fc85e55755f9e0d030a10ab4429b6b"),
        ("ada@example.com", None, "b5fc85e55755f9e0d030a10ab4429b6b"),
        (None, "7", "customer-7"),
        ("", " 7 ", "customer-7"),
        (" ", "7", "customer-7"),
        (None, None, "unidentified-1001"),
        ("", "", "unidentified-1001"),
        (" ", " ", "unidentified-1001"),
    ],
)
def test_an_order_is_its_contacts_else_its_customers_else_nobodys(
    email: str | None, customer_id: str | None, key: str
) -> None:
    assert customer_key(email, customer_id, "1001") == key


@pytest.mark.parametrize(
    ("customer", "contact", "identified"),
    [
        ("b5fc85e55755f9e0d030a10ab4429b6b", True, True),
        ("customer-7", False, True),
        ("unidentified-1001", False, False),
    ],
)
def test_a_customer_key_tells_what_is_known_of_them(customer: str, contact: bool, identified: bool) -> None:
    assert (is_contact(customer), is_identified(customer)) == (contact, identified)


@given(email=st.emails(), customer_id=st.text(min_size=1))
def test_no_customer_id_can_pass_for_a_contact(email: str, customer_id: str) -> None:
    assert customer_key(email, None, "1") != customer_key(None, customer_id, "1")
    assert is_contact(customer_key(email, customer_id, "1"))
    assert not is_contact(customer_key(None, customer_id, "1"))


def test_ids_are_short_random_and_safe_in_a_path() -> None:
    ids = {new_id() for _ in range(1000)}

    assert len(ids) == 1000
    assert {len(id_) for id_ in ids} == {12}
    assert set("".join(ids)) == set("abcdefghijklmnopqrstuvwxyz234567")


@pytest.mark.parametrize(
    ("customer_id", "address"),
    [
        (" Ada@Example.com ", "ada@example.com"),
        ("ada@example", None),
        ("1001", None),
        ("@ada", None),
        ("ada@example.com b@example.com", None),
        (f"{'a' * 250}@example.com", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_that_is_taken_for_an_id_is_one(customer_id: str | None, address: str | None) -> None:
    assert address_in(customer_id) == address
