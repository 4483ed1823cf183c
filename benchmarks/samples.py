"""One request of each function, real main work."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from laurel.imports.run import upload_of
from laurel.model.account import HOUSE_ACCOUNT_ORDERS, Platform, Store, StoreState, WebhookSecret
from laurel.model.identity import contact_id
from laurel.model.period import Calendar
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes
from tests.support import webhook_events
from tests.support.template import ROOT

ACCOUNT = webhook_events.ACCOUNT
AUDIENCE = "mainaudience"
EMAIL = "francesca.lindqvist@mail.example.com"
NAME = "Francesca Lindqvist"
ROWS = 50
READER_EMAIL = "ada.lovelace@mail.example.com"
READER = contact_id(READER_EMAIL)
QUEUED, SENT = "0123456789abcdef01234567", "89abcdef0123456789abcdef"
"""Messages to that reader."""
MAIL_ID = "0100019c0b8f2a10-1f0c4c0e-7a55-4d7c-9c43-2f4f6d8a9b10-000000"
CREATED = datetime(2026, 1, 5, tzinfo=UTC)

STORE = Store(
    account_id=ACCOUNT,
    id="generalstore",
    audience_id=AUDIENCE,
    platform=Platform.API,
    name="General Store",
    currency="EUR",
    calendar=Calendar("Europe/Berlin"),
    minimum_purchases=1,
    house_account_orders=HOUSE_ACCOUNT_ORDERS,
    calendar_revision=1,
    state=StoreState.CONNECTED,
    secrets=(),
    cursor_key="5f" * 32,
    created_at=CREATED,
    version=1,
)
SHOPIFY = replace(
    STORE,
    id=webhook_events.STORES["shopify"],
    platform=Platform.SHOPIFY,
    secrets=(WebhookSecret(webhook_events.SECRETS["shopify"]),),
)
ORDER = {
    "id": "4711",
    "number": "#4711",
    "placed_at": "2026-11-20T17:04:11+01:00",
    "updated_at": "2026-11-20T17:04:12+01:00",
    "status": "paid",
    "currency": "EUR",
    "total": "59.90",
    "customer": {"id": "815", "email": EMAIL, "first_name": "Francesca", "last_name": "Lindqvist", "locale": "it"},
}


def api_event(
    method: str,
    resource: str,
    parameters: Mapping[str, str],
    body: Any = None,
    query: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What API Gateway sends for a signed-in owner."""
    path = resource.format(**parameters)
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate, br",
        "Authorization": "Bearer " + "e" * 900,
        "Content-Type": "application/json",
        "Host": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        "X-Amzn-Trace-Id": "Root=1-69205b1b-0f0e0d0c0b0a090807060504",
        "X-Forwarded-For": "203.0.113.7",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": dict(query) if query else None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "requestContext": {
            "resourceId": "abc123",
            "resourcePath": resource,
            "httpMethod": method,
            "path": f"/v1{path}",
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "v1",
            "apiId": "a1b2c3d4e5",
            "requestId": "8d7e7d3e-6a2e-4c7a-9d59-6f3f0a6b3c11",
            "requestTimeEpoch": 1795190651000,
            "identity": {"sourceIp": "203.0.113.7", "userAgent": headers["User-Agent"]},
            "authorizer": {
                "claims": {
                    "sub": "0c3a4f0e-0c1d-4b43-9f43-5d0b0ad3b0b1",
                    "email": "owner@example.com",
                    "custom:account_id": ACCOUNT,
                    "custom:role": "owner",
                }
            },
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


LEADERBOARD = api_event(
    "GET",
    "/stores/{store}/leaderboard",
    {"store": STORE.id},
    query={"rank_by": "total_spent", "time_frame": "last_month"},
)
ORDERS = api_event("POST", "/stores/{store}/orders", {"store": STORE.id}, ORDER)
ORDERS_WITH_KEY = {**ORDERS, "headers": {**ORDERS["headers"], "Idempotency-Key": "4711-1"}}
ACTIVITIES = api_event(
    "POST",
    "/audiences/{audience}/activities",
    {"audience": AUDIENCE},
    {
        "id": "view-1",
        "name": "page.visited",
        "occurred_at": "2026-11-20T17:00:00+01:00",
        "contact": {"email": EMAIL},
        "properties": {"page": "/lamps/aalto"},
    },
)
WEBHOOK = webhook_events.load("webhooks-shopify-orders-create")
SCORES = api_event("GET", "/audiences/{audience}/scores", {"audience": AUDIENCE}, query={"at_least": "1000"})
SCORE_BY_HAND = api_event(
    "POST",
    "/audiences/{audience}/contacts/{contact}/score",
    {"audience": AUDIENCE, "contact": contact_id(EMAIL)},
    {"effect": "add", "points": 100, "reason": "Winner of the prize draw"},
)
DISTRIBUTION = api_event("GET", "/audiences/{audience}/scores/distribution", {"audience": AUDIENCE})
GET_STORE = api_event("GET", "/stores/{store}", {"store": STORE.id})
POST_STORE = api_event(
    "POST", "/stores", {}, {"platform": "api", "name": "Second Store", "currency": "EUR", "time_zone": "Europe/Berlin"}
)


SEND_MESSAGE = api_event(
    "POST",
    "/audiences/{audience}/contacts/{contact}/messages",
    {"audience": AUDIENCE, "contact": READER},
    {"subject": "Thank you, {{ contact.first_name }}", "html": "<p>Thank you.</p>"},
)
MAIL = {
    "Records": [
        {
            "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
            "body": json.dumps({"account": ACCOUNT, "audience": AUDIENCE, "contact": READER, "message": QUEUED}),
            "eventSource": "aws:sqs",
        }
    ]
}


MAILCHIMP = json.loads((ROOT / "events" / "mailchimp-create-order.json").read_text())
MAILCHIMP["path"] = f"/3.0/ecommerce/stores/{STORE.id}/orders"
MAILCHIMP["pathParameters"] = {"proxy": f"ecommerce/stores/{STORE.id}/orders"}
LIST_API_KEYS = api_event("GET", "/api-keys", {})
START_IMPORT = api_event(
    "POST", "/stores/{store}/imports", {"store": STORE.id}, {"kind": "orders", "file_name": "orders.csv"}
)
EXPORT = api_event("POST", "/audiences/{audience}/contacts/{contact}/export", {"audience": AUDIENCE, "contact": READER})
WAITING, RUNNING = "3oc3gwj42xbqdk7w", "3oc3gwj42xbqdk7x"
"""Imports of that store: one waits for its file, the other to be worked on."""
ERASURE = "3oc3gwj42xbqdk7y"
FILE = b"".join(
    (
        b"id,placed_at,total,email\n",
        *(b"%d,2026-11-20T17:04:11+01:00,59.90,%d.%s\n" % (number, number, EMAIL.encode()) for number in range(10)),
    )
)
"""A file of ten orders of ten people."""
ETAG = '"5f3c0d0e9a7b4c2d1e8f6a3b5f3c0d0e"'


def message(body: Mapping[str, Any]) -> dict[str, Any]:
    """A message as a queue hands it to a function."""
    return {
        "Records": [
            {
                "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
                "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
                "body": json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1"},
                "eventSource": "aws:sqs",
            }
        ]
    }


UPLOADED = message(
    {"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": upload_of(ACCOUNT, STORE.id, WAITING)}}}]}
)
CHUNK = message({"account": ACCOUNT, "store": STORE.id, "import": RUNNING, "chunk": 0})
ERASE = message({"account": ACCOUNT, "erasure": ERASURE})
SCHEDULE = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}


def feedback() -> dict[str, Any]:
    """The event that a mail was opened."""
    ref = {"laurel-account": ACCOUNT, "laurel-audience": AUDIENCE, "laurel-contact": READER, "laurel-message": SENT}
    event: dict[str, Any] = json.loads((ROOT / "events" / "feedback-open.json").read_text())
    mail = event["detail"]["mail"]
    mail |= {"messageId": MAIL_ID, "destination": [READER_EMAIL]}
    mail["tags"] |= {name: [value] for name, value in ref.items()}
    return event


def ledger_order(order_id: str = "4711") -> Item:
    """An order of the sample customer as the Ledger's stream shows it."""
    return attributes(
        {
            "pk": keys.person(ACCOUNT, AUDIENCE, contact_id(EMAIL)),
            "sk": keys.order(STORE.id, order_id),
            "placed_at": 1795190651,
            "total": 5990,
            "currency": "EUR",
            "state": "paid",
            "revision": "01795190652000.00000000000000.4.0000000000000000",
            "digest": "0123456789abcdef",
            "number": "#4711",
            "name": NAME,
            "email": EMAIL,
            "changes": 1,
        }
    )


def ledger_activity() -> Item:
    """A contact's visit, as the Ledger keeps it."""
    return attributes(
        {
            "pk": keys.person(ACCOUNT, AUDIENCE, contact_id(EMAIL)),
            "sk": keys.activity("view-1"),
            "name": "page.visited",
            "occurred_at": 1795190400000,
            "properties": {"page": "/lamps/aalto"},
            "digest": "0123456789abcdef",
            "expires_at": 1829750400,
        }
    )


class Table:
    """A client that keeps what is put, so that samples are written as Laurel writes them."""

    def __init__(self) -> None:
        self.items: list[Item] = []

    def put_item(self, **request: Any) -> None:
        """Keep an item."""
        self.items.append(request["Item"])


def stream_event(image: Item) -> dict[str, Any]:
    """A batch of one new fact."""
    return {
        "Records": [
            {
                "eventID": "c4ca4238a0b923820dcc509a6f75849b",
                "eventName": "INSERT",
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": "eu-central-1",
                "dynamodb": {
                    "ApproximateCreationDateTime": 1795190653,
                    "Keys": {"pk": image["pk"], "sk": image["sk"]},
                    "NewImage": image,
                    "SequenceNumber": "400000000000000000000001",
                    "SizeBytes": 420,
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
                "eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/ledger/stream/2026-11-20T00:00:00",
            }
        ]
    }
