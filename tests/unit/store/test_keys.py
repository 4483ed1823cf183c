"""Keys: no id from outside can reach into another partition."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from laurel.store import keys

parts = st.lists(st.text() | st.text("#%235"), min_size=1)


@given(these=parts)
@example(these=["%23", "#", "%", "%25", "%2523", ""])
def test_a_key_comes_apart_into_what_it_was_made_of(these: list[str]) -> None:
    assert keys.split(keys.join(*these)) == these


@given(these=parts, those=parts)
@example(these=["a", "b#c"], those=["a#b", "c"])
@example(these=["a", "b%23c"], those=["a", "b#c"])
def test_different_parts_make_different_keys(these: list[str], those: list[str]) -> None:
    assert (keys.join(*these) == keys.join(*those)) == (these == those)


@given(account=st.text(), other=st.text(), rest=parts)
def test_no_account_reaches_into_anothers_partitions(account: str, other: str, rest: list[str]) -> None:
    mine = keys.join(account, *rest)

    assert keys.split(mine)[0] == account
    assert mine.startswith(keys.join(other, "")) == (account == other)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (keys.person("a", "b", "c#1"), "a#b#c%231"),
        (keys.order("s", "1#2"), "order#s#1%232"),
        (keys.orders("s"), "order#s#"),
        (keys.delivery("m#1"), "delivery#m%231"),
        (keys.activity("100%"), "activity#100%25"),
        (keys.store_orders("a", "s"), "a#s"),
        (keys.locator("1"), "locator#1"),
        (keys.board("a", "s", "2026-W47"), "a#s#2026-W47"),
        (keys.board("a", "s", keys.SET_ASIDE), "a#s#set-aside"),
        (keys.set_aside("unconverted", "1"), "unconverted#1"),
        (keys.audience("b"), "audience#b"),
        (keys.store("s"), "store#s"),
        (keys.privacy("s", "r"), "privacy#s#r"),
        (keys.score_board("a", "b", 7), "a#b#7"),
    ],
    ids=lambda it: it,
)
def test_keys_are_what_docs_access_patterns_says(key: str, expected: str) -> None:
    assert key == expected


@given(store=st.text(), other=st.text(), order=st.text())
def test_a_stores_orders_are_found_by_their_prefix_and_no_other_stores(store: str, other: str, order: str) -> None:
    assert keys.order(store, order).startswith(keys.orders(other)) == (store == other)
