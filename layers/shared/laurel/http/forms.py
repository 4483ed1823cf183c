"""HTML forms: bodies of ``application/x-www-form-urlencoded`` and ``multipart/form-data``."""

from __future__ import annotations

from email.parser import BytesParser
from urllib.parse import parse_qsl

_MOST_FIELDS = 20
_LONGEST = 10_000


def form(content_type: str | None, body: bytes) -> dict[str, str]:
    """The fields of a small form, the first of each name; none if it cannot be read as one."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if len(body) > _LONGEST:
        return {}
    if kind == "multipart/form-data":
        fields = _multipart(content_type or "", body)
    elif kind == "application/x-www-form-urlencoded":
        try:
            fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError:
            return {}
    else:
        return {}
    return dict(reversed(fields))


def _multipart(content_type: str, body: bytes) -> list[tuple[str, str]]:
    header = content_type.replace("\r", "").replace("\n", "").encode(errors="replace")
    message = BytesParser().parsebytes(b"Content-Type: " + header + b"\r\n\r\n" + body)
    fields = []
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            fields.append((name, content.decode(errors="replace").strip()))
    return fields
