"""What API Gateway answers itself looks like what the functions answer."""

import json
from typing import Any

import pytest

from laurel.http.problems import INTERNAL, PROBLEMS, TYPE_PREFIX
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
