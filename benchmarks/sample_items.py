"""What DynamoDB has in the samples' account, and what it answers to whoever asks for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.samples import (
    ACCOUNT,
    AUDIENCE,
    CREATED,
    EMAIL,
    ERASURE,
    ETAG,
    FILE,
    MAIL_ID,
    NAME,
    QUEUED,
    READER,
    READER_EMAIL,
    ROWS,
    RUNNING,
    SENT,
    SHOPIFY,
    STORE,
    WAITING,
    ledger_order,
)
from laurel.imports.columns import Kind
from laurel.imports.layout import Told, as_json, found_out
from laurel.model.api_key import fingerprint
from laurel.model.identity import contact_id
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes
from laurel.store.workspace import store_item

_API_KEY = "0123456789abcdef0123456789abcdef-us1"


def board_items(count: int = ROWS) -> list[Item]:
    """Rows of a total-spent board as its index gives them."""
    return [
        attributes(
            {
                "pk": keys.board(ACCOUNT, STORE.id, "2026-10"),
                "sk": contact_id(f"{place}.{EMAIL}"),
                "orders_count": 40 - place // 2,
                "total_spent": 500_000 - 4_999 * place,
                "name": NAME,
                "email": EMAIL,
                "rank_total_spent": (500_000 - 4_999 * place) * 10**11 + 1793000000 + place,
            }
        )
        for place in range(count)
    ]


def scored_items(count: int = ROWS) -> list[Item]:
    """Contacts as the index of scores gives them."""
    return [
        attributes(
            {
                "pk": keys.person(ACCOUNT, AUDIENCE, contact_id(f"{place}.{EMAIL}")),
                "sk": keys.PROFILE,
                "score_pk": keys.score_board(ACCOUNT, AUDIENCE, 1),
                "score": 5_000 - 71 * place,
                "email": f"{place}.{EMAIL}",
                "first_name": NAME.split(maxsplit=1)[0],
                "last_name": NAME.split()[1],
                "status": "subscribed",
            }
        )
        for place in range(count)
    ]


_ACCOUNT_ITEM = attributes(
    {
        "pk": ACCOUNT,
        "sk": keys.ACCOUNT,
        "name": "General Stores",
        "postal_address": "1 High Street\nAnytown",
        "sender_address": "hello@store.example",
        "plan": "standard",
        "locale": "en",
        "cursor_key": "5f" * 32,
        "created_at": int(CREATED.timestamp()),
    }
)
_AUDIENCE_ITEM = attributes(
    {
        "pk": ACCOUNT,
        "sk": keys.audience(AUDIENCE),
        "name": "Customers",
        "score_epoch": 1,
        "created_at": int(CREATED.timestamp()),
    }
)
_RULE_ITEM = attributes(
    {
        "pk": ACCOUNT,
        "sk": keys.scoring_rule(AUDIENCE, "visits"),
        "name": "Visits",
        "enabled": True,
        "activity": "page.visited",
        "effect": {"kind": "add", "points": 5},
        "conditions": [],
        "counts_machines": False,
        "created_at": int(CREATED.timestamp()) * 1000,
        "version": 1,
    }
)
_PROFILE_ITEM = attributes(
    {
        "pk": keys.person(ACCOUNT, AUDIENCE, contact_id(EMAIL)),
        "sk": keys.PROFILE,
        "email": EMAIL,
        "score": 40,
        "score_epoch": 1,
        "score_seq": 3,
    }
)
_SENDER_ITEM = attributes(
    {
        "pk": ACCOUNT,
        "sk": keys.sender("sender000001"),
        "kind": "domain",
        "identity": "store.example",
        "state": "verified",
        "created_at": int(CREATED.timestamp()),
        "checked_at": int(CREATED.timestamp()),
    }
)
_LINK_KEY_ITEM = attributes({"pk": ACCOUNT, "sk": keys.LINK_KEY, "link_key": "5f" * 32})
_READER_ITEM = attributes(
    {
        "pk": keys.person(ACCOUNT, AUDIENCE, READER),
        "sk": keys.PROFILE,
        "email": READER_EMAIL,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "locale": "de",
        "status": "subscribed",
        "consent_at": 1795190400000,
        "seen_at": 1795190400000,
        "created_at": 1795190400000,
        "version": 1,
    }
)
_CONTENT = {"subject": "Thank you, Ada", "text": "Thank you.", "html": "<p>Thank you.</p>"}


def _message_item(message_id: str, **told: Any) -> Item:
    return attributes(
        {
            "pk": keys.person(ACCOUNT, AUDIENCE, READER),
            "sk": keys.message(message_id),
            "to": READER_EMAIL,
            "sender": "hello@store.example",
            "subject": _CONTENT["subject"],
            "created_at": 1795190400000,
            "queued_at": 1795190400000,
            **told,
        }
    )


def _import_item(import_id: str, **told: Any) -> Item:
    return attributes(
        {
            "pk": ACCOUNT,
            "sk": keys.import_(STORE.id, import_id),
            "kind": "orders",
            "file_name": "orders.csv",
            "created_at": 1795190400000,
            "asked": "{}",
            "dry_run": False,
            "etag": ETAG,
            **told,
        }
    )


_LAYOUT = as_json(found_out(FILE, Told(Kind.ORDERS), utf8=True))
_IMPORTS = (
    _import_item(WAITING, state="waiting"),
    _import_item(RUNNING, state="running", layout=json.dumps(_LAYOUT), chunks=1, rows=10, queued=True),
    attributes(
        {
            "pk": ACCOUNT,
            "sk": keys.import_chunk(STORE.id, RUNNING, 0),
            "start": FILE.index(b"\n") + 1,
            "end": len(FILE),
            "rows": 10,
            "before": 1,
        }
    ),
)
_ERASURE_ITEM = attributes(
    {
        "pk": ACCOUNT,
        "sk": keys.erasure(ERASURE),
        "kind": "person",
        "reason": "owner",
        "audience_id": AUDIENCE,
        "created_at": 1795190400000,
        "updated_at": 1795190400000,
        "customers": [READER],
        "state": "settling",
        "removed": {},
        "place": json.dumps({"customer": 1, "counted": False}),
        "settled_at": 1795190400000,
        "version": 1,
    }
)
_API_KEY_ITEM = attributes(
    {
        "pk": ACCOUNT,
        "sk": keys.api_key("apikey000001"),
        "name": "Plugin",
        "role": "owner",
        "fingerprint": fingerprint(_API_KEY),
        "hint": "-us1",
        "created_at": int(CREATED.timestamp()),
    }
)
_CLAIM_ITEM = attributes(
    {"pk": keys.api_key_claim(fingerprint(_API_KEY)), "sk": keys.CLAIM, "account_id": ACCOUNT, "key_id": "apikey000001"}
)
_WORKSPACE = (_ACCOUNT_ITEM, store_item(STORE), store_item(SHOPIFY), _AUDIENCE_ITEM, _LINK_KEY_ITEM)
_OTHERS = (_ERASURE_ITEM, _API_KEY_ITEM, _CLAIM_ITEM)
_OF_READER = (
    _READER_ITEM,
    _message_item(QUEUED, due_at=1795194000000),
    attributes({"pk": keys.person(ACCOUNT, AUDIENCE, READER), "sk": keys.message_content(QUEUED), **_CONTENT}),
    _message_item(SENT, sending_at=1795190401000, sent_at=1795190402000, mail_id=MAIL_ID),
)
_ITEMS = {(item["pk"]["S"], item["sk"]["S"]): item for item in (*_WORKSPACE, *_OF_READER, *_IMPORTS, *_OTHERS)}


def item(key: Item) -> Item | None:
    """What a GetItem finds, if anything."""
    return _ITEMS.get((key["pk"]["S"], key["sk"]["S"]))


def profiles(wanted: Sequence[Item]) -> list[Item]:
    """What a BatchGetItem finds."""
    return [_PROFILE_ITEM for key in wanted if (key["pk"], key["sk"]) == (_PROFILE_ITEM["pk"], _PROFILE_ITEM["sk"])]


def queried(request: Mapping[str, Any]) -> list[Item]:
    """What a Query finds."""
    if request.get("IndexName") == "by_score":
        return scored_items(request.get("Limit", ROWS))
    if request.get("IndexName") == "by_list":
        return []
    if "IndexName" in request:
        return board_items(request.get("Limit", ROWS))
    values = request["ExpressionAttributeValues"]
    if values[":pk"] == _READER_ITEM["pk"] and ":prefix" not in values:
        return [*_OF_READER] if request["TableName"] == "ContactsTable" else []
    prefix = values.get(":prefix", {}).get("S", "")
    found = {
        keys.scoring_rule(AUDIENCE, ""): _RULE_ITEM,
        keys.sender(""): _SENDER_ITEM,
        keys.store(""): store_item(STORE),
        keys.orders(STORE.id): ledger_order(),
        keys.audience(""): _AUDIENCE_ITEM,
        keys.api_key(""): _API_KEY_ITEM,
    }
    return [found[prefix]] if prefix in found else []
