"""Rankings: rows that only newer versions replace, boards read through their indexes, and what boards leave out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from laurel.leaderboard.board import read_board, read_figures, read_place
from laurel.model.account import Store
from laurel.model.errors import NotFound
from laurel.model.ranking import Figures, Metric, Ranked, RankingRow, Standing
from laurel.model.setaside import SetAside, SetAsideReason
from laurel.store.rankings import Rankings
from tests.support.faults import client_error
from tests.support.samples import NOW, a_row, a_store, seconds
from tests.support.stage import MemoryStage
from tests.support.tables import Database

NOVEMBER = a_store().calendar.period("2026-11")
COUNT, SPENT, AVERAGE = Metric.ORDERS_COUNT, Metric.TOTAL_SPENT, Metric.AVERAGE_ORDER_VALUE


@pytest.fixture
def rankings(database: Database) -> Rankings:
    return Rankings(database.client, database.tables.rankings)


def fill(rankings: Rankings, store: Store, *rows: RankingRow) -> None:
    for row in rows:
        assert rankings.put_row(store, row) is None


def top(rankings: Rankings, store: Store, metric: Metric = SPENT) -> list[str]:
    return [it.customer for it in rankings.top_customers(store, "2026-11", metric, 100).standings]


# ---- Rows ------------------------------------------------------------------------------------------------------------


def test_a_row_is_stored_with_exact_figures_and_a_key_for_each_board(
    database: Database, rankings: Rankings, store: Store
) -> None:
    row = RankingRow(
        "2026-11", "ada", Figures(3, 10_000, 1_795_168_800), "Ada King", "ada@example.com", 7, frozenset(Metric)
    )

    fill(rankings, store, row)

    (item,) = rankings.rows_of_store(store, "2026-11")
    assert item == {
        "pk": {"S": f"{store.account_id}#storeaaaaaaa#2026-11"},
        "sk": {"S": "ada"},
        "orders_count": {"N": "3"},
        "total_spent": {"N": "10000"},
        "average_order_value": {"N": "3333.333333"},
        "name": {"S": "Ada King"},
        "email": {"S": "ada@example.com"},
        "last_order_at": {"N": "1795168800"},
        "version": {"N": "7"},
        "rank_orders_count": {"N": "301795168800"},
        "rank_total_spent": {"N": "1000001795168800"},
        "rank_average_order_value": {"N": "333333333301795168800"},
    }


@pytest.mark.parametrize(("standing", "coming", "answer", "spent"), [(3, 4, None, 200), (3, 3, 3, 100), (3, 2, 3, 100)])
def test_only_a_newer_version_replaces_a_row(
    rankings: Rankings, store: Store, standing: int, coming: int, answer: int | None, spent: int
) -> None:
    fill(rankings, store, a_row("ada", 1, 100, version=standing))

    assert rankings.put_row(store, a_row("ada", 1, 200, version=coming)) == answer

    found = rankings.standing(store, "2026-11", "ada")
    assert found
    assert found[0].figures.total_spent == spent


def test_versions_beyond_what_a_float_can_tell_apart_are_told_apart(rankings: Rankings, store: Store) -> None:
    version = 9_000_000 * 10**12 + 5
    fill(rankings, store, a_row("ada", version=version))

    assert rankings.put_row(store, a_row("ada", version=version)) == version
    assert rankings.put_row(store, a_row("ada", version=version + 1)) is None


def test_a_row_is_on_the_boards_it_names_and_leaves_them_when_they_go(rankings: Rankings, store: Store) -> None:
    # Given a row on all boards but the average
    fill(rankings, store, a_row("ada", boards=frozenset({COUNT, SPENT})))
    assert [top(rankings, store, metric) for metric in (COUNT, SPENT, AVERAGE)] == [["ada"], ["ada"], []]

    # When all purchases go
    fill(rankings, store, a_row("ada", 0, 0, 0, version=2, boards=frozenset()))

    # Then it is on none, has nothing to show, and still guards its version
    assert [top(rankings, store, metric) for metric in Metric] == [[], [], []]
    assert rankings.standing(store, "2026-11", "ada") is None
    assert rankings.put_row(store, a_row("ada", version=1)) == 2


def test_a_standing_tells_the_figures_and_the_boards_that_show_them(rankings: Rankings, store: Store) -> None:
    fill(rankings, store, a_row("ada", 2, 300, 1_795_168_800, boards=frozenset({COUNT})))

    assert rankings.standing(store, "2026-11", "ada") == (
        Standing("ada", Figures(2, 300, 1_795_168_800), None, None),
        frozenset({COUNT}),
    )
    assert rankings.standing(store, "2026-11", "bob") is None


def test_a_long_name_is_cut_so_that_rows_stay_small(rankings: Rankings, store: Store) -> None:
    fill(rankings, store, replace(a_row("ada"), name="A" * 81))

    (standing,) = rankings.top_customers(store, "2026-11", SPENT, 1).standings

    assert standing.name == "A" * 80


def test_periods_and_stores_have_boards_of_their_own(rankings: Rankings, store: Store) -> None:
    other = replace(store, id="storebbbbbbb")
    fill(rankings, store, a_row("ada"), a_row("bob", period="2026-12"))
    fill(rankings, other, a_row("eve"))

    assert top(rankings, store) == ["ada"]
    assert top(rankings, other) == ["eve"]


# ---- Boards ----------------------------------------------------------------------------------------------------------


def test_boards_are_ordered_by_value_then_by_the_most_recent_order(rankings: Rankings, store: Store) -> None:
    fill(
        rankings,
        store,
        a_row("a", 1, 500, 100),
        a_row("b", 2, 500, 300),
        a_row("c", 3, 500, 200),
        a_row("d", 4, 501, 1),
    )

    assert top(rankings, store, SPENT) == ["d", "b", "c", "a"]
    assert top(rankings, store, COUNT) == ["d", "c", "b", "a"]
    assert top(rankings, store, AVERAGE) == ["a", "b", "c", "d"]


def test_an_average_is_ranked_exactly(rankings: Rankings, store: Store) -> None:
    # Given averages that differ by a third of a cent's thousandth
    fill(rankings, store, a_row("a", 3000, 1_000_000), a_row("b", 3000, 1_000_001), a_row("c", 3, 1000))

    # Then a and c tie, and b is better than both
    board = read_board(rankings, store, NOVEMBER, AVERAGE, 10)
    assert [(row.rank, row.standing.customer) for row in board.rows] == [(1, "b"), (2, "a"), (2, "c")]


def test_a_board_is_read_page_by_page_with_competition_ranks(rankings: Rankings, store: Store) -> None:
    # Given a tie that runs over the border of two pages
    fill(
        rankings,
        store,
        a_row("a", 1, 400, 4),
        a_row("b", 1, 300, 4),
        a_row("c", 1, 300, 3),
        a_row("d", 1, 300, 2),
        a_row("e", 1, 200, 1),
    )

    # When it is read two rows at a time
    first = read_board(rankings, store, NOVEMBER, SPENT, 2)
    second = read_board(rankings, store, NOVEMBER, SPENT, 2, first.next_cursor)
    third = read_board(rankings, store, NOVEMBER, SPENT, 2, second.next_cursor)

    # Then ranks go on where they were
    pages = [[(row.rank, row.standing.customer) for row in page.rows] for page in (first, second, third)]
    assert pages == [[(1, "a"), (2, "b")], [(2, "c"), (2, "d")], [(5, "e")]]
    assert third.next_cursor is None


def test_customers_of_one_value_and_second_are_each_shown_once(rankings: Rankings, store: Store) -> None:
    customers = {f"customer-{number}" for number in range(7)}
    fill(rankings, store, *(a_row(customer) for customer in customers))

    rows: list[Ranked] = []
    cursor = None
    while True:
        page = read_board(rankings, store, NOVEMBER, SPENT, 3, cursor)
        rows += page.rows
        if (cursor := page.next_cursor) is None:
            break

    assert {row.standing.customer for row in rows} == customers
    assert [row.rank for row in rows] == [1] * 7


def test_the_number_of_better_customers_is_counted(rankings: Rankings, store: Store) -> None:
    fill(rankings, store, *(a_row(f"c{spent}{last}", 1, spent, last) for spent in (100, 200, 300) for last in (1, 2)))

    def count(above: int, up_to: int | None = None, at_most: int | None = None) -> int:
        return rankings.count(store, "2026-11", SPENT, above, up_to, at_most)

    assert [count(99), count(100), count(200), count(300)] == [6, 4, 2, 0]
    assert [count(99, up_to=200), count(100, up_to=200)] == [4, 2]
    assert [count(99, at_most=3), count(99, at_most=6), count(99, at_most=7)] == [3, 6, 6]


def test_the_next_better_value_is_the_closest_one(rankings: Rankings, store: Store) -> None:
    fill(rankings, store, a_row("a", 1, 300, 1), a_row("b", 1, 300, 9), a_row("c", 1, 200, 5))

    better = rankings.next_better(store, "2026-11", SPENT, 200)

    assert better
    assert better.customer == "a"
    assert rankings.next_better(store, "2026-11", SPENT, 300) is None


def test_a_customers_place_has_five_neighbours_on_either_side(rankings: Rankings, store: Store) -> None:
    # Given fourteen customers, two of whom tie
    fill(rankings, store, *(a_row(f"c{number:02}", 1, 1000 - 10 * number, 100 - number) for number in range(13)))
    fill(rankings, store, a_row("tie", 1, 940, 1))

    # When the place of one of the two is asked for
    place = read_place(rankings, store, NOVEMBER, SPENT, "tie")

    # Then both have the same rank, and the gap leads to the next better value
    def shown(rows: list[Ranked]) -> list[tuple[int, str]]:
        return [(row.rank, row.standing.customer) for row in rows]

    assert shown(place.above) == [(3, "c02"), (4, "c03"), (5, "c04"), (6, "c05"), (7, "c06")]
    assert shown([place.customer]) == [(7, "tie")]
    assert shown(place.below) == [(9, "c07"), (10, "c08"), (11, "c09"), (12, "c10"), (13, "c11")]
    assert place.next_better
    assert place.next_better.customer == "c05"


def test_the_best_and_only_customer_has_nobody_around(rankings: Rankings, store: Store) -> None:
    fill(rankings, store, a_row("ada", boards=frozenset({COUNT, SPENT})))

    place = read_place(rankings, store, NOVEMBER, SPENT, "ada")

    assert (place.customer.rank, place.above, place.below, place.next_better) == (1, [], [], None)
    with pytest.raises(NotFound):
        read_place(rankings, store, NOVEMBER, AVERAGE, "ada")
    with pytest.raises(NotFound):
        read_place(rankings, store, NOVEMBER, SPENT, "nobody")


def test_a_profile_shows_figures_with_the_rank_on_each_board(rankings: Rankings, store: Store) -> None:
    fill(rankings, store, a_row("ada", 1, 100, boards=frozenset({COUNT, SPENT})), a_row("bob", 5, 200))

    figures = read_figures(rankings, store, NOVEMBER, "ada")

    assert figures.figures == Figures(1, 100, 1_700_000_000)
    assert figures.ranks == {COUNT: 2, SPENT: 2}
    assert read_figures(rankings, store, NOVEMBER, "eve").figures is None


# ---- What boards leave out -------------------------------------------------------------------------------------------

ENTRY = SetAside(
    reason=SetAsideReason.UNCONVERTED,
    id="10#01",
    customer="ada",
    version=1,
    currency="USD",
    total=5990,
    placed_at=1_795_168_800,
)


def test_what_is_set_aside_is_listed_by_reason(rankings: Rankings, store: Store) -> None:
    house = SetAside(SetAsideReason.HOUSE_ACCOUNT, "customer-7#", "customer-7#", version=5, orders_limit=20_000)
    assert rankings.put_set_aside(store, ENTRY, NOW) is None
    assert rankings.put_set_aside(store, house, NOW) is None

    assert rankings.set_aside(store, SetAsideReason.UNCONVERTED, 10) == [ENTRY]
    assert rankings.set_aside(store, SetAsideReason.HOUSE_ACCOUNT, 10) == [house]
    assert rankings.set_aside(store, SetAsideReason.UNIDENTIFIED, 10) == []
    assert rankings.house_account(store, "customer-7#") == house
    assert rankings.house_account(store, "ada") is None


def test_what_is_settled_is_listed_no_longer_and_forgotten_after_thirty_days(
    database: Database, rankings: Rankings, store: Store
) -> None:
    rankings.put_set_aside(store, ENTRY, NOW)

    assert rankings.put_set_aside(store, replace(ENTRY, version=2, resolved=True), NOW) is None

    assert rankings.set_aside(store, SetAsideReason.UNCONVERTED, 10) == []
    (item,) = rankings.rows_of_store(store, "set-aside")
    assert item["expires_at"] == {"N": str(int((NOW + timedelta(days=30)).timestamp()))}
    assert item["sk"] == {"S": "unconverted#10%2301"}


def test_a_late_entry_does_not_come_back_and_a_newer_one_does(rankings: Rankings, store: Store) -> None:
    rankings.put_set_aside(store, replace(ENTRY, version=2, resolved=True), NOW)

    assert rankings.put_set_aside(store, ENTRY, NOW) == 2
    assert rankings.set_aside(store, SetAsideReason.UNCONVERTED, 10) == []
    assert rankings.put_set_aside(store, replace(ENTRY, version=3), NOW) is None
    (item,) = rankings.rows_of_store(store, "set-aside")
    assert "expires_at" not in item


def test_a_list_is_as_long_as_wanted(rankings: Rankings, store: Store) -> None:
    for number in range(5):
        rankings.put_set_aside(store, replace(ENTRY, id=str(number), resolved=number == 0), NOW)

    assert [it.id for it in rankings.set_aside(store, SetAsideReason.UNCONVERTED, 3)] == ["1", "2", "3"]


def test_a_house_account_that_came_back_is_none(rankings: Rankings, store: Store) -> None:
    house = SetAside(SetAsideReason.HOUSE_ACCOUNT, "ada", "ada", version=5, orders_limit=2)
    rankings.put_set_aside(store, house, NOW)

    rankings.put_set_aside(store, replace(house, version=6, resolved=True, orders_limit=9), NOW)

    assert rankings.house_account(store, "ada") is None


# ---- Pages of counting, errors ---------------------------------------------------------------------------------------


def test_counting_goes_on_over_the_borders_of_pages() -> None:
    # Given a table that counts two rows at a time
    stage = MemoryStage()
    rankings, store = Rankings(stage.client, stage.tables.rankings), a_store()
    fill(rankings, store, *(a_row(f"c{number}", 1, 100 + number) for number in range(5)))
    client: Any = stage.client
    query, limits = client.query, []

    def small_pages(**request: Any) -> Any:
        limits.append(request.get("Limit"))
        return query(**{**request, "Limit": min(2, request.get("Limit", 2))})

    client.query = small_pages

    # When all are counted, or no more than three
    assert rankings.count(store, "2026-11", SPENT, 0) == 5
    assert limits == [None, None, None]
    assert rankings.count(store, "2026-11", SPENT, 0, at_most=3) == 3
    assert limits[3:] == [3, 1]


def test_other_errors_are_the_callers_to_handle() -> None:
    stage = MemoryStage()

    def fails(operation: str) -> None:
        raise client_error("ProvisionedThroughputExceededException", operation)

    stage.before = fails
    with pytest.raises(ClientError, match="ProvisionedThroughputExceededException"):
        Rankings(stage.client, stage.tables.rankings).put_row(a_store(), a_row("ada"))


def test_the_latest_second_of_the_calendar_fits_an_index_key(rankings: Rankings, store: Store) -> None:
    last = seconds("2199-12-31T23:59:59")
    fill(rankings, store, a_row("ada", 20_000, 20_000 * 10**15, last), a_row("bob", 20_000, 20_000 * 10**15 - 1, last))

    for metric in (SPENT, AVERAGE):
        (best, _) = rankings.top_customers(store, "2026-11", metric, 2).standings
        assert (best.customer, best.figures) == ("ada", Figures(20_000, 20_000 * 10**15, last))
        assert rankings.count(store, "2026-11", metric, best.figures.value(metric) - 1) == 1
