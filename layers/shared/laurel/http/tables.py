"""Tables as CSV, in bodies and in answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from laurel.http.exchange import Request, Response
from laurel.http.parameters import limit_parameter
from laurel.model.errors import MalformedBody

if TYPE_CHECKING:
    from laurel.http.app import App

_PAGE = 50
_CSV_PAGE = 1000


def is_csv(request: Request) -> bool:
    """True if the body says that it is CSV."""
    sent: str = request.headers.get("content-type", "")
    return sent.partition(";")[0].strip().lower() == "text/csv"


def csv_lines(request: Request) -> list[list[str]]:
    """The lines of a CSV body that are not empty, separated by commas or semicolons. Raises ``MalformedBody``."""
    try:
        text = request.body().decode("utf-8-sig")
        delimiter = ";" if ";" in text.partition("\n")[0] else ","
        return [line for line in csv.reader(io.StringIO(text), delimiter=delimiter, strict=True) if line]
    except UnicodeDecodeError as error:
        raise MalformedBody(f"The body is not UTF-8: {error.reason}.") from None
    except csv.Error as error:
        raise MalformedBody(f"The body is not CSV: {error}.") from None


def csv_and_limit(app: App) -> tuple[bool, int]:
    """Whether CSV is asked for, and the ``limit`` parameter, which is larger by default then."""
    as_csv = "text/csv" in (app.header("accept") or "")
    return as_csv, limit_parameter(app, _CSV_PAGE if as_csv else _PAGE)


def csv_response(
    name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    following: Mapping[str, object] | None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A table to download, with a link to the page after it, whose query is ``following``."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    link = {"Link": f'<?{urlencode(following)}>; rel="next"'} if following else {}
    disposition = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(200, "text/csv; charset=utf-8", text.getvalue(), headers={**disposition, **(headers or {}), **link})
