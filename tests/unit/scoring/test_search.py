"""Searches: pages that hold together, and no more read than is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.model.account import Audience, Store
from laurel.model.contact import ConsentStatus
from laurel.model.errors import InvalidCursor
from laurel.model.ranking import Figures, Metric
from laurel.scoring.search import (
    MOST_COUNTED,
    MOST_EXAMINED,
    FoundContact,
    IndexPage,
    ScoreCriteria,
    StoreCriterion,
    count,
    find,
)
from tests.support.samples import ACCOUNT, AUDIENCE, NOW, a_store

WITHIN = Audience(ACCOUNT, AUDIENCE, "Customers", 1, NOW)
SUBSCRIBED, UNSUBSCRIBED = ConsentStatus.SUBSCRIBED, ConsentStatus.UNSUBSCRIBED


def somebody(contact: str, score: int | None = None, **changes: Any) -> FoundContact:
    found = FoundContact(contact, f"{contact}@example.com", None, None, ConsentStatus.NON_SUBSCRIBED, score, ())
    return replace(found, **changes)


@dataclass
class FakeIndex:
    """Contacts in memory; what was read is written down as (kind, how many)."""

    contacts: Sequence[FoundContact] = ()
    figures: Mapping[str, Figures] = field(default_factory=dict)
    reads: list[tuple[str, int]] = field(default_factory=list)

    def by_score(
        self, audience: Audience, criteria: ScoreCriteria, limit: int, after: Mapping[str, str] | None
    ) -> IndexPage:
        self.reads.append(("scores", limit))

        def position(it: FoundContact) -> tuple[int, str]:
            return it.score or 0, it.contact

        listed = sorted(
            (it for it in self.contacts if it.score is not None and criteria.at_least <= it.score <= criteria.at_most),
            key=position,
            reverse=not criteria.ascending,
        )
        if after:
            start = int(after["score"]), after["contact"]
            listed = [it for it in listed if (position(it) > start if criteria.ascending else position(it) < start)]
        read = listed[:limit]
        last = {"contact": read[-1].contact, "score": str(read[-1].score)} if len(listed) > limit else None
        found = [it for it in read if criteria.status in (None, it.status)]
        return IndexPage([replace(it, tags=None) for it in found], len(read), last)

    def by_email(
        self, audience: Audience, *, ascending: bool, limit: int, after: Mapping[str, str] | None
    ) -> IndexPage:
        self.reads.append(("emails", limit))
        listed = sorted(self.contacts, key=lambda it: it.email, reverse=not ascending)
        if after:
            listed = [it for it in listed if (it.email > after["email"] if ascending else it.email < after["email"])]
        read = listed[:limit]
        last = {"contact": read[-1].contact, "email": read[-1].email} if len(listed) > limit else None
        return IndexPage([somebody(it.contact) for it in read], len(read), last)

    def count(self, audience: Audience, criteria: ScoreCriteria, at_most: int) -> int:
        self.reads.append(("count", at_most))
        return min(len(self.by_score(audience, criteria, len(self.contacts), None).found), at_most)

    def profiles(self, audience: Audience, contacts: Sequence[str]) -> Mapping[str, FoundContact]:
        self.reads.append(("profiles", len(contacts)))
        wanted = set(contacts)
        return {it.contact: it for it in self.contacts if it.contact in wanted}

    def figures_of(self, store: Store, period: str, customers: Sequence[str]) -> Mapping[str, Figures]:
        self.reads.append(("figures", len(customers)))
        return {customer: self.figures[customer] for customer in customers if customer in self.figures}


def many(number: int, **changes: Any) -> list[FoundContact]:
    return [somebody(f"c{n:06}", n // 2, **changes) for n in range(number)]


def in_store(**bounds: Any) -> StoreCriterion:
    store = a_store()
    return StoreCriterion(store, store.calendar.period("2026-11"), **bounds)


def all_pages(index: FakeIndex, criteria: ScoreCriteria, limit: int) -> list[list[str]]:
    pages, cursor = list[list[str]](), None
    while True:
        page = find(index, WITHIN, criteria, limit, cursor)
        pages.append([row.contact for row in page.rows])
        cursor = page.next_cursor
        if cursor is None:
            return pages


def test_a_page_of_scores_is_one_read_of_as_many_as_it_shows() -> None:
    index = FakeIndex(many(200))

    page = find(index, WITHIN, ScoreCriteria(), 50)

    assert len(page.rows) == 50
    assert index.reads == [("scores", 50)]


@pytest.mark.parametrize("criteria", [ScoreCriteria(status=SUBSCRIBED), ScoreCriteria(figures=in_store())])
def test_consent_and_figures_that_are_only_shown_need_no_profiles(criteria: ScoreCriteria) -> None:
    index = FakeIndex(many(60, status=SUBSCRIBED))

    find(index, WITHIN, criteria, 50)

    assert "profiles" not in dict(index.reads)
    assert index.reads[0] == ("scores", 50)


def test_bounds_that_nothing_can_meet_are_not_looked_for() -> None:
    index = FakeIndex(many(5))
    impossible = ScoreCriteria(at_least=3, at_most=2)

    assert find(index, WITHIN, impossible, 50).rows == []
    assert count(index, WITHIN, impossible).count == 0
    assert index.reads == []


scores = st.lists(st.none() | st.integers(0, 9), max_size=40)


@given(scores=scores, limit=st.integers(1, 7), data=st.data())
def test_pages_hold_everyone_once_and_in_order(scores: list[int | None], limit: int, data: st.DataObject) -> None:
    statuses = st.sampled_from([SUBSCRIBED, UNSUBSCRIBED])
    contacts = [
        somebody(
            f"c{n:03}",
            score,
            status=data.draw(statuses),
            tags=("vip",) if data.draw(st.booleans()) else (),
        )
        for n, score in enumerate(scores)
    ]
    bought = {it.contact: Figures(1, data.draw(st.integers(0, 5)), 0) for it in contacts if data.draw(st.booleans())}
    low, high = data.draw(st.integers(0, 9)), data.draw(st.integers(0, 9))
    figures = in_store(at_least=data.draw(st.integers(0, 5))) if data.draw(st.booleans()) else None
    criteria = ScoreCriteria(
        at_least=low,
        at_most=high,
        none=data.draw(st.booleans()),
        ascending=data.draw(st.booleans()),
        tag="vip" if data.draw(st.booleans()) else None,
        status=SUBSCRIBED if data.draw(st.booleans()) else None,
        figures=figures,
    )

    def meant(it: FoundContact) -> bool:
        scored = it.score is None if criteria.none else it.score is not None and low <= it.score <= high
        spent = bought[it.contact].total_spent if it.contact in bought else 0
        return (
            scored
            and (criteria.tag is None or criteria.tag in (it.tags or ()))
            and criteria.status in (None, it.status)
            and (figures is None or spent >= (figures.at_least or 0))
        )

    index = FakeIndex(contacts, bought)
    pages = all_pages(index, criteria, limit)

    expected = sorted(
        (it for it in contacts if meant(it)),
        key=lambda it: (0 if criteria.none else it.score or 0, it.contact),
        reverse=not criteria.ascending,
    )
    assert [contact for page in pages for contact in page] == [it.contact for it in expected]
    assert all(len(page) == limit for page in pages[:-1])
    assert count(index, WITHIN, criteria).count == len(expected)


def test_one_page_examines_so_many_contacts_and_no_more() -> None:
    index = FakeIndex(many(MOST_EXAMINED * 2))

    page = find(index, WITHIN, ScoreCriteria(tag="vip"), 50)

    assert page.rows == []
    assert page.next_cursor
    assert sum(number for kind, number in index.reads if kind == "scores") == MOST_EXAMINED
    assert max(number for kind, number in index.reads if kind == "profiles") <= 100


def test_what_the_index_says_is_held_against_the_profile() -> None:
    """An index may be a moment behind."""
    gone, kept, removed = somebody("a", 5), somebody("b", 5, tags=("vip",)), somebody("c", None, tags=("vip",))
    index = FakeIndex([kept, removed])
    stale = IndexPage([gone, kept, replace(removed, score=5)], 3, None)
    index.by_score = lambda *_: stale  # type: ignore[method-assign]

    page = find(index, WITHIN, ScoreCriteria(tag="vip"), 50)

    assert [row.contact for row in page.rows] == ["b"]


def test_a_reader_who_pages_over_midnight_stays_with_the_period() -> None:
    index = FakeIndex(many(3))
    store = a_store()
    first = find(index, WITHIN, ScoreCriteria(figures=in_store()), 1)
    asked: list[str] = []
    original = index.figures_of
    index.figures_of = lambda store, period, customers: (  # type: ignore[method-assign]
        asked.append(period) or original(store, period, customers)  # type: ignore[func-returns-value]
    )

    following = StoreCriterion(store, store.calendar.period("2026-12"))
    find(index, WITHIN, ScoreCriteria(figures=following), 1, first.next_cursor)

    assert asked == ["2026-11"]


@pytest.mark.parametrize(
    "criteria",
    [
        ScoreCriteria(ascending=True),
        ScoreCriteria(none=True),
        ScoreCriteria(figures=in_store()),
    ],
)
def test_a_cursor_of_another_search_is_refused(criteria: ScoreCriteria) -> None:
    index = FakeIndex(many(3))
    cursor = find(index, WITHIN, ScoreCriteria(), 1).next_cursor

    with pytest.raises(InvalidCursor):
        find(index, WITHIN, criteria, 1, cursor)


def test_a_cursor_of_another_kind_of_period_is_refused() -> None:
    index = FakeIndex(many(3))
    cursor = find(index, WITHIN, ScoreCriteria(figures=in_store()), 1).next_cursor
    of_a_year = replace(in_store(), period=a_store().calendar.period("2026"))

    for criteria in (ScoreCriteria(figures=of_a_year), ScoreCriteria()):
        with pytest.raises(InvalidCursor):
            find(index, WITHIN, criteria, 1, cursor)


def test_counts_are_exact_so_far_and_then_say_so() -> None:
    index = FakeIndex(many(MOST_COUNTED + 5, tags=("vip",)))
    highest = (MOST_COUNTED + 4) // 2

    for criteria in (ScoreCriteria(), ScoreCriteria(tag="vip")):
        assert (count(index, WITHIN, criteria).count, count(index, WITHIN, criteria).more) == (MOST_COUNTED, True)
        fewer = replace(criteria, at_least=highest)
        assert (count(index, WITHIN, fewer).count, count(index, WITHIN, fewer).more) == (1, False)


@pytest.mark.parametrize(
    ("criterion", "figures", "allowed"),
    [
        (in_store(), None, True),
        (in_store(at_least=0), None, True),
        (in_store(at_least=1), None, False),
        (in_store(at_most=0), None, True),
        (in_store(at_least=500), Figures(1, 500, 0), True),
        (in_store(at_most=499), Figures(1, 500, 0), False),
        (in_store(metric=Metric.ORDERS_COUNT, at_least=2), Figures(1, 500, 0), False),
        (in_store(metric=Metric.AVERAGE_ORDER_VALUE, at_most=10**9), None, False),
        (in_store(metric=Metric.AVERAGE_ORDER_VALUE, at_least=250 * 10**6), Figures(2, 500, 0), True),
        (in_store(metric=Metric.AVERAGE_ORDER_VALUE, at_least=250 * 10**6 + 1), Figures(2, 500, 0), False),
    ],
)
def test_who_bought_nothing_spent_nothing_but_has_no_average(
    criterion: StoreCriterion, figures: Figures | None, allowed: bool
) -> None:
    assert criterion.allows(figures) is allowed
