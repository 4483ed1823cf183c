"""Mail that automations send: messages to contacts as anybody's, and what the team is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from laurel.automation.outside import TeamBusy, Told
from laurel.messaging import compose
from laurel.messaging.compose import BY_ITSELF, Desk, MessageWish
from laurel.messaging.outbox import MailBusy
from laurel.messaging.team_mail import TeamPost
from laurel.model.account import Account
from laurel.model.contact import ContactRef
from laurel.model.message import Message


@dataclass(frozen=True, slots=True)
class DeskMailer:
    """Sends messages from a desk."""

    desk: Desk

    def send(
        self, ref: ContactRef, template_id: str, store_id: str | None, coupon: str | None, key: str, now: datetime
    ) -> Message:
        """Accept a message by a template; a key that was used before answers the message that it made."""
        wish = MessageWish(template_id, store_id, coupon=coupon)
        return compose.send(self.desk, BY_ITSELF, ref, wish, key, now)


@dataclass(frozen=True, slots=True)
class PostedTeam:
    """Mails teams."""

    post: TeamPost

    def send(self, account: Account, key: str, subject: str, text: str, now: datetime) -> Told:
        """Mail all users of an account, each once for a key. Raises ``TeamBusy``."""
        try:
            told = self.post.send(account, key, subject, text, now)
        except MailBusy:
            raise TeamBusy from None
        return Told(told.sent + told.before, told.why.value if told.why else None)
