"""Awards in their contacts' partitions of Contacts, written together with the coupon they take and the tally."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from laurel.model.contact import ContactRef
from laurel.model.order import epoch_ms
from laurel.model.reward import Award, AwardState, Programme
from laurel.rewards.award import Obstacle
from laurel.store import keys
from laurel.store.dynamodb import (
    Item,
    Value,
    attribute,
    attributes,
    get_all,
    instant,
    is_cancelled,
    number,
    pages,
    plain,
    setting,
    string,
    written,
    written_together,
)
from laurel.store.programmes import Programmes, decode_benefit, encode_benefit, programme_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_PAGE = 500
_FAILED = "ConditionalCheckFailed"


class Awards(Programmes):
    """Gives awards of programmes, and finds those that were given. Reads are strongly consistent but for lists."""

    def __init__(self, client: DynamoDBClient, workspace: str, contacts: str) -> None:
        super().__init__(client, workspace)
        self._contacts = contacts

    def award(self, ref: ContactRef, programme_id: str, occasion: str) -> Award | None:
        """What a contact got of a programme on an occasion, or None."""
        key = _key(ref, keys.award(programme_id, occasion))
        item = self._client.get_item(TableName=self._contacts, Key=key, ConsistentRead=True).get("Item")
        return None if item is None else _decode(item)

    def awards_on(self, refs: Sequence[ContactRef], programme_id: str, occasion: str) -> set[str]:
        """Those of these contacts of an audience who got something, or were held out, on an occasion."""
        wanted = [_key(ref, keys.award(programme_id, occasion)) for ref in refs]
        found = get_all(self._client, self._contacts, wanted, ConsistentRead=True, ProjectionExpression="pk")
        return {keys.split(item["pk"]["S"])[2] for item in found}

    def awards_of(self, ref: ContactRef) -> list[Award]:
        """All awards of a contact, newest first."""
        query = pages(
            self._client,
            TableName=self._contacts,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": _pk(ref), ":prefix": keys.join("reward", "")}),
            ConsistentRead=True,
        )
        return sorted(map(_decode, query), key=lambda it: (it.at, it.programme_id, it.occasion), reverse=True)

    def awards(
        self, programme: Programme, limit: int, after: Mapping[str, str] | None = None
    ) -> tuple[list[Award], dict[str, str] | None]:
        """A page of a programme's awards, newest first, and where to go on, if anywhere."""
        partition = _list(programme)
        start: dict[str, Any] = {}
        if after:
            start["ExclusiveStartKey"] = attributes({**after, "list_pk": partition})
        answer = self._client.query(
            TableName=self._contacts,
            IndexName="by_list",
            KeyConditionExpression="list_pk = :pk",
            ExpressionAttributeValues=attributes({":pk": partition}),
            ScanIndexForward=False,
            Limit=limit,
            **start,
        )
        wanted = [{"pk": item["pk"], "sk": item["sk"]} for item in answer["Items"]]
        found = {
            (item["pk"]["S"], item["sk"]["S"]): _decode(item)
            for item in get_all(self._client, self._contacts, wanted, ConsistentRead=True)
        }
        places = [(key["pk"]["S"], key["sk"]["S"]) for key in wanted]
        last: Any = answer.get("LastEvaluatedKey")
        following = {name: last[name]["S"] for name in ("pk", "sk", "list_sk")} if last else None
        return [found[place] for place in places if place in found], following

    def all_awards(self, programme: Programme) -> Iterator[Award]:
        """A programme's awards, newest first, a page at a time as the caller goes on."""
        after: dict[str, str] | None = None
        while True:
            page, after = self.awards(programme, _PAGE, after)
            yield from page
            if after is None:
                return

    def free_codes(self, programme: Programme, at_most: int) -> list[str]:
        """Codes of a programme that are still to be given."""
        pk = keys.coupons(programme.account_id, programme.id)
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": pk, ":prefix": keys.free_coupon("")}),
            ConsistentRead=True,
            Limit=at_most,
        )
        return [keys.split(item["sk"]["S"])[1] for item in answer["Items"]]

    def keep(self, programme: Programme, award: Award) -> Obstacle | None:
        """Write an award, take its coupon and count it, all or nothing."""
        writes: list[tuple[Obstacle, Any]] = [
            (Obstacle.AWARDED, {"Put": self._put(award)}),
            (Obstacle.NO_CONTACT, {"ConditionCheck": self._known(award.ref)}),
            (Obstacle.PROGRAMME, {"Update": self._count(programme, award)}),
        ]
        pk = keys.coupons(programme.account_id, programme.id)
        if award.coupon is not None and programme.coupons.source.is_pool:
            free = attributes({"pk": pk, "sk": keys.free_coupon(award.coupon)})
            given = attributes({"pk": pk, "sk": keys.given_coupon(award.coupon), "at": epoch_ms(award.at)})
            writes += [
                (
                    Obstacle.COUPON,
                    {"Delete": {"TableName": self._table, "Key": free, "ConditionExpression": "attribute_exists(pk)"}},
                ),
                (
                    Obstacle.COUPON,
                    {"Put": {"TableName": self._table, "Item": given, "ConditionExpression": _NEW}},
                ),
            ]
        transaction: Any = [write for _, write in writes]
        try:
            self._client.transact_write_items(TransactItems=transaction)
        except ClientError as error:
            if not is_cancelled(error):
                raise
            response: Mapping[str, Any] = error.response
            reasons = response.get("CancellationReasons", [])
            failed = {obstacle for (obstacle, _), it in zip(writes, reasons, strict=False) if it.get("Code") == _FAILED}
            return next((it for it in Obstacle if it in failed), Obstacle.OTHERS)
        return None

    def revoke(self, programme: Programme, award: Award, now: datetime) -> bool:
        """Say that an award is to be used no more; its coupon stays given. False if another writer was faster."""
        update = setting({"state": AwardState.REVOKED.value, "revoked_at": epoch_ms(now)})
        update["ExpressionAttributeValues"][":given"] = attribute(AwardState.GIVEN.value)
        writes: Any = [
            {
                "Update": {
                    "TableName": self._contacts,
                    "Key": _key(award.ref, keys.award(award.programme_id, award.occasion)),
                    "ConditionExpression": "#state = :given",
                    **update,
                }
            },
            {
                "Update": {
                    "TableName": self._table,
                    "Key": programme_key(programme),
                    "UpdateExpression": "ADD revoked :one",
                    "ExpressionAttributeValues": attributes({":one": 1}),
                }
            },
        ]
        return written_together(self._client, writes)

    def told(self, award: Award, message_id: str | None, unsent: str | None) -> None:
        """Keep which message told of an award, or why none did; one that is gone stays gone."""
        written(
            self._client.update_item,
            TableName=self._contacts,
            Key=_key(award.ref, keys.award(award.programme_id, award.occasion)),
            ConditionExpression="attribute_exists(pk)",
            **setting({"message_id": message_id, "unsent": unsent}),
        )

    def _put(self, award: Award) -> Any:
        at = epoch_ms(award.at)
        values: dict[str, Value] = {
            "state": award.state.value,
            "created_at": at,
            "benefit": encode_benefit(award.benefit),
            "currency": award.currency,
            "coupon": award.coupon,
            "valid_until": epoch_ms(award.valid_until) if award.valid_until else None,
            "subject": award.subject,
            "rank": award.rank,
            "list_pk": keys.awards_list(award.ref.account_id, award.ref.audience_id, award.programme_id),
            "list_sk": keys.join(f"{at:014d}", award.ref.contact),
        }
        key = _key(award.ref, keys.award(award.programme_id, award.occasion))
        return {"TableName": self._contacts, "Item": key | attributes(values), "ConditionExpression": _NEW}

    def _known(self, ref: ContactRef) -> Any:
        """The contact is there and was not erased, at the moment of writing."""
        return {
            "TableName": self._contacts,
            "Key": _key(ref, keys.PROFILE),
            "ConditionExpression": "attribute_exists(email)",
        }

    def _count(self, programme: Programme, award: Award) -> Any:
        """Count an award on condition that the programme is as it was read, and that there is room in its budget."""
        held_out = award.state is AwardState.HELD_OUT
        condition = ["#version = :seen"]
        values: dict[str, Value] = {":seen": programme.version, ":one": 1}
        changes, names = "#held_out :one", {"#version": "version", "#held_out": "held_out"}
        if not held_out:
            changes, names = "#awards :one", {"#version": "version", "#awards": "awards"}
            if award.benefit.value:
                changes += ", #value :value"
                names["#value"], values[":value"] = "value", award.benefit.value
            if programme.coupons.source.is_pool:
                changes += ", #coupons :taken, #coupons_given :one"
                names |= {"#coupons": "coupons", "#coupons_given": "coupons_given"}
                values[":taken"] = -1
        if programme.budget.awards is not None:
            condition.append("#awards < :most")
            names["#awards"], values[":most"] = "awards", programme.budget.awards
        if programme.budget.value is not None:
            condition.append("#value <= :room")
            names["#value"], values[":room"] = "value", programme.budget.value - programme.benefit.value
        return {
            "TableName": self._table,
            "Key": programme_key(programme),
            "UpdateExpression": f"ADD {changes}",
            "ConditionExpression": " AND ".join(condition),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": attributes(values),
        }


_NEW = "attribute_not_exists(pk)"


def _pk(ref: ContactRef) -> str:
    return keys.person(ref.account_id, ref.audience_id, ref.contact)


def _key(ref: ContactRef, sk: str) -> Item:
    return attributes({"pk": _pk(ref), "sk": sk})


def _list(programme: Programme) -> str:
    return keys.awards_list(programme.account_id, programme.audience_id, programme.id)


def _decode(item: Item) -> Award:
    _, programme_id, occasion = keys.split(item["sk"]["S"])
    return Award(
        ref=ContactRef(*keys.split(item["pk"]["S"])),
        programme_id=programme_id,
        occasion=occasion,
        at=instant(item, "created_at"),
        state=AwardState(item["state"]["S"]),
        benefit=decode_benefit(plain(item["benefit"])),
        currency=string(item, "currency"),
        coupon=string(item, "coupon"),
        valid_until=instant(item, "valid_until") if "valid_until" in item else None,
        subject=string(item, "subject"),
        rank=number(item, "rank"),
        message_id=string(item, "message_id"),
        unsent=string(item, "unsent"),
        revoked_at=instant(item, "revoked_at") if "revoked_at" in item else None,
    )
