"""Expressions as DynamoDB reads them, those that Laurel's storage code uses and no others: conditions and updates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from tests.support.faults import client_error

Item = dict[str, Any]
_TOKEN = re.compile(r"\s*(<>|<=|>=|[#:]?[A-Za-z_][A-Za-z0-9_]*|[(),=<>])")


class Condition:
    """A condition, filter or key condition: comparisons, BETWEEN, functions, AND, OR and parentheses."""

    def __init__(self, request: Mapping[str, Any], expression: str = "ConditionExpression") -> None:
        self._names = request.get("ExpressionAttributeNames", {})
        self._values = request.get("ExpressionAttributeValues", {})
        self._tokens = tokens(request.get(expression, ""))
        self._position = 0

    def check_all_used(self, *others: Condition, also: tuple[str, ...] = ()) -> None:
        """Refuse names and values that no expression uses, as DynamoDB does."""
        used = {*self._tokens, *also, *(token for other in others for token in other._tokens)}
        unused = [name for name in (*self._names, *self._values) if name not in used]
        if unused:
            raise client_error("ValidationException", Unused=unused)

    def holds(self, item: Item) -> bool:
        if not self._tokens:
            return True
        self._position = 0
        held = self._either(item)
        assert self._position == len(self._tokens), f"cannot read {self._tokens[self._position :]}"
        return held

    def _next(self) -> str:
        self._position += 1
        return self._tokens[self._position - 1]

    def _is_next(self, token: str) -> bool:
        if self._position < len(self._tokens) and self._tokens[self._position] == token:
            self._position += 1
            return True
        return False

    def _either(self, item: Item) -> bool:
        held = self._both(item)
        while self._is_next("OR"):
            held = self._both(item) or held
        return held

    def _both(self, item: Item) -> bool:
        held = self._simple(item)
        while self._is_next("AND"):
            held = self._simple(item) and held
        return held

    def _simple(self, item: Item) -> bool:
        if self._is_next("("):
            held = self._either(item)
            assert self._next() == ")"
            return held
        token = self._next()
        if token in ("attribute_exists", "attribute_not_exists", "begins_with"):
            return self._function(token, item)
        left, operator = self._operand(token, item), self._next()
        if operator == "BETWEEN":
            low = self._operand(self._next(), item)
            assert self._next() == "AND"
            high = self._operand(self._next(), item)
            if _compare(high, "<", low):
                raise client_error("ValidationException")
            return _compare(left, ">=", low) and _compare(left, "<=", high)
        return _compare(left, operator, self._operand(self._next(), item))

    def _function(self, name: str, item: Item) -> bool:
        assert self._next() == "("
        operand = self._operand(self._next(), item)
        if name == "begins_with":
            assert self._next() == ","
            prefix = self._operand(self._next(), item)
            held = operand is not None and operand["S"].startswith(prefix["S"])
        else:
            held = (operand is not None) == (name == "attribute_exists")
        assert self._next() == ")"
        return held

    def _operand(self, token: str, item: Item) -> Any:
        if token.startswith(":"):
            return self._values[token]
        return item.get(self._names.get(token, token))


def updated(item: Item, request: Mapping[str, Any]) -> Item:
    """An item as a request's SET, REMOVE and ADD leave it."""
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    item = dict(item)
    read = tokens(request["UpdateExpression"])
    Condition(request).check_all_used(also=read)
    clause, position = "", 0
    while position < len(read):
        if read[position] in ("SET", "REMOVE", "ADD"):
            clause = read[position]
            position += 1
        name = names.get(read[position], read[position])
        if clause == "SET":
            assert read[position + 1] == "="
            item[name] = values[read[position + 2]]
            position += 3
        elif clause == "ADD":
            before = int(item.get(name, {"N": "0"})["N"])
            item[name] = {"N": str(before + int(values[read[position + 1]]["N"]))}
            position += 2
        else:
            item.pop(name, None)
            position += 1
        if position < len(read) and read[position] == ",":
            position += 1
    return item


@cache
def tokens(expression: str) -> tuple[str, ...]:
    """An expression in pieces."""
    read: list[str] = []
    position = 0
    while position < len(expression.rstrip()):
        match = _TOKEN.match(expression, position)
        assert match, f"cannot read {expression[position:]!r}"
        read.append(match[1])
        position = match.end()
    return tuple(read)


def comparable(value: Mapping[str, Any]) -> Any:
    """What orders a value among others of its kind."""
    ((kind, content),) = value.items()
    return Decimal(content) if kind == "N" else content


def _compare(left: Any, operator: str, right: Any) -> bool:
    if operator == "=":
        return bool(left == right)
    if operator == "<>":
        return bool(left != right)
    if left is None or right is None or left.keys() != right.keys():
        return False
    low, high = comparable(left), comparable(right)
    return bool({"<": low < high, "<=": low <= high, ">": low > high, ">=": low >= high}[operator])
