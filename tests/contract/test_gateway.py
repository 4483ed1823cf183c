"""What API Gateway answers itself looks like what the functions answer."""

import json
from typing import Any

import pytest

from laurel.http.problems import INTERNAL, PROBLEMS, TYPE_PREFIX
from laurel.http.routes import ROUTES
from tests.support.api import Context, api_event
from tests.support.functions import load_function
from tests.support.template import load_template

API = load_template()["Resources"]["Api"]["Properties"]
ANSWERS: dict[str, dict[str, Any]] = API["GatewayResponses"]
TITLES = {problem.type: problem.title for problem in (*PROBLEMS.values(), INTERNAL)}


@pytest.mark.parametrize("kind", ANSWERS)
def test_answer_is_a_problem_document(kind: str) -> None:
    answer = ANSWERS[kind]
    headers = answer["ResponseParameters"]["Headers"]
    (template,) = answer["ResponseTemplates"].values()
    document = json.loads(template)

    assert headers["Content-Type"] == "'application/problem+json'"
    assert headers["Access-Control-Allow-Origin"] == API["Cors"]["AllowOrigin"]
    assert document["type"].startswith(TYPE_PREFIX)
    assert document["title"] == TITLES.get(document["type"], document["title"])
    assert document["detail"]
    assert document.get("status") == answer.get("StatusCode")


def test_what_is_not_listed_has_a_default() -> None:
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "UNAUTHORIZED", "MISSING_AUTHENTICATION_TOKEN", "THROTTLED"} <= set(ANSWERS)


def test_browsers_may_read_what_functions_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    app = load_function("LeaderboardFunction", monkeypatch).app

    answer = app.resolve(api_event("GET", "/stores/{store}/leaderboard", {"store": "s"}), Context())

    assert answer["statusCode"] == 401
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    assert f"'{headers['access-control-allow-origin']}'" == API["Cors"]["AllowOrigin"]


def test_browsers_may_send_what_the_api_reads() -> None:
    methods = {method for method, _ in ROUTES}
    allowed = API["Cors"]

    assert set(allowed["AllowMethods"].strip("'").split(",")) == methods | {"OPTIONS"}
    read = {"Authorization", "Content-Type", "Idempotency-Key", "If-Match"}
    assert read <= set(allowed["AllowHeaders"].strip("'").split(","))
