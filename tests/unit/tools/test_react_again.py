"""The operator's command that has automations hear once more of a contact."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.contact import ContactRef
from laurel.model.signal import AlertRaised
from laurel.store.signals import Signals
from tools import react_again

if TYPE_CHECKING:
    from tests.support.tables import Database

REF = ContactRef("acme", "customers", "ada")
ARGUMENTS = ["--account", REF.account_id, "--audience", REF.audience_id, "--contact", REF.contact]


class Functions:
    """Answers as Lambda does, each time with what comes next."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.heard: list[list[str]] = []
        self._answers = iter(answers)

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803, botocore's names
        assert FunctionName == "react"
        self.heard.append([it["dynamodb"]["SequenceNumber"] for it in json.loads(Payload)["Records"]])
        answer = next(self._answers)
        return {**answer, "Payload": io.BytesIO(json.dumps(answer["Payload"]).encode())}


@pytest.fixture
def of_130(moto_tables: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many alerts about one contact are kept, of the last two days."""
    outputs = {"ContactsTable": moto_tables.tables.contacts, "ReactFunctionName": "react"}
    monkeypatch.setattr(react_again, "stack_outputs", lambda _: outputs)
    monkeypatch.setattr(react_again, "create_client", lambda: moto_tables.client)
    signals, now = Signals(moto_tables.client, moto_tables.tables.contacts), datetime.now(UTC)
    for number in range(130):
        assert signals.put(REF, AlertRaised(now - timedelta(minutes=number), "overdue", f"alert-{number}", ""))


@pytest.mark.usefixtures("of_130")
@pytest.mark.parametrize(
    ("answers", "heard", "failed"),
    [
        (({"batchItemFailures": []}, {"batchItemFailures": []}), 130, 0),
        (({"batchItemFailures": [{"itemIdentifier": "100"}]}, {"batchItemFailures": []}), 129, 1),
        (({"batchItemFailures": []}, {"errorMessage": "Task timed out"}), 100, 30),
    ],
)
def test_what_failed_is_counted(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answers: tuple[dict[str, Any], ...],
    heard: int,
    failed: int,
) -> None:
    said = ({"Payload": it} | ({"FunctionError": "Unhandled"} if "errorMessage" in it else {}) for it in answers)
    functions = Functions(*said)
    monkeypatch.setattr(react_again.boto3, "client", {"lambda": functions}.__getitem__)

    assert react_again.main(ARGUMENTS) == int(failed > 0)

    assert functions.heard == [[str(it) for it in range(1, 101)], [str(it) for it in range(101, 131)]]
    assert capsys.readouterr().out == f"{heard} things were heard of again; {failed} failed\n"
