"""Build Laurel and deploy the real template to the emulator."""

import platform
import subprocess
from collections.abc import Mapping
from typing import Any

from local import aws
from local.errors import LocalError
from local.paths import FOLDER, ROOT, SAM_VENV

BUILD_LOG = FOLDER / "build.log"
DEPLOY_LOG = FOLDER / "deploy.log"
LAST_LINES = 40
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}
STAGE = "v1"


def build() -> None:
    """Build functions and layer for this machine.

    Raises:
        LocalError: The build failed.
    """
    _run(["make", "build"], None, BUILD_LOG.name)


def deploy(endpoint: str) -> dict[str, str]:
    """Deploy what was built, as a new stack or as an update that keeps all data; returns the stack's outputs.

    Raises:
        LocalError: The deployment failed.
    """
    parameters = {
        "Architecture": architecture(),
        "LocalShops": "on",
        "PublicDashboardUrl": f"{endpoint}/dashboard",
        "PublicApiUrl": f"{endpoint}/_aws/execute-api/{{api_id}}/{{stage}}",
    }
    _run(
        [
            str(SAM_VENV / "bin" / "sam"),
            "deploy",
            f"--stack-name={aws.STACK}",
            f"--region={aws.REGION}",
            "--no-progressbar",
            "--parameter-overrides",
            *(f"{name}={value}" for name, value in parameters.items()),
        ],
        aws.environment(endpoint),
        DEPLOY_LOG.name,
    )
    outputs = stack_outputs(endpoint)
    expire_items(endpoint)
    return outputs


def stack_outputs(endpoint: str) -> dict[str, str]:
    """The deployed stack's outputs by name."""
    (stack,) = aws.client("cloudformation", endpoint).describe_stacks(StackName=aws.STACK)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def function_names(endpoint: str) -> dict[str, str]:
    """The deployed functions' names by their logical ids."""
    return {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for resource in _resources(endpoint)
        if resource["ResourceType"] == "AWS::Lambda::Function"
    }


def resource_id(endpoint: str, name: str) -> str:
    """What AWS calls the resource of this logical id."""
    physical: str = next(it["PhysicalResourceId"] for it in _resources(endpoint) if it["LogicalResourceId"] == name)
    return physical


def architecture() -> str:
    """What this machine's processor is called in the template.

    Raises:
        LocalError: Lambda has no such processor.
    """
    try:
        return ARCHITECTURES[platform.machine().lower()]
    except KeyError:
        raise LocalError(f"Laurel runs on x86_64 and arm64, not on {platform.machine()}.") from None


def expire_items(endpoint: str) -> None:
    """Turn on the expiry of items that the template asks for, which the emulator's CloudFormation passes over."""
    answer = aws.client("cloudformation", endpoint).get_template(StackName=aws.STACK, TemplateStage="Processed")
    template: Mapping[str, Any] = answer["TemplateBody"]
    tables = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in _resources(endpoint)}
    dynamodb = aws.client("dynamodb", endpoint)
    for name, resource in template["Resources"].items():
        wanted = resource.get("Properties", {}).get("TimeToLiveSpecification")
        if resource["Type"] == "AWS::DynamoDB::Table" and wanted:
            wanted = {"AttributeName": wanted["AttributeName"], "Enabled": True}
            table = tables[name]
            found = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
            if found.get("AttributeName") != wanted["AttributeName"] or found["TimeToLiveStatus"] != "ENABLED":
                dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=wanted)


def _resources(endpoint: str) -> list[dict[str, Any]]:
    stacks = aws.client("cloudformation", endpoint)
    resources: list[dict[str, Any]] = stacks.describe_stack_resources(StackName=aws.STACK)["StackResources"]
    return resources


def _run(command: list[str], environment: dict[str, str] | None, log: str) -> None:
    """Run a program quietly; show the end of what it said when it fails."""
    path = FOLDER / log
    with path.open("w+") as output:
        result = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if result.returncode:
        said = "\n".join(path.read_text(errors="replace").splitlines()[-LAST_LINES:])
        raise LocalError(
            f"{said}\n\nThis failed: {' '.join(command)}\nAll it said is in {path.relative_to(ROOT)}. "
            "To start over without the data of earlier runs: make down, then remove .local/state."
        )
