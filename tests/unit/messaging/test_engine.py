"""The language of templates: what it can say, and what it refuses to be made to do."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.messaging.engine import LONGEST_OUTPUT, MOST_PLACES, TemplateFault, fields_of, fill_in
from laurel.messaging.fields import FIELDS, SAMPLE

MANY = 5_000


def said(source: str, **values: object) -> str:
    filled = {name.replace("__", "."): value for name, value in values.items()}
    return fill_in(source, filled, escaped=False).text  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_has_a_sample_that_is_filled_in(name: str) -> None:
    assert fill_in(f"<{{{{ {name} }}}}>", SAMPLE, escaped=False).text not in ("<>", "")


def test_fields_named_are_told() -> None:
    source = '{{ coupon | default(account.name) }}{% if "vip" in contact.tags or not rank.total_spent %}x{% endif %}'

    assert fields_of(source) == {"coupon", "account.name", "contact.tags", "rank.total_spent"}


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("Hi {{ contact.first_name }}!", "Hi !"),
        ('Hi {{ contact.first_name | default("there") }}!', "Hi there!"),
        ("{{ contact.first_name | default(account.name) | upper }}", ""),
        ("{% if contact.score > 5 or 5 < contact.score or contact.score <= 5 %}a{% else %}b{% endif %}", "b"),
        ('{% if "x" in contact.tags %}a{% elif contact.name %}b{% else %}c{% endif %}', "c"),
        ('{% if contact.name == "" or contact.name != "x" %}a{% endif %}', "a"),
    ],
)
def test_a_field_without_a_value_reads_as_nothing(source: str, wanted: str) -> None:
    assert said(source) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("{{ contact__tags }}", "gold, vip"),
        ('{% if "gold" in contact__tags %}a{% endif %}{% if "gol" in contact__tags %}b{% endif %}', "a"),
        ("{{ store__total_spent }} {% if store__total_spent >= 59.5 %}a{% endif %}", "59.90 a"),
        ("{{ coupon | lower }} {{ coupon | title }} {{ coupon | capitalize }} {{ coupon | trim }}", "a b A B A b A B"),
        ("{% raw %}{{ coupon }}{% endraw %}{# said to nobody #}", "{{ coupon }}"),
        ("{% if contact__score == 7 and not (contact__score > 7) %}\nyes\n{% endif %}\n", "yes\n"),
    ],
)
def test_a_value_reads_as_it_is(source: str, wanted: str) -> None:
    told = {"contact__tags": ("gold", "vip"), "store__total_spent": Decimal("59.90"), "coupon": "A B"}

    assert said(source.replace("__", "."), contact__score=7, **told) == wanted


def test_values_are_escaped_in_html_and_nowhere_else() -> None:
    values = {"coupon": """<b>"'&"""}

    assert fill_in("{{ coupon }}", values, escaped=True).text == "&lt;b&gt;&#34;&#39;&amp;"
    assert fill_in("{{ coupon | upper }}", values, escaped=True).text == "&lt;B&gt;&#34;&#39;&amp;"
    assert fill_in("{{ contact.tags }}", {"contact.tags": ("<b>",)}, escaped=True).text == "&lt;b&gt;"
    assert fill_in("{{ coupon }}", values, escaped=False).text == values["coupon"]


def test_a_value_is_no_template() -> None:
    assert said("{{ coupon }}", coupon="{{ contact.email }}{% if 1 %}") == "{{ contact.email }}{% if 1 %}"


@pytest.mark.parametrize(
    ("source", "place", "words"),
    [
        ("a\n\n{{ contact.frist_name }}", "Line 3", "There is no merge field contact.frist_name. Did you mean "),
        ("{{ password }}", "Line 1", "There is no merge field password."),
        ("\n{{ contact.name", "Line 2", "unexpected end of template"),
        ("{% if coupon %}", "Line 1", "endif"),
        ("{{ coupon | shout }}", "Line 1", "There is no filter shout. There are capitalize, default"),
        ('{{ coupon | default("a", "b") }}', "Line 1", "only one"),
        ("{{ coupon | default }}", "Line 1", "only one"),
        ("{{ coupon | upper(1) }}", "Line 1", "Only default takes a value"),
        ('{{ coupon | default(default_value="a") }}', "Line 1", "Only default"),
        ("{% if coupon > 3 %}{% endif %}", "Line 1", "Compare a number"),
        ("{% if contact.score > none %}{% endif %}", "Line 1", "can be compared"),
        ("{% if 1 < contact.score < 3 %}{% endif %}", "Line 1", "Compare a number"),
        ('{% if "a" in contact.name %}{% endif %}', "Line 1", "in contact.tags"),
        ("{% if coupon | upper == 3 %}{% endif %}", "Line 1", "can be compared"),
        ("{{ contact }}", "Line 1", "There is no merge field contact"),
        ('{{ contact["name"] }}', "Line 1", "Write a merge field as its name"),
    ],
)
def test_a_mistake_is_told_with_its_line(source: str, place: str, words: str) -> None:
    with pytest.raises(TemplateFault, match=f"^{place}: ") as told:
        fields_of(source)

    assert words in str(told.value)


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ contact.__class__ }}",
        "{{ contact.name.__init__.__globals__ }}",
        "{{ coupon.__class__ }}",
        "{{ contact['__class__'] }}",
        "{{ coupon | attr('__class__') }}",
        "{{ '{0.__class__}'.format(coupon) }}",
        "{{ '%s' | format(coupon) }}",
        "{{ '%999999999s' % coupon }}",
        "{{ self.__init__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ config }}",
        "{{ request }}",
        "{{ range(10) }}",
        "{{ lipsum(n=1000000) }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ namespace(a=1) }}",
        "{{ dict(a=1) }}",
        "{{ joiner }}",
        "{{ coupon.upper() }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% from 'os' import system %}",
        "{% extends '/etc/passwd' %}",
        "{% block a %}{% endblock %}",
        "{% set x = coupon %}",
        "{% set x %}a{% endset %}",
        "{% macro m() %}{{ m() }}{% endmacro %}",
        "{% call coupon() %}{% endcall %}",
        "{% filter upper %}a{% endfilter %}",
        "{% with a = 1 %}{% endwith %}",
        "{% autoescape false %}{{ coupon }}{% endautoescape %}",
        "{{ coupon | safe }}",
        "{{ coupon | tojson }}",
        "{{ coupon | xmlattr }}",
        "{{ coupon | map(attribute='__class__') }}",
        "{% do coupon %}",
        "{% debug %}",
        "{% for a in contact.tags %}{% endfor %}",
        "{% for a in range(999999999) recursive %}{{ loop(a) }}{% endfor %}",
        "{{ 'a' * 999999999 }}",
        "{{ 'a' ~ coupon }}",
        "{{ 'a' + coupon }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 1 // 0 }}",
        "{{ -contact.score }}",
        "{{ [1] * 999999999 }}",
        "{{ {'a': 1} }}",
        "{{ (1, 2) }}",
        "{{ coupon[0:1] }}",
        "{{ coupon if coupon else coupon }}",
        "{% if coupon is defined %}{% endif %}",
        "{{ coupon | indent(999999999) }}",
        "{{ coupon | center(999999999) }}",
        "{{ coupon | replace('a', 'aaaa') }}",
        "{{ coupon | batch(9) }}",
        "{{ 1e999 }}",
        "{{ none }}",
        "{% if contact.score < 1e16 %}{% endif %}",
        "{{ 1" + "0" * MANY + " }}",
        "{{ " + "(" * MANY + "1" + ")" * MANY + " }}",
        "{{ " + "[" * MANY + " }}",
        "{% if " + "not " * MANY + "coupon %}{% endif %}",
        "{% if " + "coupon and " * MANY + "coupon %}{% endif %}",
        "{% if coupon %}" * MANY,
        "{% if coupon %}" * 100 + "{% endif %}" * 100,
        "{% if coupon %}" + "{% elif coupon %}" * MANY + "{% endif %}",
        "{{ coupon" + " | upper" * MANY + " }}",
        "{{ coupon }}" * (MOST_PLACES + 1),
        "{{ 1 }}" * (MOST_PLACES + 1),
        "{{" * MANY,
        "{%" * MANY,
        "{#" * MANY,
        "{{ '" + "\\" * MANY,
    ],
    ids=lambda source: f"{source[:40]} of {len(source)}",
)
def test_what_a_template_must_not_do_is_refused(source: str) -> None:
    with pytest.raises(TemplateFault):
        fields_of(source)
    with pytest.raises(TemplateFault):
        fill_in(source, SAMPLE, escaped=True)


def test_what_is_filled_in_is_bounded() -> None:
    with pytest.raises(TemplateFault, match="more than 150000 characters"):
        said("{{ contact.tags }}" * 900, contact__tags=tuple(f"{number:050}" for number in range(250)))
    with pytest.raises(TemplateFault):
        said("x" * (LONGEST_OUTPUT + 1))


def test_a_template_with_many_places_is_filled_in() -> None:
    filled = said("{% if contact.name %}{{ contact.name }}{% endif %}" * 300, contact__name="Ada")

    assert filled == "Ada" * 300


@given(st.text(alphabet=st.sampled_from("{}%#|.()[]'\"\\ \n_-+*~<>=!,:ab01") | st.characters(), max_size=80))
def test_whatever_is_written_is_filled_in_or_refused(source: str) -> None:
    try:
        named = fields_of(source)
    except TemplateFault:
        return

    assert named <= set(FIELDS)
    for values in (SAMPLE, {}):
        filled = fill_in(source, values, escaped=True)
        assert filled.missing <= named - set(values)


FIELD = st.sampled_from(sorted(FIELDS))
CONSTANT = st.sampled_from(['"vip"', '""', "0", "7", "59.9", "1e999", "none", "true", "'a' 'b'"])
SIDE = FIELD | CONSTANT
FILTERED = st.tuples(
    SIDE, st.sampled_from(["", " | upper", " | title", ' | default("x")', " | default(7) | trim"])
).map("".join)
CONDITION = st.recursive(
    FILTERED | st.tuples(SIDE, st.sampled_from(["<", "<=", "==", "!=", "in", "not in"]), SIDE).map(" ".join),
    lambda inner: inner.map("not ({})".format) | st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
    max_leaves=4,
)
TEMPLATE = st.recursive(
    FILTERED.map("{{{{ {} }}}}".format) | st.text("ab <>&", max_size=4),
    lambda inner: st.tuples(CONDITION, inner, inner).map(
        lambda it: f"{{% if {it[0]} %}}{it[1]}{{% else %}}{it[2]}{{% endif %}}"
    ),
    max_leaves=4,
)


@given(TEMPLATE, st.sets(FIELD))
def test_what_is_accepted_can_be_filled_in_with_and_without_values(source: str, known: set[str]) -> None:
    try:
        fields_of(source)
    except TemplateFault:
        return

    fill_in(source, {name: SAMPLE[name] for name in known}, escaped=True)
