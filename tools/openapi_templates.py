"""What the API answers about message templates, as pydantic models for its description."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from laurel.messaging.fields import FIELDS
from tools.openapi_answers import Answer, Cursor, Id, Instant

Version = Annotated[int, Field(ge=1, description="Grows with every change; in quotes it is the `ETag`.")]
MergeField = Literal[*FIELDS]  # type: ignore[valid-type]
MISSING = "Fields that it shows, that have no value here, and for which nothing stands in: it would not be sent."


class TemplateSummary(Answer):
    """A template without what it says."""

    id: Id
    name: str
    subject: str
    version: Version
    created_at: Instant
    updated_at: Annotated[Instant, Field(description="When this version was saved.")]


class MessageTemplate(TemplateSummary):
    """A message template, as one version of it says."""

    text: Annotated[str | None, Field(description="Null: made from the HTML.")]
    html: str | None


class MessageTemplates(Answer):
    """All message templates of the account, in the order of their creation."""

    templates: list[TemplateSummary]


class TemplateVersions(Answer):
    """A page of the versions of a template, latest first."""

    versions: list[TemplateSummary]
    next_cursor: Cursor


class PreviewedMessage(Answer):
    """A message as its reader would get it."""

    subject: Annotated[str, Field(max_length=200, description="One line.")]
    text: Annotated[str, Field(description="The template's, or made from the HTML.")]
    html: Annotated[str | None, Field(description="Without anything that mail must not hold; null without HTML.")]
    missing: Annotated[list[MergeField], Field(description=MISSING)]
