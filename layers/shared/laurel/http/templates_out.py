"""What message templates look like in answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from laurel.http.formats import utc
from laurel.model.template import MessageTemplate, TemplateHead

if TYPE_CHECKING:
    from laurel.messaging.content import Rendered


def templates(heads: Iterable[TemplateHead]) -> dict[str, Any]:
    """All templates."""
    return {"templates": list(map(head, heads))}


def versions(heads: Iterable[TemplateHead], cursor: str | None) -> dict[str, Any]:
    """A page of the versions of a template."""
    return {"versions": list(map(head, heads)), "next_cursor": cursor}


def head(head: TemplateHead) -> dict[str, Any]:
    """A template without what it says."""
    return {
        "id": head.id,
        "name": head.name,
        "subject": head.subject,
        "version": head.version,
        "created_at": utc(head.created_at),
        "updated_at": utc(head.updated_at),
    }


def template(template: MessageTemplate) -> dict[str, Any]:
    """A template and what it says."""
    return {**head(template.head), "text": template.content.text, "html": template.content.html}


def body(template: MessageTemplate) -> dict[str, Any]:
    """A template as clients write it."""
    content = template.content
    return {"name": template.name, "subject": content.subject, "text": content.text, "html": content.html}


def preview(rendered: Rendered) -> dict[str, Any]:
    """A message as its reader would get it."""
    return {
        "subject": rendered.subject,
        "text": rendered.text,
        "html": rendered.html,
        "missing": rendered.missing,
    }
