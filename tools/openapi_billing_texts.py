"""The prose of what the API's description says about billing."""

from __future__ import annotations

TAGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Billing": ("Plans that follow subscriptions.", ("receiveBilling",)),
}

DESCRIPTIONS = {
    "receiveBilling": (
        "Where Stripe's events customer.subscription.created, .updated and .deleted go. No sign-in: the signature is "
        "checked over the raw body before anything is read; its time may lie five minutes from the present.\n\n"
        "The subscription's `metadata.account_id` names the account, the `lookup_key` of its price the plan. The "
        "newest event counts, in whatever order they arrive. Other events are answered 200 and `ignored`, old and "
        "repeated ones 200 and `unchanged`, and those of no known account or plan 200 and `rejected`. An installation "
        "without billing answers 404 with the problem `billing-not-connected`."
    ),
}

HEADERS = {
    "Stripe-Signature": "`t=` epoch seconds and `v1=` hex of the HMAC-SHA256 of `{t}.{body}`, one `v1` a secret.",
}
