"""Ledger stream: score what contacts did, exactly once, by the merchant's rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from laurel.model.activity import ActivityChange
from laurel.model.errors import NotFound
from laurel.model.identity import is_contact
from laurel.model.order import OrderChange
from laurel.model.privacy import StoreErased
from laurel.model.scoring import ScoredContact, ScoringRule, Step
from laurel.scoring.apply import apply, matters
from laurel.scoring.orders import steps_of_order
from laurel.scoring.pulses import Beat, Pulses, beats_of_activity, beats_of_order
from laurel.scoring.triggers import steps_of_activity
from laurel.settings import settings
from laurel.store.ledger_items import FactChange, fact_change
from laurel.store.process import dynamodb
from laurel.store.pulses import KeptPulses, PulseFacts
from laurel.store.scores import Scores
from laurel.store.scoring_rules import ScoringRules
from laurel.store.workspace import RememberedStores, Workspace
from laurel.telemetry import count, entry_point, logger

_THREADS = 8

_scores = Scores(dynamodb(), settings().contacts_table)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_stores = RememberedStores(_workspace)
_rules = ScoringRules(dynamodb(), settings().workspace_table)


def _currency_of(account_id: str, store_id: str) -> str | None:
    try:
        return _stores.store(account_id, store_id).currency
    except (StoreErased, NotFound):
        return None


_pulses = Pulses(
    KeptPulses(dynamodb(), settings().contacts_table), PulseFacts(dynamodb(), settings().ledger_table), _currency_of
)


@dataclass(slots=True)
class _Share:
    """One contact's part of the batch."""

    changes: list[FactChange] = field(default_factory=list)
    sequences: list[str] = field(default_factory=list)


@entry_point
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Score the batch, a contact at a time; records of contacts that failed are reported and come again."""
    audiences: dict[tuple[str, str], dict[str, _Share]] = defaultdict(lambda: defaultdict(_Share))
    failed: list[str] = []
    for record in event["Records"]:
        sequence = record["dynamodb"]["SequenceNumber"]
        try:
            change = fact_change(record["dynamodb"])
        except (LookupError, ValueError):
            logger.exception("unreadable_record", sequence=sequence)
            failed.append(sequence)
            continue
        if is_contact(change.customer):
            share = audiences[change.account_id, change.audience_id][change.customer]
            share.changes.append(change)
            share.sequences.append(sequence)
    entries = 0
    for (account_id, audience_id), shares in audiences.items():
        behind = _follow(account_id, audience_id, shares)
        for contact, written in _score(account_id, audience_id, shares):
            entries += written or 0
            if written is None:
                behind.add(contact)
        failed += [sequence for contact in behind for sequence in shares[contact].sequences]
    count("ScoreEntries", entries)
    count("RecordsScored", len(event["Records"]) - len(failed))
    count("RecordsNotScored", len(failed))
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failed]}


def _follow(account_id: str, audience_id: str, shares: Mapping[str, _Share]) -> set[str]:
    """Note when contacts last bought, opened or clicked something; those that failed."""
    told: dict[str, list[Beat]] = {}
    behind: set[str] = set()
    for contact, share in shares.items():
        try:
            told[contact] = _beats(account_id, share.changes)
        except Exception:  # noqa: BLE001, such as a store that cannot be read just now
            logger.exception("pulses_unread", account_id=account_id, audience_id=audience_id, contact=contact)
            behind.add(contact)
    try:
        failed = _pulses.follow(account_id, audience_id, told)
    except Exception:  # noqa: BLE001, whatever failed, only those who did something come again
        logger.exception("pulses_unread", account_id=account_id, audience_id=audience_id)
        return behind | {contact for contact, beats in told.items() if beats}
    for contact, error in failed.items():
        logger.error("pulse_not_kept", account_id=account_id, contact=contact, exc_info=error)
    return behind | set(failed)


def _beats(account_id: str, changes: Sequence[FactChange]) -> list[Beat]:
    beats: list[Beat] = []
    for fact in changes:
        if isinstance(fact.change, ActivityChange):
            beats += beats_of_activity(fact.change)
        elif currency := _currency_of(account_id, fact.store_id):
            beats += beats_of_order(fact.change, currency)
    return beats


def _score(account_id: str, audience_id: str, shares: Mapping[str, _Share]) -> Iterator[tuple[str, int | None]]:
    """Entries written for each contact of one audience, None if it failed. Whom no rule touches costs nothing."""
    steps: dict[str, list[Step]] = {}
    unread: list[str] = []
    try:
        rules = _rules.rules(account_id, audience_id)
        for contact, share in shares.items():
            try:
                own = _steps(account_id, share.changes, rules)
            except Exception:  # noqa: BLE001, such as an order of a store that is not there
                logger.exception("scoring_failed", account_id=account_id, contact=contact)
                unread.append(contact)
                continue
            if own:
                steps[contact] = own
        scored = _read(account_id, audience_id, list(steps)) if steps else {}
    except Exception:  # noqa: BLE001, whatever failed, only this audience's records come again
        logger.exception("scoring_failed", account_id=account_id, audience_id=audience_id)
        yield from ((contact, None) for contact in shares)
        return
    yield from ((contact, None) for contact in unread)
    with ThreadPoolExecutor(min(_THREADS, len(scored) or 1)) as pool:
        written = pool.map(lambda contact: _apply(scored[contact], steps[contact], rules), scored)
        yield from zip(scored, written, strict=True)


def _steps(account_id: str, changes: Sequence[FactChange], rules: Sequence[ScoringRule]) -> list[Step]:
    steps: list[Step] = []
    for fact in changes:
        if isinstance(fact.change, OrderChange):
            with suppress(StoreErased):
                steps += steps_of_order(fact.change, _stores.store(account_id, fact.store_id), fact.at)
        else:
            steps += steps_of_activity(fact.change, rules, fact.at)
    return [step for step in steps if matters(step, rules)]


def _read(account_id: str, audience_id: str, contacts: Sequence[str]) -> dict[str, ScoredContact]:
    """Scores by contact. The epoch is read afresh: a reset holds for whatever is scored after it."""
    audience = _workspace.audience(account_id, audience_id)
    if audience is None:
        return {}
    scored = _scores.read_many(account_id, audience_id, audience.score_epoch, contacts)
    return {contact.contact: contact for contact in scored}


def _apply(contact: ScoredContact, steps: Sequence[Step], rules: Sequence[ScoringRule]) -> int | None:
    """Entries written, or None if scoring failed. Counts nothing: counters are for one thread."""
    try:
        return len(apply(_scores, contact, steps, rules))
    except Exception:  # noqa: BLE001, whatever failed, only this contact's records come again
        logger.exception("scoring_failed", account_id=contact.account_id, contact=contact.contact)
        return None
