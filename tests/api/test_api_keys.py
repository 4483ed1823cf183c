"""API keys: shown once, kept hashed, good for Mailchimp's paths and nothing else, revoked at once."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from laurel.store.api_keys import ApiKeys
from laurel.workspace.api_keys import MOST_KEYS, identify
from tests.support import mailchimp

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway


def test_a_key_is_shown_once_and_kept_as_a_hash(api: Gateway, tenant: Tenant) -> None:
    made = tenant.owner.ok("createApiKey", body={"name": "  Web shop  "})

    assert re.fullmatch(r"[0-9a-f]{32}-us1", made["key"])
    assert (made["name"], made["role"], made["last_used_at"]) == ("Web shop", "marketer", None)
    assert made["key"].startswith(f"{made['key'][:28]}{made['ends_in']}-")
    (listed,) = tenant.owner.ok("listApiKeys")["api_keys"]
    assert listed == {name: value for name, value in made.items() if name != "key"}
    kept = str(api.items("workspace"))
    assert made["key"] not in kept
    assert made["key"][:32] not in kept
    assert hashlib.sha256(made["key"].encode()).hexdigest() in kept


def test_keys_are_listed_oldest_first(tenant: Tenant) -> None:
    made = [tenant.owner.ok("createApiKey", body={"name": str(number)}) for number in range(3)]

    listed = tenant.owner.ok("listApiKeys")["api_keys"]

    assert {it["id"] for it in listed} == {it["id"] for it in made}
    assert listed == sorted(listed, key=lambda it: (it["created_at"], it["id"]))


def test_the_same_request_makes_another_key_each_time(tenant: Tenant) -> None:
    made = [
        tenant.owner.ok("createApiKey", body={"name": "X"}, headers={"Idempotency-Key": "same"})["key"]
        for _ in range(2)
    ]

    assert len(set(made)) == 2


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "X", "role": "admin"}, {"name": "X", "key": "mine"}])
def test_what_is_no_key_is_refused(body: Any, tenant: Tenant) -> None:
    assert tenant.owner("createApiKey", body=body).problem == "invalid-input"


def test_an_account_has_so_many_keys_at_most(tenant: Tenant) -> None:
    for number in range(MOST_KEYS):
        tenant.owner.ok("createApiKey", body={"name": str(number)})

    assert tenant.owner("createApiKey", body={"name": "one more"}).problem == "conflict"


def test_a_revoked_key_is_good_for_nothing(api: Gateway, address: str, tenant: Tenant) -> None:
    made = tenant.owner.ok("createApiKey", body={"name": "X"})
    plugin = mailchimp.client(address, api_key=made["key"])
    assert plugin.ping.get()

    revoked = tenant.owner.ok("revokeApiKey", api_key=made["id"])

    assert revoked["id"] == made["id"]
    assert mailchimp.refusal(plugin.ping.get)["status"] == 401
    assert tenant.owner.ok("listApiKeys") == {"api_keys": []}
    assert tenant.owner("revokeApiKey", api_key=made["id"]).problem == "not-found"
    assert hashlib.sha256(made["key"].encode()).hexdigest() not in str(api.items("workspace"))


def test_use_is_told_to_the_hour(api: Gateway, tenant: Tenant) -> None:
    made = tenant.owner.ok("createApiKey", body={"name": "X"})
    keys = ApiKeys(api.database.client, api.database.tables.workspace)
    first = datetime.now(UTC).replace(microsecond=0)

    for after, told in ((0, 0), (59, 0), (60, 60), (90, 60)):
        identify(keys, made["key"], first + timedelta(minutes=after))

        (listed,) = tenant.owner.ok("listApiKeys")["api_keys"]
        assert datetime.fromisoformat(listed["last_used_at"]) == first + timedelta(minutes=told)


def test_a_use_that_is_noted_late_brings_no_key_back(api: Gateway, tenant: Tenant) -> None:
    made = tenant.owner.ok("createApiKey", body={"name": "X"})
    keys = ApiKeys(api.database.client, api.database.tables.workspace)
    key = keys.key(tenant.account_id, made["id"])
    assert key
    tenant.owner.ok("revokeApiKey", api_key=made["id"])

    keys.note_use(key, datetime.now(UTC))

    assert keys.keys(tenant.account_id) == []


def test_a_key_opens_nothing_of_laurels_own_api(api: Gateway, tenant: Tenant) -> None:
    answer = api.send("GET", "/stores", headers={"Authorization": f"Bearer {mailchimp.api_key(tenant)}"})

    assert (answer.status, answer.problem) == (401, "unauthenticated")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MARKETER])
def test_only_owners_have_to_do_with_keys(role: Role, tenant: Tenant) -> None:
    client = tenant.as_(role)

    assert client("listApiKeys").problem == "forbidden"
    assert client("createApiKey", body={"name": "X"}).problem == "forbidden"
    assert client("revokeApiKey", api_key="none").problem == "forbidden"
