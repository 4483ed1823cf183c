"""Imports of a store's history, started, followed and cancelled."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from laurel.http import imports_out
from laurel.http.app import App, lambda_handler
from laurel.http.cursor import Pages
from laurel.http.parameters import limit_parameter
from laurel.imports.run import Import
from laurel.model.errors import Conflict, NotFound
from laurel.model.job import job_id
from laurel.settings import settings
from laurel.store.import_files import ImportFiles, s3
from laurel.store.imports import Imports
from laurel.store.process import dynamodb
from laurel.store.queue import ImportQueue, sqs
from laurel.store.workspace import Workspace
from laurel.telemetry import count
from laurel.workspace.stores import existing, require_open

_PAGE = 50

app = App(dynamodb)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_imports = Imports(dynamodb(), settings().workspace_table)


@app.post("/stores/{store}/imports")
def start(store: str) -> dict[str, Any]:
    from laurel.http.imports_in import ImportNew, asked_of  # noqa: PLC0415, reads need no pydantic
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic

    target = existing(_workspace, app.caller.account_id, store)
    require_open(target)
    wanted = read(ImportNew, app.json_body())
    now = datetime.now(UTC)
    it = Import(
        account_id=target.account_id,
        store_id=target.id,
        id=job_id(now),
        kind=wanted.kind,
        file_name=wanted.file_name,
        created_at=now,
        asked=asked_of(wanted),
        dry_run=wanted.dry_run,
        by=app.request.claims.get("email"),
    )
    _imports.create(it)
    count("ImportsStarted")
    return imports_out.started(it, _files(), now)


@app.get("/stores/{store}/imports")
def list_imports(store: str) -> dict[str, Any]:
    target = existing(_workspace, app.caller.account_id, store)
    pages = Pages(_workspace.cursor_key(target.account_id), f"imports of {target.id}")
    position = pages.position(app.query("cursor"))
    limit = limit_parameter(app, _PAGE)
    found, last = _imports.of_store(target.account_id, target.id, limit, position["import"] if position else None)
    return imports_out.imports(found, pages.cursor({"import": last} if last else None))


@app.get("/stores/{store}/imports/{import_id}")
def get_import(store: str, import_id: str) -> dict[str, Any]:
    return imports_out.import_(_existing(store, import_id), _files())


@app.post("/stores/{store}/imports/{import_id}/cancel")
def cancel(store: str, import_id: str) -> dict[str, Any]:
    cancelled = _imports.cancel(_existing(store, import_id), datetime.now(UTC))
    if cancelled is None:
        raise Conflict(f"Import {import_id!r} is over already.")
    ImportQueue(sqs(), settings().imports_queue_url).conclude(cancelled)
    count("ImportsCancelled")
    return imports_out.import_(cancelled, _files())


def _existing(store_id: str, import_id: str) -> Import:
    target = existing(_workspace, app.caller.account_id, store_id)
    found = _imports.existing(target.account_id, target.id, import_id)
    if found is None:
        raise NotFound("import", import_id)
    return found


def _files() -> ImportFiles:
    return ImportFiles(s3(), settings().imports_bucket)


handler = lambda_handler(app)
