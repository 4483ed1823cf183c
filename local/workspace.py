"""The demo account and its stores, made once and found again later."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from local import aws
from local.api import Api
from local.demo import CURRENCY, TIME_ZONE
from local.errors import LocalError
from local.files import private_write
from local.paths import ROOT

COMPANY = "Laurel Demo"
EMAIL = "demo@example.com"
PASSWORD = "Laurel-demo-1"  # noqa: S105 - of an account that exists on this machine only
STORE = "Laurel Demo Store"
WEBHOOK_STORES = {
    "shopify": "Laurel Demo on Shopify",
    "woocommerce": "Laurel Demo on WooCommerce",
    "generic": "Laurel Demo with webhooks of its own",
}


@dataclass(slots=True)
class Webhook:
    """Where a shop's deliveries go and what they are signed with."""

    store_id: str
    url: str
    secret: str


@dataclass(slots=True)
class Demo:
    """What is remembered of the demo account. Secrets are shown once, so this is where they are kept."""

    secrets: dict[str, str] = field(default_factory=dict)
    """Webhook secrets by store id."""
    until: str | None = None
    """The end of the demo orders, fixed before the first is sent: a load that was cut short goes on with the same."""
    loaded: bool = False
    has_past: bool = False
    """Its boards were closed, and rewards are there."""

    @property
    def loaded_until(self) -> datetime:
        """The end of the demo orders, once they were sent."""
        return datetime.fromisoformat(self.until or "")

    @classmethod
    def read(cls, path: Path) -> Self:
        """What was remembered; nothing yet where the file is missing."""
        return cls(**json.loads(path.read_text())) if path.exists() else cls()

    def write(self, path: Path) -> None:
        """Remember it, for this user only."""
        private_write(path, json.dumps(asdict(self), indent=2))


@dataclass(frozen=True, slots=True)
class Stores:
    """The demo account's stores."""

    account_id: str
    audience_id: str
    store_id: str
    webhooks: dict[str, Webhook]
    """By platform."""


def ensure_account(endpoint: str, user_pool: str) -> str:
    """The demo account's id; account and user are made where they are missing.

    Raises:
        LocalError: They could not be made.
    """
    users = aws.client("cognito-idp", endpoint)
    try:
        user = users.admin_get_user(UserPoolId=user_pool, Username=EMAIL)
    except users.exceptions.UserNotFoundException:
        return _create_account(endpoint)
    attributes = {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}
    return str(attributes["custom:account_id"])


def ensure_stores(api: Api, account_id: str, demo: Demo) -> Stores:
    """The demo stores, connected where they are missing; new secrets for those whose secret is not known any more."""
    audience_id = api.get("/audiences")["audiences"][0]["id"]
    known = {(store["platform"], store["name"]): store for store in api.get("/stores")["stores"]}
    store = known.get(("api", STORE)) or _connect(api, audience_id, "api", STORE)
    webhooks = {}
    for platform, name in WEBHOOK_STORES.items():
        shop = known.get((platform, name)) or _connect(api, audience_id, platform, name)
        if not shop.get("webhook_secret") and shop["id"] not in demo.secrets:
            shop = api.post(f"/stores/{shop['id']}/secret")
        secret = shop.get("webhook_secret") or demo.secrets[shop["id"]]
        demo.secrets[shop["id"]] = secret
        webhooks[platform] = Webhook(shop["id"], shop["webhook_url"], secret)
    return Stores(account_id, audience_id, store["id"], webhooks)


def _create_account(endpoint: str) -> str:
    command = [sys.executable, "-m", "tools.create_account", "--stack", aws.STACK, "--name", COMPANY, "--email", EMAIL]
    command += ["--password", PASSWORD, "--plan", "standard", "--locale", "en"]
    python_path = os.pathsep.join([str(ROOT), str(ROOT / "layers" / "shared")])
    result = subprocess.run(
        command,
        cwd=ROOT,
        env=aws.environment(endpoint) | {"PYTHONPATH": python_path},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise LocalError(f"The demo account could not be made.\n{result.stderr}")
    return str(json.loads(result.stdout)["account_id"])


def _connect(api: Api, audience_id: str, platform: str, name: str) -> dict[str, Any]:
    store: dict[str, Any] = api.post(
        "/stores",
        {
            "platform": platform,
            "name": name,
            "currency": CURRENCY,
            "time_zone": TIME_ZONE,
            "audience_id": audience_id,
        },
        key=f"demo {platform}",
    )
    return store
