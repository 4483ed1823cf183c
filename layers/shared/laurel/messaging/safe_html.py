"""HTML made safe, and fit for mail, by a well-kept sanitizer."""

from __future__ import annotations

import re

import nh3

_TAGS = {
    "a", "abbr", "address", "article", "b", "big", "blockquote", "br", "caption", "center", "code", "col", "colgroup",
    "dd", "del", "div", "dl", "dt", "em", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i",
    "img", "ins", "li", "main", "ol", "p", "pre", "q", "s", "section", "small", "span", "strike", "strong", "sub",
    "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_GONE_WITH_CONTENT = {"script", "style", "title"}
_EVERYWHERE = {"align", "bgcolor", "class", "dir", "height", "lang", "role", "style", "title", "valign", "width"}
_ATTRIBUTES = {
    "*": _EVERYWHERE,
    "a": {"href", "name"},
    "col": {"span"},
    "colgroup": {"span"},
    "font": {"color", "face", "size"},
    "img": {"alt", "border", "src"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing", "summary"},
    "td": {"colspan", "nowrap", "rowspan"},
    "th": {"colspan", "nowrap", "rowspan", "scope"},
    "ul": {"type"},
}
_STYLES = {
    "background", "background-color", "border", "border-bottom", "border-bottom-color", "border-bottom-style",
    "border-bottom-width", "border-collapse", "border-color", "border-left", "border-left-color", "border-left-style",
    "border-left-width", "border-radius", "border-right", "border-right-color", "border-right-style",
    "border-right-width", "border-spacing", "border-style", "border-top", "border-top-color", "border-top-style",
    "border-top-width", "border-width", "clear", "color", "direction", "display", "float", "font", "font-family",
    "font-size", "font-style", "font-variant", "font-weight", "height", "letter-spacing", "line-height", "list-style",
    "list-style-type", "margin", "margin-bottom", "margin-left", "margin-right", "margin-top", "max-height",
    "max-width", "min-width", "mso-hide", "mso-line-height-rule", "opacity", "overflow", "padding", "padding-bottom",
    "padding-left", "padding-right", "padding-top", "table-layout", "text-align", "text-decoration", "text-indent",
    "text-transform", "vertical-align", "visibility", "white-space", "width", "word-break", "word-wrap",
}  # fmt: skip
_SCHEMES = {"http", "https", "mailto", "tel"}
_LOADS_OR_RUNS = re.compile(r"\(|\\|@|/\*|:\s*javascript|-moz-binding|behavior", re.IGNORECASE)
_COLOUR = re.compile(r"\b(?:rgb|rgba|hsl|hsla)\([0-9.,%\s/]*\)", re.IGNORECASE)


_FORMATS = re.compile(r"<(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?![a-z0-9])", re.IGNORECASE)
_MOST_REPEATS = 1_000_000


def is_tangled(html: str) -> bool:
    """True if cleaning the HTML could make very much of it.

    A format that is left open is opened again in every block that follows, which multiplies the two.
    """
    return len(_FORMATS.findall(html)) * html.count("<") > _MOST_REPEATS


def safe(html: str) -> str:
    """The HTML with nothing in it that runs, loads a file other than an image, or sends what is typed.

    Styles may not name an address: one that does, or that is written to hide it, is dropped as a whole.
    """
    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_GONE_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=_kept,
        strip_comments=True,
        link_rel=None,
        url_schemes=_SCHEMES,
        url_relative="deny",
        filter_style_properties=_STYLES,
    )


def _kept(element: str, attribute: str, value: str) -> str | None:
    if attribute == "style":
        return None if _LOADS_OR_RUNS.search(_COLOUR.sub("", value)) else value
    if (element, attribute) == ("img", "src"):
        return value if value.lower().startswith(("https://", "http://")) else None
    return value
