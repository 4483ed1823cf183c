"""GET leaderboards: boards as of now and as closed, places, explained ranks, what changed since a close, snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from laurel.http import boards_out, counting_out, cursor
from laurel.http.app import App, lambda_handler
from laurel.http.exchange import Response
from laurel.http.parameters import enum_parameter, limit_parameter
from laurel.http.rewards_out import tiered
from laurel.http.tables import csv_and_limit, csv_response
from laurel.leaderboard.board import BoardPage, board_store, read_board, read_place, resolve_period
from laurel.leaderboard.movement import Movement, ReadableSnapshots, baseline, movements
from laurel.model.account import Store
from laurel.model.errors import InvalidInput
from laurel.model.period import Period, TimeFrame
from laurel.model.ranking import BoardView, Metric, Ranked
from laurel.model.snapshot import Snapshot, SnapshotKind
from laurel.rewards.tiers import TierReader
from laurel.settings import settings
from laurel.store.board_snapshots import BoardSnapshots, RememberedSnapshots
from laurel.store.jobs import Jobs
from laurel.store.process import dynamodb
from laurel.store.rankings import Rankings
from laurel.store.score_search import ScoreSearch
from laurel.store.seal import Seal, kms
from laurel.store.tiers import TierBook
from laurel.store.workspace import Workspace
from laurel.telemetry import snapshot_tampered

_FEW = 20
_MOST = 50


app = App()
_rankings = Rankings(dynamodb(), settings().rankings_table)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_jobs = Jobs(dynamodb(), settings().workspace_table)
_kept = BoardSnapshots(dynamodb(), settings().workspace_table, Seal(kms, settings().snapshot_key))
_snapshots = RememberedSnapshots(_kept)
_readable = ReadableSnapshots(_snapshots, snapshot_tampered)
_needed = ReadableSnapshots(_snapshots, snapshot_tampered, needed=True)
_tiers = TierReader(
    TierBook(dynamodb(), settings().workspace_table),
    ScoreSearch(dynamodb(), settings().contacts_table, settings().rankings_table),
    _workspace,
)


@app.get("/stores/{store}/leaderboard")
def get_leaderboard(store: str) -> dict[str, Any] | Response:
    now = datetime.now(UTC)
    board = board_store(_workspace, app.caller.account_id, store)
    period, frame = _period(board, now)
    view = enum_parameter(app, "view", BoardView) or BoardView.NOW
    as_csv, limit = csv_and_limit(app)
    sent = app.query("cursor")
    after = cursor.decode(sent, board.cursor_key) if sent else None
    metric = _metric()
    page: BoardPage
    last: Snapshot | None
    if view is BoardView.CLOSED:
        page, last = _closed(board, period, metric, limit, after)
        as_of = last.taken_at
    else:
        page, as_of = read_board(_rankings, board, period, metric, limit, after), now
        last = None if as_csv else _readable.latest(board, page.period.id)
    following = cursor.encode(page.next_cursor, board.cursor_key) if page.next_cursor else None
    if as_csv:
        return _csv(board, page, view, limit, following)
    since, moved = _moved(board, page.period, metric, page.rows, now)
    told = boards_out.leaderboard(
        board, page, as_of, frame and frame.value, following, view=view, since=since, moved=moved, last=last
    )
    _show_tiers(board, told["rows"], now)
    return {**told, **counting_out.rebuilding(board, _jobs)}


@app.get("/stores/{store}/leaderboard/{customer}")
def get_place(store: str, customer: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    board = board_store(_workspace, app.caller.account_id, store)
    period, frame = _period(board, now)
    metric = _metric()
    place = read_place(_rankings, board, period, metric, customer, _readable)
    since, moved = _moved(board, period, metric, [*place.above, place.customer, *place.below], now)
    told = boards_out.place(board, place, now, frame and frame.value, since=since, moved=moved)
    _show_tiers(board, [*told["above"], told["customer"], *told["below"]], now)
    return {**told, **counting_out.rebuilding(board, _jobs)}


@app.get("/stores/{store}/leaderboard/{customer}/explanation")
def explain_rank(store: str, customer: str) -> dict[str, Any]:
    from laurel.leaderboard.explain import Explainer  # noqa: PLC0415, few requests need it
    from laurel.store.corrections import Corrections  # noqa: PLC0415, as above
    from laurel.store.ledger import Ledger  # noqa: PLC0415, as above

    now = datetime.now(UTC)
    board = board_store(_workspace, app.caller.account_id, store)
    period, frame = _period(board, now)
    metric = _metric()
    ledger, corrections = Ledger(dynamodb(), settings().ledger_table), Corrections(dynamodb(), settings().ledger_table)
    explainer = Explainer(_rankings, ledger, corrections, _readable)
    explained = explainer.explain(board, period, metric, customer, now)
    told = boards_out.explanation(board, explained, period, metric, now, frame and frame.value)
    return {**told, **counting_out.rebuilding(board, _jobs)}


@app.get("/stores/{store}/leaderboard-changes")
def get_leaderboard_changes(store: str) -> dict[str, Any]:
    from laurel.leaderboard.closed import read_changes  # noqa: PLC0415, few requests need it
    from laurel.store.corrections import Corrections  # noqa: PLC0415, as above

    now = datetime.now(UTC)
    board = board_store(_workspace, app.caller.account_id, store)
    period, frame = _period(board, now)
    metric = _metric()
    limit = limit_parameter(app, _FEW, _MOST)
    pages = cursor.Pages(board.cursor_key, f"leaderboard-changes {period.id} {metric.value}")
    position = pages.position(app.query("cursor"))
    corrections = Corrections(dynamodb(), settings().ledger_table)
    page = read_changes(_rankings, corrections, _needed, board, period, metric, limit, position)
    told = boards_out.changes(
        board,
        page,
        period,
        metric,
        now,
        frame and frame.value,
        baseline(_readable, board, period, now),
        pages.cursor(page.next_position),
    )
    return {**told, **counting_out.rebuilding(board, _jobs)}


@app.get("/stores/{store}/snapshots")
def list_board_snapshots(store: str) -> dict[str, Any]:
    from laurel.scoring.work import at_once  # noqa: PLC0415, nothing else here waits for many

    board = board_store(_workspace, app.caller.account_id, store)
    closed = (enum_parameter(app, "kind", SnapshotKind) or SnapshotKind.CLOSED) is SnapshotKind.CLOSED
    pages = cursor.Pages(board.cursor_key, f"snapshots {closed}")
    position = pages.position(app.query("cursor"))
    listed, following = _kept.listed(
        board, closed=closed, limit=limit_parameter(app, _FEW, _MOST), after=position["after"] if position else None
    )
    kms()  # one client, not one for each thread
    genuine = at_once(lambda it: _kept.is_genuine(board, it), listed)
    return {
        "snapshots": [
            boards_out.snapshot(it.period, it.taken_at, it.customers, closed=it.closed, verified=verified)
            for it, verified in zip(listed, genuine, strict=True)
        ],
        "next_cursor": pages.cursor({"after": following} if following else None),
    }


def _moved(
    store: Store, period: Period, metric: Metric, rows: list[Ranked], now: datetime
) -> tuple[Snapshot | None, Mapping[str, Movement]]:
    since = baseline(_readable, store, period, now)
    return since, movements(_rankings, store, period, metric, rows, since) if since else {}


def _show_tiers(store: Store, rows: list[dict[str, Any]], now: datetime) -> None:
    customers = [row["customer"] for row in rows]
    tiered(rows, _tiers.tiers_of(store.account_id, store.audience_id, customers, now))


def _closed(
    store: Store, period: Period, metric: Metric, limit: int, after: Mapping[str, str] | None
) -> tuple[BoardPage, Snapshot]:
    from laurel.leaderboard.closed import read_closed  # noqa: PLC0415, few requests need it

    closed = read_closed(_needed, _rankings, store, period, metric, limit, after)
    shown = store.calendar.period(closed.snapshot.period)
    return BoardPage(shown, metric, closed.rows, closed.next_cursor), closed.snapshot


def _csv(store: Store, page: BoardPage, view: BoardView, limit: int, following: str | None) -> Response:
    metric, period = page.metric.value, page.period.id
    name = f"{metric}-{period}-closed" if view is BoardView.CLOSED else f"{metric}-{period}"
    asked = {"rank_by": metric, "period": period, "view": view.value, "limit": limit, "cursor": following}
    return csv_response(
        name,
        boards_out.CSV_HEADER,
        (boards_out.csv_row(store, row) for row in page.rows),
        asked if following else None,
        counting_out.rebuilding_header(store),
    )


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
