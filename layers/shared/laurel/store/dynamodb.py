"""The DynamoDB client of a process, and values in DynamoDB's JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import JSONParser, ResponseParserFactory

from laurel.store.client import lean_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
Value = str | int | bool | Mapping[str, "Value"] | list["Value"] | None

_GET_AT_ONCE = 100
_INSERT_AT_ONCE = 25
_CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    max_pool_connections=16,
    retries={"mode": "standard", "total_max_attempts": 5},
    # DynamoDB checks every request itself; checking it here as well is a fifth of a transaction's CPU time.
    parameter_validation=False,
)


class _PlainJSONParser(JSONParser):
    """Takes DynamoDB's JSON as it is.

    botocore walks every value of an answer against the service model, which costs more than the request itself, to
    arrive at the same dictionary (binary values apart, which Laurel does not store). Errors still go through botocore's
    own parser.
    """

    def _do_parse(self, response: Mapping[str, Any], shape: Any) -> dict[str, Any]:  # noqa: ARG002
        parsed: dict[str, Any] = json.loads(response["body"] or b"{}")
        parsed["ResponseMetadata"] = {}
        self._inject_response_metadata(parsed, response["headers"])  # type: ignore[attr-defined]
        return parsed


class _PlainJSONParserFactory(ResponseParserFactory):
    def create_parser(self, protocol_name: str) -> Any:
        if protocol_name == "json":
            return _PlainJSONParser(**self._defaults)  # type: ignore[attr-defined]
        return super().create_parser(protocol_name)


def create_client(**options: Any) -> DynamoDBClient:
    """A low-level client; ``options`` as ``lean_client`` takes them."""
    parsers = {"response_parser_factory": _PlainJSONParserFactory()}
    client: Any = lean_client("dynamodb", _CONFIG, components=parsers, **options)
    return cast("DynamoDBClient", client)


def attribute(value: Value) -> dict[str, Any]:
    """A value in DynamoDB's JSON. Numbers are whole: money in minor units, times in epoch units."""
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, Mapping):
        return {"M": attributes(value)}
    if isinstance(value, list):
        return {"L": [attribute(element) for element in value]}
    raise TypeError(f"{type(value).__name__} has no place in a table")


def attributes(values: Mapping[str, Value]) -> Item:
    """An item of the given values; those that are None are left out."""
    return {name: attribute(value) for name, value in values.items() if value is not None}


def plain(value: Mapping[str, Any]) -> Any:
    """The Python value of one DynamoDB attribute; numbers are whole."""
    ((kind, content),) = value.items()
    if kind == "N":
        return int(content)
    if kind == "M":
        return {name: plain(element) for name, element in content.items()}
    if kind == "L":
        return [plain(element) for element in content]
    return content


def plain_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """A whole item as Python values, for small items that are read seldom."""
    return {name: plain(value) for name, value in item.items()}


def string(item: Mapping[str, Any], name: str) -> str | None:
    """A string attribute, or None if it is absent."""
    value = item.get(name)
    return value["S"] if value else None


def number(item: Mapping[str, Any], name: str) -> int | None:
    """A whole-number attribute, or None if it is absent."""
    value = item.get(name)
    return int(value["N"]) if value else None


def instant(item: Mapping[str, Any], name: str) -> datetime:
    """A time kept in epoch milliseconds."""
    return datetime.fromtimestamp(int(item[name]["N"]) / 1000, UTC)


def setting(values: Mapping[str, Value]) -> Any:
    """Arguments of an update that sets attributes; those that are None are removed."""
    present = attributes({f":{name}": value for name, value in values.items()})
    sets = ", ".join(f"#{name[1:]} = {name}" for name in present)
    removes = ", ".join(f"#{name}" for name, value in values.items() if value is None)
    update: dict[str, Any] = {
        "UpdateExpression": " ".join(f"{verb} {what}" for verb, what in (("SET", sets), ("REMOVE", removes)) if what),
        "ExpressionAttributeNames": {f"#{name}": name for name in values},
    }
    return update | ({"ExpressionAttributeValues": present} if present else {})


def unchanged_since(version: int) -> Any:
    """Arguments of a write on condition that the item still has this ``version``; 0 for one that is not there."""
    if version == 0:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {"ConditionExpression": "version = :seen", "ExpressionAttributeValues": {":seen": attribute(version)}}


def get_all(client: DynamoDBClient, table: str, wanted: Sequence[Item], **request: Any) -> Iterator[Item]:
    """The items of so many keys, in no order; those that are not there are left out."""
    for start in range(0, len(wanted), _GET_AT_ONCE):
        pending: Any = wanted[start : start + _GET_AT_ONCE]
        while pending:
            asked: Any = {"Keys": pending, **request}
            answer = client.batch_get_item(RequestItems={table: asked})
            yield from answer["Responses"][table]
            unprocessed = answer.get("UnprocessedKeys", {}).get(table)
            pending = unprocessed["Keys"] if unprocessed else None


def insert_all(client: DynamoDBClient, table: str, items: Sequence[Item]) -> list[bool]:
    """Put items where nothing is yet, many in a request; each is written or not whatever becomes of the others.

    False for an item in whose place there is one, and for one that could not be written just then.
    """
    inserted: list[bool] = []
    for some in batched(items, _INSERT_AT_ONCE, strict=False):
        statements: Any = [
            {
                "Statement": f'INSERT INTO "{table}" VALUE {{{", ".join(f"'{name}': ?" for name in item)}}}',
                "Parameters": list(item.values()),
            }
            for item in some
        ]
        answer = client.batch_execute_statement(Statements=statements)
        inserted += ["Error" not in response for response in answer["Responses"]]
    return inserted


def pages(
    client: DynamoDBClient, first_page: int | None = None, *, each_page: int | None = None, **query: Any
) -> Iterator[Item]:
    """Every item of a Query, page by page as the caller goes on; the first page, or each, may be kept small."""
    if first_page or each_page:
        query["Limit"] = first_page or each_page
    while True:
        answer = client.query(**query)
        yield from answer["Items"]
        if not (last := answer.get("LastEvaluatedKey")):
            return
        query["ExclusiveStartKey"] = last
        if not each_page:
            query.pop("Limit", None)


def count_items(client: DynamoDBClient, **query: Any) -> int:
    """How many items a Query finds."""
    total = 0
    while True:
        answer = client.query(**query, Select="COUNT")
        total += answer["Count"]
        if not (last := answer.get("LastEvaluatedKey")):
            return total
        query["ExclusiveStartKey"] = last


def failed_condition(error: ClientError) -> Item | None:
    """The item that stood in the way ({} if there was none) if a condition failed, else None."""
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        return None
    response: Mapping[str, Any] = error.response
    return cast("Item", response.get("Item", {}))


def written[**P](write: Callable[P, object], *args: P.args, **request: P.kwargs) -> bool:
    """Do a write; False if its condition did not hold, and only then: whatever else went wrong is raised."""
    try:
        write(*args, **request)
    except ClientError as error:
        if failed_condition(error) is None:
            raise
        return False
    return True


def written_first[**P](write: Callable[P, object], *args: P.args, **request: P.kwargs) -> bool:
    """As ``written``, but False as well if a transaction holds the item just then, which is another writer, too."""
    try:
        return written(write, *args, **request)
    except ClientError as error:
        if not is_cancelled(error):
            raise
        return False


def written_together(client: DynamoDBClient, writes: Any) -> bool:
    """Do all of these writes or none; False if a condition did not hold, or another writer was faster."""
    try:
        client.transact_write_items(TransactItems=writes)
    except ClientError as error:
        if not is_cancelled(error):
            raise
        return False
    return True


def is_cancelled(error: ClientError) -> bool:
    """True if a transaction was cancelled because another writer was faster."""
    if error.response["Error"]["Code"] == "TransactionConflictException":
        return True
    if error.response["Error"]["Code"] != "TransactionCanceledException":
        return False
    reasons = error.response.get("CancellationReasons", [])
    return all(reason.get("Code") in ("None", "ConditionalCheckFailed", "TransactionConflict") for reason in reasons)
