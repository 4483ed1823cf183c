"""Conditions of rules on the properties of an activity."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.model.scoring import Condition, Operator, PropertyValue
from laurel.scoring.apply import matters
from laurel.scoring.fold import holds, meets
from tests.support.steps import CLICKED, OPENED, REMOVE, a_rule, by_hand, did, judged

EQUALS, CONTAINS, ONE_OF = Operator.EQUALS, Operator.CONTAINS, Operator.ONE_OF
GREATER, LESS = Operator.GREATER, Operator.LESS
DRESS = Condition("page", CONTAINS, ("/dress",))


def is_met(operator: Operator, actual: Any, *expected: PropertyValue) -> bool:
    return holds(Condition("it", operator, expected), {"it": actual})


@pytest.mark.parametrize(
    ("operator", "actual", "expected"),
    [
        (EQUALS, "Dress", "dress"),
        (EQUALS, "STRASSE", "straße"),
        (EQUALS, 5, 5),
        (EQUALS, "5.00", 5),
        (EQUALS, 5, "5.0"),
        (EQUALS, Decimal("19.90"), "19.9"),
        (EQUALS, True, True),
        (EQUALS, "", ""),
        (CONTAINS, "https://shop.example/Dresses/red", "/dresses/"),
        (CONTAINS, 12345, "234"),
        (GREATER, 6, 5),
        (GREATER, "7", 5),
        (GREATER, Decimal("5.01"), 5),
        (GREATER, "10", "9"),
        (LESS, 4, "4.5"),
        (LESS, -1, 0),
    ],
)
def test_what_meets_a_condition(operator: Operator, actual: Any, expected: PropertyValue) -> None:
    assert is_met(operator, actual, expected)


@pytest.mark.parametrize(
    ("operator", "actual", "expected"),
    [
        (EQUALS, "dress", "dresses"),
        (EQUALS, True, 1),
        (EQUALS, 1, True),
        (EQUALS, True, "true"),
        (EQUALS, "nan", 0),
        (EQUALS, "007", "7"),
        (EQUALS, "1E3", "1000"),
        (EQUALS, "1_000", 1000),
        (EQUALS, "\uff15", 5),
        (GREATER, "1e9", 5),
        (CONTAINS, "dress", "dresses"),
        (GREATER, 5, 5),
        (GREATER, "many", 5),
        (GREATER, 5, "many"),
        (GREATER, True, 0),
        (GREATER, "Infinity", 5),
        (GREATER, "NaN", 5),
        (LESS, 5, 5),
        (LESS, "-Infinity", 5),
        (LESS, "sNaN", 5),
        (LESS, False, 1),
    ],
)
def test_what_does_not(operator: Operator, actual: Any, expected: PropertyValue) -> None:
    assert not is_met(operator, actual, expected)


@pytest.mark.parametrize("operator", Operator)
def test_a_missing_property_meets_no_condition(operator: Operator) -> None:
    assert not holds(Condition("page", operator, ("",)), {"link": "https://shop.example/"})


def test_one_of_several_values_is_enough() -> None:
    assert is_met(ONE_OF, "Red", "blue", "red")
    assert is_met(ONE_OF, 7, "6", "7")
    assert not is_met(ONE_OF, "green", "blue", "red")


@pytest.mark.parametrize(
    ("operator", "expected"), [(EQUALS, "lamp-2"), (CONTAINS, "amp-2"), (ONE_OF, "LAMP-2"), (GREATER, 5)]
)
def test_one_element_of_a_list_is_enough(operator: Operator, expected: PropertyValue) -> None:
    assert is_met(operator, ("lamp-1", "lamp-2", "7"), expected)
    assert not is_met(operator, ("lamp-1", "3"), expected)
    assert not is_met(operator, (), expected)


def test_all_conditions_of_a_rule_must_hold() -> None:
    rule = a_rule(conditions=(DRESS, Condition("seconds", GREATER, (30,))))

    assert meets(did(page="/dresses", seconds=31), rule)
    assert not meets(did(page="/dresses", seconds=30), rule)
    assert not meets(did(page="/shoes", seconds=31), rule)
    assert not meets(did(page="/dresses"), rule)


def test_a_rule_that_is_off_or_names_another_activity_is_not_met() -> None:
    assert meets(did(), a_rule())
    assert not meets(did(), a_rule(enabled=False))
    assert not meets(did(name=CLICKED), a_rule())
    assert not meets(did(name=OPENED + ".twice"), a_rule())


def test_what_matters() -> None:
    rules = [a_rule(conditions=(DRESS,)), a_rule(id_="off", enabled=False)]

    assert matters(did(page="/dress/1"), rules)
    assert not matters(did(page="/shoes"), rules)
    assert matters(by_hand(REMOVE), [])
    assert matters(judged(), [])


values = st.text(max_size=8) | st.integers() | st.booleans() | st.decimals(allow_nan=True) | st.just("1e999999999")


@given(operator=st.sampled_from(Operator), actual=values | st.tuples(st.text(max_size=8)), expected=values)
def test_any_value_can_be_compared_with_any_other(operator: Operator, actual: Any, expected: Any) -> None:
    assert isinstance(is_met(operator, actual, expected), bool)


@given(text=st.text(max_size=12), change=st.sampled_from([str.upper, str.lower, str.casefold, str.swapcase]))
def test_case_does_not_matter(text: str, change: Any) -> None:
    if change(text).casefold() == text.casefold():
        assert is_met(EQUALS, text, change(text))
        assert is_met(CONTAINS, f"<{text}>", change(text))


@given(left=st.integers(), right=st.integers(), as_text=st.booleans())
def test_numbers_compare_as_numbers_even_as_text(left: int, right: int, as_text: bool) -> None:
    actual = str(left) if as_text else left

    assert is_met(GREATER, actual, right) == (left > right)
    assert is_met(LESS, actual, right) == (left < right)
    assert is_met(EQUALS, actual, right) == (left == right)
