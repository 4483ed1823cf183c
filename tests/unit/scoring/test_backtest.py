"""Draft rules tried out on the past."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from laurel.model.activity import Activity
from laurel.model.order import OrderState
from laurel.model.scoring import CapWindow
from laurel.scoring.backtest import Comparison, Replay, replay, triggers_between
from laurel.scoring.lists import Listed
from tests.support.samples import ADA, ADA_ID, NOW, STORE, a_kept_order, a_store, at
from tests.support.steps import ADD, CLICKED, OPENED, PER_UNIT, REMOVE, SET, SUBTRACT, a_rule, did

if TYPE_CHECKING:
    from datetime import datetime

    from laurel.scoring.backtest import Fact

SINCE = NOW - timedelta(days=7)
LISTED = Listed(ADA_ID, ADA)


def an_activity(id_: str = "a1", name: str = OPENED, when: datetime = NOW, **changes: str | None) -> Fact:
    return "", Activity(id_, name, when, {}, **changes)


def names(*facts: Fact) -> list[tuple[str, datetime]]:
    found = triggers_between(facts, {STORE: a_store()}, SINCE, NOW)
    return [(trigger.name, trigger.at) for trigger in found]


def test_what_happened_is_replayed_oldest_first() -> None:
    order = STORE, a_kept_order(placed="2026-11-20T10:00:00")
    facts = an_activity("a2", when=NOW), order, an_activity("a1", when=SINCE)

    assert names(*facts) == [(OPENED, SINCE), ("order.placed", at("2026-11-20T10:00:00")), (OPENED, NOW)]


def test_what_happened_before_or_after_is_left_out() -> None:
    moment = timedelta(milliseconds=1)

    assert names(an_activity(when=SINCE - moment), an_activity(when=NOW + moment)) == []


def test_orders_count_as_they_stand_today() -> None:
    stores = {STORE: a_store()}
    refunded = a_kept_order("2", total=5990, refunded=1090)
    facts = [
        (STORE, refunded),
        (STORE, a_kept_order("3", state=OrderState.CANCELLED)),
        (STORE, a_kept_order("4", currency="USD")),
        (STORE, a_kept_order("5", refunded=5990)),
        (STORE, a_kept_order("6", placed=None)),
        ("disconnected", a_kept_order("7")),
    ]

    (trigger,) = triggers_between(facts, stores, SINCE, NOW)

    assert trigger.subject == f"order:{STORE}:2"
    assert (str(trigger.amount), trigger.properties["order"]) == ("49.00", "2")


def test_machines_earn_what_the_draft_lets_them() -> None:
    fact = an_activity(machine="honeypot")
    triggers = triggers_between([fact], {}, SINCE, NOW)

    assert replay(triggers, [a_rule(5)]).points is None
    assert replay(triggers, [a_rule(5, counts_machines=True)]).points == 5


def test_rules_hold_as_they_would() -> None:
    opened = [did(f"a{number}", when=NOW - timedelta(minutes=9 - number)) for number in range(4)]
    clicked = [did("c1", CLICKED, NOW)]
    rules = [
        a_rule(5, "1", cap=(2, CapWindow.DAY)),
        a_rule(100, "2", activity=CLICKED),
        a_rule(1, "3", activity=CLICKED, kind=SUBTRACT),
        a_rule(0, "4", kind=PER_UNIT),
    ]

    found = replay([*opened, *clicked], rules)

    assert found.points == 2 * 5 + 100 - 1
    assert (found.triggers, found.fired["1"], found.given["1"]) == (5, 2, 10)
    assert found.dominant == "2"


def test_points_that_the_cap_took_are_not_counted() -> None:
    found = replay([did("a1"), did("a2")], [a_rule(99_999_990, "1"), a_rule(20, "2")])

    assert found.points == 99_999_999
    assert found.given == {"1": 99_999_990, "2": 9}


def test_removing_rule_leaves_no_score() -> None:
    found = replay([did("a1")], [a_rule(5, "1"), a_rule(0, "2", kind=REMOVE)])

    assert (found.points, found.given) == (None, {"1": 5, "2": -5})
    assert found.dominant == "1", "of two that move as far, the one before"


def test_rule_that_moves_nothing_does_not_dominate() -> None:
    assert replay([did("a1")], [a_rule(0, "1", kind=SET)]).dominant is None
    assert replay([], [a_rule(5, "1")]).dominant is None


def draft(points: int | None, **given: int) -> Replay:
    return Replay(points, 1, dict.fromkeys(given, 1), given)


def compared(*pairs: tuple[int | None, Replay], threshold: int = 10) -> dict[str, object]:
    rules = [a_rule(5, "1"), a_rule(5, "2", kind=ADD)]
    kept = None
    for today, replayed in pairs:
        comparison = Comparison(rules, threshold, kept)
        comparison.add(LISTED, today, replayed)
        kept = json.loads(json.dumps(comparison.kept()))
    return Comparison(rules, threshold, kept).result()


def test_crossing_is_from_under_the_threshold_to_it_or_above() -> None:
    found = compared(
        (9, draft(10, **{"1": 10})),
        (None, draft(11, **{"2": 11})),
        (10, draft(9, **{"1": 9})),
        (30, draft(None)),
        (10, draft(10)),
        (None, draft(None)),
        (9, draft(0)),
    )

    person = {"contact": ADA_ID, "email": ADA}
    assert found["rising"] == {
        "count": 2,
        "contacts": [
            {**person, "today": 9, "draft": 10, "rule": 1},
            {**person, "today": None, "draft": 11, "rule": 2},
        ],
    }
    assert found["falling"] == {
        "count": 2,
        "contacts": [
            {**person, "today": 10, "draft": 9, "rule": 1},
            {**person, "today": 30, "draft": None, "rule": None},
        ],
    }
    assert (found["contacts"], found["replayed"]) == (7, 7)
    assert found["today"] == {"contacts": 5, "total": 68, "reached": 3}
    assert found["draft"] == {"contacts": 5, "total": 40, "reached": 3}


def test_points_by_rule_and_the_one_that_dominates() -> None:
    found = compared((None, draft(3, **{"1": 10, "2": -7})), (None, draft(5, **{"2": -30})))

    assert found["rules"] == [
        {"rule": 1, "name": "1", "fired": 1, "points": 10, "contacts": 1},
        {"rule": 2, "name": "2", "fired": 2, "points": -37, "contacts": 2},
    ]
    assert found["dominant_rule"] == 2
    assert compared()["dominant_rule"] is None


def test_first_hundred_are_listed_and_all_counted() -> None:
    found = compared(*[(None, draft(10, **{"1": 10}))] * 150)

    assert found["rising"]["count"] == 150
    assert len(found["rising"]["contacts"]) == 100
    assert len(json.dumps(found)) < 40_000, "it has its place in one item"


def test_histograms_stand_side_by_side() -> None:
    found = compared((0, draft(7)), (None, draft(99_999_999)))

    shown = [it for it in found["histogram"] if it["today"] or it["draft"]]
    assert shown == [
        {"from": 0, "to": 0, "today": 1, "draft": 0},
        {"from": 5, "to": 9, "today": 0, "draft": 1},
        {"from": 50_000_000, "to": 99_999_999, "today": 0, "draft": 1},
    ]
