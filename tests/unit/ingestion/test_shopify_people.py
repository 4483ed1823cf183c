"""Who bought at a Shopify shop, and what they consented to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from laurel.model.contact import Consent, ConsentStatus, Person
from laurel.model.identity import contact_id
from laurel.model.order import Buyer
from tests.support.shopify_orders import order, paid, report

# ---- Who bought


def test_without_a_customer_the_address_in_the_order_is_the_buyer() -> None:
    read = report(paid(customer=None, contact_email="other@example.com"))
    assert read.order.buyer == Buyer(None, "mara.lindqvist@example.com", "Mara Lindqvist")
    assert read.person == Person(
        "mara.lindqvist@example.com", datetime(2026, 11, 21, 10, 20, 5, tzinfo=UTC), "Mara", "Lindqvist", "de-DE"
    )


def test_without_a_customer_and_with_an_empty_address_the_contact_address_is() -> None:
    assert order(paid(customer=None, email="", contact_email=" Guest@Example.com ")).buyer.email == "guest@example.com"


@pytest.mark.parametrize("nobody", [None, "", "  ", "n/a", "@", "a@b@c", "two words@example.com", "x" * 251 + "@a.b"])
def test_orders_without_an_address_are_nobodys_and_never_one_giant_customer(nobody: str | None) -> None:
    body = {"customer": None, "email": nobody, "contact_email": nobody, "billing_address": None}
    one, other = report(paid(id=1, **body)), report(paid(id=2, **body))
    assert one.person is other.person is None
    assert one.order.buyer == Buyer()
    assert one.order.customer != other.order.customer


def test_a_customer_without_an_address_is_known_by_the_shops_id() -> None:
    customer = {"id": 42, "email": None, "first_name": "Till", "last_name": None}
    read = report(paid(customer=customer, email="", contact_email=None))
    assert read.order.customer == "customer-42"
    assert read.order.buyer.name == "Till"
    assert read.person is None


def test_guests_and_accounts_that_share_an_address_are_one_customer() -> None:
    guest = order(paid(id=1, customer=None, email="MARA.lindqvist@example.com "))
    account = order(paid(id=2))
    assert guest.customer == account.customer == contact_id("mara.lindqvist@example.com")


def test_an_order_can_change_its_customer() -> None:
    before = order(paid())
    customer = {"id": 9, "email": "new@example.com", "first_name": "Nia", "last_name": "New"}
    after = order(paid(customer=customer, updated_at="2026-11-21T12:00:00+01:00"))
    assert before.customer != after.customer == contact_id("new@example.com")
    assert before.revision < after.revision
    assert before.digest != after.digest


def test_tags_are_a_list_without_repetitions() -> None:
    body = paid()
    for tags, expected in (
        (" vip, vip ,,b2b", ("vip", "b2b")),
        ("", ()),
        (None, ()),
        (["vip", "b2b"], ("vip", "b2b")),
    ):
        read = report(body | {"customer": body["customer"] | {"tags": tags}})
        assert read.person
        assert read.person.tags == expected


# ---- Consent


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("subscribed", ConsentStatus.SUBSCRIBED),
        ("not_subscribed", ConsentStatus.NON_SUBSCRIBED),
        ("pending", ConsentStatus.PENDING),
        ("unsubscribed", ConsentStatus.UNSUBSCRIBED),
        ("invalid", None),
        ("redacted", None),
        (None, None),
    ],
)
def test_consent_is_the_customers_own_decision(state: str | None, status: ConsentStatus | None) -> None:
    body = paid()
    decision = {"state": state, "consent_updated_at": "2026-05-04T09:30:00+02:00"}
    read = report(body | {"customer": body["customer"] | {"email_marketing_consent": decision}})
    assert read.person
    expected = status and Consent(status, datetime(2026, 5, 4, 7, 30, tzinfo=UTC))
    assert read.person.consent == expected


@pytest.mark.parametrize(
    "decision", [None, {"state": "subscribed"}, {"state": "subscribed", "consent_updated_at": None}]
)
def test_a_decision_without_a_time_is_none(decision: dict[str, Any] | None) -> None:
    body = paid(buyer_accepts_marketing=True)
    read = report(body | {"customer": body["customer"] | {"email_marketing_consent": decision}})
    assert read.person
    assert read.person.consent is None
