"""Query answers as before, in a time that does not grow with the partition."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.process import Emulator
from tests.local.world import World

pytestmark = pytest.mark.local

MANY, FEW = 3_000, 50
Item = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def ranking(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, str]:
    """A table with an index by rank, and a small partition beside a large one."""
    world = World(emulator.endpoint, tmp_path_factory.mktemp("ranking"))
    table = world.table(
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
            {"AttributeName": "rank", "AttributeType": "N"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_rank",
                "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "rank", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    for partition, size in (("large", MANY), ("small", FEW)):
        rows = [row(partition, number) for number in range(size)]
        random.Random(1).shuffle(rows)
        for start in range(0, size, 25):
            puts = [{"PutRequest": {"Item": item}} for item in rows[start : start + 25]]
            world.dynamodb.batch_write_item(RequestItems={table: puts})
    return world, table


def row(partition: str, number: int) -> Item:
    """Every third row is in no index, and ranks come in runs of equal ones."""
    item: Item = {"pk": {"S": partition}, "sk": {"S": f"{number:05}"}}
    return item | ({"rank": {"N": str(number // 10)}} if number % 3 else {})


def query(world: World, table: str, condition: str = "pk = :p", partition: str = "large", **options: Any) -> Any:
    values = {":p": {"S": partition}} | options.pop("values", {})
    return world.dynamodb.query(
        TableName=table, KeyConditionExpression=condition, ExpressionAttributeValues=values, **options
    )


def pages(world: World, table: str, *arguments: Any, **options: Any) -> Iterator[list[str]]:
    page: dict[str, Any] = {"LastEvaluatedKey": None}
    while "LastEvaluatedKey" in page:
        if page["LastEvaluatedKey"]:
            options["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        page = query(world, table, *arguments, **options)
        yield [item["sk"]["S"] for item in page["Items"]]


def keys(matching: Callable[[int], bool], *, backward: bool = False) -> list[str]:
    return sorted((f"{number:05}" for number in range(MANY) if matching(number)), reverse=backward)


def by_rank(matching: Callable[[int], bool], *, backward: bool = False) -> list[str]:
    found = sorted((number // 10, f"{number:05}") for number in range(MANY) if number % 3 and matching(number))
    return [key for _, key in (reversed(found) if backward else found)]


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize(
    ("condition", "values", "matching"),
    [
        ("pk = :p", {}, lambda n: True),
        ("pk = :p AND sk > :a", {":a": "01000"}, lambda n: n > 1000),
        ("pk = :p AND sk >= :a", {":a": "01000"}, lambda n: n >= 1000),
        ("pk = :p AND sk < :a", {":a": "01000"}, lambda n: n < 1000),
        ("sk <= :a AND pk = :p", {":a": "01000"}, lambda n: n <= 1000),
        ("pk = :p AND sk = :a", {":a": "01000"}, lambda n: n == 1000),
        ("pk = :p AND sk BETWEEN :a AND :b", {":a": "00500", ":b": "00800"}, lambda n: 500 <= n <= 800),
        ("pk = :p AND begins_with(sk, :a)", {":a": "012"}, lambda n: 1200 <= n < 1300),
        ("pk = :p AND :a < sk", {":a": "01000"}, lambda n: n > 1000),
    ],
)
def test_pages_of_a_table(
    ranking: tuple[World, str], backward: bool, condition: str, values: dict[str, str], matching: Callable[[int], bool]
):
    typed = {name: {"S": value} for name, value in values.items()}

    found = list(pages(*ranking, condition, values=typed, ScanIndexForward=not backward, Limit=700))

    assert [key for page in found for key in page] == keys(matching, backward=backward)
    assert all(len(page) == 700 for page in found[:-1])


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize(
    ("condition", "values", "matching"),
    [
        ("pk = :p", {}, lambda n: True),
        ("pk = :p AND #r > :a", {":a": "100"}, lambda n: n // 10 > 100),
        ("pk = :p AND #r BETWEEN :a AND :b", {":a": "9", ":b": "100"}, lambda n: 9 <= n // 10 <= 100),
    ],
)
def test_pages_of_an_index_with_ties(
    ranking: tuple[World, str], backward: bool, condition: str, values: dict[str, str], matching: Callable[[int], bool]
):
    found = list(
        pages(
            *ranking,
            condition,
            values={name: {"N": value} for name, value in values.items()},
            IndexName="by_rank",
            ScanIndexForward=not backward,
            Limit=333,
            **({"ExpressionAttributeNames": {"#r": "rank"}} if values else {}),
        )
    )

    assert [key for page in found for key in page] == by_rank(matching, backward=backward)


def test_filters_and_projections_work_on_what_was_read(ranking: tuple[World, str]):
    page = query(
        *ranking,
        FilterExpression="attribute_exists(#r)",
        ProjectionExpression="sk",
        ExpressionAttributeNames={"#r": "rank"},
        Limit=30,
    )

    assert (page["ScannedCount"], page["Count"]) == (30, 20)
    assert all(item.keys() == {"sk"} for item in page["Items"])


def test_a_page_ends_after_a_megabyte(world: World):
    table = world.table()
    for number in range(130):
        world.write(table, [f"{number:03}"], text={"S": "x" * 10_000})

    page = world.dynamodb.query(
        TableName=table, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "p"}}
    )

    assert page["Count"] == 104
    assert page["LastEvaluatedKey"]["sk"] == {"S": "103"}


def test_writes_are_seen_in_their_order(ranking: tuple[World, str]):
    world, table = ranking
    before = query(world, table, IndexName="by_rank", ScanIndexForward=False, Limit=2)["Items"]
    world.dynamodb.put_item(TableName=table, Item=row("large", MANY) | {"rank": {"N": "999999"}})
    world.dynamodb.update_item(
        TableName=table,
        Key={"pk": {"S": "large"}, "sk": before[0]["sk"]},
        UpdateExpression="REMOVE #r",
        ExpressionAttributeNames={"#r": "rank"},
    )

    after = query(world, table, IndexName="by_rank", ScanIndexForward=False, Limit=2)["Items"]
    world.dynamodb.put_item(TableName=table, Item=before[0])
    world.dynamodb.delete_item(TableName=table, Key={"pk": {"S": "large"}, "sk": {"S": f"{MANY:05}"}})

    assert [item["sk"]["S"] for item in after] == [f"{MANY:05}", before[1]["sk"]["S"]]
    assert query(world, table, IndexName="by_rank", ScanIndexForward=False, Limit=2)["Items"] == before
    assert query(world, table, ScanIndexForward=False, Limit=1)["Items"] == [row("large", MANY - 1)]


def test_time_does_not_grow_with_the_partition(ranking: tuple[World, str]):
    def seconds(partition: str) -> float:
        began = time.perf_counter()
        query(*ranking, partition=partition, IndexName="by_rank", ScanIndexForward=False, Limit=20)
        return time.perf_counter() - began

    seconds("large")
    large = min(seconds("large") for _ in range(9))
    small = min(seconds("small") for _ in range(9))

    assert large < 3 * small, f"{MANY} rows took {large:.3f} s, {FEW} rows took {small:.3f} s"
