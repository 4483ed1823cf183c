"""The prose of the API's description about messages."""

from __future__ import annotations

from typing import Any

TAGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Messages": (
        "Mail to one contact at a time.",
        (
            "sendMessage",
            "previewMessage",
            "testMessage",
            "listMessages",
            "getMessage",
            "cancelMessage",
            "getMessageGates",
        ),
    ),
}

PATH_PARAMETERS = {"message": "Id of a message to the contact."}

_SAYS = (
    "Name a `template`, or send `subject` with `text`, `html` or both, with merge fields as in a template. Those about "
    "orders and ranks are of `store`, or of the audience's store if only one is connected."
)

DESCRIPTIONS = {
    "sendMessage": (
        _SAYS + "\n\n"
        "Answered 201 once the message is kept: it is `queued`, or `scheduled` for the end of the account's quiet "
        "hours. Every mail gets a foot with the sender's postal address and a link to unsubscribe, and the headers of "
        "RFC 8058.\n\n"
        "A message passes gates in this order, each with a problem of its own: role (`forbidden`), plan "
        "(`plan-required`), connected store (`no-connected-store`, `store-disconnected`), sender "
        "(`sender-not-verified`), postal address (`no-postal-address`), standing with mail providers "
        "(`sending-stopped`), the contact's address (`no-email-address`) and consent (`not-subscribed`), suppression "
        "(`suppressed`), the month's allowance (`allowance-used`) and the day's ceiling (`daily-ceiling-reached`).\n\n"
        "A message that shows merge fields without a value, and with nothing to stand in, is answered 422 with the "
        "problem `fields-without-value`, whose `missing` names them.\n\n"
        "Send an `Idempotency-Key`: repeated under it, even after more than a day, the request makes no second message."
    ),
    "previewMessage": _SAYS + " Nothing is written, no gate is asked, and nothing counts.",
    "testMessage": (
        _SAYS + "\n\n"
        "Goes to the e-mail address of the signed-in user, which has to be verified (`address-not-verified`), with "
        "`[Test]` before the subject and a link to unsubscribe that works for nobody. The contact's consent, "
        "suppression and quiet hours do not apply, and fields may be without a value; all other gates do apply, and it "
        "counts like any message."
    ),
    "listMessages": "Test messages too.",
    "getMessage": (
        "`state` is the furthest of: scheduled, queued, sending, unknown, failed, sent, delivered, bounced, opened, "
        "clicked, complained. `unknown`: nobody can tell whether it was sent, and it is never repeated."
    ),
    "cancelMessage": (
        "It ends as `failed` with the reason `cancelled`, and stays counted. Answered 409 once it is being sent or was."
    ),
    "getMessageGates": (
        "Every gate of a message to this contact with the problem that would be answered, for the caller's role; what "
        "the account may still send; and whether the message would have to wait. Nothing is sent, and nothing counts."
    ),
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "sendMessage": {
        "template": {"template": "k3v5m2x7q4zt", "coupon": "LAUREL-10", "time_frame": "last_month"},
        "written": {"subject": 'Thank you, {{ contact.first_name | default("friend") }}', "text": "{{ account.name }}"},
    },
    "previewMessage": {"template": {"template": "k3v5m2x7q4zt"}},
    "testMessage": {"template": {"template": "k3v5m2x7q4zt", "from": "hello@example.com"}},
}
