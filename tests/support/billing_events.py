"""Events of Stripe about subscriptions, and how they are signed.

Run ``python -m tests.support.billing_events`` after changing the sample in events/: it signs it again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from laurel.store import secrets
from tests.support.webhook_events import EVENTS

PARAMETER = "/laurel/billing-secret"
SECRET = "whsec_LaurelSampleSecretForBillingEvents01"


def keep_secret(value: str = SECRET) -> None:
    """Put the secret where functions look for it; for use inside moto."""
    client: Any = secrets.create_client()
    client.put_parameter(Name=PARAMETER, Value=value, Type="SecureString", Overwrite=True)


def event(account_id: str, **changes: Any) -> dict[str, Any]:
    """An event that a subscription to a plan is active. ``kind``, ``at``, ``status``, ``plan`` and more may differ."""
    kind, at = changes.pop("kind", "updated"), changes.pop("at", 1_795_312_579)
    lookup_key = changes.pop("lookup_key", f"laurel_{changes.pop('plan', 'standard')}_monthly")
    price = {"id": "price_1", "object": "price", "lookup_key": lookup_key, "unit_amount": 4900, "currency": "eur"}
    subscription = {
        "id": "sub_1",
        "object": "subscription",
        "status": "active",
        "metadata": {"account_id": account_id},
        "items": {"object": "list", "data": [{"id": "si_1", "object": "subscription_item", "price": price}]},
        **changes,
    }
    return {
        "id": f"evt_{at}",
        "object": "event",
        "created": at,
        "livemode": True,
        "type": f"customer.subscription.{kind}",
        "data": {"object": subscription},
    }


def signature(body: str, at: float, *signers: str) -> str:
    """The header of a body signed at an instant, with each of some secrets."""
    content = f"{int(at)}.{body}".encode()
    digests = [hmac.digest(signer.encode(), content, hashlib.sha256).hex() for signer in signers or (SECRET,)]
    return ",".join([f"t={int(at)}", *(f"v1={digest}" for digest in digests)])


def signed(sample: dict[str, Any], at: float) -> dict[str, Any]:
    """An API Gateway event with a valid signature of its body."""
    headers = {**sample["headers"], "stripe-signature": signature(sample["body"], at)}
    return {**sample, "headers": headers, "multiValueHeaders": {name: [value] for name, value in headers.items()}}


def main() -> None:
    """Sign every sample in place."""
    for path in sorted(Path(EVENTS).glob("billing-*.json")):
        sample = json.loads(path.read_text())
        text = json.dumps(signed(sample, json.loads(sample["body"])["created"]), indent=2, ensure_ascii=False)
        path.write_text(text + "\n")


if __name__ == "__main__":
    main()
