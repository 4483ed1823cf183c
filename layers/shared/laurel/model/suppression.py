"""Addresses that an account must not write to, whatever their consent says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from laurel.model.identity import contact_id


class SuppressionReason(StrEnum):
    """Why an address is not written to: it bounces, its reader complained, or somebody of the account said so."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that one account does not write to; other accounts neither see it nor are bound by it.

    ``address_id`` is the id of the contact that has it. ``email`` is None once its person was erased: that nobody
    writes to them is kept, who they are is not.
    """

    account_id: str
    email: str | None
    reason: SuppressionReason
    at: datetime
    address_id: str = ""

    def __post_init__(self) -> None:
        if self.email is not None:
            object.__setattr__(self, "address_id", contact_id(self.email))
