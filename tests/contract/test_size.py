"""The stack stays one that CloudFormation takes: a template has no more than 500 resources once SAM has expanded it."""

import json
import os
import subprocess
from collections import Counter

import pytest

from local.installation import emulator_python
from tests.support.template import load_template

MOST_RESOURCES = 500
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""

# SAM's own translator is beside the emulator, which deploys with it; here it would bring other releases of libraries.
EXPAND = """
import json, sys
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

expanded = Translator({}, Parser()).translate(json.load(sys.stdin), parameter_values={})
print(json.dumps([resource["Type"] for resource in expanded["Resources"].values()]))
"""


@pytest.fixture(scope="module")
def kinds() -> list[str]:
    """The type of each resource of the expanded template."""
    template = json.loads(json.dumps(load_template()))
    for resource in template["Resources"].values():
        for name in {"CodeUri", "ContentUri"} & set(resource.get("Properties", {})):
            resource["Properties"][name] = "s3://bucket/key"  # where `sam package` would have put it
    expanding = subprocess.run(
        [emulator_python(), "-c", EXPAND],
        input=json.dumps(template),
        env={**os.environ, "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert expanding.returncode == 0, expanding.stderr
    expanded: list[str] = json.loads(expanding.stdout)
    return expanded


def test_a_stack_has_room_for_every_resource(kinds: list[str]) -> None:
    told = ", ".join(f"{kind} {number}" for kind, number in Counter(kinds).most_common(5))

    print(f"{len(kinds)} resources of {MOST_RESOURCES}: {told} ...")

    assert len(kinds) < MOST_RESOURCES, told


def test_what_sam_adds_is_counted(kinds: list[str]) -> None:
    assert Counter(kinds)["AWS::Lambda::Permission"] > 0
    assert len(kinds) > len(load_template()["Resources"])
