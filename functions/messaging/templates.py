"""Message templates: written, kept version by version, and looked at."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from laurel.http import templates_out
from laurel.http.app import App, lambda_handler
from laurel.http.cursor import Pages
from laurel.http.exchange import Response, json_response
from laurel.http.parameters import limit_parameter
from laurel.http.versions import etag, require_match
from laurel.model.account import Account
from laurel.model.errors import Conflict, NotFound, VersionMismatch
from laurel.model.identity import new_id
from laurel.model.template import MOST_TEMPLATES, Content, MessageTemplate
from laurel.settings import settings
from laurel.store.contacts import Contacts
from laurel.store.process import dynamodb
from laurel.store.rankings import Rankings
from laurel.store.templates import Templates
from laurel.store.workspace import Workspace

if TYPE_CHECKING:
    from laurel.messaging.preview import PreviewWish

_PAGE = 50
_CLEARED_BY_NULL = frozenset({"text", "html"})

app = App(dynamodb)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_templates = Templates(dynamodb(), settings().workspace_table)
_contacts = Contacts(dynamodb(), settings().contacts_table)
_rankings = Rankings(dynamodb(), settings().rankings_table)


@app.get("/templates")
def list_templates() -> dict[str, Any]:
    return templates_out.templates(_templates.heads(app.caller.account_id))


@app.post("/templates")
def create_template() -> Response:
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic
    from laurel.http.templates_in import TemplateIn, content_of  # noqa: PLC0415, reads need no pydantic

    wanted = read(TemplateIn, app.json_body())
    if len(_templates.heads(app.caller.account_id)) >= MOST_TEMPLATES:
        raise Conflict(f"This account has {MOST_TEMPLATES} templates, which is as many as it may have. Delete one.")
    now = datetime.now(UTC)
    return _saved(MessageTemplate(new_id(), wanted.name, content_of(wanted), now, now), status=201)


@app.get("/templates/{template}")
def get_template(template: str) -> Response:
    return _versioned(_template(template))


@app.patch("/templates/{template}")
def change_template(template: str) -> Response:
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic
    from laurel.http.templates_in import TemplateChange, TemplateIn, content_of  # noqa: PLC0415, as above

    sent = read(TemplateChange, app.json_body()).model_dump(mode="json", exclude_unset=True)
    known = _template(template)
    require_match(app, known.version)
    changes = {name: value for name, value in sent.items() if value is not None or name in _CLEARED_BY_NULL}
    body = read(TemplateIn, templates_out.body(known) | changes)
    return _saved(replace(known, name=body.name, content=content_of(body), updated_at=datetime.now(UTC)))


@app.delete("/templates/{template}")
def delete_template(template: str) -> dict[str, Any]:
    known = _template(template)
    require_match(app, known.version)
    if not _templates.delete(app.caller.account_id, known.id, known.version):
        raise VersionMismatch
    return templates_out.template(known)


@app.get("/templates/{template}/versions")
def list_versions(template: str) -> dict[str, Any]:
    pages = Pages(_workspace.cursor_key(app.caller.account_id), f"versions of {template}")
    position = pages.position(app.query("cursor"))
    limit = limit_parameter(app, _PAGE)
    after = int(position["version"]) if position else None
    found, last = _templates.versions(app.caller.account_id, template, limit, after)
    if not found and position is None:
        raise NotFound("template", template)
    return templates_out.versions(found, pages.cursor({"version": str(last)} if last else None))


@app.get("/templates/{template}/versions/{version}")
def get_version(template: str, version: str) -> dict[str, Any]:
    number = int(version) if re.fullmatch(r"[1-9][0-9]{0,7}", version) else 0
    found = _templates.version(app.caller.account_id, template, number)
    if found is None:
        raise NotFound(f"version of template {template!r}", version)
    return templates_out.template(found)


@app.post("/templates/preview")
def preview_draft() -> dict[str, Any]:
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic
    from laurel.http.templates_in import DraftPreview, content_of, wish_of  # noqa: PLC0415, reads need no pydantic

    body = read(DraftPreview, app.json_body())
    return _preview(content_of(body), wish_of(body))


@app.post("/templates/{template}/preview")
def preview_template(template: str) -> dict[str, Any]:
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic
    from laurel.http.templates_in import TemplatePreview, wish_of  # noqa: PLC0415, reads need no pydantic

    wish = wish_of(read(TemplatePreview, app.json_body()))
    return _preview(_template(template).content, wish)


def _preview(content: Content, wish: PreviewWish) -> dict[str, Any]:
    from laurel.messaging.content import render  # noqa: PLC0415, it brings the template engine
    from laurel.messaging.preview import preview_values  # noqa: PLC0415, as above

    values = preview_values(_workspace, _contacts, _rankings, _account(), wish, datetime.now(UTC))
    return templates_out.preview(render(content, values))


def _account() -> Account:
    return _workspace.existing_account(app.caller.account_id)


def _template(template_id: str) -> MessageTemplate:
    template = _templates.template(app.caller.account_id, template_id)
    if template is None:
        raise NotFound("template", template_id)
    return template


def _saved(template: MessageTemplate, status: int = 200) -> Response:
    from laurel.messaging.content import check  # noqa: PLC0415, it brings the template engine

    check(template.content)
    if not _templates.save(app.caller.account_id, template):
        raise VersionMismatch
    return _versioned(replace(template, version=template.version + 1), status)


def _versioned(template: MessageTemplate, status: int = 200) -> Response:
    return json_response(status, templates_out.template(template), headers=etag(template.version))


handler = lambda_handler(app)
