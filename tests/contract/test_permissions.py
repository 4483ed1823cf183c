"""Each function may do what it does, to what it does it to, and nothing else."""

import re
from typing import Any

import pytest

from tests.support.functions import FUNCTIONS, properties
from tests.support.template import resources

Statement = dict[str, Any]

# AWS offers nothing narrower for these: they act on no resource that could be named.
WITHOUT_RESOURCE = {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "dynamodb:ListStreams", "ses:GetAccount"}
# Accounts bring the domains and addresses that they write from, and are themselves known to SES by an id of its own.
OF_ACCOUNTS = [
    {"Fn::Sub": f"arn:${{AWS::Partition}}:ses:${{AWS::Region}}:${{AWS::AccountId}}:{kind}/*"}
    for kind in ("identity", "tenant")
]
# A bucket's files have names of their own; the function may use those below a prefix.
FILES = [{"Fn::Sub": f"${{ImportsBucket.Arn}}/{prefix}/*"} for prefix in ("uploads", "rejected")]
# So have the parameters that hold what shops may be read with.
PARAMETERS = [
    {"Fn::Sub": "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/laurel/${AWS::StackName}/shops/*"}
]
# Schedules are made one by one, in a group of the stack's.
SCHEDULES = [{"Fn::Sub": "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule/${RunSchedules}/*"}]
ROLES = resources("AWS::IAM::Role")
STATEMENTS = [
    pytest.param(statement, id=f"{name}-{statement.get('Sid', index)}")
    for name, role in ROLES.items()
    for policy in role["Properties"].get("Policies", [])
    for index, statement in enumerate(policy["PolicyDocument"]["Statement"])
]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def role_of(function: str) -> str:
    (name, attribute) = properties(function)["Role"]["Fn::GetAtt"]
    assert attribute == "Arn"
    return str(name)


def statements_of(function: str) -> list[Statement]:
    return [
        it
        for policy in ROLES[role_of(function)]["Properties"]["Policies"]
        for it in policy["PolicyDocument"]["Statement"]
    ]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_actions_are_named_one_by_one(statement: Statement) -> None:
    assert statement["Effect"] == "Allow"
    assert "NotAction" not in statement
    assert not [action for action in as_list(statement["Action"]) if "*" in action]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_resources_are_named_wherever_aws_can_name_them(statement: Statement) -> None:
    assert "NotResource" not in statement
    if "*" in as_list(statement["Resource"]):
        assert set(as_list(statement["Action"])) <= WITHOUT_RESOURCE
    else:
        for resource in as_list(statement["Resource"]):
            assert set(resource) <= {"Fn::GetAtt", "Fn::Sub"}, "an ARN made of this stack's own resources"
            assert "*" not in str(resource) or resource in (*OF_ACCOUNTS, *FILES, *PARAMETERS, *SCHEDULES)


def test_each_function_has_a_role_to_itself() -> None:
    roles = [role_of(function) for function in FUNCTIONS]

    assert len(set(roles)) == len(FUNCTIONS)
    for role in roles:
        assert "ManagedPolicyArns" not in ROLES[role]["Properties"]
        (trusted,) = ROLES[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trusted["Principal"] == {"Service": "lambda.amazonaws.com"}


def table_of(resource: dict[str, Any]) -> str | None:
    """The table that an ARN names, by itself or with an index; not that of a stream."""
    if "Fn::Sub" in resource:
        found = re.fullmatch(r"\$\{(\w+Table)\.Arn\}/index/\w+", resource["Fn::Sub"])
        return found[1] if found else None
    name, attribute = resource["Fn::GetAtt"]
    return str(name) if attribute == "Arn" and name.endswith("Table") else None


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_is_told_the_names_of_the_tables_it_may_use_and_no_others(function: str) -> None:
    told = {
        it["Ref"]
        for it in properties(function)["Environment"]["Variables"].values()
        if "Ref" in it and "Table" in it["Ref"]
    }

    allowed = {
        table
        for statement in statements_of(function)
        for resource in as_list(statement["Resource"])
        if isinstance(resource, dict) and (table := table_of(resource))
    }
    assert told == allowed


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_logs_to_its_own_group_only(function: str) -> None:
    group = properties(function)["LoggingConfig"]["LogGroup"]["Ref"]

    written = [
        it["Resource"] for it in statements_of(function) if any(a.startswith("logs:") for a in as_list(it["Action"]))
    ]

    assert written == [{"Fn::GetAtt": [group, "Arn"]}]
