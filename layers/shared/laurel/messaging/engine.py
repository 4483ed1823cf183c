"""The language of templates: Jinja's, less all that can run code, go round in loops or grow.

What remains is text, merge fields, a few filters and conditions. A template is checked against this list node by node
before it is compiled, so that its time and its output are bounded by its own length; Jinja's sandbox stands behind.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any, TypeGuard

from jinja2 import TemplateSyntaxError, Undefined, nodes
from jinja2.filters import FILTERS as KNOWN_FILTERS
from jinja2.sandbox import ImmutableSandboxedEnvironment

from laurel.messaging.fields import FIELDS, FieldKind, MergeValues

FILTERS = ("capitalize", "default", "lower", "title", "trim", "upper")
MOST_PLACES = 1_000
"""Fields and conditions of one part of a message."""

LONGEST_OUTPUT = 150_000
"""Characters of one part of a message, once it is filled in."""

_DEEPEST = 20
_LARGEST_NUMBER = 10**15
_BY_SIZE = frozenset({"lt", "lteq", "gt", "gteq"})
_WITHIN = frozenset({"in", "notin"})
_EQUAL = frozenset({"eq", "ne"})


class TemplateFault(Exception):
    """What is wrong with a template, and in which line; ``str(fault)`` is for people."""

    def __init__(self, detail: str, line: int | None = None) -> None:
        super().__init__(detail if line is None else f"Line {line}: {detail}")


class _Missing(Undefined):
    """A field without a value: it reads as nothing, and is neither more nor less than anything."""

    __slots__ = ("_of", "_shown")

    def __init__(self, of: str, shown: set[str]) -> None:
        """``shown`` is told the name if a message shows this field."""
        super().__init__(name=of)
        self._of = of
        self._shown = shown

    def show(self) -> None:
        self._shown.add(self._of)

    def _never(self, _other: object) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = _never  # type: ignore[assignment]


class _Listed(tuple[str, ...]):
    """A list that reads as its elements with commas between them."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(self)


def fields_of(source: str) -> frozenset[str]:
    """Merge fields that a template names. Raises ``TemplateFault`` if it is not one that may be filled in."""
    return _checked(_parsed(source, escaped=False))


@dataclass(frozen=True, slots=True)
class FilledIn:
    """A text, and the fields that it was to show, have no value, and have nothing to stand in for it."""

    text: str
    missing: frozenset[str]


def fill_in(source: str, values: MergeValues, *, escaped: bool) -> FilledIn:
    """A template with its fields' values; ``escaped`` for HTML. Raises ``TemplateFault``."""
    parsed = _parsed(source, escaped=escaped)
    _checked(parsed)
    template = _environment(escaped=escaped).from_string(parsed)
    pieces, length, missing = list[str](), 0, set[str]()
    for piece in template.generate(_nested(values, missing)):
        length += len(piece)
        if length > LONGEST_OUTPUT:
            raise TemplateFault(f"Filled in, this has more than {LONGEST_OUTPUT} characters.")
        pieces.append(piece)
    return FilledIn("".join(pieces), frozenset(missing))


@cache
def _environment(*, escaped: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        autoescape=escaped,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.clear()
    environment.tests.clear()
    environment.filters = {name: KNOWN_FILTERS[name] for name in FILTERS}
    environment.filters |= {name: _of_values(KNOWN_FILTERS[name]) for name in FILTERS if name != "default"}
    return environment


def _shown(value: Any) -> Any:
    """What is put out where a message shows a value."""
    if isinstance(value, _Missing):
        value.show()
    return value


def _of_values(known: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A filter that leaves a field without a value as it is."""
    return lambda value: value if isinstance(value, _Missing) else known(value)


def _nested(values: MergeValues, missing: set[str]) -> dict[str, Any]:
    """Values by group and field; fields without one note in ``missing`` that they were shown."""
    nested: dict[str, Any] = {name.partition(".")[0]: {} for name in FIELDS if "." in name}
    for name in FIELDS:
        value = values.get(name, _Missing(name, missing))
        group, dot, field = name.partition(".")
        told = _Listed(value) if isinstance(value, tuple) else value
        (nested[group] if dot else nested)[field if dot else group] = told
    return nested


def _parsed(source: str, *, escaped: bool) -> nodes.Template:
    try:
        return _environment(escaped=escaped).parse(source)
    except TemplateSyntaxError as error:
        raise TemplateFault(str(error.message), error.lineno) from None
    except RecursionError:
        raise TemplateFault("This is nested too deeply.") from None
    except ValueError:
        raise TemplateFault("A number in this is too long.") from None


def _checked(template: nodes.Template) -> frozenset[str]:
    names = set[str]()
    for places, node in enumerate(chain.from_iterable(_statement(it, 1) for it in template.body), 1):
        if places > MOST_PLACES:
            raise TemplateFault(f"This has more than {MOST_PLACES} fields and conditions.", node.lineno)
        if (name := _name(node)) is not None:
            names.add(name)
    return frozenset(names)


def _statement(node: nodes.Node, depth: int) -> Iterator[nodes.Node]:
    """All fields and conditions of a statement, checked."""
    if depth > _DEEPEST:
        raise TemplateFault("This is nested too deeply.", node.lineno)
    if isinstance(node, nodes.Output):
        for part in node.nodes:
            if not isinstance(part, nodes.TemplateData):
                yield from _value(part, depth)
    elif isinstance(node, nodes.If):
        yield node
        yield from _condition(node.test, depth)
        for other in node.elif_:
            yield from _statement(other, depth)
        for inner in chain(node.body, node.else_):
            yield from _statement(inner, depth + 1)
    else:
        raise TemplateFault(f"{_kind(node)} is not allowed here; only fields and {{% if %}} are.", node.lineno)


def _condition(node: nodes.Node, depth: int) -> Iterator[nodes.Node]:
    if depth > _DEEPEST:
        raise TemplateFault("This is nested too deeply.", node.lineno)
    if isinstance(node, nodes.And | nodes.Or):
        yield from _condition(node.left, depth + 1)
        yield from _condition(node.right, depth + 1)
    elif isinstance(node, nodes.Not):
        yield from _condition(node.node, depth + 1)
    elif isinstance(node, nodes.Compare):
        yield from _comparison(node)
    else:
        yield from _value(node, depth)


def _comparison(node: nodes.Compare) -> Iterator[nodes.Node]:
    left, (first, *more) = node.expr, node.ops
    right, operator = first.expr, first.op
    kinds = _kind_of(left), _kind_of(right)
    wanted = {
        **dict.fromkeys(_EQUAL, kinds),
        **dict.fromkeys(_BY_SIZE, (FieldKind.NUMBER, FieldKind.NUMBER)),
        **dict.fromkeys(_WITHIN, (FieldKind.TEXT, FieldKind.LIST)),
    }
    if more or wanted[operator] != kinds:
        raise TemplateFault(
            "Compare a number with a number by size, ask whether a text is in contact.tags, or whether two are equal.",
            node.lineno,
        )
    yield from (left, right)


def _is_written_out(node: nodes.Node) -> TypeGuard[nodes.Const]:
    """True for a text, and for a number that a field could have."""
    if not isinstance(node, nodes.Const) or isinstance(node.value, bool):
        return False
    return isinstance(node.value, str) or (isinstance(node.value, int | float) and abs(node.value) <= _LARGEST_NUMBER)


def _kind_of(node: nodes.Node) -> FieldKind:
    """What a side of a comparison is; it is a field or is written out."""
    if _is_written_out(node):
        return FieldKind.TEXT if isinstance(node.value, str) else FieldKind.NUMBER
    if (name := _name(node)) is None:
        raise TemplateFault("Only fields, texts and numbers of up to 10^15 can be compared.", node.lineno)
    return FIELDS[name]


def _value(node: nodes.Node, depth: int) -> Iterator[nodes.Node]:
    if depth > _DEEPEST:
        raise TemplateFault("This is nested too deeply.", node.lineno)
    if isinstance(node, nodes.Filter):
        _check_filter(node)
        for part in (node.node, *node.args):
            if part is not None:
                yield from _value(part, depth + 1)
    elif _is_written_out(node) or _name(node) is not None:
        yield node
    else:
        raise TemplateFault(f"{_kind(node)} is not allowed here.", node.lineno)


def _check_filter(node: nodes.Filter) -> None:
    if node.name not in FILTERS:
        raise TemplateFault(f"There is no filter {node.name}. There are {', '.join(FILTERS)}.", node.lineno)
    plain = not (node.kwargs or node.dyn_args or node.dyn_kwargs) and node.node is not None
    if not plain or len(node.args) != (node.name == "default"):
        raise TemplateFault('Only default takes a value, and only one: default("there").', node.lineno)


def _name(node: nodes.Node) -> str | None:
    """The merge field a node names, None if it names nothing. Raises ``TemplateFault`` for an unknown one."""
    if isinstance(node, nodes.Name):
        name = node.name
    elif isinstance(node, nodes.Getattr | nodes.Getitem):
        name = _dotted(node)
    else:
        return None
    if name not in FIELDS:
        close = difflib.get_close_matches(name[:100], FIELDS, 1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise TemplateFault(f"There is no merge field {name[:100]}.{hint}", node.lineno)
    return name


def _dotted(node: nodes.Getattr | nodes.Getitem) -> str:
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return f"{node.node.name}.{node.attr}"
    raise TemplateFault("Write a merge field as its name, such as contact.first_name.", node.lineno)


_KINDS: Mapping[type[nodes.Node], str] = {
    nodes.For: "A loop",
    nodes.Call: "A call",
    nodes.Concat: "Putting texts together",
    nodes.Include: "Including a file",
    nodes.Import: "An import",
    nodes.FromImport: "An import",
    nodes.Extends: "Extending another template",
    nodes.Assign: "Setting a variable",
    nodes.AssignBlock: "Setting a variable",
    nodes.Macro: "A macro",
}


def _kind(node: nodes.Node) -> str:
    return _KINDS.get(type(node), "Reckoning" if isinstance(node, nodes.BinExpr | nodes.UnaryExpr) else "This")
