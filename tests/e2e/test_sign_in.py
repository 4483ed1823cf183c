"""Sign-in and roles, with Cognito's real tokens and API Gateway's real authorizer."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from laurel.http.routes import ROUTES, Route
from laurel.model.account import Role
from tests.support.client import Client
from tests.support.openapi import description
from tests.support.shop import ADA, LEAST_BODIES, NOWHERE, contact_id

if TYPE_CHECKING:
    from local.process import Emulator
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant


@pytest.fixture(scope="module")
def store(tenant: Tenant) -> Any:
    return tenant.connect("generic")


def path_of(route: Route, tenant: Tenant, store: Any) -> dict[str, str]:
    known = {
        "audience": tenant.audience_id,
        "store": store["id"],
        "contact": contact_id(ADA),
        "customer": contact_id(ADA),
        **NOWHERE,
    }
    return {name: value for name, value in known.items() if f"{{{name}}}" in route.path}


@pytest.mark.parametrize("route", [it for it in ROUTES.values() if it.role], ids=lambda route: route.operation)
def test_a_route_asks_for_its_role(route: Route, deployed: Deployed, tenant: Tenant, store: Any) -> None:
    path, body = path_of(route, tenant, store), LEAST_BODIES.get(route.operation)
    assert route.role is not None

    nobody = Client(deployed.send)(route.operation, body=body, **path)

    assert (nobody.status, nobody.problem) == (401, "unauthenticated")
    for role in Role:
        if not role.includes(route.role):
            answer = tenant.as_(role)(route.operation, body=body, **path)
            assert (answer.status, answer.problem) == (403, "forbidden")
    if route.role is not Role.OWNER:
        headers = {"If-Match": '"0"'} if route.if_match else {}
        allowed = tenant.as_(route.role)(route.operation, body=body, headers=headers, **path)
        assert allowed.status in (route.status, 402, 404)


def test_only_the_id_token_of_this_pool_signs_in(deployed: Deployed) -> None:
    email, _ = deployed.create_user("--name", "Another shop")
    tokens = deployed.tokens(email)
    head, payload, signature = tokens["IdToken"].split(".")
    middle = len(signature) // 2
    forged = f"{head}.{payload}.{signature[:middle]}{'A' if signature[middle] != 'A' else 'B'}{signature[middle + 1 :]}"

    assert Client(deployed.send, tokens["IdToken"])("getAccount").status == 200
    for token in (tokens["AccessToken"], forged, f"{head}.{payload}.", "x", "Bearer"):
        answer = Client(deployed.send, token)("getAccount")
        assert (answer.status, answer.problem) == (401, "unauthenticated")


def test_the_token_command_prints_a_token(deployed: Deployed, emulator: Emulator | None) -> None:
    if emulator is not None:
        pytest.skip("signs in to what `make up` started")

    printed = subprocess.run(
        deployed.stack["token_command"],
        shell=True,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.defpath},
    )

    account = Client(deployed.send, printed.stdout.strip()).ok("getAccount")
    assert account["id"] == deployed.stack["account_id"]


def test_what_is_no_route_is_told_so(deployed: Deployed, tenant: Tenant) -> None:
    for method, path in (("GET", "/nowhere"), ("PUT", "/account"), ("GET", "/stores/x/y/z")):
        answer = deployed.send(method, path, token=tenant.owner.token)
        assert (answer.status, answer.problem) == (404, "no-such-route")


def test_browsers_may_call_from_anywhere(deployed: Deployed, tenant: Tenant) -> None:
    origin = {"Origin": "https://dashboard.example.com"}
    preflight = deployed.send(
        "OPTIONS",
        "/audiences",
        headers=origin | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"},
    )

    assert preflight.status == 200
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert "authorization" in preflight.headers["access-control-allow-headers"].lower()
    for answer in (preflight, tenant.owner("getAccount", headers=origin), Client(deployed.send)("getAccount")):
        assert answer.headers["access-control-allow-origin"] == "*"


def test_the_description_is_served_to_everybody(deployed: Deployed) -> None:
    assert Client(deployed.send).ok("getOpenApi") == description()
