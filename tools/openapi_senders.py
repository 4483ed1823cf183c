"""What the API answers about senders, as pydantic models for its description; and the form of the unsubscribe page."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from laurel.messaging.unsubscribe import Decision
from laurel.messaging.unsubscribe_page import DECISION_FIELD, ONE_CLICK
from laurel.model.sender import SenderKind, SenderState
from tools.openapi_answers import Answer, Id, Instant

Sandbox = Annotated[
    bool,
    Field(description="True while Amazon SES delivers to verified addresses only. The operator asks AWS to lift that."),
]


class SenderSummary(Answer):
    """A domain or address to write from."""

    id: Id
    kind: SenderKind
    identity: Annotated[str, Field(examples=["example.com"], description="The domain or address.")]
    state: Annotated[SenderState, Field(description="As it was at `checked_at`.")]
    created_at: Instant
    checked_at: Instant


class DnsRecord(Answer):
    """A DNS record to publish."""

    type: Literal["CNAME", "MX", "TXT"]
    name: Annotated[str, Field(examples=["_dmarc.example.com"])]
    value: str
    purpose: Literal["dkim", "mail_from", "spf", "dmarc"]
    required: Annotated[bool, Field(description="False for what no verification waits for, but mailboxes look at.")]


class Sender(SenderSummary):
    """A domain or address to write from, and what is left to do."""

    records: Annotated[list[DnsRecord], Field(description="Empty for an address.")]
    sandbox: Sandbox


class Senders(Answer):
    """All senders of the account, oldest first."""

    senders: list[SenderSummary]
    sandbox: Sandbox


DECISION_FORM: dict[str, Any] = {
    "description": "What a mail program posts (RFC 8058), or a button of the page.",
    "type": "object",
    "anyOf": [
        {"properties": {ONE_CLICK[0]: {"type": "string", "const": ONE_CLICK[1]}}, "required": [ONE_CLICK[0]]},
        {
            "properties": {DECISION_FIELD: {"type": "string", "enum": [decision.value for decision in Decision]}},
            "required": [DECISION_FIELD],
        },
    ],
}
