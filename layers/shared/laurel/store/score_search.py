"""Contacts in the order of their score or e-mail address, with what a search asks of profiles and boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from laurel.model.account import Audience, Store
from laurel.model.contact import ConsentStatus
from laurel.model.ranking import Figures
from laurel.scoring.search import FoundContact, IndexPage, ScoreCriteria
from laurel.store import keys
from laurel.store.dynamodb import Item, Value, attribute, attributes, get_all, number, string

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_PROFILE = "pk, email, first_name, last_name, #status, tags, score, score_epoch"
_FIGURES = "sk, orders_count, total_spent, last_order_at"


class ScoreSearch:
    """Reads the indexes of Contacts, profiles, and rows of Rankings. Eventually consistent, as indexes are."""

    def __init__(self, client: DynamoDBClient, contacts_table: str, rankings_table: str) -> None:
        self._client = client
        self._contacts = contacts_table
        self._rankings = rankings_table

    def by_score(
        self, audience: Audience, criteria: ScoreCriteria, limit: int, after: Mapping[str, str] | None
    ) -> IndexPage:
        """Contacts with a score in bounds and of the status asked for, in order; ``limit`` of them are read."""
        query = self._scored(audience, criteria)
        if after:
            query["ExclusiveStartKey"] = attributes(
                {
                    **_profile(audience, after["contact"]),
                    "score_pk": _board(audience),
                    "score": int(after["score"]),
                }
            )
        answer = self._client.query(**query, Limit=limit)
        last = answer.get("LastEvaluatedKey")
        return IndexPage(
            [_decode(item, number(item, "score")) for item in answer["Items"]],
            answer["ScannedCount"],
            {"contact": _contact(last), "score": last["score"]["N"]} if last else None,
        )

    def by_email(
        self, audience: Audience, *, ascending: bool, limit: int, after: Mapping[str, str] | None
    ) -> IndexPage:
        """Everyone in an audience by e-mail address: their ids and addresses, nothing else."""
        partition = keys.contact_list(audience.account_id, audience.id)
        start: dict[str, Any] = {}
        if after:
            position = {**_profile(audience, after["contact"]), "list_pk": partition, "list_sk": after["email"]}
            start = {"ExclusiveStartKey": attributes(position)}
        answer = self._client.query(
            TableName=self._contacts,
            IndexName="by_list",
            KeyConditionExpression="list_pk = :pk",
            ExpressionAttributeValues=attributes({":pk": partition}),
            ScanIndexForward=ascending,
            Limit=limit,
            **start,
        )
        last = answer.get("LastEvaluatedKey")
        return IndexPage(
            [
                FoundContact(_contact(item), item["list_sk"]["S"], None, None, ConsentStatus.NON_SUBSCRIBED, score=None)
                for item in answer["Items"]
            ],
            len(answer["Items"]),
            {"contact": _contact(last), "email": last["list_sk"]["S"]} if last else None,
        )

    def count(self, audience: Audience, criteria: ScoreCriteria, at_most: int) -> int:
        """How many have a score in bounds and the status asked for; counts little further than ``at_most``."""
        query = self._scored(audience, criteria)
        counted = 0
        while True:
            if criteria.status is None:
                query["Limit"] = at_most - counted
            answer = self._client.query(**query, Select="COUNT")
            counted += answer["Count"]
            last = answer.get("LastEvaluatedKey")
            if not last or counted >= at_most:
                return counted
            query["ExclusiveStartKey"] = last

    def profiles(self, audience: Audience, contacts: Sequence[str]) -> Mapping[str, FoundContact]:
        """Profiles by contact; a score of an epoch before the audience's is none."""
        wanted = [attributes(_profile(audience, contact)) for contact in contacts]
        found = get_all(
            self._client,
            self._contacts,
            wanted,
            ProjectionExpression=_PROFILE,
            ExpressionAttributeNames={"#status": "status"},
        )
        return {
            _contact(item): _decode(item, _score(item, audience), with_tags=True) for item in found if "email" in item
        }

    def figures_of(self, store: Store, period: str, customers: Sequence[str]) -> Mapping[str, Figures]:
        """Figures of customers in a period; who bought nothing in it is left out."""
        board = keys.board(store.account_id, store.id, period)
        wanted = [attributes({"pk": board, "sk": customer}) for customer in customers]
        return {
            item["sk"]["S"]: Figures(
                int(item["orders_count"]["N"]), int(item["total_spent"]["N"]), int(item["last_order_at"]["N"])
            )
            for item in get_all(self._client, self._rankings, wanted, ProjectionExpression=_FIGURES)
            if number(item, "orders_count")
        }

    def _scored(self, audience: Audience, criteria: ScoreCriteria) -> dict[str, Any]:
        values: dict[str, Value] = {":pk": _board(audience), ":low": criteria.at_least, ":high": criteria.at_most}
        query: dict[str, Any] = {
            "TableName": self._contacts,
            "IndexName": "by_score",
            "KeyConditionExpression": "score_pk = :pk AND score BETWEEN :low AND :high",
            "ExpressionAttributeValues": attributes(values),
            "ScanIndexForward": criteria.ascending,
        }
        if criteria.status:
            query["FilterExpression"] = "#status = :status"
            query["ExpressionAttributeNames"] = {"#status": "status"}
            query["ExpressionAttributeValues"][":status"] = attribute(criteria.status.value)
        return query


def _board(audience: Audience) -> str:
    return keys.score_board(audience.account_id, audience.id, audience.score_epoch)


def _profile(audience: Audience, contact: str) -> dict[str, str]:
    return {"pk": keys.person(audience.account_id, audience.id, contact), "sk": keys.PROFILE}


def _contact(item: Mapping[str, Any]) -> str:
    return keys.split(item["pk"]["S"])[2]


def _score(item: Item, audience: Audience) -> int | None:
    return number(item, "score") if (number(item, "score_epoch") or 0) >= audience.score_epoch else None


def _decode(item: Item, score: int | None, *, with_tags: bool = False) -> FoundContact:
    tags = tuple(element["S"] for element in item["tags"]["L"]) if "tags" in item else ()
    return FoundContact(
        contact=_contact(item),
        email=item["email"]["S"],
        first_name=string(item, "first_name"),
        last_name=string(item, "last_name"),
        status=ConsentStatus(item["status"]["S"]),
        score=score,
        tags=tags if with_tags else None,
    )
