"""GET leaderboards: a board, page by page or as CSV, and one customer's place on it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

from laurel.http import answers, counting_out, cursor
from laurel.http.app import App, lambda_handler
from laurel.http.exchange import Response
from laurel.http.parameters import enum_parameter, limit_parameter
from laurel.leaderboard.board import board_store, read_board, read_place, resolve_period
from laurel.model.account import Store
from laurel.model.errors import InvalidInput
from laurel.model.period import Period, TimeFrame
from laurel.model.ranking import Metric
from laurel.settings import settings
from laurel.store.jobs import Jobs
from laurel.store.process import dynamodb
from laurel.store.rankings import Rankings
from laurel.store.workspace import Workspace

_PAGE = 50
_CSV_PAGE = 1000

app = App()
_rankings = Rankings(dynamodb(), settings().rankings_table)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_jobs = Jobs(dynamodb(), settings().workspace_table)


@app.get("/stores/{store}/leaderboard")
def get_leaderboard(store: str) -> dict[str, Any] | Response:
    now = datetime.now(UTC)
    board = board_store(_workspace, app.caller.account_id, store)
    period, frame = _period(board, now)
    as_csv = "text/csv" in (app.header("accept") or "")
    limit = limit_parameter(app, _CSV_PAGE if as_csv else _PAGE)
    after = app.query("cursor")
    metric = _metric()
    page = read_board(
        _rankings, board, period, metric, limit, cursor.decode(after, board.cursor_key) if after else None
    )
    following = cursor.encode(page.next_cursor, board.cursor_key) if page.next_cursor else None
    if not as_csv:
        told = answers.leaderboard(board, page, now, frame.value if frame else None, following)
        return {**told, **counting_out.rebuilding(board, _jobs)}
    text = io.StringIO()
    csv.writer(text).writerows([answers.CSV_HEADER, *(answers.csv_row(board, row) for row in page.rows)])
    headers = {
        "Content-Disposition": f'attachment; filename="{metric.value}-{page.period.id}.csv"',
        **counting_out.rebuilding_header(board),
    }
    if following:
        headers["Link"] = (
            f'<?rank_by={metric.value}&period={page.period.id}&limit={limit}&cursor={following}>; rel="next"'
        )
    return Response(200, "text/csv; charset=utf-8", text.getvalue(), headers=headers)


@app.get("/stores/{store}/leaderboard/{customer}")
def get_place(store: str, customer: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    board = board_store(_workspace, app.caller.account_id, store)
    period, frame = _period(board, now)
    place = read_place(_rankings, board, period, _metric(), customer)
    told = answers.place(board, place, now, frame.value if frame else None)
    return {**told, **counting_out.rebuilding(board, _jobs)}


def _metric() -> Metric:
    return enum_parameter(app, "rank_by", Metric) or Metric.TOTAL_SPENT


def _period(store: Store, now: datetime) -> tuple[Period, TimeFrame | None]:
    named = app.query("period")
    frame = enum_parameter(app, "time_frame", TimeFrame)
    if named and frame:
        raise InvalidInput("Give either time_frame or period, not both.")
    if not named:
        frame = frame or TimeFrame.MONTH_TO_DATE
    return resolve_period(store, frame, named, now), frame


handler = lambda_handler(app)
