"""Messages filled in: whatever the values, the subject is one line, and nothing in the HTML runs."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.messaging.content import check, render
from laurel.messaging.fields import FIELDS, SAMPLE, FieldKind
from laurel.messaging.lines import one_line
from laurel.messaging.safe_html import safe
from laurel.model.errors import InvalidInput
from laurel.model.template import LONGEST_LINE, Content

EVERYWHERE = """\
<style>p { color: {{ coupon }} }</style><script>var x = "{{ coupon }}"</script><!-- {{ coupon }} -->
<p title="{{ coupon }}" style="color: {{ contact.name }}" onclick="{{ coupon }}">{{ contact.first_name }}</p>
<a href="{{ coupon }}">{{ contact.last_name }}</a> <a href="https://example.com/?c={{ coupon }}">x</a>
<img src="{{ contact.tags }}" alt="{{ contact.tags }}"> <a href={{ coupon }}>y</a> <{{ coupon }}>
"""
HOSTILE = [
    "<script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "x onmouseover=alert(1)",
    "javascript:alert(1)",
    " jAvAsCrIpT\t:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "red; background: url(https://example.net/x)",
    "expression(alert(1))",
    "--><script>alert(1)</script><!--",
    "</style></title></textarea><svg onload=alert(1)>",
    "svg onload=alert(1)",
    "Ada\r\nBcc: eve@example.com",
    "Ada\u2028Bcc: eve@example.com\x00\x0b",
    "{{ contact.email }}",
    "&lt;script&gt;",
    "\u202eevil",
]


class Outline(HTMLParser):
    """Tags and attributes of a document."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_harmless(html: str) -> None:
    for tag, attributes in Outline(html).found:
        assert tag not in {
            "script",
            "style",
            "svg",
            "iframe",
            "form",
            "input",
            "object",
            "embed",
            "link",
            "meta",
            "base",
        }
        assert not [name for name in attributes if name.startswith("on") or name in ("srcset", "formaction", "id")]
        for name in ("href", "src"):
            assert re.match(r"(?i)https?:|mailto:|tel:", attributes.get(name) or "https:")
        assert not re.search("url|expression", attributes.get("style") or "")
    assert "<!--" not in html


def assert_one_line(subject: str) -> None:
    assert subject == " ".join(subject.split())
    assert len(subject) <= LONGEST_LINE
    mail = EmailMessage(policy=policy.SMTP)
    mail["Subject"] = subject
    mail["To"] = "ada@example.com"
    assert message_from_bytes(mail.as_bytes(), policy=policy.default).keys() == ["Subject", "To"]


def values(text: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, object]]:
    kinds = {FieldKind.TEXT: text, FieldKind.NUMBER: st.integers(0, 10**9), FieldKind.LIST: st.tuples(text, text)}
    return st.fixed_dictionaries({}, optional={name: kinds[kind] for name, kind in FIELDS.items()})


@given(values(st.text(st.characters(exclude_categories=["Cs"]), max_size=300) | st.sampled_from(HOSTILE)))
def test_whatever_the_values_a_message_is_harmless(told: dict[str, object]) -> None:
    subject = "Hi {{ contact.name }}, {{ coupon }}\r\nBcc: {{ contact.tags }}"

    rendered = render(Content(subject, None, EVERYWHERE), told)  # type: ignore[arg-type]

    assert_one_line(rendered.subject)
    assert_harmless(rendered.html or "")
    assert isinstance(rendered.text, str)


@given(st.text(max_size=400))
def test_whatever_is_written_the_html_is_harmless(html: str) -> None:
    assert_harmless(safe(html))


@given(
    st.text(
        st.characters(exclude_categories=["Cs"]) | st.sampled_from("\r\n\x0b\x0c\x1c\x85\u2028\u202e\x00"), max_size=300
    )
)
def test_a_line_is_one_line(text: str) -> None:
    assert_one_line(one_line(text))


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("field", ["contact.first_name", "contact.last_name", "contact.name", "coupon"])
def test_hostile_values_stay_values(field: str, value: str) -> None:
    rendered = render(Content(f"{{{{ {field} }}}}", None, EVERYWHERE), {field: value})

    assert_one_line(rendered.subject)
    assert_harmless(rendered.html or "")


def test_values_say_the_same_in_every_part() -> None:
    said = "{{ contact.name }}"

    rendered = render(Content(said, said, f"<p>{said}</p>"), {"contact.name": "Tom & <Jerry>"})

    assert (rendered.subject, rendered.text) == ("Tom & <Jerry>", "Tom & <Jerry>")
    assert rendered.html == "<p>Tom &amp; &lt;Jerry&gt;</p>"


def test_fields_without_a_value_are_told() -> None:
    content = Content("{{ coupon }}", '{{ contact.name | default("you") }}', "<p>{{ rank.total_spent }}</p>")

    assert render(content, {"coupon": "X"}).missing == ["rank.total_spent"]
    assert render(content, {}).missing == ["rank.total_spent", "coupon"]
    assert render(content, {"coupon": "\r\n\u200f", "contact.name": " "}).text == "you"
    assert render(content, SAMPLE).missing == []


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("{{ coupon }}", ["coupon"]),
        ("{{ coupon | upper }}", ["coupon"]),
        ("{{ coupon | trim | title | lower | capitalize }}", ["coupon"]),
        ("{% if contact.name %}{{ coupon }}{% else %}{{ contact.tags }}{% endif %}", ["contact.tags"]),
        ("{{ contact.first_name | default(contact.name) }}", ["contact.name"]),
        ('{{ contact.first_name | upper | default("you") }}', []),
        ('{{ contact.first_name | default(contact.name | default("")) }}', []),
        ("{% if coupon %}{{ coupon }}{% endif %}", []),
        ("{% if coupon | trim %}{{ coupon }}{% endif %}", []),
        ("{% if contact.score > 5 or 'gold' in contact.tags or coupon == 'x' %}{{ coupon }}{% endif %}", []),
        ("{# {{ coupon }} #}{% raw %}{{ coupon }}{% endraw %}", []),
    ],
)
@pytest.mark.parametrize("part", ["text", "html"])
def test_a_field_is_missing_only_where_it_is_shown(source: str, missing: list[str], part: str) -> None:
    said: dict[str, str | None] = {"text": None, "html": None, part: f"<p>{source}</p>"}

    assert render(Content("x", **said), {}).missing == missing


def test_all_parts_at_fault_are_pointed_at() -> None:
    with pytest.raises(InvalidInput) as told:
        check(Content("{{ a }}", "{{ b", "{% for %}"))

    assert [fault.pointer for fault in told.value.errors] == ["/subject", "/text", "/html"]


def test_a_message_says_something() -> None:
    with pytest.raises(InvalidInput) as told:
        check(Content("Hi", None, None))

    assert [fault.pointer for fault in told.value.errors] == ["/text"]


def test_what_becomes_too_long_is_refused_where_it_is() -> None:
    with pytest.raises(InvalidInput) as told:
        render(Content("Hi", "{{ contact.tags }}" * 900, None), {"contact.tags": ("x" * 50,) * 250})

    assert [fault.pointer for fault in told.value.errors] == ["/text"]


def test_a_long_subject_is_cut() -> None:
    assert render(Content("{{ coupon }} " * 3, "x", None), {"coupon": "y" * 100}).subject == f"{'y' * 100} {'y' * 98}…"


@pytest.mark.parametrize(
    "html",
    [
        (
            '<table width="100%" cellpadding="0" cellspacing="0" border="0" role="presentation"><tbody><tr>'
            '<td align="center" bgcolor="#ffffff" style="padding:8px;font-family:Arial" colspan="2">x</td>'
            "</tr></tbody></table>"
        ),
        '<p style="color:rgb(1, 2, 3);text-align:center">x</p>',
        '<img src="https://example.com/a.png" alt="A" width="10" height="10">',
        '<a href="mailto:ada@example.com">Write</a>',
        '<h1 class="big" lang="de" dir="ltr">Hallo</h1>',
    ],
)
def test_what_mail_is_made_of_stays(html: str) -> None:
    kept = safe(html)

    assert sorted(Outline(kept).found, key=str) == sorted(Outline(html).found, key=str)


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<script>x</script>a<style>b</style><title>c</title>", "a"),
        ('<p onclick="x" style="position:fixed;color:red">a</p>', '<p style="color:red">a</p>'),
        ('<p style="background:url(//x);color:red">a</p>', "<p>a</p>"),
        ('<p style="color:r\\65 d">a</p>', "<p>a</p>"),
        ('<a href="javascript:x">a</a><a href="/x">b</a><a href="//x">c</a>', "<a>a</a><a>b</a><a>c</a>"),
        ('<img src="data:image/png;base64,AA"><img src="cid:1"><img src="x">', "<img><img><img>"),
        ('<form action="x"><input value="y"><button>z</button></form>', "z"),
        ("<iframe src=https://x></iframe><object data=x></object><embed src=x>", ""),
        ("<svg><a xlink:href='javascript:x'>a</a></svg><math><mi>b</mi></math>", None),
        ("<!doctype html><html><head><meta charset=x></head><body>a<!-- b --></body></html>", "a"),
    ],
)
def test_what_mail_must_not_hold_is_taken_out(html: str, kept: str | None) -> None:
    assert_harmless(safe(html))
    if kept is not None:
        assert safe(html) == kept


FORMATS = "".join(f"<b class={number}>" for number in range(1_000))


@pytest.mark.parametrize(
    "html",
    [
        f"<div>{FORMATS}</div>" + "<p>x" * 3_000,
        f"<div>{FORMATS.replace('<b', '<{# #}b')}</div>" + "<p>x" * 3_000,
        "<p><i><u><s>" * 3_000,
        "<table>" * 9_000 + "<p>&" * 9_000,
    ],
    ids=["formats", "hidden", "nested", "long"],
)
def test_html_that_grows_when_it_is_cleaned_is_refused(html: str) -> None:
    with pytest.raises(InvalidInput) as told:
        render(Content("Hi", None, html), {})

    assert [fault.pointer for fault in told.value.errors] == ["/html"]


def test_a_large_newsletter_is_no_tangle() -> None:
    row = '<tr><td><p><b>New</b> <a href="https://example.com/">See</a></p></td></tr>'

    assert (render(Content("Hi", None, f"<table>{row * 180}</table>"), {}).html or "").count("<b>") == 180
