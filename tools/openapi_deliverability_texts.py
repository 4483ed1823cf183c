"""The prose of the API's description about deliverability and suppressed addresses."""

from __future__ import annotations

from typing import Any

TAGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Deliverability": (
        "How the account's mail fares with its readers, and addresses that it does not write to.",
        ("getDeliverability", "listSuppressions", "suppressAddress", "releaseAddress"),
    ),
}

PATH_PARAMETERS = {
    "address": "Id of a suppressed address.",
}

DESCRIPTIONS = {
    "getDeliverability": (
        "What became of the messages of the last 30 days, by the day (UTC) on which they were sent. Mail providers act "
        "on senders whose mail bounces or is complained of; Laurel warns, and stops the account's sending, before they "
        "do. Messages to oneself and the bounces of full mailboxes do not count."
    ),
    "listSuppressions": (
        "Addresses that bounced for good, whose reader complained, or that somebody added; in no order that means "
        "anything. Other accounts neither see them nor are bound by them."
    ),
    "suppressAddress": (
        "Whoever has the address gets no more messages of the account. An address that is suppressed already keeps its "
        "reason."
    ),
    "releaseAddress": (
        "The account may write to the address again, if its contact is subscribed: the consent of a contact who "
        "complained or whose address bounced is left as it is."
    ),
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "suppressAddress": {"address": {"email": "ada@example.com"}},
}
