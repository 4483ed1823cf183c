"""Sign-in, roles, errors and parameters, in one place for all routes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from laurel.http.app import App, lambda_handler
from laurel.http.exchange import Response
from laurel.http.parameters import enum_parameter, limit_parameter
from laurel.model.account import Role
from laurel.model.errors import Busy, InvalidInput
from laurel.model.identity import LONGEST_ID
from laurel.model.ranking import Metric
from laurel.telemetry import metrics
from tests.support.api import Context, api_event, claims

VIEWERS, MARKETERS, OWNERS = "/stores", "/stores/{store}/orders", "/audiences"


@pytest.fixture(autouse=True)
def _no_metrics_left() -> Iterator[None]:
    yield
    metrics.provider.metric_set.clear()


def an_app() -> App:
    """An app with a route for viewers, one for marketers, one for owners and one for everybody."""
    app = App()

    @app.get(VIEWERS)
    def list_stores() -> dict[str, Any]:
        return {"account": app.caller.account_id, "role": app.caller.role.value}

    @app.post(MARKETERS)
    def record(store: str) -> dict[str, Any]:
        return {"store": store, "body": app.json_body()}

    @app.post(OWNERS)
    def create_audience() -> dict[str, Any]:
        return {"name": "Müller"}

    @app.patch("/audiences/{audience}")
    def rename_audience(audience: str) -> dict[str, Any]:
        raise Busy(f"Audience {audience!r}")

    @app.delete("/stores/{store}")
    def disconnect(store: str) -> dict[str, Any]:
        raise RuntimeError(store)

    @app.get("/openapi.json")
    def describe() -> Response:
        return Response(200, "application/json", "{}")

    return app


def call(
    method: str, resource: str, path: Mapping[str, str] | None = None, role: str | None = "owner", **event: Any
) -> tuple[int, Any]:
    caller = event.pop("caller", claims("account1", role) if role else None)
    answer = an_app().resolve(api_event(method, resource, path, caller=caller, **event), Context())
    return answer["statusCode"], json.loads(answer["body"])


# ---- Who may -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_the_caller_is_who_the_token_names(role: Role) -> None:
    assert call("GET", VIEWERS, role=role.value) == (200, {"account": "account1", "role": role.value})


@pytest.mark.parametrize(
    ("role", "statuses"),
    [("viewer", (200, 403, 403)), ("marketer", (200, 200, 403)), ("owner", (200, 200, 201))],
)
def test_a_route_is_open_from_its_role_upwards(role: str, statuses: tuple[int, int, int]) -> None:
    calls = [
        call("GET", VIEWERS, role=role),
        call("POST", MARKETERS, {"store": "s1"}, role, body={}),
        call("POST", OWNERS, role=role),
    ]

    assert tuple(status for status, _ in calls) == statuses


def test_whoever_may_not_is_told_which_role_may() -> None:
    status, problem = call("POST", OWNERS, role="viewer")

    assert (status, problem["type"]) == (403, "urn:laurel:problem:forbidden")
    assert problem["detail"] == "This needs the role 'owner'; yours is 'viewer'."


@pytest.mark.parametrize(
    "caller",
    [
        None,
        {"sub": "a1b2", "token_use": "access", "scope": "openid"},
        {"custom:account_id": "account1"},
        {"custom:role": "owner"},
        {"custom:account_id": "account1", "custom:role": "admin"},
        {"custom:account_id": "account1", "custom:role": ""},
    ],
    ids=["no token", "access token", "no role", "no account", "unknown role", "empty role"],
)
def test_a_token_that_names_no_account_and_role_is_no_sign_in(caller: dict[str, str] | None) -> None:
    status, problem = call("GET", VIEWERS, caller=caller)

    assert (status, problem["type"]) == (401, "urn:laurel:problem:unauthenticated")


def test_a_public_route_needs_no_token() -> None:
    assert call("GET", "/openapi.json", role=None) == (200, {})


def test_a_route_that_is_not_in_the_table_is_refused() -> None:
    status, problem = call("DELETE", "/account")

    assert (status, problem["detail"]) == (403, "No role may call this route.")


# ---- What is answered ------------------------------------------------------------------------------------------------


def test_an_answer_has_its_routes_status_and_is_json() -> None:
    event = api_event("POST", OWNERS, caller=claims("account1"))

    answer = an_app().resolve(event, Context())

    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (201, "application/json")
    assert answer["body"] == '{"name":"Müller"}'


def test_an_error_becomes_its_problem() -> None:
    status, problem = call("PATCH", "/audiences/{audience}", {"audience": "a1"}, body={"name": "x"})

    assert (status, problem["type"]) == (503, "urn:laurel:problem:busy")


def test_a_fault_of_our_own_is_logged_counted_and_kept_inside(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a route that breaks
    monkeypatch.setattr(metrics.provider, "namespace", "Laurel")
    handler = lambda_handler(an_app())
    event = api_event("DELETE", "/stores/{store}", {"store": "s1"}, caller=claims("account1"))

    # When it is called
    answer = handler(event, Context())

    # Then the answer tells nothing, the log everything
    assert (answer["statusCode"], "s1" in answer["body"]) == (500, False)
    (entry,) = caplog.records
    assert entry.message == "request_failed"
    assert entry.exc_info
    assert entry.exc_info[0] is RuntimeError
    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "RequestFailed" in line]
    assert [line["RequestFailed"] for line in counted] == [[1.0]]


@pytest.mark.parametrize("event", [{}, {"httpMethod": "GET"}, {"httpMethod": None, "resource": None}])
def test_even_an_event_of_no_known_shape_is_answered(event: dict[str, Any]) -> None:
    assert an_app().resolve(event, Context())["statusCode"] in (403, 500)


def test_an_id_longer_than_any_there_can_be_is_not_found() -> None:
    longest = "x" * LONGEST_ID

    assert call("POST", MARKETERS, {"store": longest}, body={})[0] == 200
    status, problem = call("POST", MARKETERS, {"store": longest + "x"}, body={})
    assert (status, problem["detail"]) == (404, f"There is no store '{'x' * 20}…' in this account.")
    # In a key it would be three times as long.
    assert call("POST", MARKETERS, {"store": "#" * (LONGEST_ID // 3)}, body={})[0] == 200
    assert call("POST", MARKETERS, {"store": "#" * (LONGEST_ID // 3 + 1)}, body={})[0] == 404


# ---- Parameters ------------------------------------------------------------------------------------------------------


def asked(**query: str) -> App:
    app = an_app()
    app.resolve(api_event("GET", VIEWERS, caller=claims("account1"), query=query), Context())
    return app


def test_a_limit_is_a_whole_number_up_to_a_thousand() -> None:
    assert [limit_parameter(asked(limit=value), 50) for value in ("1", "50", "1000", "0099")] == [1, 50, 1000, 99]
    assert limit_parameter(asked(), 50) == 50


@pytest.mark.parametrize("value", ["", "0", "1001", "-1", "1.5", "1e2", "ten", " 5", "\u0665", "9" * 5000])
def test_any_other_limit_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput, match=r"^limit is a whole number from 1 to 1000; "):
        limit_parameter(asked(limit=value), 50)


def test_a_parameter_takes_one_of_its_values() -> None:
    assert enum_parameter(asked(rank_by="orders_count"), "rank_by", Metric) is Metric.ORDERS_COUNT
    assert enum_parameter(asked(), "rank_by", Metric) is None
    with pytest.raises(
        InvalidInput,
        match=r"^rank_by is one of orders_count, average_order_value, total_spent; 'spent' is not\.$",
    ):
        enum_parameter(asked(rank_by="spent"), "rank_by", Metric)


def test_a_header_is_found_in_any_case() -> None:
    app = an_app()
    event = api_event("GET", VIEWERS, caller=claims("account1"), headers={"ACCEPT": "text/csv"})
    app.resolve(event, Context())

    assert app.header("accept") == "text/csv"
    assert app.header("x-none") is None
