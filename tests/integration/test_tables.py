"""The tables themselves, as template.yaml defines them."""

from tests.support.tables import Database


def test_tables_take_and_give_an_item(dynamodb: Database) -> None:
    key = {"pk": {"S": "a"}, "sk": {"S": "b"}}

    for table in dynamodb.tables:
        dynamodb.client.put_item(TableName=table, Item={**key, "n": {"N": "1"}})

        assert dynamodb.client.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]["n"] == {"N": "1"}


def test_each_metric_has_an_index_of_its_own(dynamodb: Database) -> None:
    rankings = dynamodb.tables.rankings
    item = {
        "pk": {"S": "p"},
        "sk": {"S": "customer"},
        "orders_count": {"N": "2"},
        "total_spent": {"N": "5990"},
        "average_order_value": {"N": "2995"},
        "name": {"S": "Ada"},
        "email": {"S": "ada@example.com"},
        "last_order_at": {"N": "1"},
    }
    dynamodb.client.put_item(TableName=rankings, Item={**item, "rank_total_spent": {"N": "1"}})

    def customers(index: str) -> list[dict[str, object]]:
        return dynamodb.client.query(
            TableName=rankings,
            IndexName=index,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "p"}},
        )["Items"]

    assert customers("by_orders_count") == []
    assert customers("by_average_order_value") == []
    (row,) = customers("by_total_spent")
    assert set(row) == {"pk", "sk", "rank_total_spent", "orders_count", "total_spent", "name", "email"}
