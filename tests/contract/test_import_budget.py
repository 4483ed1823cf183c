"""What each built function imports before its first request. How long that takes is in docs/performance.md."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from benchmarks import runtime
from tests.support.functions import FUNCTIONS, properties

pytestmark = pytest.mark.built

STREAM = [name for name in FUNCTIONS if any(it["Type"] != "Api" for it in properties(name).get("Events", {}).values())]
READS_BODIES = ("OrdersFunction", "ActivitiesFunction")
NEVER = {
    "boto3": "botocore has the client; boto3 adds resources and transfers",
    "s3transfer": "comes with boto3",
    "aws_lambda_powertools.event_handler": "laurel.http.app resolves routes",
    "aws_lambda_powertools.utilities.data_classes": "comes with Powertools' resolver",
    "aws_lambda_powertools.utilities.idempotency": "few requests carry a key",
    "asyncio": "nothing here is asynchronous",
    "unittest": "a test's",
    "moto": "a test's",
}
BUDGET = {
    "LeaderboardFunction": 70,
    "ProjectFunction": 45,
    "OrdersFunction": 120,
    "ActivitiesFunction": 120,
    "ImportWorkFunction": 70,
    "MailchimpFunction": 70,
    "WorkFunction": 90,
    "DailyFunction": 70,
    "ReactFunction": 70,
    "WorkspaceFunction": 75,
    "ScoringFunction": 70,
    "SendFunction": 65,
    "PrivacyFunction": 65,
    "EraseFunction": 65,
    "RunFunction": 75,
    "SnapshotFunction": 70,
}
"""Modules that a function may import beyond those of a bare DynamoDB client and Powertools' Logger."""
BUDGET_OF_OTHERS = 60


class Imported(NamedTuple):
    modules: dict[str, str | None]
    collects: bool

    def of(self, package: str) -> list[str]:
        return [name for name in self.modules if name == package or name.startswith(f"{package}.")]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Imported]:
    if not (runtime.BUILD / "template.yaml").is_file():
        pytest.skip("nothing is built: make build")
    folder = tmp_path_factory.mktemp("imports")
    known: dict[str, Imported] = {}

    def run(module: str, environment: dict[str, str]) -> Imported:
        result = folder / "imported.json"
        program = [str(runtime.bare_python()), "-P", str(runtime.CHILD / "imported.py"), module, str(result)]
        subprocess.run(program, env=environment, cwd=folder, check=True, capture_output=True)
        told: dict[str, Any] = json.loads(result.read_text())
        return Imported(**told)

    def imported(function: str) -> Imported:
        if function not in known:
            if function == "plain":
                (folder / "plain.py").write_text(PLAIN)
                known[function] = run("plain", runtime.environment("plain", folder, "http://127.0.0.1:1"))
            else:
                built = runtime.built_functions()[function]
                known[function] = run(built.handler.partition(".")[0], built.environment("http://127.0.0.1:1"))
        return known[function]

    return imported


PLAIN = """\
import botocore.session
from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics
logger, client = Logger(), botocore.session.get_session().create_client("dynamodb")
"""


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_imports_nothing_it_does_not_need(function: str, imported: Callable[[str], Imported]) -> None:
    found = imported(function)

    assert {package: why for package, why in NEVER.items() if found.of(package)} == {}


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if name not in READS_BODIES])
def test_only_functions_that_always_read_a_body_import_pydantic(
    function: str, imported: Callable[[str], Imported]
) -> None:
    assert imported(function).of("pydantic") == []


@pytest.mark.parametrize("function", STREAM)
def test_functions_that_follow_a_stream_import_no_http(function: str, imported: Callable[[str], Imported]) -> None:
    assert imported(function).of("laurel.http") == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_stays_in_its_budget(function: str, imported: Callable[[str], Imported]) -> None:
    own = sorted(set(imported(function).modules) - set(imported("plain").modules))

    assert len(own) <= BUDGET.get(function, BUDGET_OF_OTHERS), own


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_imports_only_what_lambda_has(function: str, imported: Callable[[str], Imported]) -> None:
    code = runtime.built_functions()[function].code
    standard = Path(json.__file__).parent.parent

    elsewhere = [
        file
        for file in imported(function).modules.values()
        if file and not any(Path(file).is_relative_to(root) for root in (code, runtime.LAYER, runtime.BARE, standard))
    ]

    assert [file for file in elsewhere if Path(file) != runtime.CHILD / "imported.py"] == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_garbage_is_collected_once_a_function_has_started(function: str, imported: Callable[[str], Imported]) -> None:
    assert imported(function).collects
