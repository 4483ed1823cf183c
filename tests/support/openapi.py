"""Holds answers and request bodies against the committed description of the API."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tools.openapi import COMMITTED

if TYPE_CHECKING:
    from laurel.http.routes import Route

_URI = "urn:laurel:openapi"
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@cache
def description() -> dict[str, Any]:
    """The committed description, as clients get it."""
    described: dict[str, Any] = json.loads(COMMITTED.read_text())
    return described


def operation(route: Route) -> dict[str, Any]:
    """What is described of a route."""
    found: dict[str, Any] = description()["paths"][route.path][route.method.lower()]
    return found


def check(route: Route, status: int, content_type: str, text: str) -> None:
    """Fail unless the description has such an answer: status, media type and every field, none beyond."""
    where = f"{route.operation} answered {status} ({content_type}): {text[:1000]}"
    answers = operation(route)["responses"]
    assert str(status) in answers, f"not described: {where}"
    answer = answers[str(status)]
    if "$ref" in answer:
        answer = description()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    assert content_type in answer["content"], f"another media type than described: {where}"
    if content_type.endswith("json"):
        faults = _faults(answer["content"][content_type]["schema"]["$ref"], json.loads(text))
        assert not faults, f"{faults}: {where}"


def check_request(route: Route, body: Any) -> None:
    """Fail unless the description allows a body that was accepted."""
    faults = _faults(operation(route)["requestBody"]["content"]["application/json"]["schema"]["$ref"], body)
    assert not faults, f"{route.operation} took what is not described: {faults}"


def _faults(reference: str, value: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in _validator(reference).iter_errors(value)]


@cache
def _validator(reference: str) -> Draft202012Validator:
    registry: Registry[Any] = Registry().with_resource(_URI, Resource(_closed(description()), DRAFT202012))
    return Draft202012Validator({"$ref": _URI + reference}, registry=registry, format_checker=_FORMATS)


def _closed(schema: Any) -> Any:
    """The description with answers as closed as they are today; clients are told to expect more."""
    if isinstance(schema, list):
        return [_closed(element) for element in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if "properties" in closed and closed.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed
