"""What the API answers about imports, as pydantic models for its description."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from laurel.imports.columns import Kind
from laurel.imports.run import ImportState
from tools.openapi_answers import Answer, Cursor, Instant, StoreId

ImportId = Annotated[str, Field(pattern="^[a-z2-7]{16}$", examples=["3oc3gwj42xbqdk7w"], description="Sorts by time.")]
Rows = Annotated[int, Field(ge=0)]


class ImportRows(Answer):
    """Rows of the file by what became of them, an order's or a contact's. The headings are not counted."""

    total: Annotated[int | None, Field(ge=0, description="Null until the file was seen to its end.")]
    read: Annotated[int, Field(ge=0, description="All of the following together.")]
    accepted: Annotated[int, Field(ge=0, description="Recorded; of a dry run, fit to be.")]
    unchanged: Annotated[int, Field(ge=0, description="What is kept is as new, or newer.")]
    rejected: Rows
    empty: Rows


class ImportSummary(Answer):
    """An import and how far it is."""

    id: ImportId
    store_id: StoreId
    kind: Kind
    file_name: str
    dry_run: bool
    state: ImportState
    rows: ImportRows
    rows_per_second: Annotated[float | None, Field(description="So far; null while nobody can tell.")]
    seconds_left: Annotated[
        int | None, Field(ge=0, description="If it goes on like this; null while nobody can tell, and once it is over.")
    ]
    error: Annotated[str | None, Field(description="Why the import failed, for people.")]
    by: Annotated[str | None, Field(description="E-mail address of who asked for it.")]
    created_at: Instant
    started_at: Annotated[Instant | None, Field(description="When the file had arrived.")]
    finished_at: Instant | None
    location: Annotated[str, Field(description="Where to follow it.")]


class Import(ImportSummary):
    """An import, how far it is, and what was wrong."""

    rejected_rows_url: Annotated[
        str | None,
        Field(
            description=(
                "Once the import is over, if rows were rejected: where to download them for an hour from now, as CSV "
                "with `row`, `column` and `reason`. Kept for 30 days."
            )
        ),
    ]


class Upload(Answer):
    """Where to send the file: its bytes, with no other header than their length."""

    method: Literal["PUT"]
    url: Annotated[str, Field(description="Whoever has it may upload.")]
    expires_at: Instant


class StartedImport(Import):
    """A new import, which waits for its file."""

    upload: Upload


class Imports(Answer):
    """A page of imports, newest first. Imports are kept for 90 days."""

    imports: list[ImportSummary]
    next_cursor: Cursor
