"""The committed description: current, valid, complete, and one with routes, models and examples."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from openapi_spec_validator import validate

from laurel.http.problems import CONTENT_TYPE, INTERNAL, PROBLEMS
from laurel.http.routes import ROUTES
from laurel.model.account import Role
from tests.support import openapi
from tests.support.client import OPERATIONS
from tests.support.template import ROOT
from tools import openapi as generator
from tools import openapi_texts as texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from laurel.http.routes import Route

PUBLISHED = ROOT / "docs" / "openapi.json"


def routes() -> list[Any]:
    return [pytest.param(route, id=route.operation) for route in ROUTES.values()]


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_it_is_current() -> None:
    assert generator.COMMITTED.read_text(encoding="utf-8") == generator.text(), (
        "write it again: python -m tools.openapi"
    )


def test_it_is_openapi_3_1() -> None:
    assert openapi.description()["openapi"] == "3.1.0"
    validate(openapi.description())


def test_the_documentation_points_at_what_is_served() -> None:
    assert PUBLISHED.is_symlink()
    assert PUBLISHED.resolve() == generator.COMMITTED.resolve()


def test_it_has_the_routes_and_no_others() -> None:
    described = {
        (method.upper(), path): operation["operationId"]
        for path, operations in openapi.description()["paths"].items()
        for method, operation in operations.items()
    }

    assert described == {key: route.operation for key, route in ROUTES.items()}


def test_its_prose_is_about_operations_that_exist() -> None:
    tagged = [operation for _, operations in texts.TAGS.values() for operation in operations]

    assert sorted(tagged) == sorted(OPERATIONS)
    assert set(texts.DESCRIPTIONS) <= set(OPERATIONS)
    assert set(texts.EXAMPLES) <= set(OPERATIONS)
    assert {name for route in ROUTES.values() for name in re.findall(r"\{(\w+)\}", route.path)} == set(
        texts.PATH_PARAMETERS
    )


@pytest.mark.parametrize("route", routes())
def test_an_operation_says_who_may_call_it(route: Route) -> None:
    operation = openapi.operation(route)

    if route.role is None:
        assert operation["security"] == []
    else:
        assert "security" not in operation
        assert operation["x-role"] == route.role.value
        assert f"`{route.role.value}`" in operation["description"]
        assert ("403" in operation["responses"]) == (route.role is not Role.VIEWER)
        assert "401" in operation["responses"]


@pytest.mark.parametrize("route", routes())
def test_an_operation_describes_its_parameters(route: Route) -> None:
    operation = openapi.operation(route)
    parameters = {it["name"]: it for it in operation["parameters"] if "name" in it}

    for parameter in route.parameters:
        described = parameters[parameter.name]
        assert described["in"] == "query"
        assert described["description"]
        assert described["schema"].get("default") == parameter.default
        assert ("enum" in described["schema"]) == (parameter.enum is not None)
        assert described["schema"].get("maximum") == parameter.maximum
    for name in re.findall(r"\{(\w+)\}", route.path):
        assert parameters[name]["in"] == "path"
    key = {"$ref": "#/components/parameters/IdempotencyKey"}
    assert (key in operation["parameters"]) == route.idempotent
    version = {"$ref": "#/components/parameters/IfMatch"}
    assert (version in operation["parameters"]) == route.if_match


@pytest.mark.parametrize("route", routes())
def test_an_operation_answers_as_its_route_says(route: Route) -> None:
    answers = openapi.operation(route)["responses"]
    success = answers[str(route.status)]

    assert [status for status in answers if int(status) < 400] == [str(route.status)]
    if route.page:
        assert set(success["content"]) == {"text/html"}
    else:
        assert success["content"]["application/json"]["schema"] == {"$ref": f"#/components/schemas/{route.response}"}
    assert ("text/csv" in success["content"]) == route.csv
    headers = success.get("headers", {})
    assert ("ETag" in headers) == route.etag
    assert ("Laurel-Rebuilding" in headers) == (route.operation in ("getLeaderboard", "findContactsByScore"))
    assert {str(status) for status in route.problems} <= set(answers)
    assert {"429", "500"} <= set(answers)


def test_every_problem_is_described_under_its_status() -> None:
    responses = openapi.description()["components"]["responses"]
    examples = {
        (example["value"]["status"], example["value"]["type"])
        for response in responses.values()
        for example in response["content"][CONTENT_TYPE]["examples"].values()
    }

    assert {(it.status, it.type) for it in (*PROBLEMS.values(), INTERNAL)} <= examples


@pytest.mark.parametrize(
    ("operation", "name"), [(operation, name) for operation, examples in texts.EXAMPLES.items() for name in examples]
)
def test_an_example_is_what_the_schema_takes(operation: str, name: str) -> None:
    openapi.check_request(OPERATIONS[operation], texts.EXAMPLES[operation][name])


def test_nothing_is_left_over() -> None:
    description = openapi.description()
    used = set(references(description))

    for kind in ("schemas", "parameters", "responses"):
        for name in description["components"][kind]:
            reference = f"#/components/{kind}/{name}"
            assert reference in used or (kind == "responses" and name == "Unauthenticated"), reference


def test_answers_may_gain_fields_and_requests_may_not() -> None:
    schemas = openapi.description()["components"]["schemas"]

    assert schemas["OrderIn"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Leaderboard"]


def test_text_is_for_readers_of_markdown() -> None:
    assert "``" not in json.dumps(openapi.description())


@pytest.mark.parametrize("committed", ["{}\n", None])
def test_a_stale_description_is_told_and_left_alone(
    committed: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generator, "ROOT", tmp_path)
    monkeypatch.setattr(generator, "COMMITTED", tmp_path / "openapi.json")
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1"\n')
    if committed:
        generator.COMMITTED.write_text(committed)

    assert generator.main(["--check"]) == 1

    printed = capsys.readouterr()
    assert '+  "openapi": "3.1.0",' in printed.out
    assert "python -m tools.openapi" in printed.err
    assert generator.COMMITTED.exists() == bool(committed)


def test_writing_it_makes_it_current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "COMMITTED", tmp_path / "openapi.json")

    assert generator.main([]) == 0

    monkeypatch.setattr(generator, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    assert generator.main(["--check"]) == 0
