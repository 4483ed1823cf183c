"""Values of merge fields for a preview: of a real contact, of a made-up one, or none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from laurel.leaderboard.board import Boards, StoreDirectory, board_store, read_figures
from laurel.messaging.fields import (
    SAMPLE,
    MergeValue,
    MergeValues,
    values_of_contact,
    values_of_figures,
    values_of_store,
)
from laurel.model.account import Account, Audience
from laurel.model.contact import Contact
from laurel.model.errors import InvalidInput, NotFound
from laurel.model.period import TimeFrame


class Directory(StoreDirectory, Protocol):
    """Finds an account's stores and audiences."""

    def audience(self, account_id: str, audience_id: str) -> Audience | None: ...


class Profiles(Protocol):
    """Finds contacts."""

    def contact(self, account_id: str, audience_id: str, contact: str) -> Contact | None: ...


@dataclass(frozen=True, slots=True)
class PreviewWish:
    """Whom a preview is about. With ``sample``, what is not known otherwise is made up."""

    audience_id: str | None = None
    contact: str | None = None
    store_id: str | None = None
    time_frame: TimeFrame | None = None
    coupon: str | None = None
    sample: bool = False


def preview_values(
    directory: Directory, profiles: Profiles, boards: Boards, account: Account, wish: PreviewWish, now: datetime
) -> MergeValues:
    """Values of the fields that have one.

    Raises ``InvalidInput`` for wishes that do not go together, ``NotFound``, and for a store what ``board_store`` does.
    """
    _check(wish)
    values: dict[str, MergeValue] = {**SAMPLE} if wish.sample else {}
    values["account.name"] = account.name
    if wish.coupon:
        values["coupon"] = wish.coupon
    contact = None
    if wish.contact is not None and wish.audience_id is not None:
        audience = directory.audience(account.id, wish.audience_id)
        if audience is None:
            raise NotFound("audience", wish.audience_id)
        contact = profiles.contact(account.id, audience.id, wish.contact)
        if contact is None:
            raise NotFound("contact", wish.contact)
        values |= values_of_contact(contact, audience.score_epoch)
    if wish.store_id is not None:
        store = board_store(directory, account.id, wish.store_id)
        values |= values_of_store(store)
        if contact is not None:
            if store.audience_id != wish.audience_id:
                raise InvalidInput.at("/store", "This store belongs to another audience.")
            period = store.calendar.period_of_frame(wish.time_frame or TimeFrame.ALL_TIME, now)
            values |= values_of_figures(read_figures(boards, store, period, contact.id))
    return values


def _check(wish: PreviewWish) -> None:
    if (wish.contact is None) != (wish.audience_id is None):
        missing = "contact" if wish.contact is None else "audience"
        raise InvalidInput.at(f"/{missing}", "contact and audience go together.")
    if wish.sample and wish.contact is not None:
        raise InvalidInput.at("/sample", "Give either a contact or sample, not both.")
    if wish.time_frame is not None and wish.store_id is None:
        raise InvalidInput.at("/time_frame", "time_frame needs a store.")
