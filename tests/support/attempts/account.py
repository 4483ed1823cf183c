"""What one may try with the other's account: its users, keys, audiences, erasures and what it pays."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.support import billing_events
from tests.support.attempts.attempt import Attempt, nothing, only_asked, with_key
from tests.support.estate import Estate, user_address
from tests.support.shop import BODIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _invitations(mine: Estate, theirs: Estate) -> list[Attempt]:
    """An address that somebody of the other's has: nobody is told whose it is."""
    body = BODIES["inviteUser"]
    own = body | {"email": f"lee@{mine.tenant.account_id}.example.com"}
    return [
        Attempt("inviteUser", body=body | {"email": user_address(theirs.tenant, theirs.mark)}, refused=409),
        Attempt("inviteUser", body=own | {"account_id": theirs.tenant.account_id}),
        Attempt("inviteUser", body=own, headers=theirs.key, own=True),
    ]


def _of_user(operation: str) -> Callable[[Estate, Estate], list[Attempt]]:
    """One's own, with the other's key."""
    return lambda mine, theirs: [
        Attempt(operation, {"user": mine.user}, body=BODIES.get(operation), headers=theirs.key, own=True)
    ]


def _billing(mine: Estate, theirs: Estate) -> list[Attempt]:
    """Events about the other's account, signed with one's own secrets, with none, or before it was forged."""
    body = json.dumps(billing_events.event(theirs.tenant.account_id, plan="premium"))
    own = json.dumps(billing_events.event(mine.tenant.account_id, plan="premium"))
    now = datetime.now(UTC).timestamp()
    headers = [
        {},
        {"Stripe-Signature": f"t={int(now)},v1="},
        {"Stripe-Signature": billing_events.signature(body, now, mine.stores["generic"]["webhook_secret"])},
        {"Stripe-Signature": billing_events.signature(own, now)},
        {"Stripe-Signature": billing_events.signature(body, now - 301)},
    ]
    return [Attempt("receiveBilling", body=body, headers=it) for it in headers]


def _erasures(mine: Estate, theirs: Estate) -> list[Attempt]:
    foreign = (theirs.erasures_cursor, theirs.jobs_cursor)
    return [
        Attempt("listErasures", own=True),
        *(Attempt("listErasures", query={"cursor": it}) for it in foreign),
    ]


ATTEMPTS: dict[str, Callable[[Estate, Estate], Iterable[Attempt]]] = {
    "getAccount": only_asked("getAccount"),
    "changeAccount": with_key("changeAccount"),
    "getSigningSecret": only_asked("getSigningSecret"),
    "rotateSigningSecret": with_key("rotateSigningSecret"),
    "listAudiences": only_asked("listAudiences"),
    "createAudience": with_key("createAudience"),
    "getAudience": nothing,
    "changeAudience": with_key("changeAudience", "audience"),
    "getOpenApi": only_asked("getOpenApi"),
    "receiveBilling": _billing,
    "listUsers": only_asked("listUsers"),
    "inviteUser": _invitations,
    "changeUser": _of_user("changeUser"),
    "removeUser": _of_user("removeUser"),
    "listApiKeys": only_asked("listApiKeys"),
    "createApiKey": with_key("createApiKey"),
    "revokeApiKey": nothing,
    "listErasures": _erasures,
    "getErasure": lambda mine, _: [Attempt("getErasure", {"erasure": mine.erasure}, own=True)],
}
"""Of these routes, what can be tried besides its path."""
