"""Conditions that a contact has to meet when a run begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, assert_never

from laurel.automation.edges import is_under
from laurel.model.account import Audience, Store
from laurel.model.automation import Condition, ConsentIs, HasTag, LocaleIs, MetricBetween, ScoreBetween
from laurel.model.contact import Contact
from laurel.model.ranking import Figures, Metric

_MICROS = 10**6


class StoreDirectory(Protocol):
    """Finds an account's stores."""

    def store(self, account_id: str, store_id: str) -> Store | None: ...


class FigureReader(Protocol):
    """Reads a customer's figures by period; those without purchases are left out."""

    def figures_in(self, store: Store, periods: Sequence[str], customer: str) -> Mapping[str, Figures]: ...


class Conditions:
    """Asks what conditions demand of a contact as it is now."""

    def __init__(self, stores: StoreDirectory, figures: FigureReader) -> None:
        self._stores = stores
        self._figures = figures

    def failing(
        self, audience: Audience, contact: Contact, conditions: Sequence[Condition], now: datetime
    ) -> Condition | None:
        """The first condition that does not hold, or None if all do. What costs a read is asked last."""
        costly = [it for it in conditions if isinstance(it, MetricBetween)]
        cheap = [it for it in conditions if not isinstance(it, MetricBetween)]
        return next((it for it in (*cheap, *costly) if not self._holds(audience, contact, it, now)), None)

    def _holds(self, audience: Audience, contact: Contact, condition: Condition, now: datetime) -> bool:
        match condition:
            case ConsentIs():
                return contact.status in condition.statuses
            case HasTag():
                return (condition.tag in contact.tags) == condition.has
            case LocaleIs():
                return speaks(contact.locale, condition.locales)
            case ScoreBetween():
                score = contact.score_under(audience.score_epoch)
                return not (condition.least is not None and is_under(score, condition.least)) and not (
                    condition.most is not None and not is_under(score, condition.most + 1)
                )
            case MetricBetween():
                return self._figure_lies_between(audience, contact, condition, now)
            case _:
                assert_never(condition)

    def _figure_lies_between(
        self, audience: Audience, contact: Contact, condition: MetricBetween, now: datetime
    ) -> bool:
        """False if the store is gone, or of another audience."""
        store = self._stores.store(audience.account_id, condition.store_id)
        if store is None or store.audience_id != audience.id:
            return False
        period = store.calendar.period_of_frame(condition.time_frame, now).id
        found = self._figures.figures_in(store, [period], contact.id).get(period)
        value = found.value(condition.metric) if found else 0
        unit = _MICROS if condition.metric is Metric.AVERAGE_ORDER_VALUE else 1
        return (condition.least is None or value >= condition.least * unit) and (
            condition.most is None or value <= condition.most * unit
        )


def speaks(locale: str | None, locales: frozenset[str]) -> bool:
    """True if a locale is one of these, or of one of these languages; hyphens and underscores are the same."""
    if locale is None:
        return False
    known = locale.lower().replace("_", "-")
    wanted = {it.lower().replace("_", "-") for it in locales}
    return known in wanted or known.partition("-")[0] in wanted
