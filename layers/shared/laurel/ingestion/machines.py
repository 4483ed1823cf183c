"""Opens and clicks that no human made: privacy proxies, link scanners, bots.

What gives them away is their user agent, a click on a link that people cannot see (a honeypot), and their haste. Rules
for known agents follow what senders have published: Apple's Mail Privacy Protection fetches pictures as exactly
``Mozilla/5.0``; Gmail's and Yahoo's picture proxies fetch when a person opens, and so pass.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from laurel.model.activity import EMAIL_CLICKED, EMAIL_OPENED, Activity

APPLE_MAIL_PRIVACY = "apple_mail_privacy"
LINK_SCANNER = "link_scanner"
TOO_FAST = "too_fast"
HONEYPOT = "honeypot"
JUDGED = "judged"

TOO_FAST_WITHIN = timedelta(seconds=2)
"""Around the delivery of the message: no person is that quick."""

HONEYPOT_WITHIN = timedelta(seconds=10)
"""Around a honeypot click: what the same scanner fetched besides."""

MOST_SIGNS = 50
"""Opens and clicks of a message to a contact that later evidence can still reach, and so many honeypot clicks."""

_DELIVERED = "email.delivered"
_BARE_AGENT = "mozilla/5.0"
_LONGEST_MESSAGE = 300
_SCANNER = re.compile(
    # Mail security
    r"avanan|barracuda|bitdefender|cloudmark|fireeye|forcepoint|fortiguard|fortimail|hornetsecurity|ironport|kaspersky|"
    r"mailmarshal|messagelabs|microsoft defender|mimecast|proofpoint|safe ?links|sophos|symantec|trend ?micro|urlscan|"
    r"virustotal|websense|zscaler|"
    # Robots; Cubot makes phones
    r"(?<!cu)bot(?![a-z])|crawler|spider|scanner|facebookexternalhit|skypeuripreview|"
    # Browsers without a person before them
    r"headless|phantomjs|playwright|puppeteer|selenium|"
    # Programs' HTTP clients
    r"^(curl|wget|python|aiohttp|apache-httpclient|axios|go-http-client|guzzlehttp|httpx|java|libwww-perl|"
    r"node-fetch|php|postmanruntime|ruby|scrapy|undici)\b"
)


@dataclass(frozen=True, slots=True)
class MessageTrace:
    """What is known of one message to one contact.

    ``hits`` are opens and clicks that may be a person's, by activity id; ``honeypots`` the times of clicks on links
    that people cannot see.
    """

    delivered_at: datetime | None = None
    hits: Mapping[str, datetime] = field(default_factory=dict)
    honeypots: tuple[datetime, ...] = ()

    def judged(self, at: datetime) -> str | None:
        """Why an open or click of that time was a machine's, or None."""
        if any(abs(at - click) <= HONEYPOT_WITHIN for click in self.honeypots):
            return HONEYPOT
        if self.delivered_at and abs(at - self.delivered_at) <= TOO_FAST_WITHIN:
            return TOO_FAST
        return None


def is_hit(activity: Activity) -> bool:
    """True for an opened or clicked message."""
    return activity.name in (EMAIL_OPENED, EMAIL_CLICKED)


def is_delivery(activity: Activity) -> bool:
    """True for a delivered message."""
    return activity.name == _DELIVERED


def message_of(activity: Activity) -> str | None:
    """The message that was delivered, opened or clicked; None if the activity names none, or one of endless length."""
    message = activity.properties.get("message", "")
    if isinstance(message, bool) or not (is_hit(activity) or is_delivery(activity)):
        return None
    return str(message) if 0 < len(str(message).encode()) <= _LONGEST_MESSAGE else None


def judged(activity: Activity) -> str | None:
    """Why an open or click, seen by itself, was a machine's, or None. Other activities are never judged."""
    if not is_hit(activity):
        return None
    if activity.properties.get("honeypot") is True:
        return HONEYPOT
    agent = str(activity.properties.get("user_agent", "")).strip().casefold()
    if agent == _BARE_AGENT:
        return APPLE_MAIL_PRIVACY if activity.name == EMAIL_OPENED else LINK_SCANNER
    return LINK_SCANNER if _SCANNER.search(agent) else None
