"""Cold starts: CPU time of a process from its start to its first answer, beside a plain handler's."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import runtime, sample_followers, samples

API_LIMIT = 1.5
STREAM_LIMIT = 1.15
CLIENTS_LIMIT = 1.5
"""A client besides that of DynamoDB, of the mail service or a queue."""
MORE_LIMIT = 2.0
"""Such a client, or several, and what reads bodies or rows, or acts on what happens."""
COMPOSE_LIMIT = 2.5
"""What reads bodies, fills in templates and cleans HTML, and a client of the queue besides that of DynamoDB."""


@dataclass(frozen=True, slots=True)
class Case:
    """A function's first request, how much a plain handler's time it may take, and how to tell that it was answered."""

    function: str
    request: str
    event: Mapping[str, Any]
    limit: float
    answered: Callable[[dict[str, Any]], bool]


def _status(status: int, part: str) -> Callable[[dict[str, Any]], bool]:
    return lambda answer: answer["statusCode"] == status and part in answer["body"]


def _fifty(what: str) -> Callable[[dict[str, Any]], bool]:
    return lambda answer: (
        answer["statusCode"] == HTTPStatus.OK and len(json.loads(answer["body"])[what]) == samples.ROWS
    )


def _nothing_failed(answer: dict[str, Any]) -> bool:
    return answer == {"batchItemFailures": []}


def _nothing(answer: dict[str, Any] | None) -> bool:
    return answer is None


CASES = (
    Case("LeaderboardFunction", "GET a board of 50 rows", samples.LEADERBOARD, API_LIMIT, _fifty("rows")),
    Case("OrdersFunction", "POST one order", samples.ORDERS, API_LIMIT, _status(200, '"accepted"')),
    Case(
        "OrdersFunction", "POST one order, with a key", samples.ORDERS_WITH_KEY, API_LIMIT, _status(200, '"accepted"')
    ),
    Case("ActivitiesFunction", "POST one activity", samples.ACTIVITIES, API_LIMIT, _status(200, '"accepted"')),
    Case("WebhooksFunction", "POST a signed Shopify order", samples.WEBHOOK, API_LIMIT, _status(200, '"accepted"')),
    Case("WorkspaceFunction", "GET a store", samples.GET_STORE, API_LIMIT, _status(200, '"set_aside"')),
    Case("WorkspaceFunction", "POST (connect) a store", samples.POST_STORE, API_LIMIT, _status(201, '"webhook')),
    Case("ScoringFunction", "GET 50 contacts by score", samples.SCORES, API_LIMIT, _fifty("rows")),
    Case("ScoringFunction", "POST points by hand", samples.SCORE_BY_HAND, API_LIMIT, _status(200, '"given":100')),
    Case("ScoreJobsFunction", "GET how scores are spread", samples.DISTRIBUTION, API_LIMIT, _status(200, '"median"')),
    Case("MessagesFunction", "POST (send) a message", samples.SEND_MESSAGE, COMPOSE_LIMIT, _status(201, '"queued"')),
    Case("MailchimpFunction", "POST one order with an API key", samples.MAILCHIMP, API_LIMIT, _status(200, '"28963"')),
    Case("ApiKeysFunction", "GET all API keys", samples.LIST_API_KEYS, API_LIMIT, _status(200, '"Plugin"')),
    Case("ImportsFunction", "POST (start) an import", samples.START_IMPORT, MORE_LIMIT, _status(201, '"upload"')),
    Case("ImportCutFunction", "cut a file of ten orders", samples.UPLOADED, MORE_LIMIT, _nothing_failed),
    Case("ImportWorkFunction", "record ten rows of a file", samples.CHUNK, MORE_LIMIT, _nothing_failed),
    Case("PrivacyFunction", "POST (hand out) an export", samples.EXPORT, API_LIMIT, _status(200, '"profile"')),
    Case("EraseFunction", "end an erasure", samples.ERASE, API_LIMIT, _nothing_failed),
    Case("PrivacyDueFunction", "look for what is due", samples.SCHEDULE, API_LIMIT, _nothing),
    Case("SendFunction", "send one mail", samples.MAIL, CLIENTS_LIMIT, _nothing_failed),
    Case("FeedbackFunction", "hear that a mail was opened", samples.feedback(), STREAM_LIMIT, _nothing),
    Case(
        "ProjectFunction",
        "project a batch of one order",
        samples.stream_event(samples.ledger_order()),
        STREAM_LIMIT,
        _nothing_failed,
    ),
    Case(
        "ApplyFunction",
        "score a batch of one activity",
        samples.stream_event(samples.ledger_activity()),
        STREAM_LIMIT,
        _nothing_failed,
    ),
    Case("RefreshFunction", "queue a store that is due snapshots", samples.SCHEDULE, CLIENTS_LIMIT, _nothing),
    Case("SnapshotFunction", "take and tell a snapshot", sample_followers.STORE_DUE, MORE_LIMIT, _nothing_failed),
    Case(
        "ReactFunction",
        "begin a run of an automation",
        samples.stream_event(sample_followers.score_entry()),
        CLIENTS_LIMIT,
        _nothing_failed,
    ),
    Case("RunFunction", "give a tag, and end a run", sample_followers.RUN_DUE, CLIENTS_LIMIT, _nothing_failed),
    Case(
        "AutomationsFunction", "GET all automations", sample_followers.AUTOMATIONS, API_LIMIT, _status(200, "Regulars")
    ),
    Case(
        "AutomationsFunction", "POST (make) an automation", sample_followers.AUTOMATE, MORE_LIMIT, _status(201, "tag")
    ),
    Case("RewardsFunction", "GET all programmes", sample_followers.PROGRAMMES, API_LIMIT, _status(200, "THANKS-10")),
    Case("RewardsFunction", "POST (give) an award", sample_followers.GIVE, MORE_LIMIT, _status(202, '"queued"')),
    Case("AlertsFunction", "GET 50 alerts", sample_followers.ALERTS, API_LIMIT, _fifty("alerts")),
)


@dataclass(frozen=True, slots=True)
class Result:
    """Median CPU seconds and the median of the ratios pair by pair, with the operations asked of AWS."""

    case: Case
    seconds: float
    baseline: float
    ratio: float
    spread: tuple[float, float]
    calls: tuple[str, ...]


@contextlib.contextmanager
def stub() -> Iterator[str]:
    """URL of a DynamoDB that answers from memory, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.stub"]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, (runtime.ROOT, runtime.ROOT / "layers/shared"))),
    }
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=runtime.ROOT, env=environment)
    try:
        yield (process.stdout or sys.stdin).readline().strip()
    finally:
        process.terminate()
        process.wait()


def cpu_seconds(command: list[str], environment: dict[str, str], cwd: Path) -> float:
    """User and system time of a program that runs to its end.

    Raises ``RuntimeError`` with what it wrote if it fails.
    """
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, env=environment, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise RuntimeError(output.read().decode(errors="replace"))
    return usage.ru_utime + usage.ru_stime


class Starter:
    """Starts functions and the plain handler, each in a new process."""

    def __init__(self, endpoint: str, folder: Path) -> None:
        self._endpoint = endpoint
        self._folder = folder
        self._python = runtime.bare_python()
        self._functions = runtime.built_functions()
        self._baseline = folder / "baseline"
        self._baseline.mkdir()
        runtime.copy_compiled(runtime.CHILD / "baseline.py", self._baseline)
        self._baseline_event = {"board": "board", "limit": 1}

    def baseline(self) -> float:
        """CPU seconds of the plain handler's start and first answer."""
        environment = runtime.environment("Baseline", self._baseline, self._endpoint)
        environment |= {"RANKINGS_TABLE": "RankingsTable", "POWERTOOLS_SERVICE_NAME": "baseline"}
        seconds, answer = self._start("baseline.handler", environment, self._baseline_event)
        if answer["statusCode"] != HTTPStatus.OK:
            raise RuntimeError(str(answer))
        return seconds

    def start(self, case: Case) -> float:
        """CPU seconds of a function's start and first answer.

        Raises ``RuntimeError`` if the answer is not the right one.
        """
        function = self._functions[case.function]
        seconds, answer = self._start(function.handler, function.environment(self._endpoint), case.event)
        if not case.answered(answer):
            raise RuntimeError(f"{case.function}, {case.request}: {answer}")
        return seconds

    def calls(self) -> tuple[str, ...]:
        """Operations asked of AWS since the last time."""
        with urllib.request.urlopen(f"{self._endpoint}/calls") as answer:  # noqa: S310, our own server
            return tuple(json.load(answer))

    def _start(
        self, handler: str, environment: dict[str, str], event: Mapping[str, Any]
    ) -> tuple[float, dict[str, Any]]:
        request, response = self._folder / "event.json", self._folder / "answer.json"
        request.write_text(json.dumps(event))
        program = [os.fspath(self._python), "-P", os.fspath(runtime.CHILD / "first_answer.py")]
        seconds = cpu_seconds([*program, handler, os.fspath(request), os.fspath(response)], environment, self._folder)
        return seconds, json.loads(response.read_text())


def measure(rounds: int) -> list[Result]:
    """Every case, interleaved with the plain handler pair by pair."""
    with stub() as endpoint, tempfile.TemporaryDirectory() as folder:
        starter = Starter(endpoint, Path(folder))
        starter.baseline()
        calls = {}
        for case in CASES:
            starter.calls()
            starter.start(case)
            calls[case.request] = starter.calls()
        pairs: dict[str, list[tuple[float, float]]] = {case.request: [] for case in CASES}
        for _ in range(rounds):
            for case in CASES:
                pairs[case.request].append((starter.baseline(), starter.start(case)))
    results = []
    for case in CASES:
        ratios = sorted(function / baseline for baseline, function in pairs[case.request])
        results.append(
            Result(
                case,
                median(function for _, function in pairs[case.request]),
                median(baseline for baseline, _ in pairs[case.request]),
                median(ratios),
                (ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]),
                calls[case.request],
            )
        )
    return results
