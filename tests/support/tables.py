"""The four tables, made on any DynamoDB from what template.yaml says about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from tests.support.template import resources

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Tables(NamedTuple):
    """Physical names."""

    ledger: str
    rankings: str
    contacts: str
    workspace: str


class Database(NamedTuple):
    """A DynamoDB that holds Laurel's tables."""

    client: DynamoDBClient
    tables: Tables


def _definition(name: str) -> dict[str, Any]:
    properties = resources("AWS::DynamoDB::Table")[name]["Properties"]
    definition = {
        key: properties[key]
        for key in ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes", "StreamSpecification")
        if key in properties
    }
    if "StreamSpecification" in definition:  # CloudFormation takes it as given
        definition["StreamSpecification"] = {"StreamEnabled": True, **definition["StreamSpecification"]}
    return definition


def create_tables(client: DynamoDBClient, prefix: str = "laurel", *, streams: bool = True) -> Tables:
    """Make the tables, named ``{prefix}-{table}``, and wait until they can be used. ``streams`` may be left out."""
    tables = Tables(*(f"{prefix}-{field}" for field in Tables._fields))
    for field, name in zip(Tables._fields, tables, strict=True):
        definition = _definition(f"{field.capitalize()}Table")
        if not streams:
            definition.pop("StreamSpecification", None)
        # The client asks again if the first answer takes its time.
        try:
            client.create_table(TableName=name, **definition)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceInUseException":
                raise
    for name in tables:
        client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return tables


def delete_tables(client: DynamoDBClient, tables: Tables) -> None:
    """Remove what ``create_tables`` made."""
    for name in tables:
        client.delete_table(TableName=name)
