"""A REST API has all that SAM writes into its OpenAPI document, and keeps its id."""

import json
import urllib.error
import urllib.request
import uuid
from typing import Any

import pytest

from tests.local.world import World

pytestmark = pytest.mark.local

ECHO = """
import base64, json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps({k: event[k] for k in ("httpMethod", "resource", "isBase64Encoded")})}
"""
GATEWAY_RESPONSE = {
    "statusCode": 404,
    "responseParameters": {"gatewayresponse.header.Content-Type": "'application/problem+json'"},
    "responseTemplates": {"application/json": '{"detail":$context.error.messageString}'},
}
PREFLIGHT = {
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "responses": {
        "200": {"description": "", "headers": {"Access-Control-Allow-Origin": {"type": "string"}}},
    },
    "x-amazon-apigateway-integration": {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {
            "default": {
                "statusCode": "200",
                "responseParameters": {"method.response.header.Access-Control-Allow-Origin": "'*'"},
                "responseTemplates": {"application/json": "{}"},
            }
        },
    },
}


def document(function: str, path: str) -> dict[str, Any]:
    proxy = {
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
            f"arn:aws:lambda:us-east-1:000000000000:function:{function}/invocations",
        }
    }
    return {
        "swagger": "2.0",
        "info": {"title": "test", "version": "1.0"},
        "paths": {path: {"x-amazon-apigateway-any-method": proxy, "options": PREFLIGHT}},
        "x-amazon-apigateway-gateway-responses": {"MISSING_AUTHENTICATION_TOKEN": GATEWAY_RESPONSE},
        "x-amazon-apigateway-binary-media-types": ["application~1x-test"],
    }


class Api:
    """A stack with one REST API."""

    def __init__(self, world: World, function: str) -> None:
        self._world = world
        self._stacks = world.client("cloudformation")
        self._function = function
        self._name = f"api-{uuid.uuid4().hex[:8]}"
        self.id = self._deploy("create", "/things/{thing}")

    def update(self, path: str) -> None:
        self.id = self._deploy("update", path)

    def call(self, method: str, path: str, **headers: str) -> tuple[int, dict[str, str], Any]:
        url = f"{self._world.endpoint}/_aws/execute-api/{self.id}/v1{path}"
        data = b"\xff" if method == "POST" else None
        request = urllib.request.Request(url, data, {k.replace("_", "-"): v for k, v in headers.items()}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, dict(answer.headers), json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), json.loads(error.read())

    def _deploy(self, action: str, path: str) -> str:
        deployment = f"Deployment{uuid.uuid4().hex[:8]}"  # SAM names a new one after each change of the document
        template = {
            "Resources": {
                "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": document(self._function, path)}},
                deployment: {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "Api"}}},
                "Stage": {
                    "Type": "AWS::ApiGateway::Stage",
                    "Properties": {
                        "RestApiId": {"Ref": "Api"},
                        "StageName": "v1",
                        "DeploymentId": {"Ref": deployment},
                    },
                },
            },
            "Outputs": {"Id": {"Value": {"Ref": "Api"}}},
        }
        getattr(self._stacks, f"{action}_stack")(StackName=self._name, TemplateBody=json.dumps(template))
        waiter = self._stacks.get_waiter(f"stack_{action}_complete")
        waiter.wait(StackName=self._name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
        (stack,) = self._stacks.describe_stacks(StackName=self._name)["Stacks"]
        return str(stack["Outputs"][0]["OutputValue"])


@pytest.fixture
def api(world: World) -> Api:
    return Api(world, world.function(ECHO))


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_any_method_reaches_the_function(api: Api, method: str):
    status, _, body = api.call(method, "/things/1")

    assert (status, body["httpMethod"], body["resource"]) == (200, method, "/things/{thing}")


def test_errors_of_the_gateway_look_as_the_document_says(api: Api):
    status, headers, body = api.call("GET", "/nothing")

    assert status == 404
    assert headers["Content-Type"] == "application/problem+json"
    assert body == {"detail": "Missing Authentication Token"}


def test_preflights_are_answered(api: Api):
    status, headers, _ = api.call("OPTIONS", "/things/1", Origin="http://localhost:3000")

    assert status == 200
    assert headers["Access-Control-Allow-Origin"] == "*"


def test_binary_media_types_arrive_encoded(api: Api):
    _, _, body = api.call("POST", "/things/1", Content_Type="application/x-test")

    assert body["isBase64Encoded"] is True


def test_an_update_changes_the_paths_and_keeps_the_id(api: Api):
    before = api.id

    api.update("/others/{other}")

    assert api.id == before
    assert api.call("GET", "/others/1")[0] == 200
    assert api.call("GET", "/things/1")[0] == 404
