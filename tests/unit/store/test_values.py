"""Values in DynamoDB's JSON."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.store.dynamodb import attribute, attributes, number, plain, plain_item, string

values = st.recursive(
    st.text() | st.integers(-(10**37), 10**37) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("", {"S": ""}),
        ("ü", {"S": "ü"}),
        (True, {"BOOL": True}),
        (False, {"BOOL": False}),
        (0, {"N": "0"}),
        (-5, {"N": "-5"}),
        (12345678901234567890123456789012345678, {"N": "12345678901234567890123456789012345678"}),
        ({"a": 1, "b": None}, {"M": {"a": {"N": "1"}}}),
        (["a", 1, []], {"L": [{"S": "a"}, {"N": "1"}, {"L": []}]}),
    ],
    ids=repr,
)
def test_a_value_is_written_with_its_type(value: Any, written: dict[str, Any]) -> None:
    assert attribute(value) == written


@given(value=values)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    back = plain(attribute(value))

    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("value", [1.5, b"bytes", {"set"}, None], ids=repr)
def test_what_has_no_place_in_a_table_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match=f"^{type(value).__name__} has no place in a table$"):
        attribute(cast("Any", value))


def test_what_is_none_is_left_out_of_an_item() -> None:
    assert attributes({"a": "x", "b": None, "c": 0}) == {"a": {"S": "x"}, "c": {"N": "0"}}


def test_items_are_read_one_attribute_or_all_at_once() -> None:
    item = {"name": {"S": "Ada"}, "score": {"N": "5"}}

    assert (string(item, "name"), string(item, "nothing")) == ("Ada", None)
    assert (number(item, "score"), number(item, "nothing")) == (5, None)
    assert plain_item(item) == {"name": "Ada", "score": 5}
