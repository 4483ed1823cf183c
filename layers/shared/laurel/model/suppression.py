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
    """An address that one account does not write to; other accounts neither see it nor are bound by it."""

    account_id: str
    email: str
    reason: SuppressionReason
    at: datetime

    @property
    def address_id(self) -> str:
        """What the address is known by: the id of the contact that has it."""
        return contact_id(self.email)
