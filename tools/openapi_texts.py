"""The prose of the API's description: what a developer who connects a shop needs besides names and types."""

from __future__ import annotations

from typing import Any

from tools import openapi_alerts as alerts
from tools import openapi_api_keys as api_keys
from tools import openapi_automations_texts as automations
from tools import openapi_billing_texts as billing
from tools import openapi_boards as boards
from tools import openapi_counting as counting
from tools import openapi_deliverability_texts as deliverability
from tools import openapi_imports_texts as imports
from tools import openapi_jobs_texts as jobs
from tools import openapi_messages_texts as messages
from tools import openapi_privacy as privacy
from tools import openapi_reconciliation as reconciliation
from tools import openapi_rewards_texts as rewards
from tools import openapi_scoring_texts as scoring
from tools import openapi_senders_texts as senders
from tools import openapi_shop_credentials as shop_credentials
from tools import openapi_signing as signing
from tools import openapi_templates_texts as templates
from tools import openapi_users as users

INFO = """\
Laurel follows every order of a connected shop and ranks the shop's customers by number of purchases, average order
value or total spent, over calendar time frames.

**Connect a shop.** `POST /stores` with platform, name, currency and time zone. The answer holds a webhook URL and its
secret, which is shown once. Shopify, WooCommerce and any shop that signs the Standard Webhooks way send their orders
there; a program that is signed in can send them to `POST /stores/{store}/orders` instead. Seconds later
`GET /stores/{store}/leaderboard` shows them.

**Sign in.** Send the ID token of the account's Cognito user pool as a bearer token. It names the account and the user's
role: a `viewer` reads, a `marketer` also records orders and activities, an `owner` does everything. An access token is
refused: it names no account.

**Money** is a decimal string in major units with a currency beside it, such as `"59.90"`; it is never a JSON number.
**Times** are RFC 3339 and carry an offset; those in answers are in UTC, except for the bounds of a period, which are in
the store's own time zone.

**Repeating a request.** Orders and activities are idempotent by their own ids. Any other write may carry an
`Idempotency-Key`: the first answer to a key is kept for a day and given again to every repetition. The same key with
another body is refused.

**Paging.** Lists that go on have a `next_cursor`; send it as `cursor`, with the other parameters unchanged. A cursor is
opaque and only good for the list it came from.

**Errors** are problem documents (RFC 9457) of type `application/problem+json`. `type` is stable and means the same
everywhere, `detail` is for people, and `errors` points into the body with JSON pointers.

Answers may gain fields: ignore those you do not know. Requests with unknown fields are refused, because a misspelt one
would be lost in silence.
"""

SIGN_IN = (
    "ID token of a user of the account, from Cognito's `InitiateAuth` (`USER_PASSWORD_AUTH` or `USER_SRP_AUTH`). "
    "It is valid for an hour."
)

TAGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Account": ("The merchant's company.", ("getAccount", "changeAccount", *signing.OPERATIONS)),
    "Audiences": (
        "Lists of contacts. Each store belongs to one.",
        ("listAudiences", "createAudience", "getAudience", "changeAudience"),
    ),
    "Stores": (
        "Connected shops and the secrets of their webhooks.",
        (
            "listStores",
            "connectStore",
            "getStore",
            "changeStore",
            "disconnectStore",
            "rotateSecret",
            "listSetAside",
            *counting.OPERATIONS,
            *shop_credentials.OPERATIONS,
            *reconciliation.OPERATIONS,
        ),
    ),
    "Orders and activities": (
        "What a store's customers do. Everything else is computed from it.",
        ("recordOrders", "recordActivity", "judgeActivity", "receiveWebhook"),
    ),
    "Leaderboards": ("Who the most loyal customers are.", boards.OPERATIONS),
    "Contacts": ("The people behind orders and activities.", ("getContact", "getTimeline")),
    **billing.TAGS,
    **scoring.TAGS,
    **automations.TAGS,
    **jobs.TAGS,
    **rewards.TAGS,
    **templates.TAGS,
    **senders.TAGS,
    **deliverability.TAGS,
    **messages.TAGS,
    **imports.TAGS,
    **alerts.TAGS,
    **api_keys.TAGS,
    **users.TAGS,
    **privacy.TAGS,
    "Description": ("This document.", ("getOpenApi",)),
}

PATH_PARAMETERS = {
    "account": "Id of the account.",
    "audience": "Id of an audience of the account.",
    "store": "Id of a store of the account.",
    "platform": "The store's platform.",
    "contact": "Id of a contact: the first 32 hex digits of the SHA-256 of the trimmed, lower-cased e-mail address.",
    "activity": "Id of an activity of the contact. Percent-encode it.",
    "job": "Id of a job of the audience.",
    "customer": "Who is ranked, as in `customer` of a board's row. Percent-encode it.",
    "erasure": "Id of an erasure of the account.",
    **scoring.PATH_PARAMETERS,
    **automations.PATH_PARAMETERS,
    **templates.PATH_PARAMETERS,
    **senders.PATH_PARAMETERS,
    **deliverability.PATH_PARAMETERS,
    **messages.PATH_PARAMETERS,
    **imports.PATH_PARAMETERS,
    **alerts.PATH_PARAMETERS,
    **api_keys.PATH_PARAMETERS,
    **rewards.PATH_PARAMETERS,
    **users.PATH_PARAMETERS,
}

DESCRIPTIONS = {
    "connectStore": (
        "The answer, and no other, holds the webhook secret. Laurel makes one, unless the platform dictates it: for "
        "Shopify send the app's client secret as `secret`.\n\n"
        "Currency, time zone, first day of the week and minimum purchases decide how orders are counted. The currency "
        "is fixed from here on."
    ),
    "getStore": (
        "`set_aside` counts what the boards leave out, `privacy_requests` lists what the platform asks to be handed "
        "out or erased, and how far that is, `reconciliation` is how far the store was in step with its shop and its "
        "boards when it was last looked at."
    ),
    "changeStore": (
        "Send the fields to change. `state: connected` connects a disconnected or paused store again, `state: paused` "
        "has it take no orders for the time being: webhooks are answered 200 and kept out, and the boards stay. "
        "`shop_domain: null` has "
        "deliveries of any shop taken.\n\n"
        "A new time zone, first day of the week or least number of purchases has the boards computed again: they say "
        "`rebuilding: true` until that is done."
    ),
    "disconnectStore": (
        "The store takes no more orders and shows no board, but its data stays: `PATCH` with `state: connected` brings "
        "it back."
    ),
    "rotateSecret": (
        "The answer, and no other, holds the new secret. The secret before it stays valid for 24 hours, so that no "
        "delivery is lost while the shop is told the new one; one before that ends at once. A store of platform `api` "
        "has no secret: 409."
    ),
    "listSetAside": (
        "Orders in another currency than the store's and without a rate (`unconverted`), orders with neither e-mail "
        "address nor customer id (`unidentified`), customers with more orders than the store allows "
        "(`house_account`), and verified webhook deliveries that could not be read (`unreadable`), which are kept for "
        "30 days."
    ),
    "recordOrders": (
        "Send one order, or `orders` with up to 100. Send an order again whenever it changes, as a whole: the newest "
        "`updated_at` counts, and an older state that arrives late changes nothing.\n\n"
        "A batch is answered 200 with a result for each order, in the order they were sent; one that is rejected holds "
        "up no other, and its `problem` points into the batch. A single order that is rejected is answered 422.\n\n"
        "The person behind an order becomes a contact. An unsubscribe is never undone by an order."
    ),
    "recordActivity": (
        "Anything a contact did that is not an order: `email.opened`, `page.visited` or a name of your own. `id` makes "
        "it idempotent; the same id with other content is answered 409. `unsubscribed` also ends the contact's consent."
        "\n\nOf `email.delivered`, `email.opened` and `email.clicked` Laurel reads the properties `message` (id of the "
        "message), `user_agent`, and `honeypot: true` for a link that people cannot see. Opens and clicks of machines "
        "are kept and marked, and by default earn no points."
    ),
    "judgeActivity": (
        "The activity is kept and marked as a machine's; points it earned are taken back, except by rules that count "
        "machines. Answered `unchanged` if it was marked before."
    ),
    "receiveWebhook": (
        "Where a shop's webhooks go; `webhook_url` of the store is this address, filled in. No sign-in: the signature "
        "is checked over the raw body with the store's secret before anything is read.\n\n"
        "* `shopify`: orders/create, orders/updated, orders/paid, orders/cancelled, orders/delete, refunds/create, "
        "customers/redact, customers/data_request, shop/redact, app/uninstalled.\n"
        "* `woocommerce`: order.created, order.updated, order.deleted, order.restored, and the unsigned ping that is "
        "sent when a webhook is saved (a form, not JSON).\n"
        "* `generic`: Standard Webhooks envelopes of type order.created, order.updated, order.paid, order.cancelled, "
        "order.refunded or order.deleted. The time stamp may lie five minutes from the present.\n\n"
        "Other topics are answered 200 and ignored, repeated and late deliveries 200 and `unchanged`. A delivery of "
        "Shopify or WooCommerce that is signed and cannot be read is answered 200 and `rejected`, since both stop "
        "sending after a few refusals; `GET /stores/{store}/set-aside` lists it. A generic one is refused."
    ),
    "getContact": "Contact fields, consent, tags, score, tier, and figures and ranks in every store of the audience.",
    "getTimeline": (
        "Orders, activities, messages, changes of the score, runs of automations, and rewards that were given or "
        "revoked. The key named like a `kind` tells more."
    ),
    **boards.DESCRIPTIONS,
    **counting.DESCRIPTIONS,
    **billing.DESCRIPTIONS,
    **scoring.DESCRIPTIONS,
    **automations.DESCRIPTIONS,
    **jobs.DESCRIPTIONS,
    **rewards.DESCRIPTIONS,
    **templates.DESCRIPTIONS,
    **senders.DESCRIPTIONS,
    **deliverability.DESCRIPTIONS,
    **messages.DESCRIPTIONS,
    **imports.DESCRIPTIONS,
    **alerts.DESCRIPTIONS,
    **api_keys.DESCRIPTIONS,
    **users.DESCRIPTIONS,
    **privacy.DESCRIPTIONS,
    **shop_credentials.DESCRIPTIONS,
    **signing.DESCRIPTIONS,
    **reconciliation.DESCRIPTIONS,
}

WEBHOOK_HEADERS: dict[str, dict[str, str]] = {"receiveBilling": billing.HEADERS}
WEBHOOK_HEADERS["receiveWebhook"] = {
    "X-Shopify-Hmac-Sha256": "Shopify: base64 of the HMAC-SHA256 of the body.",
    "X-Shopify-Topic": "Shopify: the topic.",
    "X-Shopify-Shop-Domain": "Shopify: the shop's domain.",
    "X-Shopify-Triggered-At": "Shopify: when the change happened.",
    "X-Shopify-Event-Id": "Shopify: the same in every retry.",
    "X-WC-Webhook-Signature": "WooCommerce: base64 of the HMAC-SHA256 of the body.",
    "X-WC-Webhook-Topic": "WooCommerce: the topic.",
    "Webhook-Id": "Generic: id of the delivery, the same in every retry.",
    "Webhook-Timestamp": "Generic: epoch seconds of this attempt.",
    "Webhook-Signature": "Generic: `v1,` and base64 of the HMAC-SHA256 of `{id}.{timestamp}.{body}`, one a secret.",
}

IF_MATCH = "The version to change: the `ETag` of the answer that was read."
IDEMPOTENCY_KEY = "Makes the request safe to repeat: the first answer to a key is kept for a day and given again."

STATUSES = {
    400: "The body cannot be read, or the cursor is not valid.",
    401: "Not signed in, or not with an ID token.",
    402: "The plan has no messages, or its messages of this month are sent.",
    403: "The caller's role does not allow this.",
    404: "There is no such thing in the caller's account.",
    409: "The request contradicts the present state.",
    412: "It is of another version than `If-Match` names.",
    413: "The request is larger than 10 MB.",
    422: "The input breaks a rule.",
    424: "The shop does not answer, or its answer cannot be read.",
    428: "The request does not say with `If-Match` which version it changes.",
    429: "Too many requests, or messages of a day. Wait for `Retry-After` seconds.",
    500: "Something went wrong on our side.",
    503: "Too many writers at once. Wait for `Retry-After` seconds.",
}
PAGE_STATUSES = senders.PAGE_STATUSES
WEBHOOK_STATUSES = {
    401: "The signature is missing or does not match.",
    403: "The delivery names another shop than the store's `shop_domain`.",
}

HEADERS = {
    "Link": '`rel="next"`, relative to this address; absent on the last page.',
    "Content-Disposition": "A file name.",
    "Laurel-Rebuilding": "`true` while the store's boards are being computed again and are not complete.",
    "ETag": "The version, in quotes. Send it as `If-Match` to change or delete this.",
    "Retry-After": "Seconds to wait.",
}

_ORDER = {
    "id": "10001",
    "number": "#1001",
    "placed_at": "2026-11-22T10:30:00+01:00",
    "status": "paid",
    "currency": "EUR",
    "total": "59.90",
    "customer": {"id": "731", "email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace"},
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "connectStore": {
        "generic": {
            "platform": "generic",
            "name": "Example shop",
            "currency": "EUR",
            "time_zone": "Europe/Berlin",
        },
        "shopify": {
            "platform": "shopify",
            "name": "Example shop",
            "currency": "USD",
            "time_zone": "America/New_York",
            "first_day_of_week": "sunday",
            "secret": "client-secret-of-the-app",
            "shop_domain": "example.myshopify.com",
        },
    },
    "recordOrders": {
        "order": _ORDER,
        "refund": {**_ORDER, "updated_at": "2026-11-25T08:00:00+01:00", "refunded": "19.90"},
        "batch": {"orders": [_ORDER, {**_ORDER, "id": "10002", "total": "12.00"}]},
    },
    "recordActivity": {
        "visit": {
            "id": "5f3c0d0e",
            "name": "page.visited",
            "occurred_at": "2026-11-22T10:30:00+01:00",
            "contact": {"email": "ada@example.com"},
            "properties": {"url": "https://shop.example.com/laurels"},
        },
        "unsubscribe": {
            "id": "5f3c0d0f",
            "name": "unsubscribed",
            "occurred_at": "2026-11-22T10:31:00+01:00",
            "contact": {"email": "ada@example.com"},
        },
    },
    "changeStore": {"reconnect": {"state": "connected"}, "rename": {"name": "Example shop, Berlin"}},
    **counting.EXAMPLES,
    **scoring.EXAMPLES,
    **automations.EXAMPLES,
    **jobs.EXAMPLES,
    **rewards.EXAMPLES,
    **templates.EXAMPLES,
    **senders.EXAMPLES,
    **deliverability.EXAMPLES,
    **messages.EXAMPLES,
    **imports.EXAMPLES,
    **alerts.EXAMPLES,
    **api_keys.EXAMPLES,
    **users.EXAMPLES,
    **shop_credentials.EXAMPLES,
}
