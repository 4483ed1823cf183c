"""Ask IAM about what mail is sent with, and what tenants are given.

Why: stock MiniStack asks whether SendEmail and the operations of tenants are allowed on everything, so that a policy
which names identities and configuration sets, as it should, denies them.

Here each resource of such a request has to be allowed, as on AWS: the sender's identity and the configuration set; the
tenant, and what it is associated with.
"""

# ruff: noqa: SLF001 - replaces what MiniStack keeps to itself

import json
from collections.abc import Mapping
from typing import Any

from ministack import app
from ministack.core import iam_actions, responses
from ministack.services import ses_v2

from local.emulator import mail

type Answer = tuple[int, dict[str, str], bytes]

ROOT = "/v2/email"
SENDING, TENANTS = f"{ROOT}/outbound-emails", f"{ROOT}/tenants"
ASSOCIATIONS = (f"{TENANTS}/resources", f"{TENANTS}/resources/delete")


def apply() -> None:
    """Name the resources of requests about mail and tenants when IAM is asked."""
    enforce = app._enforce_ses_v2

    def enforce_on_each(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any], request_id: str
    ) -> Answer | None:
        arns = resources(path.rstrip("/"), json.loads(body)) if method == "POST" and app.AUTH and body else []
        if not arns:
            refused: Answer | None = enforce(method, path, headers, body, query, request_id)
            return refused
        action = iam_actions.extract_iam_action("ses", method, path, headers, body, query)
        for arn in arns:
            denied: Answer | None = app._enforce_data_plane(
                "sesv2", action, headers, query, request_id, resource_arn=arn, named_resource=arn
            )
            if denied:
                return denied
        return None

    app._enforce_ses_v2 = enforce_on_each


def resources(path: str, request: Mapping[str, Any]) -> list[str]:
    """ARNs of what a request is about; none if it is not one of these."""
    if path == SENDING:
        known = [name for name in mail.identities(mail.sender(request)) if name in ses_v2._identities]
        named = [mail.arn("identity", known[0])] if known else []
        configuration_set = request.get("ConfigurationSetName")
        return named + ([mail.arn("configuration-set", configuration_set)] if configuration_set else [])
    if path == TENANTS:
        return [_tenant(request)]
    return [_tenant(request), str(request.get("ResourceArn"))] if path in ASSOCIATIONS else []


def _tenant(request: Mapping[str, Any]) -> str:
    name = request.get("TenantName", "")
    known = ses_v2._tenants.get(name)
    return str(known["TenantArn"]) if known else mail.arn("tenant", f"{name}/{responses.new_uuid()}")
