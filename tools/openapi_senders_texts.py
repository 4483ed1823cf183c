"""The prose of the API's description about senders and unsubscribing."""

from __future__ import annotations

from typing import Any

TAGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Senders": (
        "Domains and addresses that the account writes from.",
        ("listSenders", "createSender", "getSender", "deleteSender"),
    ),
    "Unsubscribing": (
        "For contacts and their mail programs, without sign-in.",
        ("showUnsubscribe", "unsubscribeContact"),
    ),
}

PATH_PARAMETERS = {
    "sender": "Id of a sender of the account.",
    "token": "What a contact's `unsubscribe_url` ends in.",
}

DESCRIPTIONS = {
    "listSenders": "With the state of each as it was when last looked at; `GET /senders/{sender}` asks again.",
    "createSender": (
        "Send `domain` or `email`. For a domain publish the `records` in its DNS; an address is mailed a link to open. "
        "Sending the same again answers the sender that is there.\n\n"
        "A domain or address belongs to one account. One that another account has, that lies in a domain which another "
        "account has verified, or that was set up outside of Laurel is answered 403, `sender-taken`."
    ),
    "getSender": (
        "Asks Amazon SES for the state: `pending`, `verified` or `failed`. A domain fails when its records were not "
        "found for three days; delete it and set it up again."
    ),
    "deleteSender": "Nobody writes from it any more, and any account may set it up.",
    "showUnsubscribe": "Changes nothing, since programs that scan mails open every link. The page has a button.",
    "unsubscribeContact": (
        "`List-Unsubscribe=One-Click`, as mail programs post it (RFC 8058), or `decision=unsubscribe` from the page: "
        "the contact's consent ends as their own decision, with an activity `unsubscribed`. Doing it again changes "
        "nothing. `decision=subscribe` takes it back."
    ),
}

PAGE_STATUSES = {
    400: "A page that says that the link does not work: the form is not one of those above.",
    404: "A page that says that the link does not work: it was altered, or the contact is gone.",
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "createSender": {"domain": {"domain": "example.com"}, "address": {"email": "shop@example.com"}},
}
