"""The sample webhook deliveries in events/, and how they are signed.

Run ``python -m tests.support.webhook_events`` after changing a body: it signs all samples again with the secrets below.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).parents[2] / "events"
ACCOUNT = "demoaccount2"
STORES = {"shopify": "shopifystore", "woocommerce": "woocommerce2", "generic": "genericstore"}
SECRETS = {
    "shopify": "LaurelSampleSecretForShopifyDeliveries01",
    "woocommerce": "LaurelSampleSecretForWooCommerceDelivery",
    "generic": "whsec_TGF1cmVsIHNhbXBsZSBzZWNyZXQsIGdlbmVyaWMgc2hvcA==",
}
_TIMESTAMP = "webhook-timestamp"


def names() -> list[str]:
    """Names of all sample deliveries, without ``.json``."""
    return sorted(path.stem for path in EVENTS.glob("webhooks-*.json"))


def load(name: str) -> dict[str, Any]:
    """A sample: an API Gateway REST proxy event."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


def body_of(name: str) -> dict[str, Any]:
    """The JSON object that a sample delivers."""
    body: dict[str, Any] = json.loads(load(name)["body"])
    return body


def signed(event: dict[str, Any], at: datetime | None = None, secret: str | None = None) -> dict[str, Any]:
    """The event with a valid signature of its body; ``at`` becomes the time of a generic delivery."""
    platform = event["pathParameters"]["platform"]
    headers = dict(event["headers"])
    key, raw = (secret or SECRETS[platform]), event["body"].encode()
    if platform == "generic":
        headers[_TIMESTAMP] = str(int(at.timestamp())) if at else headers[_TIMESTAMP]
        content = f"{headers['webhook-id']}.{headers[_TIMESTAMP]}.".encode() + raw
        headers["webhook-signature"] = "v1," + _digest(base64.b64decode(key.removeprefix("whsec_")), content)
    elif "x-wc-webhook-topic" in headers:
        headers["x-wc-webhook-signature"] = _digest(key.encode(), raw)
    elif platform == "shopify":
        headers["x-shopify-hmac-sha256"] = _digest(key.encode(), raw)
    return {**event, "headers": headers, "multiValueHeaders": {name: [value] for name, value in headers.items()}}


def sent_at(event: dict[str, Any]) -> datetime:
    """The time that a generic delivery bears."""
    return datetime.fromtimestamp(int(event["headers"][_TIMESTAMP]), UTC)


def with_body(event: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """The event with another body, signed again."""
    return signed({**event, "body": json.dumps(body, separators=(",", ":"))})


def _digest(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def main() -> None:
    """Sign every sample in place."""
    for name in names():
        text = json.dumps(signed(load(name)), indent=2, ensure_ascii=False)
        (EVENTS / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
