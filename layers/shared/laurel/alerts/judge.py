"""Which alerts a customer's facts open and end. The same facts on the same day change nothing a second time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from laurel.alerts import ranks, rhythm, scores, spending
from laurel.alerts.facts import Facts, Fall
from laurel.model.account import Store
from laurel.model.alert import (
    LAPSED_AFTER,
    Alert,
    AlertKind,
    AlertState,
    Lateness,
    RankDrop,
    Reason,
    Resolution,
    ScoreDrop,
    ScoreRule,
    SpendDrop,
    StoreRules,
)


@dataclass(frozen=True, slots=True)
class Judge:
    """Looks at the customers of a store by its rules, and at their scores by the audience's."""

    store: Store
    rules: StoreRules
    score_rule: ScoreRule | None

    def judged(self, customer: str, facts: Facts, known: Mapping[AlertKind, Alert], now: datetime) -> Iterator[Alert]:
        """The alerts that are to be written, ``known`` ones as they are now and new ones."""
        for kind in AlertKind:
            alert = known.get(kind)
            if alert and not alert.is_over:
                after = _followed(alert, facts, now)
                if after != alert:
                    yield after
            elif fall := self._fall(kind, facts, now, alert):
                yield self._opened(customer, kind, fall, facts, alert, now)

    def _fall(self, kind: AlertKind, facts: Facts, now: datetime, last: Alert | None) -> Fall | None:
        """The fall that there is, if it is another than that of the ``last`` alert of the kind."""
        fall = self._found(kind, facts, now, last.resolved_at if last else None)
        return None if fall and last and _is_same(fall.reason, last.reason) else fall

    def _found(self, kind: AlertKind, facts: Facts, now: datetime, ended: datetime | None) -> Fall | None:
        rules = self.rules
        match kind:
            case AlertKind.LEFT_FIRST:
                return ranks.left_first(rules.left_first, facts) if rules.left_first else None
            case AlertKind.RANK_FELL:
                return ranks.rank_fell(rules.rank_fell, facts) if rules.rank_fell else None
            case AlertKind.SPEND_DOWN:
                return spending.spend_down(rules.spend_down, facts, now) if rules.spend_down else None
            case AlertKind.OVERDUE:
                return rhythm.overdue(facts, now) if rules.overdue else None
            case AlertKind.SCORE_FALLING:
                return scores.score_falling(self.score_rule, facts, now, ended) if self.score_rule else None

    def _opened(
        self, customer: str, kind: AlertKind, fall: Fall, facts: Facts, before: Alert | None, now: datetime
    ) -> Alert:
        return Alert(
            account_id=self.store.account_id,
            audience_id=self.store.audience_id,
            store_id=self.store.id,
            kind=kind,
            customer=customer,
            state=AlertState.OPEN,
            reason=fall.reason,
            fell_at=fall.fell_at,
            opened_at=now,
            worth=facts.worth(now),
            currency=self.store.currency,
            version=before.version if before else 0,
        )


def lapsed(alert: Alert, now: datetime) -> Alert | None:
    """An alert that is too old to be of use, at its end; None for one that is not."""
    return _ended(alert, Resolution.LAPSED, now) if now - alert.opened_at >= LAPSED_AFTER else None


def _followed(alert: Alert, facts: Facts, now: datetime) -> Alert:
    """An alert that is under way, as it is now."""
    if _is_back(alert, facts, now):
        return _ended(alert, Resolution.RETURNED, now)
    if alert.state is AlertState.SNOOZED and alert.snoozed_until and alert.snoozed_until <= now:
        alert = replace(alert, state=AlertState.OPEN, snoozed_until=None)
    return lapsed(alert, now) or alert


def _is_back(alert: Alert, facts: Facts, now: datetime) -> bool:
    match alert.reason:
        case Lateness() as reason:
            return rhythm.is_back(reason, facts, now)
        case SpendDrop() as reason:
            return spending.is_back(reason, facts, now)
        case ScoreDrop() as reason:
            return scores.has_recovered(reason, facts)
        case RankDrop() as reason:
            judged = ranks.is_back_in_first if alert.kind is AlertKind.LEFT_FIRST else ranks.has_risen
            return judged(reason, alert.fell_at, facts)


def _is_same(reason: Reason, before: Reason) -> bool:
    """True if a fall was told of before: that after the same purchase, or of the same period."""
    match reason, before:
        case Lateness(), Lateness():
            return reason.last_purchase <= before.last_purchase
        case RankDrop() | SpendDrop(), RankDrop() | SpendDrop():
            return reason.period == before.period
    return False


def _ended(alert: Alert, resolution: Resolution, now: datetime) -> Alert:
    return replace(alert, state=AlertState.RESOLVED, snoozed_until=None, resolved_at=now, resolution=resolution)
