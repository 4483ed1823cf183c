"""Connecting, changing and disconnecting stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from laurel.model.account import Audience, Platform, Store, StoreState, WebhookSecret
from laurel.model.errors import Busy, Conflict, FieldError, InvalidInput, NotFound
from laurel.model.period import Calendar
from laurel.workspace.stores import StorePlan, change, connect, edited, existing, rotated
from tests.support.fakes import FakeStores
from tests.support.samples import ACCOUNT, AUDIENCE, NOW, STORE, a_store

CUSTOMERS = Audience(ACCOUNT, AUDIENCE, "Customers", 1, NOW)
WHOLESALE = Audience(ACCOUNT, "audiencebbbb", "Wholesale", 1, NOW)
DICTATED = "0123456789abcdef0123456789abcdef"


def a_plan(**changes: Any) -> StorePlan:
    return replace(StorePlan(Platform.SHOPIFY, "Lamp Shop", "EUR", "Europe/Berlin", secret=DICTATED), **changes)


def faults(plan: StorePlan, book: FakeStores | None = None) -> tuple[FieldError, ...]:
    """Where a plan is at fault."""
    with pytest.raises(InvalidInput) as raised:
        connect(book or FakeStores(audiences=[CUSTOMERS]), ACCOUNT, plan, NOW)
    return raised.value.errors


# ---- Connecting ------------------------------------------------------------------------------------------------------


def test_a_store_is_connected_as_planned() -> None:
    book = FakeStores(audiences=[CUSTOMERS])

    store = connect(
        book,
        ACCOUNT,
        a_plan(
            currency="eur",
            first_day_of_week=7,
            minimum_purchases=3,
            house_account_orders=500,
            shop_domain="Lamps.myshopify.com",
        ),
        NOW,
    )

    assert store == Store(
        account_id=ACCOUNT,
        id=store.id,
        audience_id=AUDIENCE,
        platform=Platform.SHOPIFY,
        name="Lamp Shop",
        currency="EUR",
        calendar=Calendar("Europe/Berlin", 7),
        minimum_purchases=3,
        house_account_orders=500,
        calendar_revision=1,
        state=StoreState.CONNECTED,
        secrets=(WebhookSecret(DICTATED),),
        cursor_key=store.cursor_key,
        created_at=NOW,
        shop_domain="lamps.myshopify.com",
    )
    assert len(store.id) == 12
    assert len(bytes.fromhex(store.cursor_key)) == 32
    assert book.store(ACCOUNT, store.id) == replace(store, version=1)


def test_two_stores_have_nothing_in_common() -> None:
    book = FakeStores(audiences=[CUSTOMERS])

    one, other = (connect(book, ACCOUNT, a_plan(platform=Platform.WOOCOMMERCE, secret=None), NOW) for _ in range(2))

    assert one.id != other.id
    assert one.cursor_key != other.cursor_key
    assert one.secrets != other.secrets


@pytest.mark.parametrize("platform", [Platform.WOOCOMMERCE, Platform.GENERIC])
def test_where_no_platform_dictates_the_secret_one_is_made(platform: Platform) -> None:
    store = connect(FakeStores(audiences=[CUSTOMERS]), ACCOUNT, a_plan(platform=platform, secret=None), NOW)

    (secret,) = store.secrets
    assert secret.expires_at is None
    assert len(secret.value) >= 32


def test_a_store_fed_by_its_own_client_has_no_secret() -> None:
    store = connect(FakeStores(audiences=[CUSTOMERS]), ACCOUNT, a_plan(platform=Platform.API, secret=None), NOW)

    assert store.secrets == ()
    assert faults(a_plan(platform=Platform.API)) == (
        FieldError("/secret", "A store of platform 'api' takes no webhooks and needs no secret."),
    )


def test_a_secret_that_could_never_verify_is_pointed_at() -> None:
    (fault,) = faults(a_plan(platform=Platform.GENERIC, secret="whsec_not-base64!!"))

    assert fault.pointer == "/secret"


def test_an_unknown_currency_or_time_zone_is_pointed_at() -> None:
    assert faults(a_plan(currency="EURO")) == (FieldError("/currency", "'EURO' is not an ISO 4217 currency code."),)
    assert faults(a_plan(time_zone="Berlin")) == (FieldError("/time_zone", "'Berlin' is not an IANA time zone."),)


def test_the_only_audience_need_not_be_named() -> None:
    store = connect(FakeStores(audiences=[CUSTOMERS]), ACCOUNT, a_plan(), NOW)

    assert store.audience_id == AUDIENCE


def test_one_of_several_audiences_is_named() -> None:
    book = FakeStores(audiences=[CUSTOMERS, WHOLESALE])

    assert connect(book, ACCOUNT, a_plan(audience_id="audiencebbbb"), NOW).audience_id == "audiencebbbb"
    assert faults(a_plan(), book) == (FieldError("/audience_id", "The account has 2 audiences; say which one."),)
    assert faults(a_plan(), FakeStores()) == (
        FieldError("/audience_id", "The account has 0 audiences; say which one."),
    )
    assert faults(a_plan(audience_id="audiencecccc"), book) == (
        FieldError("/audience_id", "There is no audience 'audiencecccc' in this account."),
    )


def test_another_accounts_audience_is_none_of_ours() -> None:
    book = FakeStores(audiences=[CUSTOMERS, replace(WHOLESALE, account_id="another")])

    assert connect(book, ACCOUNT, a_plan(), NOW).audience_id == AUDIENCE
    assert faults(a_plan(audience_id="audiencebbbb"), book)[0].pointer == "/audience_id"


def test_an_id_that_is_taken_is_a_conflict() -> None:
    book = FakeStores(audiences=[CUSTOMERS])
    book.save_store = lambda store: False  # type: ignore[method-assign]

    with pytest.raises(Conflict, match="exists already"):
        connect(book, ACCOUNT, a_plan(), NOW)


# ---- Changing --------------------------------------------------------------------------------------------------------


def test_a_change_is_applied_to_the_store_as_it_stands() -> None:
    book = FakeStores(a_store(version=3))

    changed = change(book, ACCOUNT, STORE, lambda store: replace(store, name="Light Shop"))

    assert changed == a_store(name="Light Shop", version=3)
    assert book.store(ACCOUNT, STORE) == a_store(name="Light Shop", version=4)


def test_a_change_that_changes_nothing_is_not_written() -> None:
    book = FakeStores(a_store(version=3))

    assert change(book, ACCOUNT, STORE, lambda store: store) == a_store(version=3)
    assert book.saves == 0


def test_a_change_is_repeated_on_what_a_faster_writer_left() -> None:
    # Given somebody who sets the domain between our read and our write
    book = FakeStores(a_store(version=3))
    book.beforehand = [a_store(shop_domain="shop.example.com", version=4)]

    change(book, ACCOUNT, STORE, lambda store: replace(store, name="Light Shop"))

    assert book.store(ACCOUNT, STORE) == a_store(name="Light Shop", shop_domain="shop.example.com", version=5)


def test_a_change_that_is_always_too_late_is_given_up() -> None:
    book = FakeStores(a_store(version=3))
    book.beforehand = [a_store(version=version) for version in range(100, 3, -1)]

    with pytest.raises(Busy, match=r"^Store 'storeaaaaaaa' is being changed by others\. Try again\.$"):
        change(book, ACCOUNT, STORE, lambda store: replace(store, name="Light Shop"))

    assert book.saves == 8


def test_a_store_that_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(NotFound, match=r"^There is no store 'storeaaaaaaa' in this account\.$"):
        change(FakeStores(), ACCOUNT, STORE, lambda store: store)
    with pytest.raises(NotFound):
        existing(FakeStores(a_store(account_id="another")), ACCOUNT, STORE)


@pytest.mark.parametrize(
    ("given", "domain"),
    [
        ("shop.example.com", "shop.example.com"),
        (" https://Shop.Example.com:8443/a?b#c ", "shop.example.com"),
        ("shop.example.com.", "shop.example.com"),
        (None, None),
    ],
)
def test_a_domain_is_kept_as_deliveries_name_it(given: str | None, domain: str | None) -> None:
    store = a_store(platform=Platform.GENERIC, shop_domain="old.example.com")

    assert edited(store, {"shop_domain": given}, "job").shop_domain == domain


@pytest.mark.parametrize("given", ["", "localhost", "a b.com", "https://"])
def test_what_is_no_domain_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput, match="must be a domain"):
        edited(a_store(platform=Platform.GENERIC), {"shop_domain": given}, "job")


@pytest.mark.parametrize("given", ["shop.example.com", "myshopify.com", "-a.myshopify.com", "a.b.myshopify.com"])
def test_a_shopify_shop_is_known_by_its_own_domain(given: str) -> None:
    with pytest.raises(InvalidInput, match="domain that Shopify gave the shop"):
        edited(a_store(), {"shop_domain": given}, "job")


def test_other_fields_are_taken_as_they_are() -> None:
    assert edited(a_store(), {"name": "Light Shop", "state": StoreState.DISCONNECTED}, "job") == a_store(
        name="Light Shop", state=StoreState.DISCONNECTED
    )


# ---- Rotating the secret ---------------------------------------------------------------------------------------------


def test_a_replaced_secret_is_valid_for_another_day() -> None:
    store = rotated(a_store(secrets=(WebhookSecret("old"),)), DICTATED, NOW)

    assert store.secrets == (WebhookSecret(DICTATED), WebhookSecret("old", NOW + timedelta(hours=24)))
    assert store.valid_secrets(NOW + timedelta(hours=23, minutes=59)) == (DICTATED, "old")
    assert store.valid_secrets(NOW + timedelta(hours=24)) == (DICTATED,)


def test_each_replaced_secret_has_a_day_of_its_own() -> None:
    hour = timedelta(hours=1)
    twice = rotated(rotated(a_store(secrets=(WebhookSecret("first"),)), DICTATED, NOW), DICTATED[::-1], NOW + hour)

    assert twice.valid_secrets(NOW + 23 * hour) == (DICTATED[::-1], DICTATED, "first")
    assert twice.valid_secrets(NOW + 24 * hour) == (DICTATED[::-1], DICTATED)
    assert twice.valid_secrets(NOW + 25 * hour) == (DICTATED[::-1],)
    assert len(rotated(twice, None, NOW + 24 * hour).secrets) == 3, "what is over is dropped"


def test_no_more_secrets_are_kept_than_an_item_holds() -> None:
    store = a_store()
    for _ in range(20):
        store = rotated(store, None, NOW)

    assert len(store.secrets) == 11


def test_a_secret_is_made_where_none_is_dictated() -> None:
    store = rotated(a_store(platform=Platform.GENERIC, secrets=(WebhookSecret("old"),)), None, NOW)

    assert store.secrets[0].value.startswith("whsec_")
    assert store.secrets[1].value == "old"


def test_a_store_without_webhooks_has_nothing_to_rotate() -> None:
    with pytest.raises(Conflict, match="takes no webhooks"):
        rotated(a_store(platform=Platform.API, secrets=()), None, NOW)
