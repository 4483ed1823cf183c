"""The account and its audiences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.client import Tenant


def test_an_account_is_read(tenant: Tenant) -> None:
    account = tenant.owner.ok("getAccount")

    assert account["id"] == tenant.account_id
    assert (account["name"], account["plan"], account["locale"]) == ("Shop", "free", "en")


def test_an_account_changes_only_what_is_sent(tenant: Tenant) -> None:
    tenant.owner.ok("changeAccount", body={"locale": "pt-BR"})
    changed = tenant.owner.ok("changeAccount", body={"name": "  Café & Söhne  "})

    assert (changed["name"], changed["locale"]) == ("Café & Söhne", "pt-BR")
    assert tenant.owner.ok("getAccount") == changed
    assert tenant.owner.ok("changeAccount", body={}) == changed


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"plan": "premium"}, "/plan"),
        ({"locale": "tlh"}, "/locale"),
        ({"name": ""}, "/name"),
        ({"name": "   "}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"name": 7}, "/name"),
        ({"id": "another"}, "/id"),
    ],
)
def test_an_account_refuses(body: dict[str, object], pointer: str, tenant: Tenant) -> None:
    before = tenant.owner.ok("getAccount")

    answer = tenant.owner("changeAccount", body=body)

    assert (answer.status, answer.problem, answer.pointers) == (422, "invalid-input", [pointer])
    assert tenant.owner.ok("getAccount") == before


def test_mail_settings_are_set_and_taken_away(tenant: Tenant) -> None:
    fresh = tenant.owner.ok("getAccount")
    settings = {
        "postal_address": "Hauptstr. 1",
        "sender_name": "The shop",
        "sender_address": "shop@example.com",
        "quiet_hours": {"start": "22:00", "end": "08:00", "time_zone": "Europe/Berlin"},
        "daily_messages": 100,
    }

    changed = tenant.owner.ok("changeAccount", body=settings | {"sender_address": "Shop@Example.COM"})

    assert changed == fresh | settings | {"daily_ceiling": 100}
    assert tenant.owner.ok("changeAccount", body={"name": None, "locale": None}) == changed
    assert tenant.owner.ok("changeAccount", body=dict.fromkeys(settings)) == fresh


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"sender_address": "shop"}, "/sender_address"),
        ({"sender_address": "a\r\nBcc: b@example.com"}, "/sender_address"),
        ({"sender_address": "Shop <shop@example.com>"}, "/sender_address"),
        ({"daily_messages": 0}, "/daily_messages"),
        ({"daily_messages": 500_001}, "/daily_messages"),
        ({"daily_messages": "many"}, "/daily_messages"),
        ({"quiet_hours": {"start": "22:00", "end": "08:00"}}, "/quiet_hours/time_zone"),
        ({"quiet_hours": {"start": "22:00", "end": "22:00", "time_zone": "UTC"}}, "/quiet_hours"),
        ({"quiet_hours": {"start": "24:00", "end": "08:00", "time_zone": "UTC"}}, "/quiet_hours/start"),
        ({"quiet_hours": {"start": "22:00", "end": "8:00", "time_zone": "UTC"}}, "/quiet_hours/end"),
        ({"quiet_hours": {"start": "22:00", "end": "08:00", "time_zone": "Mars/Olympus"}}, "/quiet_hours/time_zone"),
        ({"quiet_hours": {"start": "22:00", "end": "08:00", "time_zone": "../etc/passwd"}}, "/quiet_hours/time_zone"),
    ],
)
def test_mail_settings_refuse(body: dict[str, object], pointer: str, tenant: Tenant) -> None:
    answer = tenant.owner("changeAccount", body=body)

    assert (answer.status, answer.problem, answer.pointers) == (422, "invalid-input", [pointer])


def test_audiences_are_made_renamed_and_listed(tenant: Tenant) -> None:
    made = tenant.owner.ok("createAudience", body={"name": "Friends"})
    renamed = tenant.owner.ok("changeAudience", audience=made["id"], body={"name": "Family"})

    assert renamed == {**made, "name": "Family"}
    assert tenant.owner.ok("getAudience", audience=made["id"]) == renamed
    listed = tenant.owner.ok("listAudiences")["audiences"]
    assert {audience["name"] for audience in listed} == {"Customers", "Family"}


def test_an_unknown_audience_is_not_made_by_renaming_it(tenant: Tenant) -> None:
    answer = tenant.owner("changeAudience", audience="none", body={"name": "X"})

    assert (answer.status, answer.problem) == (404, "not-found")
    assert len(tenant.owner.ok("listAudiences")["audiences"]) == 1


@pytest.mark.parametrize("body", [{}, {"name": None}, {"name": "x", "score_epoch": 3}])
def test_an_audience_refuses(body: dict[str, object], tenant: Tenant) -> None:
    for operation, path in (("createAudience", {}), ("changeAudience", {"audience": tenant.audience_id})):
        assert tenant.owner(operation, body=body, **path).problem == "invalid-input"
