"""When each contact last bought, opened or clicked something: kept by the day, so that silence can be told of.

What is kept is a function of the contact's facts, and follows them: forward at no more than one write a day, and back,
when a purchase is undone or an open turns out to be a machine's, by reading the facts again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from laurel.model.activity import EMAIL_CLICKED, EMAIL_OPENED, Activity, ActivityChange
from laurel.model.contact import ContactRef
from laurel.model.errors import Busy
from laurel.model.order import LedgerOrder, OrderChange
from laurel.model.signal import Pulse
from laurel.scoring.work import at_once

_ACTIVITIES = {EMAIL_OPENED: Pulse.OPEN, EMAIL_CLICKED: Pulse.CLICK}
_ATTEMPTS = 20

type Run = Callable[[Callable[[ContactRef], Exception | None], Sequence[ContactRef]], Iterable[Exception | None]]


@dataclass(frozen=True, slots=True)
class Beat:
    """One thing that a contact did or, if not ``done``, has not done after all."""

    pulse: Pulse
    at: datetime
    done: bool


@dataclass(frozen=True, slots=True)
class KeptPulse:
    """The first and the last time that a contact did something; of opens and clicks, the first since it is kept."""

    first_at: datetime
    last_at: datetime

    @property
    def day(self) -> date:
        """The last day, in UTC."""
        return _day(self.last_at)


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of a contact; ``erased_at`` is when all that was known of them before was erased, if ever."""

    pulses: Mapping[Pulse, KeptPulse]
    erased_at: datetime | None = None


class PulseBook(Protocol):
    """Keeps pulses, strongly consistent. ``put`` and ``remove`` return False if what is kept is not as it was seen."""

    def read(self, account_id: str, audience_id: str, wanted: Mapping[str, Collection[Pulse]]) -> Mapping[str, Known]:
        """What is kept of so many pulses of each contact; who is no contact is left out."""
        ...

    def put(self, ref: ContactRef, pulse: Pulse, kept: KeptPulse, seen: KeptPulse | None) -> bool: ...
    def remove(self, ref: ContactRef, pulse: Pulse, seen: KeptPulse) -> bool: ...


class FactReader(Protocol):
    """Reads a contact's facts, strongly consistent: orders with the ids of their stores."""

    def orders(self, ref: ContactRef) -> Iterable[tuple[str, LedgerOrder]]: ...
    def activities(self, ref: ContactRef) -> Iterable[Activity]: ...


def beats_of_order(change: OrderChange, currency: str) -> list[Beat]:
    """What a write of an order says: a purchase that was made, or that is none any more."""
    was, now = (_purchased_at(order, currency) for order in (change.before, change.after))
    if was == now:
        return []
    gone = [Beat(Pulse.PURCHASE, was, done=False)] if was else []
    return [*gone, Beat(Pulse.PURCHASE, now, done=True)] if now else gone


def beats_of_activity(change: ActivityChange) -> list[Beat]:
    """What a write of an activity says: an open or click, or that it was a machine's after all."""
    pulse = _ACTIVITIES.get(change.after.name)
    was_human = change.before is not None and change.before.machine is None
    is_human = change.after.machine is None
    if pulse is None or was_human == is_human:
        return []
    return [Beat(pulse, change.after.occurred_at, done=is_human)]


class Pulses:
    """Keeps pulses in step with what contacts do. ``currency_of`` is that of a store, None for one that is gone."""

    def __init__(
        self,
        book: PulseBook,
        facts: FactReader,
        currency_of: Callable[[str, str], str | None],
        together: Run = at_once,
    ) -> None:
        """``together`` does something with each of several contacts."""
        self._book = book
        self._facts = facts
        self._currency_of = currency_of
        self._together = together

    def follow(self, account_id: str, audience_id: str, told: Mapping[str, Sequence[Beat]]) -> dict[str, Exception]:
        """Bring the pulses of contacts up to date; those that failed, and why."""
        wanted = {contact: {beat.pulse for beat in beats} for contact, beats in told.items() if beats}
        known = self._book.read(account_id, audience_id, wanted) if wanted else {}
        refs = [ContactRef(account_id, audience_id, contact) for contact in known]
        errors = self._together(lambda ref: self._error(ref, known[ref.contact], told[ref.contact]), refs)
        return {ref.contact: error for ref, error in zip(refs, errors, strict=True) if error}

    def _error(self, ref: ContactRef, known: Known, beats: Sequence[Beat]) -> Exception | None:
        """What went wrong with one contact."""
        try:
            self._follow(ref, known, beats)
        except Exception as error:  # noqa: BLE001, whatever failed, others' pulses are kept
            return error
        return None

    def _follow(self, ref: ContactRef, known: Known, beats: Sequence[Beat]) -> None:
        beats = [beat for beat in beats if known.erased_at is None or beat.at > known.erased_at]
        for pulse in {beat.pulse: None for beat in beats}:
            done = max((it.at for it in beats if it.pulse is pulse and it.done), default=None)
            undone = max((it.at for it in beats if it.pulse is pulse and not it.done), default=None)
            kept = known.pulses.get(pulse)
            for _ in range(_ATTEMPTS):
                if self._is_in_step(ref, pulse, kept, done, undone):
                    break
                now = self._book.read(ref.account_id, ref.audience_id, {ref.contact: [pulse]}).get(ref.contact)
                kept = now.pulses.get(pulse) if now else None
            else:
                raise Busy(f"Contact {ref.contact!r}")

    def _is_in_step(
        self, ref: ContactRef, pulse: Pulse, kept: KeptPulse | None, done: datetime | None, undone: datetime | None
    ) -> bool:
        """Follow what was done and what was not done after all; False if somebody else was faster."""
        if kept is None and done and undone is None and pulse is not Pulse.PURCHASE:
            return self._book.put(ref, pulse, KeptPulse(done, done), None)
        back = kept is not None and undone is not None and _day(undone) >= kept.day
        if back or (kept is None and done):
            found = self._counted(ref, pulse)
            if found is None:
                return kept is None or self._book.remove(ref, pulse, kept)
            return found == kept or self._book.put(ref, pulse, found, kept)
        if kept and done and _day(done) > kept.day:
            return self._book.put(ref, pulse, KeptPulse(kept.first_at, done), kept)
        return True

    def _counted(self, ref: ContactRef, pulse: Pulse) -> KeptPulse | None:
        """What the facts say, all of them."""
        if pulse is Pulse.PURCHASE:
            times = [at for store, it in self._facts.orders(ref) if (at := self._bought_at(ref, store, it))]
        else:
            times = [
                it.occurred_at
                for it in self._facts.activities(ref)
                if _ACTIVITIES.get(it.name) is pulse and it.machine is None
            ]
        return KeptPulse(min(times), max(times)) if times else None

    def _bought_at(self, ref: ContactRef, store_id: str, order: LedgerOrder) -> datetime | None:
        currency = self._currency_of(ref.account_id, store_id)
        return _purchased_at(order, currency) if currency else None


def _purchased_at(order: LedgerOrder | None, currency: str) -> datetime | None:
    if order is None or not order.is_purchase_in(currency):
        return None
    return datetime.fromtimestamp(order.placed_at or 0, UTC)


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
