"""Everyone in an audience, everyone with a score, and points that expire: the lists that jobs go through."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from laurel.model.account import Audience
from laurel.scoring.lists import ExpiringPage, ExpiringPoints, Listed, ListedPage, Position, ScorePage
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, count_items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class ScoreLists:
    """Reads the indexes of Contacts page by page. Eventually consistent, as indexes are."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def contacts(self, audience: Audience, after: Position | None, limit: int) -> ListedPage:
        """Contacts by e-mail address, so many at most."""
        answer = self._page("by_list", self._everyone(audience), after, limit)
        listed = [Listed(_contact(item), item["list_sk"]["S"]) for item in answer["Items"]]
        return ListedPage(listed, _position(answer))

    def count_contacts(self, audience: Audience) -> int:
        """How many contacts there are."""
        return self._count("by_list", self._everyone(audience))

    def scores(self, audience: Audience, after: Position | None) -> ScorePage:
        """Scores of the audience's epoch, lowest first: as many as one reading gives."""
        answer = self._page("by_score", self._scored(audience), after, None, "score")
        return ScorePage([int(item["score"]["N"]) for item in answer["Items"]], _position(answer))

    def count_scores(self, audience: Audience) -> int:
        """How many contacts have a score of the audience's epoch."""
        return self._count("by_score", self._scored(audience))

    def expiring(self, audience: Audience, day: date, after: Position | None, limit: int) -> ExpiringPage:
        """Points due on a day, by contact, so many at most."""
        partition = keys.expiry_list(audience.account_id, audience.id, day.isoformat())
        answer = self._page("by_list", ("list_pk", partition), after, limit)
        return ExpiringPage([_expiring(item) for item in answer["Items"]], _position(answer))

    def _page(
        self,
        index: str,
        partition: tuple[str, str],
        after: Position | None,
        limit: int | None,
        shown: str | None = None,
    ) -> Mapping[str, Any]:
        more: dict[str, Any] = {}
        if after:
            more["ExclusiveStartKey"] = attributes(after)
        if limit:
            more["Limit"] = limit
        if shown:
            more["ProjectionExpression"] = shown
        return self._client.query(TableName=self._table, IndexName=index, **_all_of(partition), **more)

    def _count(self, index: str, partition: tuple[str, str]) -> int:
        return count_items(self._client, TableName=self._table, IndexName=index, **_all_of(partition))

    @staticmethod
    def _everyone(audience: Audience) -> tuple[str, str]:
        return "list_pk", keys.contact_list(audience.account_id, audience.id)

    @staticmethod
    def _scored(audience: Audience) -> tuple[str, str]:
        return "score_pk", keys.score_board(audience.account_id, audience.id, audience.score_epoch)


def _all_of(partition: tuple[str, str]) -> dict[str, Any]:
    name, value = partition
    return {
        "KeyConditionExpression": f"{name} = :pk",
        "ExpressionAttributeValues": attributes({":pk": value}),
    }


def _position(answer: Mapping[str, Any]) -> Position | None:
    last = answer.get("LastEvaluatedKey")
    if not last:
        return None
    return {name: int(value["N"]) if "N" in value else value["S"] for name, value in last.items()}


def _contact(item: Item) -> str:
    return keys.split(item["pk"]["S"])[2]


def _expiring(item: Item) -> ExpiringPoints:
    _, subject_at, subject, _, rule_id = keys.split(item["sk"]["S"])
    return ExpiringPoints(_contact(item), subject, datetime.fromtimestamp(int(subject_at) / 1000, UTC), rule_id)
