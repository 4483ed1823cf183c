"""What the emulator's CloudFormation leaves out is added after a deployment."""

import json
from typing import Any

import pytest

from local import dashboard, deploy
from local.logs import show_function
from local.process import Emulator
from local.warm import warm
from tests.local.world import World, eventually
from tests.support.template import load_template

pytestmark = pytest.mark.local

KEYS = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
}
EXPIRING = {"TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True}}


def function(role: str, code: str) -> dict[str, Any]:
    properties = {"Runtime": "python3.13", "Handler": "index.handler", "Role": role, "Code": {"ZipFile": code}}
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


@pytest.fixture(scope="module")
def endpoint(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An emulator with a stack of Laurel's name."""
    world = World(emulator.endpoint, tmp_path_factory.mktemp("stack"))
    ours = load_template()
    template = {
        "Parameters": {"SignInDomain": ours["Parameters"]["SignInDomain"]},
        "Conditions": {"HasSignInDomain": ours["Conditions"]["HasSignInDomain"]},
        "Resources": {
            **{name: ours["Resources"][name] for name in ("DashboardHeaders", "PreviewHeaders")},
            "ImportsBucket": {"Type": "AWS::S3::Bucket"},
            "Expiring": {"Type": "AWS::DynamoDB::Table", "Properties": KEYS | EXPIRING},
            "Lasting": {"Type": "AWS::DynamoDB::Table", "Properties": KEYS},
            "Good": function(world.role, "def handler(event, context): print('warmed'); return event['Records']"),
            "Bad": function(world.role, "def handler(event, context): raise RuntimeError('not today')"),
        },
        "Outputs": {"Good": {"Value": {"Ref": "Good"}}},
    }
    stacks = world.client("cloudformation")
    stacks.create_stack(StackName="laurel", TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_create_complete").wait(StackName="laurel", WaiterConfig={"Delay": 0.2, "MaxAttempts": 50})
    return emulator.endpoint


def test_items_expire_as_the_template_says(endpoint: str, world: World):
    deploy.expire_items(endpoint)
    deploy.expire_items(endpoint)

    tables = world.client("cloudformation").describe_stack_resources(StackName="laurel")["StackResources"]
    found = {
        table["LogicalResourceId"]: world.dynamodb.describe_time_to_live(TableName=table["PhysicalResourceId"])
        for table in tables
        if table["ResourceType"] == "AWS::DynamoDB::Table"
    }
    assert found["Expiring"]["TimeToLiveDescription"]["AttributeName"] == "expires_at"
    assert found["Expiring"]["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
    assert found["Lasting"]["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED"


def test_warming_starts_all_functions_and_names_those_that_fail(endpoint: str, capsys: pytest.CaptureFixture[str]):
    failures = warm(endpoint)

    assert deploy.stack_outputs(endpoint)["Good"] == deploy.function_names(endpoint)["Good"]
    assert len(failures) == 1
    assert failures[0].startswith("Bad: ")
    assert "not today" in failures[0]

    def logged() -> bool:
        show_function(endpoint, "Good", follow=False)
        return "warmed" in capsys.readouterr().out

    assert eventually(logged)


def test_the_dashboard_is_served_with_the_headers_of_the_template(endpoint: str):
    found, preview = dashboard.headers(endpoint, "DashboardHeaders"), dashboard.headers(endpoint, "PreviewHeaders")

    bucket = deploy.resource_id(endpoint, "ImportsBucket")
    policy = found.pop("Content-Security-Policy")
    assert policy.startswith(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' "
    )
    assert f" https://s3.us-east-1.amazonaws.com/{bucket}/ " in policy
    assert "$" not in policy
    assert found == {
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    assert preview["Content-Security-Policy"].endswith("frame-ancestors 'self'; sandbox allow-scripts")
    assert "X-Frame-Options" not in preview
