"""Who may call what, and what everybody is told when it goes wrong."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from laurel.http.routes import ROUTES, Route
from laurel.model.account import Role
from tests.support.api import claims
from tests.support.client import Client
from tests.support.shop import ADA, BODIES, LEAST_BODIES, NOWHERE, contact_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.client import Tenant
    from tests.support.gateway import Gateway


def routes(wanted: Callable[[Route], object] = bool) -> list[Any]:
    return [pytest.param(route, id=route.operation) for route in ROUTES.values() if wanted(route)]


MAY_BE_EMPTY = ("rotateSecret", "verifyScore", "verifyScores")
FIRST_ROUTES = ["getAccount", "getLeaderboard", "recordOrders", "recordActivity", "receiveWebhook"]
STRANGE_IDS = ["#", "%", "%23", "a b", '"', "?", "\\", "`", "ä", "日本", "..", ".", "%2e%2e", "{store}"]
NO_JSON = [None, "", "no JSON", "{", "[" * 100_000, '{"a":' * 100_000, "\x00", '"' + "9" * 5000, "9" * 5000]
NO_SUCH_SHAPE = ["null", "[]", "1", '"name"', "true", "[{}]", '{"": 1}', "NaN"]


@pytest.fixture
def store(tenant: Tenant) -> Any:
    return tenant.connect("generic")


def path_of(route: Route, tenant: Tenant, store: Any) -> dict[str, str]:
    """Ids of the tenant's own things for a route's path."""
    known = {
        "account": tenant.account_id,
        "audience": tenant.audience_id,
        "store": store["id"],
        "platform": store["platform"],
        "contact": contact_id(ADA),
        "customer": contact_id(ADA),
        **NOWHERE,
    }
    return {name: value for name, value in known.items() if f"{{{name}}}" in route.path}


def belongings(api: Gateway, tenant: Tenant) -> list[Any]:
    """Every item of an account, in all tables."""
    return [
        item
        for table in api.database.tables._fields
        for item in api.items(table)
        if item["pk"]["S"].split("#")[0] == tenant.account_id
    ]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("route", routes(lambda it: it.role))
def test_a_route_is_open_from_its_role_upwards(
    route: Route, role: Role, api: Gateway, tenant: Tenant, store: Any
) -> None:
    body = LEAST_BODIES.get(route.operation)
    before = belongings(api, tenant)
    version = {"If-Match": "*"} if route.if_match else None

    answer = tenant.as_(role)(route.operation, body=body, headers=version, **path_of(route, tenant, store))

    assert route.role is not None
    if role.includes(route.role):
        assert answer.status in (route.status, 404, 409)
    else:
        assert (answer.status, answer.problem) == (403, "forbidden")
        assert role.value in answer.json["detail"]
        assert belongings(api, tenant) == before


@pytest.mark.parametrize("route", routes())
def test_only_public_routes_take_no_token(route: Route, api: Gateway, tenant: Tenant, store: Any) -> None:
    answer = Client(api.send)(route.operation, **path_of(route, tenant, store))

    if route.role:
        assert (answer.status, answer.problem) == (401, "unauthenticated")
    elif route.operation in ("receiveWebhook", "receiveBilling"):
        assert (answer.status, answer.problem) == (401, "bad-signature")
    else:
        assert answer.status == (404 if "{token}" in route.path else 200)


@pytest.mark.parametrize(
    "token_claims",
    [
        pytest.param({"sub": "a1", "token_use": "access", "scope": "aws.cognito.signin.user.admin"}, id="access token"),
        pytest.param({"custom:account_id": "accountwithx", "custom:role": "admin"}, id="unknown role"),
        pytest.param({"custom:role": "owner"}, id="no account"),
        pytest.param({"custom:account_id": "accountwithx"}, id="no role"),
    ],
)
def test_a_token_without_account_and_role_is_no_sign_in(token_claims: dict[str, str], api: Gateway) -> None:
    answer = Client(api.send, api.token(token_claims))("listStores")

    assert (answer.status, answer.problem) == (401, "unauthenticated")


def test_a_user_of_a_deleted_account_finds_nothing(api: Gateway) -> None:
    client = Client(api.send, api.token(claims("goneaccount2")))

    assert client("getAccount").problem == "not-found"
    assert client("changeAccount", body={"name": "X"}).problem == "not-found"
    assert client("getLeaderboard", store="none").problem == "no-connected-store"


@pytest.mark.parametrize("operation", FIRST_ROUTES)
def test_what_goes_wrong_inside_stays_inside(
    operation: str, api: Gateway, tenant: Tenant, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("the password of the database is hunter2")

    (route,) = (it for it in ROUTES.values() if it.operation == operation)
    monkeypatch.setattr(api.module(route), "_workspace", Broken())

    answer = tenant.owner(operation, body=BODIES.get(operation), **path_of(route, tenant, store))

    assert answer.status == 500
    assert answer.json == {
        "type": "urn:laurel:problem:internal-error",
        "title": "Something went wrong on our side",
        "status": 500,
    }


@pytest.mark.parametrize("route", routes(lambda it: it.request and it.role))
def test_a_body_that_is_no_json(route: Route, tenant: Tenant, store: Any) -> None:
    for body in NO_JSON:
        if route.operation in MAY_BE_EMPTY and not body:
            continue

        answer = tenant.owner(route.operation, body=body, **path_of(route, tenant, store))

        assert (answer.status, answer.problem) == (400, "malformed-body")


@pytest.mark.parametrize("route", routes(lambda it: it.request and it.role))
def test_json_of_another_shape(route: Route, tenant: Tenant, store: Any) -> None:
    for body in NO_SUCH_SHAPE:
        answer = tenant.owner(route.operation, body=body, **path_of(route, tenant, store))

        assert (answer.status, answer.problem) == (422, "invalid-input")


@pytest.mark.parametrize("route", routes(lambda it: "{" in it.path))
def test_no_id_breaks_out_of_its_place(route: Route, tenant: Tenant, store: Any) -> None:
    path = path_of(route, tenant, store)
    for name, id_ in product(path, [*STRANGE_IDS, "#" * 112, "#" * 338, "a" * 2000, "a" * 9000]):
        answer = tenant.owner(route.operation, body=BODIES.get(route.operation), **{**path, name: id_})

        assert answer.status == 404
        assert route.page or answer.problem == "not-found"


def test_an_unknown_route_is_told_so(api: Gateway, tenant: Tenant) -> None:
    answer = api.send("GET", "/nowhere", token=tenant.owner.token)

    assert (answer.status, answer.problem) == (404, "no-such-route")


def test_browsers_of_any_origin_may_read_answers_and_problems(tenant: Tenant) -> None:
    origin = {"Origin": "https://dashboard.example.com"}

    found = tenant.owner("getAccount", headers=origin)
    missing = tenant.owner("getStore", store="none", headers=origin)

    for answer in (found, missing):
        assert answer.headers["access-control-allow-origin"] in ("*", origin["Origin"])
        assert "Link" in answer.headers["access-control-expose-headers"]
