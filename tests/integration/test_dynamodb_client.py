"""The client reads answers its own way and finds the same in them as botocore's own parser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.parsers import QueryParser

from laurel.store import dynamodb
from laurel.store.dynamodb import create_client, failed_condition, is_cancelled, written
from tests.support.faults import client_error
from tests.support.tables import Database

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PK, SK = {"S": "account#audience#ada"}, {"S": "order#store#1"}
KEY = {"pk": PK, "sk": SK}
ITEM: Any = {
    **KEY,
    "name": {"S": "Ada Müller-Lüdenscheidt 😀\u2028"},
    "total": {"N": "5990"},
    "average": {"N": "3333.333333"},
    "exact": {"N": "12345678901234567890123456789012345678"},
    "test": {"BOOL": True},
    "blank": {"S": ""},
    "refunds": {"M": {"r1": {"N": "1"}, "r#2": {"N": "-2"}}},
    "tags": {"L": [{"S": "vip"}, {"M": {}}, {"L": []}]},
}


emulated = pytest.mark.parametrize(
    "database",
    ["moto", pytest.param("local", marks=pytest.mark.dynamodb_local)],
    indirect=True,
    scope="module",
)
Clients = tuple["DynamoDBClient", "DynamoDBClient", str]


@pytest.fixture
def clients(database: Database) -> Clients:
    """Laurel's own client, a plain one of the same DynamoDB, and a table."""
    endpoint = database.client.meta.endpoint_url
    plain = boto3.client("dynamodb") if "amazonaws" in endpoint else boto3.client("dynamodb", endpoint_url=endpoint)
    return database.client, plain, database.tables.ledger


def without_headers(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Headers hold times and ids that differ from answer to answer."""
    metadata = {**answer["ResponseMetadata"]}
    for name in ("HTTPHeaders", "RequestId"):
        assert metadata.pop(name)
    return {**answer, "ResponseMetadata": metadata}


@emulated
def test_an_answer_says_the_same_as_with_botocores_own_parser(clients: Clients) -> None:
    # Given two items, read and written in every way that Laurel does
    own, plain, table = clients
    for sk in (SK, {"S": "order#store#2"}):
        own.put_item(TableName=table, Item={**ITEM, "sk": sk})
    partition: Any = {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": PK},
    }
    everything = {**partition, "ExpressionAttributeValues": {":pk": {"S": "nobody"}}}

    def answers(client: DynamoDBClient) -> list[Mapping[str, Any]]:
        return [
            client.get_item(TableName=table, Key=KEY, ConsistentRead=True),
            client.get_item(TableName=table, Key={**KEY, "sk": {"S": "nothing"}}),
            client.get_item(TableName=table, Key=KEY, ReturnConsumedCapacity="TOTAL"),
            client.query(**partition, Limit=1),
            client.query(**partition, Select="COUNT"),
            client.query(**everything),
            client.batch_get_item(RequestItems={table: {"Keys": [KEY], "ConsistentRead": True}}),
            client.put_item(TableName=table, Item=ITEM),
            client.update_item(
                TableName=table,
                Key=KEY,
                UpdateExpression="SET blank = :blank",
                ExpressionAttributeValues={":blank": {"S": ""}},
                ReturnValues="ALL_NEW",
            ),
        ]

    # When each is done with the one parser and the other
    ours, theirs = answers(own), answers(plain)

    # Then they say the same
    for our, their in zip(ours, theirs, strict=True):
        assert without_headers(our) == without_headers(their)
    assert ours[0]["Item"] == ITEM
    assert ours[3]["LastEvaluatedKey"] == KEY
    assert ours[5]["Items"] == []


def failure(client: DynamoDBClient, request: Callable[[DynamoDBClient], object]) -> ClientError:
    with pytest.raises(ClientError) as raised:
        request(client)
    return raised.value


@emulated
def test_a_failed_condition_gives_the_item_that_stood_in_the_way(
    clients: Clients,
) -> None:
    own, plain, table = clients
    own.put_item(TableName=table, Item=ITEM)

    def put(client: DynamoDBClient) -> object:
        return client.put_item(
            TableName=table,
            Item=KEY,
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    error = failure(own, put)

    assert failed_condition(error) == ITEM
    assert error.response["Error"] == failure(plain, put).response["Error"]
    assert not is_cancelled(error)


@emulated
def test_a_failed_condition_without_an_item_gives_none_of_it(
    clients: Clients,
) -> None:
    own, _, table = clients

    error = failure(
        own,
        lambda client: client.update_item(
            TableName=table,
            Key={**KEY, "sk": {"S": "nothing"}},
            UpdateExpression="REMOVE nothing",
            ConditionExpression="attribute_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        ),
    )

    assert failed_condition(error) == {}


@emulated
def test_a_cancelled_transaction_tells_its_reasons(
    clients: Clients,
) -> None:
    own, plain, table = clients
    own.put_item(TableName=table, Item=ITEM)

    def transact(client: DynamoDBClient) -> object:
        first: Any = {"TableName": table, "Item": {**ITEM, "sk": {"S": "other"}}}
        second: Any = {"TableName": table, "Item": ITEM, "ConditionExpression": "attribute_not_exists(pk)"}
        return client.transact_write_items(TransactItems=[{"Put": first}, {"Put": second}])

    error = failure(own, transact)

    codes = [reason["Code"] for reason in error.response["CancellationReasons"]]
    assert codes == ["None", "ConditionalCheckFailed"]
    assert error.response["CancellationReasons"] == failure(plain, transact).response["CancellationReasons"]
    assert is_cancelled(error)
    assert failed_condition(error) is None


@emulated
def test_other_errors_keep_their_code(clients: Clients) -> None:
    own, *_ = clients

    error = failure(own, lambda client: client.get_item(TableName="no-such-table", Key=KEY))

    assert error.response["Error"]["Code"] == "ResourceNotFoundException"
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert failed_condition(error) is None
    assert not is_cancelled(error)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["None", "ConditionalCheckFailed"], True),
        (["TransactionConflict"], True),
        (["ConditionalCheckFailed", "ThrottlingError"], False),
        (["ValidationError"], False),
    ],
)
def test_a_transaction_was_cancelled_by_others_only_if_nothing_else_was_wrong(codes: list[str], expected: bool) -> None:
    reasons = [{"Code": code} for code in codes]

    assert is_cancelled(client_error("TransactionCanceledException", CancellationReasons=reasons)) is expected


def test_a_conflict_outside_of_a_transaction_counts_as_cancelled() -> None:
    assert is_cancelled(client_error("TransactionConflictException"))


def test_a_write_failed_for_its_condition_only_if_nothing_else_was_wrong() -> None:
    def failing(code: str) -> Callable[[], None]:
        def write() -> None:
            raise client_error(code)

        return write

    assert written(lambda: None)
    assert not written(failing("ConditionalCheckFailedException"))
    for code in ("TransactionConflictException", "TransactionCanceledException", "ThrottlingException"):
        with pytest.raises(ClientError, match=code):
            written(failing(code))


def test_other_protocols_keep_their_parser() -> None:

    assert isinstance(dynamodb._PlainJSONParserFactory().create_parser("query"), QueryParser)


def test_the_client_waits_briefly_and_tries_again() -> None:
    config: Any = create_client().meta.config

    assert (config.connect_timeout, config.read_timeout) == (2, 5)
    assert config.retries == {"mode": "standard", "total_max_attempts": 5}
