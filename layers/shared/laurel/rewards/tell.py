"""Send the message that tells of an award."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from laurel.messaging.compose import BY_ITSELF, Desk, MessageWish, send
from laurel.model.errors import Busy, LaurelError, code_of
from laurel.model.reward import Award, Programme


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
            message = send(self.desk, BY_ITSELF, ref, wish, key, now)
        except Busy:
            raise
        except LaurelError as error:
            self.book.told(award, None, code_of(error))
        else:
            self.book.told(award, message.id, None)
