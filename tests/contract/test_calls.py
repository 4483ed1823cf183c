"""Every call a function makes is granted by its role, and every grant is needed by a call.

One merchant's day goes through all functions, route by route and webhook by webhook, and the calls to DynamoDB, to
the queues of jobs and of mail, to the mail service, the user pool and for the billing secret are taken down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from tests.contract.alerts_day import alerts_of_a_day
from tests.contract.automations_day import automations_of_a_day
from tests.contract.mail_day import (
    messages_of_a_day,
    sending_of_a_day,
    templates_of_a_day,
)
from tests.contract.merchant import Merchant
from tests.contract.merchant_day import (
    a_day,
    counting_of_a_day,
    imports_of_a_day,
    jobs_of_a_day,
    plugin_of_a_day,
    privacy_of_a_day,
    reconciliation_of_a_day,
    shop_of_a_day,
    users_of_a_day,
)
from tests.contract.rewards_day import rewards_of_a_day
from tests.contract.told import Call
from tests.support.functions import (
    FUNCTIONS,
)
from tests.support.template import resources

if TYPE_CHECKING:
    from collections.abc import Iterator

QUEUES = {
    "JobsQueue": "jobs",
    "MailQueue": "mail",
    "ImportsQueue": "imports",
    "ErasuresQueue": "erasures",
    "SnapshotsQueue": "snapshots",
    "AutomationsQueue": "automations",
}
SERVICES = {
    "ses": "mail service",
    "cognito-idp": "user pool",
    "kms": "seals",
    "scheduler": "schedules",
    "events": "event bus",
    "iam": "schedules",
}


def grants(function: str) -> set[Call]:
    """What the template lets a function do to tables, and whether it may queue jobs; taking them is up to Lambda."""
    role = resources("AWS::IAM::Role")[f"{function.removesuffix('Function')}Role"]
    granted = set()
    for statement in role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        targets = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        if service := SERVICES.get(actions[0].partition(":")[0]):
            granted |= {(action.partition(":")[2], service, None) for action in actions}
            continue
        for target in targets:
            if any(action.startswith("ssm:") for action in actions):
                kind = "shop credentials" if str(target).endswith("/shops/*'}") else "billing secret"
                granted |= {(action.removeprefix("ssm:"), kind, None) for action in actions}
                continue
            if "ImportsBucket" in str(target):
                granted |= {(action.removeprefix("s3:"), "files", None) for action in actions}
                continue
            if "Fn::Sub" in target:  # ${RankingsTable.Arn}/index/by_total_spent
                table, index = target["Fn::Sub"].removeprefix("${").split("Table.Arn}/index/")
            elif "Fn::GetAtt" in target and target["Fn::GetAtt"][0].endswith("Table"):
                table, index = target["Fn::GetAtt"][0].removesuffix("Table"), None
                if target["Fn::GetAtt"][1] != "Arn":
                    continue  # the stream, which Lambda reads
            elif "Fn::GetAtt" in target and target["Fn::GetAtt"][0] in QUEUES:
                name = QUEUES[target["Fn::GetAtt"][0]]
                granted |= {("SendMessage", name, None)} & {
                    (action.removeprefix("sqs:"), name, None) for action in actions
                }
                continue
            else:
                continue
            granted |= {(action.removeprefix("dynamodb:"), table.lower(), index) for action in actions}
    return granted


@pytest.fixture(scope="module")
def calls() -> Iterator[dict[str, set[Call]]]:
    with pytest.MonkeyPatch.context() as monkeypatch, mock_aws():
        merchant = Merchant(monkeypatch)
        a_day(merchant)
        jobs_of_a_day(merchant)
        counting_of_a_day(merchant)
        shop_of_a_day(merchant)
        reconciliation_of_a_day(merchant, monkeypatch)
        wrote_about = templates_of_a_day(merchant)
        messages_of_a_day(merchant, wrote_about)
        sending_of_a_day(merchant)
        merchant.run_automations(wrote_about)
        merchant.set_off(wrote_about)
        imports_of_a_day(merchant)
        plugin_of_a_day(merchant)
        users_of_a_day(merchant)
        merchant.refresh(wrote_about)
        rewards_of_a_day(merchant, wrote_about, merchant.database)
        automations_of_a_day(merchant, wrote_about)
        alerts_of_a_day(merchant, merchant.database, wrote_about)
        privacy_of_a_day(merchant)
        yield merchant.calls


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_call_is_granted(function: str, calls: dict[str, set[Call]]) -> None:
    assert calls[function] - grants(function) == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_grant_is_needed(function: str, calls: dict[str, set[Call]]) -> None:
    assert grants(function) - calls[function] == set()
