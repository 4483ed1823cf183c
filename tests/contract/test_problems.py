"""docs/problems.md lists every problem that the functions and API Gateway can answer with."""

import json
import re

from laurel.http.problems import PROBLEMS, TYPE_PREFIX
from tests.support.template import ROOT, load_template

ROW = re.compile(r"^\| `([a-z-]+)` \| (\w+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
GATEWAY = load_template()["Resources"]["Api"]["Properties"]["GatewayResponses"]


def documented() -> dict[str, tuple[str, str]]:
    text = (ROOT / "docs" / "problems.md").read_text()
    return {slug: (status, title) for slug, status, title, _ in ROW.findall(text)}


def test_every_problem_of_the_functions_is_documented() -> None:
    known = {it.slug: (str(it.status), it.title) for it in PROBLEMS.values()}

    assert {slug: documented().get(slug) for slug in known} == known


def test_every_problem_of_api_gateway_is_documented() -> None:
    known = {}
    for answer in GATEWAY.values():
        (template,) = answer["ResponseTemplates"].values()
        problem = json.loads(template)
        slug = problem["type"].removeprefix(TYPE_PREFIX)
        known[slug] = (str(answer["StatusCode"]) if "StatusCode" in answer else None, problem["title"])

    for slug, (status, title) in known.items():
        assert documented()[slug][1] == title
        assert status in (documented()[slug][0], None)


def test_nothing_else_is_documented() -> None:
    functions = {it.slug for it in PROBLEMS.values()}
    gateway = {
        json.loads(template)["type"].removeprefix(TYPE_PREFIX)
        for answer in GATEWAY.values()
        for template in answer["ResponseTemplates"].values()
    }

    assert set(documented()) == functions | gateway
