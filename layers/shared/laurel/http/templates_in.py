"""What clients send about message templates: pydantic models, imported where a body is read and by the generator."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StringConstraints

from laurel.http.jobs_in import ContactRef
from laurel.http.schemas import Body, Name, Text
from laurel.messaging.preview import PreviewWish
from laurel.model.identity import contact_id
from laurel.model.period import TimeFrame
from laurel.model.template import LONGEST_HTML, LONGEST_SUBJECT, LONGEST_TEXT, Content

_LAYOUT = frozenset("\n\r\t")


def _line(value: object) -> object:
    if isinstance(value, str) and any(unicodedata.category(it) in ("Cc", "Cs", "Zl", "Zp") for it in value):
        raise ValueError("must be one line without control characters, in valid Unicode")
    return value


def _page(value: object) -> object:
    if isinstance(value, str) and any(unicodedata.category(it) in ("Cc", "Cs") and it not in _LAYOUT for it in value):
        raise ValueError("must have no control characters but line breaks and tabs, in valid Unicode")
    return value


def _of_bytes(most: int) -> AfterValidator:
    def check(value: str) -> str:
        if len(value.encode()) > most:
            raise ValueError(f"must have {most} bytes at most")
        return value

    return AfterValidator(check)


Subject = Annotated[
    str,
    BeforeValidator(_line),
    StringConstraints(min_length=1, max_length=LONGEST_SUBJECT, pattern=r"\S"),
    Field(description="One line; may name merge fields.", examples=['{{ contact.first_name | default("Hello") }}!']),
]
TextPart = Annotated[
    str,
    BeforeValidator(_page),
    StringConstraints(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S"),
    _of_bytes(LONGEST_TEXT),
    Field(description=f"Plain text, {LONGEST_TEXT} bytes at most; without it, it is made from the HTML."),
]
HtmlPart = Annotated[
    str,
    BeforeValidator(_page),
    StringConstraints(min_length=1, max_length=LONGEST_HTML, pattern=r"\S"),
    _of_bytes(LONGEST_HTML),
    Field(
        description=f"HTML, {LONGEST_HTML} bytes at most; what mail must not hold is taken out when it is filled in."
    ),
]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Coupon = Annotated[Text, StringConstraints(min_length=1, max_length=100)]


class TemplateIn(Body):
    """What a message says, with merge fields: a subject, and text or HTML or both."""

    name: Name
    subject: Subject
    text: TextPart | None = None
    html: HtmlPart | None = None


class TemplateChange(Body):
    """Fields to change; the rest stays. null takes away the text or the HTML, but not both."""

    name: Name | None = None
    subject: Subject | None = None
    text: TextPart | None = None
    html: HtmlPart | None = None


class TemplatePreview(Body):
    """Whom to fill a template in for."""

    audience: Reference | None = Field(default=None, description="The contact's audience.")
    contact: ContactRef | None = Field(default=None, description="Id or e-mail address; with `audience`.")
    store: Reference | None = Field(
        default=None, description="Id of a store: its name and currency, and the contact's figures and ranks there."
    )
    time_frame: TimeFrame | None = Field(
        default=None, description="Time frame of figures and ranks, `all_time` by default; needs `store`."
    )
    coupon: Coupon | None = None
    sample: StrictBool = Field(
        default=False, description="Fields without a value get a made-up one; not with a contact."
    )


class DraftPreview(TemplatePreview):
    """What a message is to say, and whom to fill it in for."""

    subject: Subject
    text: TextPart | None = None
    html: HtmlPart | None = None


def content_of(body: TemplateIn | DraftPreview) -> Content:
    """What the body says."""
    return Content(body.subject, body.text, body.html)


def wish_of(body: TemplatePreview) -> PreviewWish:
    """Whom the body is about."""
    contact = body.contact
    return PreviewWish(
        audience_id=body.audience,
        contact=contact_id(contact) if contact is not None and "@" in contact else contact,
        store_id=body.store,
        time_frame=body.time_frame,
        coupon=body.coupon,
        sample=body.sample,
    )
