"""What an operator relies on: retention, dead letters, alarms, backups."""

import json
from datetime import timedelta
from typing import Any

import pytest

from laurel.automation.run import LEASE as RUN_LEASE
from laurel.automation.run import SHARE
from laurel.messaging.feedback import FeedbackKind
from laurel.messaging.outbox import LEASE
from laurel.messaging.pace import SENDERS_AT_ONCE
from laurel.scoring.work import CHUNK, MOST_RECEIVES
from laurel.store.outgoing import CONNECT, READ
from tests.support.automating import is_let_through
from tests.support.functions import FUNCTIONS, properties
from tests.support.template import load_template, resources

TABLES = resources("AWS::DynamoDB::Table")
ALARMS = resources("AWS::CloudWatch::Alarm")


def sources(*kinds: str) -> list[Any]:
    """Events of some kinds, each with the function that it calls."""
    return [
        pytest.param(function, name, id=f"{function}-{name}")
        for function in FUNCTIONS
        for name, event in properties(function).get("Events", {}).items()
        if event["Type"] in kinds
    ]


def watched(metric: str) -> list[Any]:
    """Values of the dimensions of all alarms on a metric."""
    return [
        dimension["Value"]
        for alarm in ALARMS.values()
        if alarm["Properties"]["MetricName"] == metric
        for dimension in alarm["Properties"]["Dimensions"]
    ]


@pytest.mark.parametrize("group", resources("AWS::Logs::LogGroup"))
def test_log_group_forgets(group: str) -> None:
    assert resources("AWS::Logs::LogGroup")[group]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_each_function_has_a_log_group_to_itself() -> None:
    groups = [properties(function)["LoggingConfig"]["LogGroup"]["Ref"] for function in FUNCTIONS]

    assert len(set(groups)) == len(FUNCTIONS)
    assert set(groups) <= set(resources("AWS::Logs::LogGroup"))


@pytest.mark.parametrize(("function", "event"), sources("DynamoDB", "Kinesis", "MSK", "MQ"))
def test_stream_consumer_gives_up_a_record_rather_than_its_shard(function: str, event: str) -> None:
    mapping = properties(function)["Events"][event]["Properties"]

    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert 0 < mapping["MaximumRetryAttempts"] <= 100
    assert 0 < mapping["MaximumRecordAgeInSeconds"] < 24 * 3600, "the record itself is gone from the stream after a day"
    destination = mapping["DestinationConfig"]["OnFailure"]
    (queue, _) = destination["Destination"]["Fn::GetAtt"]
    assert resources("AWS::SQS::Queue")[queue]["Properties"]["SqsManagedSseEnabled"] is True
    assert {"Fn::GetAtt": [queue, "QueueName"]} in watched("ApproximateNumberOfMessagesVisible")
    assert {"Ref": function} in watched("IteratorAge")


@pytest.mark.parametrize(("function", "event"), sources("SQS"))
def test_queue_consumer_gives_up_a_message_after_some_tries(function: str, event: str) -> None:
    mapping = properties(function)["Events"][event]["Properties"]
    queue = resources("AWS::SQS::Queue")[mapping["Queue"]["Fn::GetAtt"][0]]["Properties"]

    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert queue["VisibilityTimeout"] >= 6 * properties(function)["Timeout"], "as AWS advises"
    assert queue["SqsManagedSseEnabled"] is True
    redrive = queue["RedrivePolicy"]
    assert 1 < redrive["maxReceiveCount"] <= 10
    (dead_letters, _) = redrive["deadLetterTargetArn"]["Fn::GetAtt"]
    assert resources("AWS::SQS::Queue")[dead_letters]["Properties"]["SqsManagedSseEnabled"] is True
    assert {"Fn::GetAtt": [dead_letters, "QueueName"]} in watched("ApproximateNumberOfMessagesVisible")
    assert {"Fn::GetAtt": [mapping["Queue"]["Fn::GetAtt"][0], "QueueName"]} in watched("ApproximateAgeOfOldestMessage")


def test_jobs_are_given_up_by_the_last_who_receives_them() -> None:
    mapping = properties("WorkFunction")["Events"]["Chunks"]["Properties"]

    assert mapping["BatchSize"] == 1
    assert resources("AWS::SQS::Queue")["JobsQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"] == MOST_RECEIVES
    timeout = timedelta(seconds=properties("WorkFunction")["Timeout"])
    assert timeout > 2 * CHUNK, "a chunk ends with the step that it is in"


def test_mail_is_sent_by_as_many_as_share_the_rate() -> None:
    mapping = properties("SendFunction")["Events"]["Mail"]["Properties"]
    timeout = properties("SendFunction")["Timeout"]

    assert mapping["ScalingConfig"]["MaximumConcurrency"] == SENDERS_AT_ONCE
    assert mapping["BatchSize"] * SENDERS_AT_ONCE <= timeout / 2, "at one mail a second for all"
    assert timedelta(seconds=timeout) < LEASE / 2, "who is called lost is"


def test_a_run_is_its_workers_alone_until_its_message_comes_again() -> None:
    timeout = timedelta(seconds=properties("RunFunction")["Timeout"])
    visibility = resources("AWS::SQS::Queue")["AutomationsQueue"]["Properties"]["VisibilityTimeout"]

    assert SHARE + timedelta(seconds=CONNECT + READ) < timeout / 2
    assert timeout < RUN_LEASE < timedelta(seconds=visibility)


def test_schedules_of_runs_may_fill_their_queue_and_nothing_else() -> None:
    role = resources("AWS::IAM::Role")["RunSchedulesRole"]["Properties"]
    (statement,) = role["Policies"][0]["PolicyDocument"]["Statement"]
    (trusted,) = role["AssumeRolePolicyDocument"]["Statement"]

    assert (statement["Action"], statement["Resource"]) == (
        "sqs:SendMessage",
        {"Fn::GetAtt": ["AutomationsQueue", "Arn"]},
    )
    assert trusted["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trusted["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


@pytest.mark.parametrize(("function", "event"), sources("Schedule", "ScheduleV2"))
def test_schedule_that_fails_leaves_a_letter(function: str, event: str) -> None:
    schedule = properties(function)["Events"][event]["Properties"]
    invoked = properties(function)["EventInvokeConfig"]

    (queue, _) = schedule["DeadLetterConfig"]["Arn"]["Fn::GetAtt"]
    assert invoked["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": [queue, "Arn"]}
    assert 0 < invoked["MaximumRetryAttempts"] <= 2
    assert {"Fn::GetAtt": [queue, "QueueName"]} in watched("ApproximateNumberOfMessagesVisible")


@pytest.mark.parametrize(("function", "event"), sources("EventBridgeRule"))
def test_rule_that_cannot_deliver_leaves_a_letter(function: str, event: str) -> None:
    rule = properties(function)["Events"][event]["Properties"]
    invoked = properties(function)["EventInvokeConfig"]

    (queue, _) = rule["DeadLetterConfig"]["Arn"]["Fn::GetAtt"]
    assert invoked["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": [queue, "Arn"]}
    assert 0 < invoked["MaximumRetryAttempts"] <= 2
    assert {"Fn::GetAtt": [queue, "QueueName"]} in watched("ApproximateNumberOfMessagesVisible")
    assert rule["RetryPolicy"]["MaximumEventAgeInSeconds"] >= 3600


def test_mail_is_followed_by_the_events_of_its_own_configuration_set() -> None:
    (rule,) = (it["Properties"] for it in properties("FeedbackFunction")["Events"].values())
    (destination,) = resources("AWS::SES::ConfigurationSetEventDestination").values()

    configuration_set = {"Ref": "MailConfigurationSet"}
    assert rule["Pattern"] == {
        "source": ["aws.ses"],
        "detail": {"mail": {"tags": {"ses:configuration-set": [configuration_set]}}},
    }
    assert destination["Properties"]["ConfigurationSetName"] == configuration_set
    told = destination["Properties"]["EventDestination"]["MatchingEventTypes"]
    assert sorted(told) == sorted(kind.value for kind in FeedbackKind)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_function_is_watched(function: str, metric: str) -> None:
    assert {"Ref": function} in watched(metric)


@pytest.mark.parametrize("alarm", ALARMS)
def test_alarm_tells_somebody(alarm: str) -> None:
    properties = ALARMS[alarm]["Properties"]

    assert properties["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    assert properties["TreatMissingData"] == "notBreaching", "a quiet shop is no incident"
    assert properties["AlarmDescription"]


@pytest.mark.parametrize("table", TABLES)
def test_table_is_on_demand_and_encrypted(table: str) -> None:
    properties = TABLES[table]["Properties"]

    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert "TableName" not in properties


@pytest.mark.parametrize("table", TABLES)
def test_what_cannot_be_rebuilt_is_kept(table: str) -> None:
    keep = table != "RankingsTable"

    properties = TABLES[table]["Properties"]
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": keep}
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        assert TABLES[table][policy] == ("Retain" if keep else "Delete")


def test_ledger_and_contacts_tell_what_changed() -> None:
    streams = {name for name, it in TABLES.items() if "StreamSpecification" in it["Properties"]}

    assert streams == {"LedgerTable", "ContactsTable"}
    for name in streams:
        assert TABLES[name]["Properties"]["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.mark.parametrize(
    ("function", "wanted"),
    [
        (
            "ProjectFunction",
            {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "order#"}]}}}},
        ),
        (
            "ApplyFunction",
            {
                "eventName": ["INSERT", "MODIFY"],
                "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "order#"}, {"prefix": "activity#"}]}}},
            },
        ),
    ],
)
def test_stream_function_is_sent_what_it_reads(function: str, wanted: dict[str, Any]) -> None:
    (event,) = (it for it in properties(function)["Events"].values() if it["Type"] == "DynamoDB")

    (pattern,) = event["Properties"]["FilterCriteria"]["Filters"]
    assert json.loads(pattern["Pattern"]) == wanted


@pytest.mark.parametrize(
    ("event", "key", "more", "wanted"),
    [
        ("INSERT", "score#01795312500000#order:1#1#rule", {}, True),
        ("INSERT", "signal#rank#store", {}, True),
        ("INSERT", "pulse#purchase", {}, True),
        ("INSERT", "profile", {}, True),
        ("MODIFY", "profile", {}, True),
        ("MODIFY", "pulse#open", {"set_back": {"S": "yes"}}, True),
        ("INSERT", "run#1", {"state": {"S": "waiting"}}, True),
        ("INSERT", "run#1", {"state": {"S": "stopped"}}, True),
        # What is written each day, and what automations write themselves
        ("MODIFY", "pulse#purchase", {}, False),
        ("INSERT", "pulse#open", {}, False),
        ("INSERT", "run#1", {"state": {"S": "skipped"}}, False),
        ("MODIFY", "run#1", {"state": {"S": "waiting"}}, False),
        ("INSERT", "automation-state#1", {}, False),
        ("INSERT", "message#1", {}, False),
        ("REMOVE", "score#01795312500000#order:1#1#rule", {}, False),
        ("REMOVE", "profile", {}, False),
    ],
)
def test_automations_are_sent_what_may_set_them_off(
    event: str, key: str, more: dict[str, Any], *, wanted: bool
) -> None:
    image = {"NewImage": {"pk": {"S": "a#b#c"}, **more}} if event != "REMOVE" else {}
    record = {"eventName": event, "dynamodb": {"Keys": {"pk": {"S": "a#b#c"}, "sk": {"S": key}}, **image}}

    assert is_let_through(record) == wanted


def test_accounts_and_roles_are_written_by_administrators_only() -> None:
    resources_ = load_template()["Resources"]
    client = resources_["UserPoolClient"]["Properties"]

    assert resources_["UserPool"]["Properties"]["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert client["GenerateSecret"] is False
    assert not [name for name in client["WriteAttributes"] if name.startswith("custom:")]
    assert {"custom:account_id", "custom:role"} <= set(client["ReadAttributes"])
