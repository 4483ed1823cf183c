"""The indexes of scores and addresses, profiles and figures as a search reads them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from laurel.model.account import Audience, Store
from laurel.model.contact import Consent, ConsentStatus
from laurel.model.identity import contact_id
from laurel.model.ranking import Figures
from laurel.model.scoring import HIGHEST_SCORE, ScoreState
from laurel.scoring.search import Counted, ScoreCriteria, StoreCriterion, count, find
from laurel.store.contacts import Contacts
from laurel.store.rankings import Rankings
from laurel.store.score_search import ScoreSearch
from laurel.store.scores import Scores
from tests.support.samples import NOW, a_contact, a_row
from tests.support.tables import Database

SUBSCRIBED = Consent(ConsentStatus.SUBSCRIBED, NOW)


class World:
    """An audience, and what is needed to fill it."""

    def __init__(self, database: Database, store: Store) -> None:
        client, tables = database.client, database.tables
        self.store = store
        self.audience = Audience(store.account_id, store.audience_id, "Customers", 1, NOW)
        self.search = ScoreSearch(client, tables.contacts, tables.rankings)
        self._contacts = Contacts(client, tables.contacts)
        self._scores = Scores(client, tables.contacts)
        self._rankings = Rankings(client, tables.rankings)

    def contact(self, name: str, score: int | None = None, *, epoch: int = 1, **changes: Any) -> str:
        email = f"{name}@example.com"
        made = a_contact(id=contact_id(email), email=email, **changes)
        assert self._contacts.save(self.audience.account_id, self.audience.id, made)
        scored = self._scores.read(self.audience.account_id, self.audience.id, epoch, made.id)
        assert scored
        if score is not None:
            assert self._scores.repair(scored, ScoreState(points=score, seq=1, epoch=epoch))
        return made.id

    def bought(self, contact: str, orders: int, spent: int, period: str = "2026-11") -> None:
        row = a_row(contact, orders, spent, period=period)
        assert self._rankings.put_row(self.store, row) is None

    def names(self, limit: int = 50, **criteria: Any) -> list[str]:
        """Who is found, page by page."""
        found, cursor = list[str](), None
        while True:
            page = find(self.search, self.audience, ScoreCriteria(**criteria), limit, cursor)
            found += [row.email.partition("@")[0] for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                return found

    def count(self, **criteria: Any) -> int:
        counted = count(self.search, self.audience, ScoreCriteria(**criteria))
        assert not counted.more
        return counted.count


@pytest.fixture
def world(database: Database, store: Store) -> World:
    return World(database, store)


def test_scores_are_listed_in_order_from_both_ends(world: World) -> None:
    for name, score in (("ann", 0), ("bea", 9), ("cat", 10), ("dee", HIGHEST_SCORE), ("eva", None)):
        world.contact(name, score)

    for limit in (1, 2, 3, 50):
        assert world.names(limit) == ["dee", "cat", "bea", "ann"]
        assert world.names(limit, ascending=True) == ["ann", "bea", "cat", "dee"]
        assert world.names(limit, at_least=9, at_most=10) == ["cat", "bea"]
        assert world.names(limit, at_least=1, at_most=8) == []


def test_ties_are_all_there_once_on_pages_of_any_size(world: World) -> None:
    for number in range(9):
        world.contact(f"tie{number}", 5)

    for limit in (1, 2, 4, 9):
        for ascending in (True, False):
            assert sorted(world.names(limit, ascending=ascending)) == [f"tie{number}" for number in range(9)]


def test_consent_is_read_from_the_index(world: World) -> None:
    world.contact("ann", 3, consent=SUBSCRIBED)
    world.contact("bea", 2)
    world.contact("cat", 1, consent=SUBSCRIBED)

    assert world.names(1, status=ConsentStatus.SUBSCRIBED) == ["ann", "cat"]
    assert world.count(status=ConsentStatus.SUBSCRIBED) == 2
    assert world.names(status=ConsentStatus.CLEANED) == []


def test_a_row_is_the_contact(world: World) -> None:
    world.contact("ann", 3, first_name="Ann", last_name="Ö", tags=("b", "a"), consent=SUBSCRIBED)

    (indexed,) = find(world.search, world.audience, ScoreCriteria(), 50).rows
    (read,) = find(world.search, world.audience, ScoreCriteria(tag="a"), 50).rows

    assert (indexed.email, indexed.first_name, indexed.last_name) == ("ann@example.com", "Ann", "Ö")
    assert (indexed.status, indexed.score, indexed.tags) == (ConsentStatus.SUBSCRIBED, 3, None)
    assert read == replace(indexed, tags=("b", "a"))


def test_tags_are_read_from_more_profiles_than_one_request_takes(world: World) -> None:
    for number in range(130):
        world.contact(f"c{number:03}", number, tags=("odd",) if number % 2 else ())

    found = world.names(110, tag="odd", ascending=True)

    assert found == [f"c{number:03}" for number in range(1, 130, 2)]
    assert world.count(tag="odd") == 65


def test_who_has_no_score_is_listed_by_address(world: World) -> None:
    world.contact("bea")
    world.contact("ann")
    world.contact("cat", 0)
    world.contact("dee", tags=("vip",), consent=SUBSCRIBED)

    for limit in (1, 2, 50):
        assert world.names(limit, none=True, ascending=True) == ["ann", "bea", "dee"]
        assert world.names(limit, none=True) == ["dee", "bea", "ann"]
        assert world.names(limit, none=True, tag="vip") == ["dee"]
        assert world.names(limit, none=True, status=ConsentStatus.SUBSCRIBED) == ["dee"]
    assert world.count(none=True) == 3


def test_a_reset_leaves_nobody_in_the_index(world: World) -> None:
    world.contact("ann", 5)
    world.contact("bea", 7, epoch=2)

    world.audience = replace(world.audience, score_epoch=2)

    assert world.names() == ["bea"]
    assert world.names(none=True, ascending=True) == ["ann"]
    assert world.count() == 1
    world.audience = replace(world.audience, score_epoch=3)
    assert world.names() == []
    assert world.count(none=True) == 2


def test_figures_come_from_the_boards(world: World) -> None:
    ann, bea, cat = (world.contact(name, 5) for name in ("ann", "bea", "cat"))
    world.bought(ann, 2, 5000)
    world.bought(bea, 1, 900)
    world.bought(bea, 9, 99_000, period="2026-10")
    world.bought(cat, 0, 0)
    november = StoreCriterion(world.store, world.store.calendar.period("2026-11"))

    shown = {
        row.contact: row.figures for row in find(world.search, world.audience, ScoreCriteria(figures=november), 9).rows
    }

    assert shown == {ann: Figures(2, 5000, 1_700_000_000), bea: Figures(1, 900, 1_700_000_000), cat: None}
    assert world.names(figures=replace(november, at_least=901)) == ["ann"]
    assert sorted(world.names(1, figures=replace(november, at_most=900))) == ["bea", "cat"]


def test_counts_go_on_over_pages_and_stop_where_they_are_told(world: World) -> None:
    for number in range(7):
        world.contact(f"c{number}", number, consent=SUBSCRIBED if number % 2 else None)

    for at_most, expected in ((1, 1), (3, 3), (7, 7), (100, 7)):
        assert world.search.count(world.audience, ScoreCriteria(), at_most) == expected
    assert world.search.count(world.audience, ScoreCriteria(status=ConsentStatus.SUBSCRIBED), 2) >= 2
    assert count(world.search, world.audience, ScoreCriteria(at_least=5)) == Counted(2, more=False)


def test_audiences_do_not_see_each_other(database: Database, store: Store) -> None:
    mine, theirs = World(database, store), World(database, replace(store, audience_id="other#audience"))
    mine.contact("ann", 5)
    theirs.contact("bea", 6)
    theirs.contact("cat")

    assert (mine.names(), theirs.names()) == (["ann"], ["bea"])
    assert (mine.names(none=True), theirs.names(none=True)) == ([], ["cat"])
    assert (mine.count(), theirs.count()) == (1, 1)


def test_what_dynamodb_leaves_unprocessed_is_asked_for_again(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        world.contact(f"c{number}", number, tags=("vip",))
    real, asked = database.client.batch_get_item, list[int]()

    def at_most_two(RequestItems: Any) -> Any:  # noqa: N803
        ((table, request),) = RequestItems.items()
        now, later = request["Keys"][:2], request["Keys"][2:]
        asked.append(len(request["Keys"]))
        answer = dict(real(RequestItems={table: {**request, "Keys": now}}))
        return answer | ({"UnprocessedKeys": {table: {**request, "Keys": later}}} if later else {})

    monkeypatch.setattr(database.client, "batch_get_item", at_most_two)

    assert len(world.names(tag="vip")) == 5
    assert asked == [5, 3, 1]


def test_a_page_of_fifty_costs_two_read_units_at_most(dynamodb_local_tables: Database, store: Store) -> None:
    """What the index shows of fifty contacts fits into four times 4 KB, which an index reads for half a unit each."""
    world = World(dynamodb_local_tables, store)
    for number in range(120):
        name = f"{number:02}{'x' * 20}"
        world.contact(name, number, first_name="Friederike", last_name="Württemberger", consent=SUBSCRIBED)
    client, units = dynamodb_local_tables.client, list[float]()
    real = client.query

    def metered(**query: Any) -> Any:
        answer = real(**query, ReturnConsumedCapacity="TOTAL")
        units.append(answer["ConsumedCapacity"]["CapacityUnits"])
        return answer

    client.query = metered  # type: ignore[method-assign]
    for criteria in (ScoreCriteria(), ScoreCriteria(at_most=60), ScoreCriteria(status=ConsentStatus.SUBSCRIBED)):
        units.clear()
        assert len(find(world.search, world.audience, criteria, 50).rows) == 50
        assert len(units) == 1
        assert sum(units) <= 2
