"""Optimistic concurrency over HTTP: ``ETag`` tells a version, ``If-Match`` names the one that a change is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from laurel.model.errors import PreconditionRequired, VersionMismatch

if TYPE_CHECKING:
    from laurel.http.app import App


def etag(version: int) -> dict[str, str]:
    """The header that tells a version."""
    return {"ETag": f'"{version}"'}


def require_match(app: App, version: int) -> None:
    """Raise ``PreconditionRequired`` without ``If-Match``, ``VersionMismatch`` if it names only other versions."""
    named = app.header("if-match")
    if named is None:
        raise PreconditionRequired
    if not {"*", f'"{version}"'} & {tag.strip() for tag in named.split(",")}:
        raise VersionMismatch
