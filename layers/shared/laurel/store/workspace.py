"""Workspace: accounts, audiences, stores and what belongs to them. Small and quiet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from time import monotonic
from typing import TYPE_CHECKING, Any

from laurel.model.account import (
    Account,
    Audience,
    Plan,
    Platform,
    Store,
    StoreState,
    WebhookSecret,
)
from laurel.model.errors import NotFound
from laurel.model.period import Calendar
from laurel.model.privacy import StoreErased
from laurel.model.quiet import QuietHours
from laurel.model.rebuild import Rebuild
from laurel.store import keys
from laurel.store.dynamodb import Item, Value, attributes, pages, plain_item, setting, unchanged_since, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


_REMEMBERED_SECONDS = 60.0


class Workspace:
    """The Workspace table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table
        self._cursor_keys: dict[str, str] = {}

    def account(self, account_id: str) -> Account | None:
        """An account, or None."""
        item = self._get(account_id, keys.ACCOUNT)
        if item is None:
            return None
        return Account(
            id=account_id,
            name=item["name"],
            plan=Plan(item["plan"]),
            locale=item["locale"],
            cursor_key=item["cursor_key"],
            created_at=_instant(item["created_at"]),
            postal_address=item.get("postal_address"),
            sender_name=item.get("sender_name"),
            sender_address=item.get("sender_address"),
            quiet_hours=_decode_quiet_hours(item["quiet_hours"]) if "quiet_hours" in item else None,
            daily_messages=item.get("daily_messages"),
        )

    def save_account(self, account: Account) -> None:
        """Write an account."""
        self._put(
            account.id,
            keys.ACCOUNT,
            {
                "name": account.name,
                "plan": account.plan.value,
                "locale": account.locale,
                "cursor_key": account.cursor_key,
                "created_at": _seconds(account.created_at),
                "postal_address": account.postal_address,
                "sender_name": account.sender_name,
                "sender_address": account.sender_address,
                "quiet_hours": account.quiet_hours and encode_quiet_hours(account.quiet_hours),
                "daily_messages": account.daily_messages,
            },
        )

    def change_account(self, account_id: str, changes: Mapping[str, Value]) -> None:
        """Set attributes of an existing account, leaving the others alone; None takes one away.

        There are ``name``, ``locale``, ``postal_address``, ``sender_name``, ``sender_address``, ``quiet_hours`` (as
        ``encode_quiet_hours`` has them) and ``daily_messages``.
        """
        self._change(account_id, keys.ACCOUNT, changes)

    def existing_account(self, account_id: str) -> Account:
        """An account. Raises ``NotFound``."""
        account = self.account(account_id)
        if account is None:
            raise NotFound("account", account_id)
        return account

    def cursor_key(self, account_id: str) -> str:
        """The key of an account's page cursors, which it keeps for good: read once. Raises ``NotFound``."""
        if account_id not in self._cursor_keys:
            self._cursor_keys[account_id] = self.existing_account(account_id).cursor_key
        return self._cursor_keys[account_id]

    def audience(self, account_id: str, audience_id: str) -> Audience | None:
        """An audience of the account, or None."""
        item = self._get(account_id, keys.audience(audience_id))
        return _decode_audience(account_id, audience_id, item) if item else None

    def existing_audience(self, account_id: str, audience_id: str) -> Audience:
        """An audience of the account. Raises ``NotFound``."""
        audience = self.audience(account_id, audience_id)
        if audience is None:
            raise NotFound("audience", audience_id)
        return audience

    def audiences(self, account_id: str) -> list[Audience]:
        """All audiences of an account."""
        return [_decode_audience(account_id, id_, item) for id_, item in self._list(account_id, keys.audience(""))]

    def save_audience(self, audience: Audience) -> None:
        """Write an audience."""
        self._put(
            audience.account_id,
            keys.audience(audience.id),
            {
                "name": audience.name,
                "score_epoch": audience.score_epoch,
                "monthly_decay": audience.monthly_decay or None,
                "created_at": _seconds(audience.created_at),
                "list_pk": keys.ALL_AUDIENCES,
                "list_sk": keys.join(audience.account_id, audience.id),
            },
        )

    def all_audiences(self) -> Iterator[tuple[str, str]]:
        """Account id and audience id of every audience of every account, for schedules."""
        query = pages(
            self._client,
            TableName=self._table,
            IndexName="by_list",
            KeyConditionExpression="list_pk = :pk",
            ExpressionAttributeValues=attributes({":pk": keys.ALL_AUDIENCES}),
        )
        for item in query:
            account_id, audience_id = keys.split(item["list_sk"]["S"])
            yield account_id, audience_id

    def reset_scores(self, account_id: str, audience_id: str) -> int:
        """Begin a new score epoch of an existing audience: no score given before counts any more. Returns the epoch."""
        answer = self._client.update_item(
            TableName=self._table,
            Key=attributes({"pk": account_id, "sk": keys.audience(audience_id)}),
            UpdateExpression="ADD score_epoch :one",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues=attributes({":one": 1}),
            ReturnValues="UPDATED_NEW",
        )
        return int(answer["Attributes"]["score_epoch"]["N"])

    def set_monthly_decay(self, account_id: str, audience_id: str, percent: int) -> None:
        """Let the scores of an existing audience fall by so many percent a month; 0 for not at all."""
        self._change(account_id, keys.audience(audience_id), {"monthly_decay": percent})

    def rename_audience(self, account_id: str, audience_id: str, name: str) -> None:
        """Give an existing audience another name."""
        self._change(account_id, keys.audience(audience_id), {"name": name})

    def store(self, account_id: str, store_id: str) -> Store | None:
        """A store of the account, or None; an erased one is none."""
        store = self._store(account_id, store_id)
        return None if store is None or store.state is StoreState.ERASED else store

    def stores(self, account_id: str) -> list[Store]:
        """All stores of an account, disconnected ones too."""
        stores = (_decode_store(account_id, id_, item) for id_, item in self._list(account_id, keys.store("")))
        return [store for store in stores if store.state is not StoreState.ERASED]

    def is_erased(self, account_id: str, store_id: str) -> bool:
        """True if there was such a store, and it was erased."""
        store = self._store(account_id, store_id)
        return store is not None and store.state is StoreState.ERASED

    def close_store(self, account_id: str, store_id: str) -> Store | None:
        """Erase a store's own settings for good, all but what tells its periods; what is left of it, or None."""
        while True:
            store = self._store(account_id, store_id)
            if store is None or store.state is StoreState.ERASED:
                return store
            left = replace(store, name="", shop_domain=None, secrets=(), cursor_key="", state=StoreState.ERASED)
            if self.save_store(replace(left, rebuild=None)):
                return replace(left, rebuild=None, version=left.version + 1)

    def _store(self, account_id: str, store_id: str) -> Store | None:
        item = self._get(account_id, keys.store(store_id))
        return _decode_store(account_id, store_id, item) if item else None

    def save_store(self, store: Store) -> bool:
        """Write a store if nobody else wrote it since it was read; False if so."""
        saved = replace(store, version=store.version + 1)
        return written(
            self._client.put_item, TableName=self._table, Item=store_item(saved), **unchanged_since(store.version)
        )

    def record_privacy_request(self, store: Store, request_id: str, details: Mapping[str, Any]) -> bool:
        """Keep a platform's privacy request once, for somebody to look after; False if it was known."""
        sk = keys.privacy(store.id, request_id)
        due = {"list_pk": keys.ERASURES, "list_sk": keys.join(store.account_id, store.id, request_id)}
        item = attributes({"pk": store.account_id, "sk": sk, **details, **due})
        return written(
            self._client.put_item, TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)"
        )

    def privacy_requests(self, store: Store) -> list[dict[str, Any]]:
        """Privacy requests of a store, as kept, with their ``id``."""
        return [{"id": id_, **item} for id_, item in self._list(store.account_id, keys.privacy(store.id, ""))]

    def _get(self, account_id: str, sk: str) -> dict[str, Any] | None:
        key = attributes({"pk": account_id, "sk": sk})
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return plain_item(answer["Item"]) if "Item" in answer else None

    def _put(self, account_id: str, sk: str, values: Mapping[str, Any]) -> None:
        self._client.put_item(TableName=self._table, Item=attributes({"pk": account_id, "sk": sk, **values}))

    def _change(self, account_id: str, sk: str, changes: Mapping[str, Value]) -> None:
        self._client.update_item(
            TableName=self._table,
            Key=attributes({"pk": account_id, "sk": sk}),
            ConditionExpression="attribute_exists(pk)",
            **setting(changes),
        )

    def _list(self, account_id: str, prefix: str) -> list[tuple[str, dict[str, Any]]]:
        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": account_id, ":prefix": prefix}),
            ConsistentRead=True,
        )
        return [(keys.split(item["sk"]["S"])[-1], plain_item(item)) for item in query]


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def encode_quiet_hours(quiet: QuietHours) -> dict[str, Value]:
    """Quiet hours as they are kept."""
    return {"start": f"{quiet.start:%H:%M}", "end": f"{quiet.end:%H:%M}", "time_zone": quiet.time_zone}


def _decode_quiet_hours(kept: Mapping[str, str]) -> QuietHours:
    return QuietHours(time.fromisoformat(kept["start"]), time.fromisoformat(kept["end"]), kept["time_zone"])


def _decode_audience(account_id: str, audience_id: str, item: dict[str, Any]) -> Audience:
    return Audience(
        account_id=account_id,
        id=audience_id,
        name=item["name"],
        score_epoch=item["score_epoch"],
        created_at=_instant(item["created_at"]),
        monthly_decay=item.get("monthly_decay", 0),
    )


def store_item(store: Store) -> Item:
    """A store as it is kept."""
    secrets: list[Value] = [
        {"value": secret.value} | ({"expires_at": _seconds(secret.expires_at)} if secret.expires_at else {})
        for secret in store.secrets
    ]
    return attributes(
        {
            "pk": store.account_id,
            "sk": keys.store(store.id),
            "audience_id": store.audience_id,
            "platform": store.platform.value,
            "name": store.name,
            "currency": store.currency,
            "time_zone": store.calendar.time_zone,
            "first_day_of_week": store.calendar.first_day_of_week,
            "minimum_purchases": store.minimum_purchases,
            "house_account_orders": store.house_account_orders,
            "least_house_account_orders": store.least_house_account_orders,
            "calendar_revision": store.calendar_revision,
            "state": store.state.value,
            "secrets": secrets,
            "cursor_key": store.cursor_key,
            "shop_domain": store.shop_domain,
            "created_at": _seconds(store.created_at),
            "version": store.version,
            "past_calendars": [[it.time_zone, it.first_day_of_week] for it in store.past_calendars] or None,
            "rebuild": _encode_rebuild(store.rebuild) if store.rebuild else None,
            "rates_revision": store.rates_revision or None,
            "rate_currencies": list(store.rate_currencies) or None,
        }
    )


def _decode_store(account_id: str, store_id: str, item: dict[str, Any]) -> Store:
    return Store(
        account_id=account_id,
        id=store_id,
        audience_id=item["audience_id"],
        platform=Platform(item["platform"]),
        name=item["name"],
        currency=item["currency"],
        calendar=Calendar(item["time_zone"], item["first_day_of_week"]),
        minimum_purchases=item["minimum_purchases"],
        house_account_orders=item["house_account_orders"],
        least_house_account_orders=item.get("least_house_account_orders", item["house_account_orders"]),
        calendar_revision=item["calendar_revision"],
        state=StoreState(item["state"]),
        secrets=tuple(
            WebhookSecret(secret["value"], _instant(secret["expires_at"]) if "expires_at" in secret else None)
            for secret in item["secrets"]
        ),
        cursor_key=item["cursor_key"],
        shop_domain=item.get("shop_domain"),
        created_at=_instant(item["created_at"]),
        version=item["version"],
        past_calendars=tuple(Calendar(*it) for it in item.get("past_calendars", ())),
        rebuild=_decode_rebuild(item["rebuild"]) if "rebuild" in item else None,
        rates_revision=item.get("rates_revision", 0),
        rate_currencies=tuple(item.get("rate_currencies", ())),
    )


def _encode_rebuild(rebuild: Rebuild) -> dict[str, Value]:
    return {
        "job": rebuild.job,
        "everything": rebuild.everything,
        "rates": rebuild.rates,
        "minimums": list(rebuild.minimums or ()),
    }


def _decode_rebuild(kept: Mapping[str, Any]) -> Rebuild:
    minimums = (kept["minimums"][0], kept["minimums"][1]) if kept["minimums"] else None
    return Rebuild(kept["job"], everything=kept["everything"], rates=kept["rates"], minimums=minimums)


class RememberedStores:
    """Stores for a long-lived consumer: read once a minute at most, or when asked for a fresh look."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._known: dict[tuple[str, str], tuple[float, Store]] = {}

    def store(self, account_id: str, store_id: str, *, fresh: bool = False) -> Store:
        """A store of the account. Raises ``NotFound``; of one that was erased ``StoreErased``."""
        known = self._known.get((account_id, store_id))
        if known and not fresh and monotonic() - known[0] < _REMEMBERED_SECONDS:
            return known[1]
        store = self._workspace.store(account_id, store_id)
        if store is None:
            erased = self._workspace.is_erased(account_id, store_id)
            raise StoreErased(store_id) if erased else NotFound("store", store_id)
        self._known[account_id, store_id] = (monotonic(), store)
        return store
