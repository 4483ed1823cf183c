"""Reward programmes of an audience, in Workspace, with what they have come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from laurel.model.order import epoch_ms
from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from laurel.model.reward import (
    Benefit,
    BenefitKind,
    Budget,
    ByHand,
    Coupons,
    CouponSource,
    FirstOfBoard,
    InTier,
    Programme,
    ProgrammeState,
    ScoreAtLeast,
    Tally,
    Who,
)
from laurel.store import keys
from laurel.store.dynamodb import (
    Item,
    Value,
    attribute,
    attributes,
    pages,
    plain_item,
    setting,
    written_first,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TALLY = ("awards", "value", "held_out", "revoked", "coupons", "coupons_given")
"""Attributes that awards change, and changes of the programme leave alone."""


class Programmes:
    """The programmes in the Workspace table. Reads are strongly consistent."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def programmes(self, account_id: str, audience_id: str) -> list[Programme]:
        """All programmes of an audience in the order of their creation."""
        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": account_id, ":prefix": keys.programme(audience_id, "")}),
            ConsistentRead=True,
        )
        return sorted(map(_decode, query), key=lambda it: (it.created_at, it.id))

    def programme(self, account_id: str, audience_id: str, programme_id: str) -> Programme | None:
        """A programme, or None."""
        key = attributes({"pk": account_id, "sk": keys.programme(audience_id, programme_id)})
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return None if item is None else _decode(item)

    def save(self, programme: Programme) -> Programme | None:
        """Write what is set of a programme as its next version; None if somebody else did since it was read."""
        saved = replace(programme, version=programme.version + 1)
        values = _settings(saved)
        if not programme.version:
            values |= dict.fromkeys(TALLY, 0)
        update = setting(values)
        condition = "attribute_not_exists(pk)"
        if programme.version:
            condition = "#version = :seen"
            update["ExpressionAttributeValues"][":seen"] = attribute(programme.version)
        # Awards are counted by transactions.
        is_saved = written_first(
            self._client.update_item,
            TableName=self._table,
            Key=programme_key(programme),
            ConditionExpression=condition,
            **update,
        )
        return saved if is_saved else None


def programme_key(programme: Programme) -> Item:
    """Key of a programme's item."""
    return attributes({"pk": programme.account_id, "sk": keys.programme(programme.audience_id, programme.id)})


def encode_benefit(benefit: Benefit) -> dict[str, Value]:
    """What a reward is, as a map without what it has not."""
    values: dict[str, Value] = {
        "kind": benefit.kind.value,
        "text": benefit.text,
        "percent": benefit.percent,
        "amount": benefit.amount,
        "worth": benefit.worth,
    }
    return {name: value for name, value in values.items() if value is not None}


def decode_benefit(values: dict[str, Any]) -> Benefit:
    """The benefit that ``encode_benefit`` was given."""
    return Benefit(**{**values, "kind": BenefitKind(values["kind"])})


def _settings(programme: Programme) -> dict[str, Value]:
    coupons, budget = programme.coupons, programme.budget
    code: dict[str, Value] = {"code": coupons.code} if coupons.code is not None else {}
    return {
        "name": programme.name,
        "who": _encode_who(programme.who),
        "benefit": encode_benefit(programme.benefit),
        "coupon": {"source": coupons.source.value, "prefix": coupons.prefix, **code},
        "store_id": programme.store_id,
        "currency": programme.currency,
        "valid_days": programme.valid_days,
        "most_awards": budget.awards,
        "most_value": budget.value,
        "hold_out": programme.hold_out,
        "template_id": programme.template_id,
        "state": programme.state.value,
        "created_at": epoch_ms(programme.created_at),
        "updated_at": epoch_ms(programme.updated_at),
        "version": programme.version,
    }


def _encode_who(who: Who) -> dict[str, Value]:
    match who:
        case FirstOfBoard(metric, time_frame, first):
            return {"kind": "board", "metric": metric.value, "time_frame": time_frame.value, "first": first}
        case ScoreAtLeast(points):
            return {"kind": "score", "points": points}
        case InTier(tier_id):
            return {"kind": "tier", "tier": tier_id}
        case ByHand():
            return {"kind": "hand"}


def _decode_who(values: dict[str, Any]) -> Who:
    match values["kind"]:
        case "board":
            return FirstOfBoard(Metric(values["metric"]), TimeFrame(values["time_frame"]), values["first"])
        case "score":
            return ScoreAtLeast(values["points"])
        case "tier":
            return InTier(values["tier"])
        case _:
            return ByHand()


def _decode(item: Item) -> Programme:
    values = plain_item(item)
    _, audience_id, programme_id = keys.split(values["sk"])
    coupon = values["coupon"]
    return Programme(
        account_id=values["pk"],
        audience_id=audience_id,
        id=programme_id,
        name=values["name"],
        who=_decode_who(values["who"]),
        benefit=decode_benefit(values["benefit"]),
        created_at=_instant(values["created_at"]),
        updated_at=_instant(values["updated_at"]),
        coupons=Coupons(CouponSource(coupon["source"]), coupon.get("code"), coupon["prefix"]),
        store_id=values.get("store_id"),
        currency=values.get("currency"),
        valid_days=values.get("valid_days"),
        budget=Budget(values.get("most_awards"), values.get("most_value")),
        hold_out=values["hold_out"],
        template_id=values.get("template_id"),
        state=ProgrammeState(values["state"]),
        version=values["version"],
        tally=Tally(**{name: values[name] for name in TALLY}),
    )


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
