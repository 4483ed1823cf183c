"""Send the message that tells of an award."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from laurel.messaging.compose import Desk, MessageWish, Writer, send
from laurel.model.account import Role
from laurel.model.errors import Busy, LaurelError
from laurel.model.reward import Award, Programme

_WRITER = Writer(Role.MARKETER, email=None, email_verified=False)


class ToldBook(Protocol):
    """Keeps which message told of an award, or why none did."""

    def told(self, award: Award, message_id: str | None, unsent: str | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Tell:
    """Tells contacts of their awards with their programme's template."""

    desk: Desk
    book: ToldBook

    def __call__(self, programme: Programme, award: Award, now: datetime) -> None:
        """Once for an award, however often it is called; what must not be sent is not, and it is kept why.

        Raises ``Busy``.
        """
        if programme.template_id is None or award.message_id or award.unsent:
            return
        wish = MessageWish(programme.template_id, programme.store_id, coupon=award.coupon)
        ref = award.ref
        key = f"award {ref.account_id} {ref.audience_id} {ref.contact} {award.programme_id} {award.occasion}"
        try:
            message = send(self.desk, _WRITER, ref, wish, key, now)
        except Busy:
            raise
        except LaurelError as error:
            self.book.told(award, None, problem_of(error))
        else:
            self.book.told(award, message.id, None)


def problem_of(error: LaurelError) -> str:
    """The last part of the type of the problem that an error is to clients."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()
