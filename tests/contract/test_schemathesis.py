"""What the description allows, and much that it does not, is answered as described, never with a server error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig

from laurel.http.routes import ROUTES
from tests.support import gateway
from tests.support.alerts import raised
from tests.support.openapi import description
from tests.support.sending import equip, subscribe
from tests.support.shop import ADA, BODIES, activity, contact_id, order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

    from laurel.http.routes import Route
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

EXAMPLES = 25
load_all_checks()
# What is well-formed may still break a rule that no schema tells, such as a currency that is not in circulation.
BEYOND_SCHEMAS = CHECKS.get_one("positive_data_acceptance")


class World:
    """The API behind WSGI, signed in as an owner with one of everything."""

    def __init__(self, api: Gateway) -> None:
        self.api = api
        self.tenant: Tenant = api.tenant(email="kim@shop.example")
        self.token = self.tenant.owner.token
        store = self.tenant.connect("generic")
        self.tenant.owner.ok("recordOrders", store=store["id"], body=order("1"))
        audience = {"audience": self.tenant.audience_id}
        self.tenant.owner.ok("recordActivity", body=activity("1"), **audience)
        rule = self.tenant.owner.ok("createScoringRule", body=BODIES["createScoringRule"], **audience)
        job = self.tenant.owner.ok("verifyScores", body={}, **audience)
        api.settle()
        sender = equip(self.tenant, api.allow, "sender.example.com")
        message = self.tenant.owner.ok("sendMessage", body=BODIES["sendMessage"], **subscribe(self.tenant))
        self.tenant.owner.ok("recordActivity", body=activity("2", "gone@example.com"), **audience)
        erasure = self.tenant.owner.ok("erasePerson", contact=contact_id("gone@example.com"), **audience)
        person = self.tenant.owner.ok("getContact", contact=contact_id(ADA), **audience)
        self.ids = {
            "account": self.tenant.account_id,
            "audience": self.tenant.audience_id,
            "store": store["id"],
            "platform": "generic",
            "contact": contact_id(ADA),
            "customer": contact_id(ADA),
            "activity": "1",
            "rule": rule["id"],
            "job": job["id"],
            "automation": self.tenant.owner.ok("createAutomation", body=BODIES["createAutomation"], **audience)["id"],
            "run": "0" * 24,
            "alert": raised(api, self.tenant, store["id"]).id,
            "template": self.tenant.owner.ok("createTemplate", body=BODIES["createTemplate"])["id"],
            "version": "1",
            "sender": sender,
            "message": message["id"],
            "address": self.tenant.owner.ok("suppressAddress", body=BODIES["suppressAddress"])["id"],
            "import_id": self.tenant.owner.ok("startImport", store=store["id"], body=BODIES["startImport"])["id"],
            "erasure": erasure["id"],
            "api_key": self.tenant.owner.ok("createApiKey", body=BODIES["createApiKey"])["id"],
            "user": self.tenant.owner.ok("inviteUser", body=BODIES["inviteUser"])["id"],
            "programme": self._programme(audience),
            "occasion": "fair",
            "token": person["unsubscribe_url"].rpartition("/")[2],
        }
        self.expendable = self.ids | {"store": self.tenant.connect("generic")["id"]}

    def _programme(self, audience: dict[str, str]) -> str:
        """A programme of rewards that has given one."""
        owner = self.tenant.owner
        made: str = owner.ok("createProgramme", body=BODIES["createProgramme"], **audience)["id"]
        path = {**audience, "programme": made}
        owner.ok("addCoupons", body={"generate": 20}, **path)
        owner.ok("giveAwards", body=BODIES["giveAwards"] | {"occasion": "fair"}, **path)
        self.api.work()
        return made

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["REQUEST_URI"].partition("?")[0]
        body = environ["wsgi.input"].read().decode(errors="replace")
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").title(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        answer = self.api.send(
            environ["REQUEST_METHOD"],
            path.removeprefix("/v1"),
            token=headers.get("Authorization", "").removeprefix("Bearer "),
            query=dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True)),
            headers=headers,
            body=body or None,
        )
        start_response(f"{answer.status} {answer.status}", [*answer.headers.items()])
        return [answer.text.encode()]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with gateway.running() as api:
        yield World(api)


def configuration() -> SchemathesisConfig:
    """Unknown parameters are ignored, as everywhere on the web, and tokens are API Gateway's to check."""
    config = SchemathesisConfig()
    config.projects.default.generation.allow_extra_parameters = False
    config.projects.default.generation.with_security_parameters = False
    return config


def can_be_wrong(route: Route) -> bool:
    """Any text may be an id or a cursor."""
    told = any(it.enum or it.format or it.schema != "string" for it in route.parameters)
    return bool(told or route.request or route.idempotent)


@pytest.mark.parametrize(
    ("route", "mode"),
    [
        pytest.param(route, mode, id=f"{route.operation}-{mode.value}")
        for route in ROUTES.values()
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or can_be_wrong(route)
    ],
)
def test_answers_are_as_described(route: Route, mode: GenerationMode, world: World) -> None:
    schema = schemathesis.openapi.from_dict(description(), config=configuration())
    schema.app = world
    operation = schema[route.path][route.method]
    ids = world.ids if route.method == "GET" else world.expendable

    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any, known: bool) -> None:
        if known and case.path_parameters:
            case.path_parameters = {name: ids[name] for name in case.path_parameters}
        if known and isinstance(case.body, dict) and "currency" in case.body:
            case.body["currency"] = "EUR"
        case.call_and_validate(headers={"Authorization": f"Bearer {world.token}"}, excluded_checks=[BEYOND_SCHEMAS])

    ask()
