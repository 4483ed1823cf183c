"""The template's routes, the functions' resolvers and the route table are one and the same list."""

import json
from collections.abc import Iterator

import pytest

from laurel.http.routes import OTHERS_APIS, ROUTES
from tests.support.functions import FUNCTIONS, load_function, properties
from tests.support.template import ROOT, load_template

Key = tuple[str, str]


def api_events(function: str) -> Iterator[tuple[str, Key, dict[str, object]]]:
    for name, event in properties(function).get("Events", {}).items():
        if event["Type"] == "Api":
            it = event["Properties"]
            yield name, (it["Method"].upper(), it["Path"]), it


TEMPLATE_ROUTES = {key: (function, name, it) for function in FUNCTIONS for name, key, it in api_events(function)}
HTTP_FUNCTIONS = sorted({function for key, (function, _, _) in TEMPLATE_ROUTES.items() if key in ROUTES})


def test_template_and_route_table_agree() -> None:
    assert set(TEMPLATE_ROUTES) == set(ROUTES) | set(OTHERS_APIS)


def test_description_and_route_table_agree() -> None:
    description = json.loads((ROOT / "docs" / "openapi.json").read_text())

    described = {
        (method.upper(), path): operation["operationId"]
        for path, item in description["paths"].items()
        for method, operation in item.items()
        if method in ("delete", "get", "patch", "post", "put")
    }

    assert described == {key: route.operation for key, route in ROUTES.items()}


@pytest.mark.parametrize("function", HTTP_FUNCTIONS)
def test_function_resolves_exactly_the_routes_it_is_sent(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = load_function(function, monkeypatch).app

    assert set(app.actions) == {key for key, (owner, _, _) in TEMPLATE_ROUTES.items() if owner == function}


@pytest.mark.parametrize("key", sorted(ROUTES), ids=" ".join)
def test_route_is_public_in_both_or_in_neither(key: Key) -> None:
    _, _, event = TEMPLATE_ROUTES[key]

    assert (event.get("Auth") == {"Authorizer": "NONE"}) == (ROUTES[key].role is None)


@pytest.mark.parametrize("key", sorted(ROUTES), ids=" ".join)
def test_event_is_named_after_the_operation(key: Key) -> None:
    _, name, _ = TEMPLATE_ROUTES[key]

    assert name[:1].lower() + name[1:] == ROUTES[key].operation


@pytest.mark.parametrize("key", OTHERS_APIS, ids=" ".join)
def test_the_api_of_another_vendor_checks_its_callers_itself(key: Key) -> None:
    _, name, event = TEMPLATE_ROUTES[key]

    assert event["Auth"] == {"Authorizer": "NONE"}
    assert name[:1].lower() + name[1:] == OTHERS_APIS[key]


def test_sign_in_is_the_default() -> None:
    auth = load_template()["Resources"]["Api"]["Properties"]["Auth"]

    assert auth["DefaultAuthorizer"] in auth["Authorizers"]
    assert auth["Authorizers"][auth["DefaultAuthorizer"]] == {"UserPoolArn": {"Fn::GetAtt": ["UserPool", "Arn"]}}
