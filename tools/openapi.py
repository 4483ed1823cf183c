"""The API's description: `python -m tools.openapi` writes it, `--check` compares it with what is committed.

Paths come from the one table of routes, request bodies from the models that read them, answers from
`tools.openapi_answers` and its neighbours. Functions know nothing of this: one of them serves the file.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import sys
import tomllib
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from laurel.http import (
    account_in,
    alerts_in,
    api_keys_in,
    automations_in,
    deliverability_in,
    imports_in,
    jobs_in,
    messages_in,
    problems,
    rates_in,
    rewards_in,
    schemas,
    scoring_in,
    senders_in,
    shop_credentials_in,
    templates_in,
    users_in,
)
from laurel.http.routes import ROUTES, Parameter, Route
from laurel.model.account import Platform, Role
from laurel.model.alert import AlertState
from laurel.model.contact import ConsentStatus
from laurel.model.period import TimeFrame
from laurel.model.ranking import BoardView, Metric
from laurel.model.setaside import SetAsideReason
from laurel.model.snapshot import SnapshotKind
from laurel.scoring.criteria import Order
from tools import openapi_alerts as alerts
from tools import openapi_answers as answers
from tools import openapi_api_keys as api_keys
from tools import openapi_automations as automations
from tools import openapi_boards as boards
from tools import openapi_contacts as contacts
from tools import openapi_counting as counting
from tools import openapi_deliverability as deliverability
from tools import openapi_imports as imports
from tools import openapi_jobs as jobs
from tools import openapi_messages as messages
from tools import openapi_privacy as privacy
from tools import openapi_reconciliation as reconciliation
from tools import openapi_rewards as rewards
from tools import openapi_rewards_texts as rewards_texts
from tools import openapi_scoring as scoring
from tools import openapi_senders as senders
from tools import openapi_shop_credentials as shop_credentials
from tools import openapi_signing as signing
from tools import openapi_templates as templates
from tools import openapi_texts as texts
from tools import openapi_users as users

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

Json = dict[str, Any]

ROOT = Path(__file__).parent.parent
COMMITTED = ROOT / "functions" / "workspace" / "openapi.json"

_COMPONENT = "#/components/{kind}/{name}"
_ANY_OBJECT, _ORDERS_IN, _FORM = "AnyObject", "OrdersIn", "DecisionForm"
_ENUMS: dict[str, type[StrEnum]] = {
    kind.__name__: kind
    for kind in (Metric, BoardView, SnapshotKind, TimeFrame, SetAsideReason, Platform, ConsentStatus, Order, AlertState)
}


def _models(*modules: ModuleType) -> dict[str, type[BaseModel]]:
    return {
        name: model
        for module in modules
        for name, model in vars(module).items()
        if isinstance(model, type) and issubclass(model, BaseModel)
    }


_REQUESTS = _models(
    schemas,
    account_in,
    alerts_in,
    api_keys_in,
    rates_in,
    imports_in,
    scoring_in,
    automations_in,
    jobs_in,
    senders_in,
    deliverability_in,
    templates_in,
    messages_in,
    shop_credentials_in,
    rewards_in,
    users_in,
)
_ANSWERS = _models(
    answers,
    alerts,
    api_keys,
    boards,
    contacts,
    counting,
    imports,
    privacy,
    reconciliation,
    scoring,
    automations,
    jobs,
    senders,
    deliverability,
    templates,
    messages,
    shop_credentials,
    signing,
    rewards,
    users,
)
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_EMPTY_BODIES = (schemas.SecretRotation.__name__, scoring_in.ScoreVerification.__name__)
"""Requests that may come without a body."""

# API Gateway's own answers (template.yaml, GatewayResponses) that have no place in the functions' table.
_GATEWAY = (
    problems.Problem(HTTPStatus.CONTENT_TOO_LARGE, "content-too-large", "The request is too large"),
    problems.Problem(HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests", "Too many requests"),
)


def document() -> Json:
    """The whole description, as OpenAPI 3.1."""
    paths: dict[str, Json] = {}
    for route in sorted(ROUTES.values(), key=lambda it: it.path):
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Laurel",
            "version": version,
            "summary": "Loyalty leaderboards for shops that sell online.",
            "description": texts.INFO,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/v1"}],
        "security": [{"idToken": []}],
        "tags": [{"name": name, "description": description} for name, (description, _) in texts.TAGS.items()],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "idToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": texts.SIGN_IN,
                }
            },
            "parameters": {"IdempotencyKey": _idempotency_key(), "IfMatch": _if_match()},
            "responses": {_name(status): _problem(status, text) for status, text in texts.STATUSES.items()},
            "schemas": _schemas(),
        },
    }


def text() -> str:
    """The description as it is committed and served."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def statuses(route: Route) -> list[int]:
    """Statuses of the problems a route may answer with."""
    found = {*route.problems, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR}
    if route.role:
        found.add(HTTPStatus.UNAUTHORIZED)
    if route.role not in (None, Role.VIEWER):
        found.add(HTTPStatus.FORBIDDEN)
    if route.request:
        found |= {HTTPStatus.BAD_REQUEST, HTTPStatus.CONTENT_TOO_LARGE}
    if route.request and not route.page:
        found.add(HTTPStatus.UNPROCESSABLE_CONTENT)
    if route.parameters:
        found.add(HTTPStatus.UNPROCESSABLE_CONTENT)
    if any(parameter.name == "cursor" for parameter in route.parameters):
        found.add(HTTPStatus.BAD_REQUEST)
    if route.idempotent:
        found |= {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_CONTENT}
    if route.if_match:
        found |= {HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED}
    if route.method != "GET":
        found.add(HTTPStatus.SERVICE_UNAVAILABLE)
    return sorted(found)


def _operation(route: Route) -> Json:
    (tag,) = (name for name, (_, operations) in texts.TAGS.items() if route.operation in operations)
    operation: Json = {
        "operationId": route.operation,
        "summary": route.summary,
        "tags": [tag],
        "parameters": list(_parameters(route)),
        "responses": {str(route.status): _success(route)},
    }
    operation["responses"] |= {
        str(status): {"$ref": _COMPONENT.format(kind="responses", name=_name(status))} for status in statuses(route)
    }
    description = [texts.DESCRIPTIONS[route.operation]] if route.operation in texts.DESCRIPTIONS else []
    if route.page:
        operation["responses"] |= {str(status): _page(texts.PAGE_STATUSES[status]) for status in route.problems}
    if route.role is None:
        operation["security"] = []
        for status in texts.WEBHOOK_STATUSES.keys() & set(route.problems):
            operation["responses"][str(status)] = _problem(status, texts.WEBHOOK_STATUSES[status])
    else:
        operation["x-role"] = route.role.value
        description.append(f"Least role: `{route.role.value}`.")
    if description:
        operation["description"] = "\n\n".join(description)
    if route.request:
        operation["requestBody"] = _request_body(route)
    return operation


def _parameters(route: Route) -> Iterator[Json]:
    for name in re.findall(r"\{(\w+)\}", route.path):
        schema = _enum("Platform") if name == "platform" else {"type": "string", "minLength": 1}
        described = texts.PATH_PARAMETERS[name]
        yield {"name": name, "in": "path", "required": True, "description": described, "schema": schema}
    for parameter in route.parameters:
        yield {
            "name": parameter.name,
            "in": "query",
            "description": parameter.description,
            "schema": _parameter_schema(parameter),
        }
    if route.request == _ANY_OBJECT:
        for name, described in texts.WEBHOOK_HEADERS[route.operation].items():
            yield {"name": name, "in": "header", "description": described, "schema": {"type": "string"}}
    if route.if_match:
        yield {"$ref": _COMPONENT.format(kind="parameters", name="IfMatch")}
    if route.idempotent:
        yield {"$ref": _COMPONENT.format(kind="parameters", name="IdempotencyKey")}


def _parameter_schema(parameter: Parameter) -> Json:
    schema = _enum(parameter.enum) if parameter.enum else {"type": parameter.schema}
    more = {name: getattr(parameter, name) for name in ("default", "minimum", "maximum", "format")}
    return schema | {name: value for name, value in more.items() if value is not None}


def _enum(name: str) -> Json:
    return {"type": "string", "enum": [member.value for member in _ENUMS[name]]}


def _idempotency_key() -> Json:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "description": texts.IDEMPOTENCY_KEY,
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "examples": ["3f0c5a9e-order-10001"]},
    }


def _if_match() -> Json:
    return {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": texts.IF_MATCH,
        "schema": {"type": "string", "examples": ['"3"']},
    }


def _request_body(route: Route) -> Json:
    media: Json = {"schema": _schema(route.request or "")}
    if route.page:
        return {"required": True, "content": dict.fromkeys(_FORMS, media)}
    if route.operation in texts.EXAMPLES:
        media["examples"] = {name: {"value": value} for name, value in texts.EXAMPLES[route.operation].items()}
    content: Json = {"application/json": media}
    if route.request in (*counting.CSV_BODIES, *rewards_texts.CSV_BODIES):
        content["text/csv"] = {"schema": {"type": "string"}}
    return {"required": route.request not in _EMPTY_BODIES, "content": content}


def _page(description: str) -> Json:
    return {"description": description, "content": {"text/html": {"schema": {"type": "string"}}}}


def _success(route: Route) -> Json:
    if route.page:
        return _page("A page in the contact's language, or the account's.")
    model = _ANSWERS[route.response or ""]
    described = (model.__doc__ or "").splitlines()[0]
    answer: Json = {
        "description": described,
        "content": {"application/json": {"schema": _schema(route.response or "")}},
    }
    if route.csv:
        answer["content"]["text/csv"] = {"schema": {"type": "string"}}
        rebuilding = ("Laurel-Rebuilding",) if "rebuilding" in model.model_fields else ()
        answer["headers"] = _headers("Link", "Content-Disposition", *rebuilding)
    if route.etag:
        answer["headers"] = _headers("ETag")
    return answer


def _problem(status: int, description: str) -> Json:
    """A response with an example of every problem of its status."""
    known = [problem for problem in (*problems.PROBLEMS.values(), *_GATEWAY) if problem.status == status]
    answer: Json = {
        "description": description,
        "content": {
            problems.CONTENT_TYPE: {
                "schema": _schema("Problem"),
                "examples": {
                    it.slug: {"value": {"type": it.type, "title": it.title, "status": it.status}} for it in known
                },
            }
        },
    }
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        answer["headers"] = _headers("Retry-After")
    return answer


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.replace(" ", "")


def _headers(*names: str) -> Json:
    return {name: {"description": texts.HEADERS[name], "schema": {"type": "string"}} for name in names}


def _schema(name: str) -> Json:
    return {"$ref": _COMPONENT.format(kind="schemas", name=name)}


def _schemas() -> Json:
    requests = {route.request for route in ROUTES.values() if route.request} | {schemas.OrderBatch.__name__, "OrderIn"}
    models: list[type[BaseModel]] = [_REQUESTS[name] for name in requests - {_ANY_OBJECT, _ORDERS_IN, _FORM}]
    models += [_ANSWERS[route.response] for route in ROUTES.values() if route.response] + [answers.Problem]
    _, generated = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(models)],
        ref_template=_COMPONENT.format(kind="schemas", name="{model}"),
    )
    components: Json = {name: _tidy(schema, name) for name, schema in generated["$defs"].items()}
    components["OrderBatch"]["properties"]["orders"]["items"] = _schema("OrderIn")
    components[_ORDERS_IN] = {
        "description": "One order, or a batch of them.",
        "oneOf": [_schema("OrderIn"), _schema("OrderBatch")],
    }
    components[_FORM] = senders.DECISION_FORM
    components[_ANY_OBJECT] = {"description": "What the platform sends.", "type": "object"}
    return dict(sorted(components.items()))


def _tidy(schema: Json, name: str) -> Json:
    """A model's schema without generated titles; answers are left open, so that they may gain fields."""
    tidied: Json = _without_noise(schema)
    if name not in _REQUESTS and tidied.get("additionalProperties") is False:
        del tidied["additionalProperties"]
    return tidied


def _without_noise(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_noise(element) for element in schema]
    if not isinstance(schema, dict):
        return schema
    tidied: Json = {}
    for key, value in schema.items():
        if key == "properties":
            tidied[key] = {name: _without_noise(property_) for name, property_ in value.items()}
        elif key == "description":
            tidied[key] = re.sub(r"\s*\n\s*", " ", value.replace("``", "`"))
        elif key != "title" and not (key == "default" and (value is None or isinstance(value, dict))):
            tidied[key] = value if key in ("default", "examples", "enum", "const") else _without_noise(value)
    return tidied


def main(argv: list[str] | None = None) -> int:
    """Write the description, or compare it with the committed one."""
    parser = argparse.ArgumentParser(description="Write the API's OpenAPI description.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if what is committed is stale")
    arguments = parser.parse_args(argv)
    if not arguments.check:
        COMMITTED.write_text(text(), encoding="utf-8")
        return 0
    committed = COMMITTED.read_text(encoding="utf-8") if COMMITTED.exists() else ""
    difference = list(
        difflib.unified_diff(
            committed.splitlines(), text().splitlines(), str(COMMITTED.relative_to(ROOT)), "generated", lineterm=""
        )
    )
    if difference:
        print("\n".join(difference))
        print("The API's description is stale. Write it again: python -m tools.openapi", file=sys.stderr)
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
