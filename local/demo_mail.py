"""What the demo account needs to send mail, and a template to begin with."""

from typing import Any

from local.api import Api

DOMAIN = "laurel-demo.example"
ACCOUNT = {
    "sender_name": "Laurel Demo",
    "sender_address": f"hello@{DOMAIN}",
    "postal_address": "Laurel Demo GmbH\nLindenstraße 1\n10969 Berlin\nGermany",
}
TEMPLATE = {
    "name": "Thank you",
    "subject": (
        "{{ contact.first_name | default('Hello') }}, thank you"
        "{% if store.orders_count %} for {{ store.orders_count }} orders{% endif %}"
    ),
    "html": (
        "<p>Dear {{ contact.first_name | default('customer') }},</p>\n"
        "{% if rank.total_spent %}<p>you are <b>no. {{ rank.total_spent }}</b> of our best customers.</p>\n"
        "{% endif %}{% if coupon %}<p>Here is 10 % off your next lamp: <b>{{ coupon }}</b></p>\n{% endif %}"
        '<p><a href="https://shop.example.com/lamps">See what is new</a></p>'
    ),
}


def ensure_sending(api: Api) -> None:
    """Set up a sender, which the emulator verifies at once, and what mail says of it; what is set stays."""
    api.post("/senders", {"domain": DOMAIN})
    account: dict[str, Any] = api.get("/account")
    missing = {name: value for name, value in ACCOUNT.items() if account[name] is None}
    if missing:
        api.patch("/account", missing)
