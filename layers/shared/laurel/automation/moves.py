"""Told of snapshots, tells contacts' automations how their ranks moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from laurel.automation.ranks import rank_signals, watches_of
from laurel.model.account import Store
from laurel.model.automation import Automation
from laurel.model.contact import Contact, ContactRef
from laurel.model.signal import KeptSignal
from laurel.model.snapshot import Snapshot


class AutomationShelf(Protocol):
    """Lists the automations of an audience."""

    def automations(self, account_id: str, audience_id: str) -> list[Automation]: ...


class Signals(Protocol):
    """Tells of a signal, once."""

    def put(self, ref: ContactRef, signal: KeptSignal) -> bool: ...


class People(Protocol):
    """Knows who is a contact; whoever was erased is none."""

    def contacts(self, account_id: str, audience_id: str, contacts: Iterable[str]) -> Mapping[str, Contact]: ...


@dataclass(frozen=True, slots=True)
class SignalMoves:
    """Puts a signal for each contact that moved over a rank that an automation waits for."""

    automations: AutomationShelf
    people: People
    signals: Signals

    def __call__(self, store: Store, before: Snapshot | None, after: Snapshot) -> None:
        """Twice for the same snapshots changes nothing."""
        watches = watches_of(self.automations.automations(store.account_id, store.audience_id))
        moved = list(rank_signals(watches, before, after)) if watches else []
        if not moved:
            return
        known = self.people.contacts(store.account_id, store.audience_id, [contact for contact, _ in moved])
        for contact, signal in moved:
            if contact in known:
                self.signals.put(ContactRef(store.account_id, store.audience_id, contact), signal)
