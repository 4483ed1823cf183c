"""Plans of accounts, in the accounts' own items, so that every reader of an account sees a change at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from laurel.model.account import Plan
from laurel.model.plan import AccountPlan, SubscriptionState
from laurel.store import keys
from laurel.store.dynamodb import attributes, plain_item, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Plans:
    """What accounts' plans follow from, in the Workspace table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def plan(self, account_id: str) -> AccountPlan | None:
        """An account's plan, or None if there is no such account."""
        answer = self._client.get_item(TableName=self._table, Key=_key(account_id), ConsistentRead=True)
        return _decode(plain_item(answer["Item"])) if "Item" in answer else None

    def save_plan(self, account_id: str, plan: AccountPlan) -> bool:
        """Write an account's plan if nobody else wrote it since it was read; False if so."""
        condition = "plan_version = :seen" if plan.version else "attribute_not_exists(plan_version)"
        seen = {":seen": plan.version} if plan.version else {}
        subscriptions = {
            id_: {"at": state.at, "phase": state.phase, "plan": state.plan.value}
            for id_, state in plan.subscriptions.items()
        }
        return written(
            self._client.update_item,
            TableName=self._table,
            Key=_key(account_id),
            UpdateExpression="SET #plan = :plan, plan_set_at = :at, subscriptions = :all, plan_version = :next",
            ConditionExpression=f"attribute_exists(pk) AND {condition}",
            ExpressionAttributeNames={"#plan": "plan"},
            ExpressionAttributeValues=attributes(
                {
                    ":plan": plan.plan.value,
                    ":at": plan.set_at,
                    ":all": subscriptions,
                    ":next": plan.version + 1,
                    **seen,
                }
            ),
        )


def _key(account_id: str) -> dict[str, Any]:
    return attributes({"pk": account_id, "sk": keys.ACCOUNT})


def _decode(item: dict[str, Any]) -> AccountPlan:
    return AccountPlan(
        plan=Plan(item["plan"]),
        subscriptions={
            id_: SubscriptionState(state["at"], state["phase"], Plan(state["plan"]))
            for id_, state in item.get("subscriptions", {}).items()
        },
        set_at=item.get("plan_set_at", 0),
        version=item.get("plan_version", 0),
    )
