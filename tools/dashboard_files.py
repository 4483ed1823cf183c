"""The dashboard's built files: what they are, and how long browsers and CloudFront may keep them."""

import mimetypes
from collections.abc import Iterator
from pathlib import Path

ASSETS = "assets/"
"""Files whose names change with their contents."""

CONFIG = "config.json"
"""What a deployment tells the dashboard; no file of the build."""

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".map": "application/json",
}


def built_files(root: Path) -> Iterator[str]:
    """Names of all files below ``root``, with slashes; the page that names the others comes last.

    A browser that loads the new page so finds all that it names.
    """
    names = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    yield from sorted(names, key=lambda name: (not name.startswith(ASSETS), name == "index.html", name))


def cache_control(name: str) -> str:
    """How long the file may be kept."""
    return FOR_EVER if name.startswith(ASSETS) else ASK_AGAIN


def content_type(name: str) -> str:
    """What the file holds, on whatever machine."""
    return _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
