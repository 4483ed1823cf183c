"""What Amazon SES tells of a mail, in the shapes that its developer guide documents.

Plain Python: it can be imported outside of the emulator.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from local.emulator.mailbox import Mail

type Detail = dict[str, Any]

IP_ADDRESS = "198.51.100.7"
USER_AGENT = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
MTA = "mx.example.com"


class Happening(StrEnum):
    """What can happen to a mail."""

    SEND = "send"
    DELIVER = "deliver"
    OPEN = "open"
    CLICK = "click"
    BOUNCE = "bounce"
    BOUNCE_TRANSIENT = "bounce_transient"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Kind:
    """The names that SES has for a kind of event: in a configuration set, in EventBridge, and in the event itself."""

    subscription: str
    detail_type: str
    event_type: str


KINDS: Mapping[Happening, Kind] = {
    Happening.SEND: Kind("SEND", "Email Sent", "Send"),
    Happening.DELIVER: Kind("DELIVERY", "Email Delivered", "Delivery"),
    Happening.OPEN: Kind("OPEN", "Email Opened", "Open"),
    Happening.CLICK: Kind("CLICK", "Email Clicked", "Click"),
    Happening.BOUNCE: Kind("BOUNCE", "Email Bounced", "Bounce"),
    Happening.BOUNCE_TRANSIENT: Kind("BOUNCE", "Email Bounced", "Bounce"),
    Happening.COMPLAINT: Kind("COMPLAINT", "Email Complaint Received", "Complaint"),
}


class NotALinkOfThisMailError(ValueError):
    """A click on what SES does not follow: another link, or one that it was told to leave alone."""


def detail(happening: Happening, mail: Mail, at: datetime, link: str | None = None) -> Detail:
    """The event's ``detail``; ``link`` is what was clicked on.

    Raises:
        NotALinkOfThisMailError: SES would not know of that click.
    """
    kind = KINDS[happening]
    told = _TOLD[happening](mail, at)
    if happening is Happening.CLICK:
        if link not in mail.tracked_links:
            raise NotALinkOfThisMailError
        told |= {"link": link, "linkTags": None}
    return {"eventType": kind.event_type, "mail": _mail(mail), kind.event_type.lower(): told}


def _mail(mail: Mail) -> Detail:
    address = mail.sender_address
    return {
        "timestamp": _time(mail.sent_at),
        "source": mail.header("From"),
        "sourceArn": f"arn:aws:ses:{mail.region}:{mail.account}:identity/{address}",
        "sendingAccountId": mail.account,
        "messageId": mail.id,
        "destination": list(mail.recipients),
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in mail.headers],
        "commonHeaders": {
            "from": [mail.header("From")],
            "to": [mail.header("To")],
            "messageId": mail.id,
            "subject": mail.header("Subject"),
        },
        "tags": {
            "ses:operation": ["SendEmail"],
            "ses:configuration-set": [mail.configuration_set],
            "ses:source-ip": ["127.0.0.1"],
            "ses:from-domain": [address.rpartition("@")[2]],
            "ses:caller-identity": ["laurel"],
            **{name: [value] for name, value in mail.tags},
        },
    }


def _sent(_mail: Mail, _at: datetime) -> Detail:
    return {}


def _delivered(mail: Mail, at: datetime) -> Detail:
    return {
        "timestamp": _time(at),
        "processingTimeMillis": max(0, round((at - mail.sent_at) / timedelta(milliseconds=1))),
        "recipients": list(mail.recipients),
        "smtpResponse": "250 2.0.0 OK",
        "reportingMTA": MTA,
    }


def _opened(_mail: Mail, at: datetime) -> Detail:
    return {"timestamp": _time(at), "ipAddress": IP_ADDRESS, "userAgent": USER_AGENT}


def _bounced(mail: Mail, at: datetime) -> Detail:
    return _bounce(mail, at, "Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown")


def _put_back(mail: Mail, at: datetime) -> Detail:
    return _bounce(mail, at, "Transient", "MailboxFull", "4.2.2", "smtp; 452 4.2.2 mailbox full")


def _bounce(mail: Mail, at: datetime, kind: str, subtype: str, status: str, said: str) -> Detail:
    return {
        "bounceType": kind,
        "bounceSubType": subtype,
        "bouncedRecipients": [
            {"emailAddress": address, "action": "failed", "status": status, "diagnosticCode": said}
            for address in mail.recipients
        ],
        "timestamp": _time(at),
        "feedbackId": _feedback_id(),
        "reportingMTA": f"dsn; {MTA}",
    }


def _complained(mail: Mail, at: datetime) -> Detail:
    return {
        "complainedRecipients": [{"emailAddress": address} for address in mail.recipients],
        "timestamp": _time(at),
        "feedbackId": _feedback_id(),
        "complaintSubType": None,
        "userAgent": "Mail provider's feedback loop",
        "complaintFeedbackType": "abuse",
        "arrivalDate": _time(at),
    }


_TOLD = {
    Happening.SEND: _sent,
    Happening.DELIVER: _delivered,
    Happening.OPEN: _opened,
    Happening.CLICK: _opened,
    Happening.BOUNCE: _bounced,
    Happening.BOUNCE_TRANSIENT: _put_back,
    Happening.COMPLAINT: _complained,
}


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _feedback_id() -> str:
    return f"{uuid.uuid4()}-000000"
