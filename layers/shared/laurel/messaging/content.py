"""What a message says to one contact: its template checked, filled in, and made safe."""

from __future__ import annotations

from dataclasses import dataclass

from laurel.messaging.engine import LONGEST_OUTPUT, FilledIn, TemplateFault, fields_of, fill_in
from laurel.messaging.fields import MergeValues, in_order, tidied
from laurel.messaging.lines import one_line
from laurel.messaging.plain import text_of
from laurel.messaging.safe_html import is_tangled, safe
from laurel.model.errors import FieldError, InvalidInput
from laurel.model.template import Content

_TANGLED = "This has too many tags: those of formats and links, times all tags, may be a million."


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as its reader gets it.

    ``missing`` are the fields that it was to show, have no value, and have nothing to stand in for it.
    """

    subject: str
    text: str
    html: str | None
    missing: list[str]


def check(content: Content) -> frozenset[str]:
    """Merge fields that the parts of a message name. Raises ``InvalidInput`` with a pointer to each part at fault."""
    if content.text is None and content.html is None:
        raise InvalidInput.at("/text", "Give a text, or HTML, or both.")
    names, faults = set[str](), list[FieldError]()
    for part, source in (("subject", content.subject), ("text", content.text), ("html", content.html)):
        try:
            names |= fields_of(source) if source is not None else frozenset()
        except TemplateFault as fault:
            faults.append(FieldError(f"/{part}", str(fault)))
    if content.html is not None and is_tangled(content.html):
        faults.append(FieldError("/html", _TANGLED))
    if faults:
        raise InvalidInput("The template cannot be filled in.", tuple(faults))
    return frozenset(names)


def render(content: Content, values: MergeValues) -> Rendered:
    """Fill a message in. Raises ``InvalidInput`` as ``check``, or if a part becomes too long."""
    check(content)
    values = tidied(values)
    subject = _filled("subject", content.subject, values)
    filled_text = None if content.text is None else _filled("text", content.text, values)
    filled_html = None if content.html is None else _filled("html", content.html, values, escaped=True)
    html = None if filled_html is None else _cleaned(filled_html.text)
    text = text_of(html or "") if filled_text is None else filled_text.text
    missing = frozenset[str]().union(*(it.missing for it in (subject, filled_text, filled_html) if it))
    return Rendered(one_line(subject.text), text, html, in_order(missing))


def _cleaned(html: str) -> str:
    if is_tangled(html):
        raise InvalidInput.at("/html", _TANGLED)
    clean = safe(html)
    if len(clean) > LONGEST_OUTPUT:
        raise InvalidInput.at("/html", f"Filled in and cleaned, this has more than {LONGEST_OUTPUT} characters.")
    return clean


def _filled(part: str, source: str, values: MergeValues, *, escaped: bool = False) -> FilledIn:
    try:
        return fill_in(source, values, escaped=escaped)
    except TemplateFault as fault:
        raise InvalidInput.at(f"/{part}", str(fault)) from None
