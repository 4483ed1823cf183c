"""REST APIs with everything that SAM writes into their OpenAPI document, under an id that stays.

Why: stock MiniStack takes only methods, authorizers and Lambda integrations from the document. It drops ``any``
methods, gateway responses, so that errors of API Gateway itself are no problem documents, binary media types, and all
of CORS, whose preflights are mock integrations with response headers. And with every change of the document it makes a
new API with a new id, so that all webhook URLs given out before go dead. AWS keeps the id, and so does this.
"""

# ruff: noqa: SLF001 - replaces what MiniStack keeps to itself

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ministack.services import apigateway_v1 as gateway
from ministack.services.cloudformation import provisioners

type Json = Mapping[str, Any]

EXTENSION = "x-amazon-apigateway-"
ANY_METHOD = EXTENSION + "any-method"
PLACES = {"query": "querystring", "header": "header", "path": "path"}
INTEGRATION_FIELDS = (
    "httpMethod",
    "uri",
    "credentials",
    "requestParameters",
    "requestTemplates",
    "passthroughBehavior",
    "timeoutInMillis",
    "contentHandling",
)

_update_stock = provisioners._apigw_rest_api_update


def apply() -> None:
    """Replace MiniStack's import of OpenAPI documents and CloudFormation's update of a REST API."""
    gateway._import_rest_api = _import_rest_api
    provisioners._apigw_rest_api_update = _update
    handlers = provisioners._RESOURCE_HANDLERS["AWS::ApiGateway::RestApi"]
    handlers.update({action: _update for action, handler in handlers.items() if handler is _update_stock})


def _import_rest_api(document: Json, base: Json | None = None) -> str:
    """Make a REST API from an OpenAPI document and return its id."""
    info = document.get("info") or {}
    about = dict(base or {})
    about["name"] = about.get("name") or str(info.get("title") or "unnamed")
    about["version"] = about.get("version") or str(info.get("version") or "")
    api = str(_made(gateway._create_rest_api(about))["id"])
    _fill(api, document)
    return api


def _update(api: str, old: Json, new: Json, stack: str, logical_id: str | None = None) -> Any:
    """Import a changed document into the same API, as PutRestApi does with ``mode=overwrite``."""
    document = new.get("Body")
    if isinstance(document, dict) and document != old.get("Body") and api in gateway._rest_apis:
        _empty(api)
        _fill(api, document)
        old = {**old, "Body": document}
    return _update_stock(api, old, new, stack, logical_id)


def _empty(api: str) -> None:
    root = next(resource for resource in gateway._resources[api].values() if resource["path"] == "/")
    root["resourceMethods"] = {}
    gateway._resources[api] = {root["id"]: root}
    for store in (gateway._authorizers_v1, gateway._models, gateway._gateway_responses, gateway._request_validators):
        store[api] = {}


def _fill(api: str, document: Json) -> None:
    """Import everything but the record of the REST API itself."""
    schemas = document.get("definitions") or (document.get("components") or {}).get("schemas") or {}
    for name, schema in schemas.items():
        gateway._create_model(api, {"name": name, "schema": json.dumps(schema)})
    validators = {
        name: _made(gateway._create_request_validator(api, {"name": name, **validator}))["id"]
        for name, validator in (document.get(EXTENSION + "request-validators") or {}).items()
    }
    authorizers = gateway._import_security_schemes(api, document)
    for path, item in (document.get("paths") or {}).items():
        resource = _resource(api, path)
        for method, operation in _operations(item):
            inherited = {
                "security": document.get("security"),
                EXTENSION + "request-validator": document.get(EXTENSION + "request-validator"),
            }
            _import_operation(api, resource, method, inherited | operation, authorizers, validators)
    for kind, response in (document.get(EXTENSION + "gateway-responses") or {}).items():
        gateway._put_gateway_response(api, kind, response or {})
    if binary := document.get(EXTENSION + "binary-media-types"):
        gateway._rest_apis[api]["binaryMediaTypes"] = [kind.replace("~1", "/") for kind in binary]


def _resource(api: str, path: str) -> str:
    """The id of the resource at ``path``, made where it does not exist yet."""
    found = next(key for key, resource in gateway._resources[api].items() if resource["path"] == "/")
    for segment in filter(None, path.split("/")):
        children = (
            key
            for key, resource in gateway._resources[api].items()
            if (resource.get("parentId"), resource.get("pathPart")) == (found, segment)
        )
        found = next(children, None) or _made(gateway._create_resource(api, found, {"pathPart": segment}))["id"]
    return str(found)


def _operations(item: Json) -> Iterator[tuple[str, dict[str, Any]]]:
    for method, operation in item.items():
        if method.lower() == ANY_METHOD:
            yield "ANY", dict(operation or {})
        elif method.lower() in gateway._OPENAPI_HTTP_METHODS:
            yield method.upper(), dict(operation or {})


def _import_operation(
    api: str, resource: str, method: str, operation: Json, authorizers: Json, validators: Mapping[str, str]
) -> None:
    parameters = [parameter for parameter in operation.get("parameters") or () if isinstance(parameter, dict)]
    gateway._put_method(
        api,
        resource,
        method,
        gateway._method_security(operation.get("security"), authorizers)
        | {
            "requestModels": dict(_request_models(operation, parameters)),
            "requestParameters": {
                f"method.request.{PLACES[parameter['in']]}.{parameter['name']}": bool(parameter.get("required"))
                for parameter in parameters
                if parameter.get("in") in PLACES
            },
            "requestValidatorId": validators.get(operation.get(EXTENSION + "request-validator") or ""),
        },
    )
    for status, response in (operation.get("responses") or {}).items():
        headers = (response or {}).get("headers") or {}
        named = {"responseParameters": {f"method.response.header.{name}": False for name in headers}}
        gateway._put_method_response(api, resource, method, str(status), named)
    if integration := operation.get(EXTENSION + "integration"):
        _import_integration(api, resource, method, integration)


def _request_models(operation: Json, parameters: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    bodies = {parameter["in"]: parameter for parameter in parameters if parameter.get("in") == "body"}
    contents = {"application/json": bodies.get("body"), **((operation.get("requestBody") or {}).get("content") or {})}
    for media_type, content in contents.items():
        reference = ((content or {}).get("schema") or {}).get("$ref")
        if reference:
            yield media_type, reference.rsplit("/", 1)[-1]


def _import_integration(api: str, resource: str, method: str, integration: Json) -> None:
    settings = {field: integration[field] for field in INTEGRATION_FIELDS if field in integration}
    settings["passthroughBehavior"] = str(settings.get("passthroughBehavior", "WHEN_NO_MATCH")).upper()
    settings["type"] = str(integration.get("type") or "").upper() or None
    gateway._put_integration(api, resource, method, settings)
    for pattern, response in (integration.get("responses") or {}).items():
        gateway._put_integration_response(
            api,
            resource,
            method,
            str(response.get("statusCode", "200")),
            {
                "selectionPattern": "" if pattern == "default" else pattern,
                "responseParameters": response.get("responseParameters") or {},
                "responseTemplates": response.get("responseTemplates") or {},
            },
        )


def _made(answer: tuple[int, Any, str | bytes]) -> dict[str, Any]:
    """The body of an answer of MiniStack's own API."""
    made: dict[str, Any] = json.loads(answer[2])
    return made
