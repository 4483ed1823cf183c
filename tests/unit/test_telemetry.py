"""Entry points: what was counted is written out at the end, and garbage is collected from the start."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest

from laurel import telemetry
from laurel.telemetry import count, entry_point
from tests.support.api import Context


@pytest.fixture(autouse=True)
def _namespace(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(telemetry.metrics.provider, "namespace", "Laurel")
    telemetry.metrics.provider.metric_set.clear()
    yield
    telemetry.metrics.provider.metric_set.clear()


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]


def test_counters_are_written_once_the_handler_returns(capsys: pytest.CaptureFixture[str]) -> None:
    @entry_point
    def handler(event: dict[str, Any], _context: Any) -> int:
        count("OrdersAccepted", 2)
        count("OrdersAccepted")
        return len(event)

    assert handler({"a": 1}, Context()) == 1

    (line,) = written(capsys)
    assert line["OrdersAccepted"] == [2.0, 1.0]
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Laurel"


def test_counters_are_written_even_if_the_handler_fails(capsys: pytest.CaptureFixture[str]) -> None:
    @entry_point
    def handler(_event: dict[str, Any], _context: Any) -> None:
        count("RequestFailed")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        handler({}, Context())

    assert [line["RequestFailed"] for line in written(capsys)] == [[1.0]]


def test_nothing_is_written_where_nothing_was_counted(capsys: pytest.CaptureFixture[str]) -> None:
    entry_point(lambda _event, _context: None)({}, Context())

    assert written(capsys) == []


def test_a_function_that_started_without_collecting_garbage_begins_to() -> None:
    gc.disable()
    try:
        entry_point(lambda _event, _context: None)
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.enable()
