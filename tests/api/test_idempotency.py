"""``Idempotency-Key``: a write that is repeated is done once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from laurel.http.routes import ROUTES, Route
from laurel.model.account import Platform, Role
from tests.support.alerts import raised
from tests.support.gateway import Gateway
from tests.support.sending import equip, subscribe
from tests.support.shop import ADA, BODIES, activity, contact_id, order
from tests.support.shop_server import ShopServer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.client import Tenant

IDEMPOTENT = [pytest.param(route, id=route.operation) for route in ROUTES.values() if route.idempotent]


@pytest.fixture(scope="module")
def shop() -> Iterator[ShopServer]:
    with serving(ShopServer()) as serving_shop:
        yield serving_shop


def key(value: str = "key-1") -> dict[str, str]:
    return {"Idempotency-Key": value}


@pytest.mark.parametrize("route", IDEMPOTENT)
def test_the_first_answer_is_given_again(route: Route, api: Gateway, shop: ShopServer) -> None:
    tenant = api.tenant(email="kim@shop.example")
    store = tenant.connect("woocommerce" if "ShopCredentials" in route.operation else "generic")
    if "ShopCredentials" in route.operation:
        tenant.owner.ok("replaceShopCredentials", store=store["id"], body=shop.body(Platform.WOOCOMMERCE))
    audience = {"audience": tenant.audience_id}
    rule = tenant.owner.ok("createScoringRule", body=BODIES["createScoringRule"], **audience)
    tenant.owner.ok("recordActivity", body=activity("known"), **audience)
    sender = equip(tenant, api.allow)
    message = tenant.owner.ok("sendMessage", body=BODIES["sendMessage"], **subscribe(tenant))
    template = tenant.owner.ok("createTemplate", body=BODIES["createTemplate"])
    waiting = tenant.owner.ok("startImport", store=store["id"], body=BODIES["startImport"])["id"]
    known = {
        **audience,
        "import_id": waiting,
        "template": template["id"],
        "sender": sender,
        "message": message["id"],
        "address": tenant.owner.ok("suppressAddress", body={"email": "kept@example.com"})["id"],
        "api_key": tenant.owner.ok("createApiKey", body=BODIES["createApiKey"])["id"],
        "user": tenant.owner.ok("inviteUser", body={"email": f"{tenant.account_id}@example.com", "role": "viewer"})[
            "id"
        ],
        "store": store["id"],
        "rule": rule["id"],
        "automation": tenant.owner.ok("createAutomation", body=BODIES["createAutomation"], **audience)["id"],
        "contact": contact_id(ADA),
        "activity": "known",
    }
    if "{programme}" in route.path:
        programme = tenant.owner.ok("createProgramme", body=BODIES["createProgramme"], **audience)["id"]
        known |= {"programme": programme, "occasion": "fair"}
    if "{occasion}" in route.path:
        rewarded = {**audience, "programme": programme}
        tenant.owner.ok("addCoupons", body=BODIES["addCoupons"], **rewarded)
        tenant.owner.ok("giveAwards", body=BODIES["giveAwards"] | {"occasion": "fair"}, **rewarded)
        api.work()
    if "{alert}" in route.path:
        known["alert"] = raised(api, tenant, store["id"]).id
    if route.operation == "eraseStore":
        tenant.owner.ok("disconnectStore", store=store["id"])
    path = {name: value for name, value in known.items() if f"{{{name}}}" in route.path}
    version = {"If-Match": "*"} if route.if_match else {}
    bodies = BODIES | {"replaceShopCredentials": shop.body(Platform.WOOCOMMERCE)}
    request = {"body": bodies.get(route.operation), "headers": key() | version, **path}
    first = tenant.owner(route.operation, **request)
    items = [api.items(table) for table in api.database.tables._fields]

    again = tenant.owner(route.operation, **request)

    assert first.status == route.status
    assert (again.status, again.content_type, again.json) == (first.status, first.content_type, first.json)
    assert [api.items(table) for table in api.database.tables._fields] == items


def test_every_write_of_the_api_takes_a_key() -> None:
    assert {route.operation for route in ROUTES.values() if route.method != "GET" and not route.idempotent} == {
        "createApiKey",  # its answer shows the key, and is not kept
        "receiveWebhook",
        "receiveBilling",
        "unsubscribeContact",
        "previewTemplate",  # writes nothing
        "previewDraft",
        "previewMessage",
        "exportPerson",
    }


def test_header_names_are_of_any_case(tenant: Tenant) -> None:
    made = [
        tenant.owner.ok("createAudience", body={"name": "X"}, headers={name: "same"})["id"]
        for name in ("idempotency-key", "Idempotency-Key", "IDEMPOTENCY-KEY")
    ]

    assert len(set(made)) == 1


def test_another_body_under_the_same_key_is_refused(tenant: Tenant) -> None:
    tenant.owner.ok("createAudience", body={"name": "X"}, headers=key())

    answer = tenant.owner("createAudience", body={"name": "Y"}, headers=key())

    assert (answer.status, answer.problem) == (422, "idempotency-key-reused")
    assert {it["name"] for it in tenant.owner.ok("listAudiences")["audiences"]} == {"Customers", "X"}


def test_a_key_belongs_to_one_route_and_path(tenant: Tenant) -> None:
    one, two = tenant.connect(), tenant.connect()
    body = order("1")
    answers = [
        tenant.owner.ok("recordOrders", store=one["id"], body=body, headers=key()),
        tenant.owner.ok("recordOrders", store=two["id"], body=body, headers=key()),
        tenant.owner.ok("recordActivity", audience=tenant.audience_id, body=activity("1"), headers=key()),
        tenant.owner.ok("createAudience", body={"name": "X"}, headers=key()),
    ]

    assert [it.get("results") for it in answers[:2]] == [[{"id": "1", "outcome": "accepted"}]] * 2
    assert answers[2] == {"outcome": "accepted"}
    assert answers[3]["name"] == "X"


def test_a_problem_is_not_kept(tenant: Tenant) -> None:
    refused = tenant.owner("createAudience", body={"name": ""}, headers=key())
    made = tenant.owner("createAudience", body={"name": "X"}, headers=key())

    assert (refused.status, made.status) == (422, 201)


def test_a_key_does_not_lend_a_role(tenant: Tenant) -> None:
    tenant.owner.ok("createAudience", body={"name": "X"}, headers=key())

    answer = tenant.as_(Role.MARKETER)("createAudience", body={"name": "X"}, headers=key())

    assert (answer.status, answer.problem) == (403, "forbidden")


@pytest.mark.parametrize("value", ["", "x" * 256, "ü" * 256])
def test_a_key_has_a_length(value: str, tenant: Tenant) -> None:
    answer = tenant.owner("createAudience", body={"name": "X"}, headers=key(value))

    assert (answer.status, answer.problem) == (422, "invalid-input")


def test_a_repetition_that_comes_too_early_waits(api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = tenant.sending(Gateway(api.database, monkeypatch, claims_of=api).send)
    route = ROUTES["POST", "/audiences"]
    workspace = api.module(route)._workspace
    meanwhile: list[Any] = []

    def save(audience: Any) -> None:
        meanwhile.append(beside.owner("createAudience", body={"name": "X"}, headers=key()))

    with monkeypatch.context() as patched:
        patched.setattr(workspace, "save_audience", save)
        tenant.owner.ok("createAudience", body={"name": "X"}, headers=key())

    assert [(answer.status, answer.problem) for answer in meanwhile] == [(409, "repeat-in-progress")]
