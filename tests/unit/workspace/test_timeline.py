"""A contact's timeline, newest first and page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.model.activity import Activity
from laurel.model.automation import Run
from laurel.model.contact import ContactRef
from laurel.model.message import Message, MessageState
from laurel.model.order import LedgerOrder
from laurel.model.reward import Award, AwardState, Benefit, BenefitKind
from laurel.workspace import timeline
from laurel.workspace.timeline import Histories, TimelinePage, read_timeline
from tests.support.samples import ADA_ID, a_kept_order, a_score_entry, at


class History:
    """Facts of one person."""

    def __init__(self, *facts: Any) -> None:
        self._facts = facts
        self.read = 0

    def history_of(self, account_id: str, audience_id: str, contact: str) -> Iterator[Any]:
        assert (account_id, audience_id, contact) == ("account", "audience", ADA_ID)
        for fact in self._facts:
            self.read += 1
            yield fact

    messages_of = history_of

    def runs_of(self, ref: ContactRef) -> Iterator[Any]:
        return self.history_of(ref.account_id, ref.audience_id, ref.contact)

    awards_of = runs_of


def an_activity(id_: str, moment: str) -> Activity:
    return Activity(id_, "email.opened", at(moment), {})


def a_message(number: int, moment: str, **changes: Any) -> Message:
    ref = ContactRef("account", "audience", ADA_ID)
    times = {MessageState.QUEUED: at(moment)}
    message = Message(ref, f"{number:024x}", "ada@example.com", "shop@example.com", "Hello", at(moment), times, None)
    return replace(message, **changes)


def read(
    facts: History,
    scores: History | None = None,
    limit: int = 10,
    cursor: Any = None,
    *,
    mail: History | None = None,
    runs: History | None = None,
    awards: History | None = None,
) -> TimelinePage:
    others = (it or History() for it in (scores, mail, runs, awards))
    return read_timeline(Histories(facts, *others), ContactRef("account", "audience", ADA_ID), limit, cursor)


def a_run(id_: str, moment: str) -> Run:
    ref = ContactRef("account", "audience", ADA_ID)
    return Run(ref, id_, "thanks", "Thanks", 1, (), at(moment), {"kind": "tag"}, ("thanks",))


def test_runs_of_automations_are_shown_where_they_began() -> None:
    facts = History(("", an_activity("a1", "2026-11-21T10:00:00")))

    page = read(facts, runs=History(a_run("r1", "2026-11-20T10:00:00"), a_run("r2", "2026-11-22T10:00:00")))

    assert [(entry.kind, entry.id) for entry in page.entries] == [
        ("automation", "r2"),
        ("activity", "a1"),
        ("automation", "r1"),
    ]


def an_award(occasion: str, moment: str, **changes: Any) -> Award:
    ref, benefit = ContactRef("account", "audience", ADA_ID), Benefit(BenefitKind.PERCENT_OFF, percent=10)
    return replace(Award(ref, "regulars", occasion, at(moment), AwardState.GIVEN, benefit), **changes)


def test_awards_are_shown_where_they_were_given_and_where_they_were_revoked() -> None:
    facts = History(("", an_activity("a1", "2026-11-21T10:00:00")))
    revoked = {"state": AwardState.REVOKED, "revoked_at": at("2026-11-22T10:00:00")}
    awards = History(
        an_award("fair", "2026-11-20T10:00:00", **revoked),
        an_award("feast", "2026-11-22T10:00:00", **revoked),
        an_award("dance", "2026-11-23T10:00:00", state=AwardState.HELD_OUT),
    )

    first = read(facts, awards=awards, limit=2)
    second = read(facts, awards=awards, cursor=first.next_cursor)

    shown = [(it.id, it.fact.state) for it in (*first.entries, *second.entries) if isinstance(it.fact, Award)]
    assert shown == [
        ("regulars/feast/revoked", AwardState.REVOKED),
        ("regulars/feast/given", AwardState.GIVEN),
        ("regulars/fair/revoked", AwardState.REVOKED),
        ("regulars/fair/given", AwardState.GIVEN),
    ]
    assert [it.kind for it in second.entries] == ["reward", "activity", "reward"]


def test_messages_are_shown_where_they_were_written() -> None:
    mail = History(
        a_message(1, "2026-11-20T10:00:00"),
        a_message(2, "2026-11-22T10:00:00"),
        a_message(3, "2026-11-21T10:00:00", test=True),
    )
    facts = History(("", an_activity("a1", "2026-11-21T10:00:00")))

    first = read(facts, mail=mail, limit=2)
    second = read(facts, mail=mail, limit=2, cursor=first.next_cursor)

    assert [(entry.kind, entry.id) for entry in (*first.entries, *second.entries)] == [
        ("message", f"{2:024x}"),
        ("activity", "a1"),
        ("message", f"{1:024x}"),
    ]


def test_orders_activities_and_score_entries_are_shown_newest_first() -> None:
    facts = History(
        ("store1", a_kept_order("1", placed="2026-11-20")),
        ("", an_activity("a1", "2026-11-21T10:00:00.5")),
        ("store2", a_kept_order("2", placed="2026-11-22")),
    )

    page = read(facts, History(a_score_entry(7, at=at("2026-11-21T10:00:00.001"))))

    assert [(entry.kind, entry.store_id, entry.id) for entry in page.entries] == [
        ("order", "store2", "2"),
        ("activity", "", "a1"),
        ("score", "", "7"),
        ("order", "store1", "1"),
    ]
    assert page.entries[2].at == at("2026-11-21T10:00:00.001")
    assert (page.next_cursor, page.truncated) == (None, False)


@pytest.mark.parametrize("fact", [a_kept_order(placed=None), a_kept_order(moved_to="customer-7")])
def test_an_order_that_is_unknown_or_somebody_elses_is_not_shown(fact: LedgerOrder) -> None:
    assert read(History(("store1", fact))).entries == []


def test_a_page_leads_to_the_next() -> None:
    facts = History(*(("store1", a_kept_order(f"{day}", placed=f"2026-11-{day}")) for day in (10, 11, 12, 13)))

    first = read(facts, limit=2)
    second = read(facts, limit=2, cursor=first.next_cursor)

    assert first.next_cursor == {
        "at": "2026-11-12T00:00:00.000+00:00",
        "kind": "order",
        "store_id": "store1",
        "id": "12",
    }
    assert [entry.id for entry in first.entries] == ["13", "12"]
    assert [entry.id for entry in second.entries] == ["11", "10"]
    assert second.next_cursor is None


def test_news_that_come_while_somebody_pages_do_not_move_the_pages() -> None:
    old = [("store1", a_kept_order(f"{day}", placed=f"2026-11-{day}")) for day in (10, 11, 12)]
    first = read(History(*old), limit=2)

    newer = ("store1", a_kept_order("13", placed="2026-11-13"))
    second = read(History(*old, newer), limit=2, cursor=first.next_cursor)

    assert [entry.id for entry in second.entries] == ["10"]


def test_whoever_has_more_facts_than_one_reading_takes_in_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "FACTS_READ", 3)
    facts = History(*(("store1", a_kept_order(f"{number}")) for number in range(5)))

    page = read(facts)

    assert (len(page.entries), page.truncated, facts.read) == (3, True, 3)
    assert read(History(), History(*map(a_score_entry, (1, 2, 3)))).truncated
    assert read(History(), runs=History(*(a_run(f"r{day}", f"2026-11-{day}") for day in (10, 11, 12)))).truncated
    assert read(History(), awards=History(*(an_award(f"{day}", f"2026-11-{day}") for day in (10, 11, 12)))).truncated
    assert not read(History(), History(a_score_entry())).truncated


def test_changes_of_a_score_at_the_same_time_are_shown_latest_first() -> None:
    page = read(History(), History(*map(a_score_entry, (9, 11, 10))), limit=2)
    rest = read(History(), History(*map(a_score_entry, (9, 11, 10))), cursor=page.next_cursor)

    assert [entry.id for entry in (*page.entries, *rest.entries)] == ["11", "10", "9"]


moments = st.sampled_from(["2026-11-20", "2026-11-21", "2026-11-22T10:00:00.5"])
everything = st.lists(
    st.one_of(
        st.builds(lambda store, id_, moment: (store, a_kept_order(id_, placed=moment)), st.sampled_from(["s1", "s2"]),
                  st.sampled_from("123"), moments),
        st.builds(lambda id_, moment: ("", an_activity(id_, moment)), st.sampled_from("123"), moments),
    ),
    unique_by=lambda fact: (fact[0], fact[1].id),
    max_size=9,
)  # fmt: skip


@given(facts=everything, limit=st.integers(1, 4))
def test_all_pages_together_show_everything_once(facts: list[tuple[str, Any]], limit: int) -> None:
    whole = read(History(*facts), limit=100).entries

    entries, cursor = [], None
    while True:
        page = read(History(*facts), limit=limit, cursor=cursor)
        entries += page.entries
        if (cursor := page.next_cursor) is None:
            break

    assert entries == whole
    assert {(entry.store_id, entry.id) for entry in entries} == {(store, fact.id) for store, fact in facts}
    assert [entry.at for entry in entries] == sorted((entry.at for entry in entries), reverse=True)


def test_a_position_sorts_by_time_before_all_else() -> None:
    early, late = read(
        History(("z", a_kept_order("9", placed="2026-11-20")), ("", an_activity("0", "2026-11-20T00:00:00.001")))
    ).entries[::-1]

    assert early.position < late.position
    assert replace(early, id="8").position < early.position
