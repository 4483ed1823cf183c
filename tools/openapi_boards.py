"""What the API answers about boards, as pydantic models for its description, and the prose about them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from laurel.leaderboard.movement import MovementKind
from laurel.model.correction import OrderEffectKind
from laurel.model.period import TimeFrame
from laurel.model.ranking import BoardView, Metric
from tools.openapi_answers import (
    Answer,
    CurrencyCode,
    Cursor,
    Customer,
    Figures,
    Instant,
    Money,
    Period,
    Rebuildable,
    StoreId,
)
from tools.openapi_rewards import ContactTier

Rank = Annotated[int, Field(ge=1, description="Standard competition rank: 1 2 2 4.")]
RankExact = Annotated[
    bool, Field(description="False for an estimate: beyond the first 10,000 ranks follow from the last snapshot.")
]
Value = Annotated[
    Annotated[int, Field(ge=0)] | Money, Field(description="Purchases as a number, money as a decimal string.")
]


class Movement(Answer):
    """How a rank compares with the one in the snapshot of `movement_since`."""

    kind: Annotated[
        MovementKind,
        Field(
            description=(
                "`new`: the first purchase ever is within this period. `back`: bought before, and was not on the board."
            )
        ),
    ]
    previous_rank: Annotated[
        int | None, Field(ge=1, description="Null for `new` and `back`, and for who comes from beyond 1,000.")
    ]
    by: Annotated[int | None, Field(ge=0, description="Places won or lost; null where `previous_rank` is.")]


class SnapshotRef(Answer):
    """The snapshot that movement is told from."""

    period: Annotated[str, Field(examples=["2026-11"])]
    taken_at: Instant


class BoardPerson(Answer):
    """Who is on a board. Names are as they are now."""

    customer: Customer
    name: Annotated[str | None, Field(description="Null for who has none, and for who was forgotten.")]
    email: str | None
    profile: Annotated[str | None, Field(description="Path of the contact's profile; null without an e-mail address.")]


class Row(Figures):
    """A row of a board."""

    rank: Rank
    rank_exact: RankExact
    customer: Customer
    name: str | None
    email: str | None
    profile: Annotated[str | None, Field(description="Path of the contact's profile; null without an e-mail address.")]
    movement: Annotated[Movement | None, Field(description="Null if there is no snapshot to tell it from.")]
    tier: Annotated[ContactTier | None, Field(description="The contact's tier; null if the needs of none are met.")]


class BoardStore(Answer):
    """The store of a board."""

    id: StoreId
    name: str
    currency: CurrencyCode


class Board(Rebuildable):
    """What a board is about."""

    store: BoardStore
    rank_by: Metric
    time_frame: Annotated[TimeFrame | None, Field(description="Null where a period was named.")]
    period: Period
    as_of: Annotated[Instant, Field(description="Of a board as closed: when its snapshot was taken.")]
    movement_since: Annotated[SnapshotRef | None, Field(description="Null if there is no earlier snapshot.")]


class BoardTotals(Answer):
    """What all customers of a period come to."""

    customers: Annotated[int, Field(ge=0, description="Who bought in the period.")]
    orders_count: Annotated[int, Field(ge=0)]
    total_spent: Money
    currency: CurrencyCode
    as_of: Instant


class Percentile(Answer):
    """The least value that so many percent of the board's customers do not exceed."""

    percent: Literal[50, 75, 90, 95, 99]
    value: Value


class Leaderboard(Board):
    """A page of a board, best first."""

    view: BoardView
    totals: Annotated[BoardTotals | None, Field(description="From the last snapshot; null before the first.")]
    percentiles: Annotated[
        list[Percentile] | None, Field(description="From the last snapshot; null before the first, or of nobody.")
    ]
    rows: list[Row]
    next_cursor: Cursor


class NextPlace(Answer):
    """What is missing to the next better place."""

    to_customer: Customer
    gap: Annotated[
        Annotated[int, Field(ge=1)] | Money, Field(description="Purchases as a number, money as a decimal string.")
    ]


class Place(Board):
    """A customer's place between its neighbours."""

    above: Annotated[list[Row], Field(max_length=5)]
    customer: Row
    below: Annotated[list[Row], Field(max_length=5)]
    next_place: Annotated[NextPlace | None, Field(description="Null at the top.")]


class OrderEffect(Answer):
    """What one order, refund or cancellation did to a customer's figures."""

    order_id: str
    kind: Annotated[
        OrderEffectKind,
        Field(
            description=(
                "`placed`: it began to count. `refunded`: it counts for less. `cancelled`: it counts no more. "
                "`corrected`: it counts for more."
            )
        ),
    ]
    at: Annotated[Instant, Field(description="When it was placed or, of other changes, when Laurel heard of it.")]
    placed_at: Instant
    orders_count: Annotated[int, Field(ge=-1, le=1, description="Purchases won or lost by it.")]
    total_spent: Annotated[Money, Field(description="Spent more, or with a minus less, by it.")]


class FiguresDifference(Answer):
    """Figures less earlier ones."""

    orders_count: int
    total_spent: Money


class BoardStanding(Answer):
    """A customer's rank and figures at a time."""

    rank: Annotated[int | None, Field(ge=1, description="Null for who is not on the board, or not known to be.")]
    rank_exact: RankExact
    figures: Annotated[Figures | None, Field(description="Null without purchases, or where they are not known.")]


class BoardChange(BoardPerson):
    """A customer whose rank or figures are not what they were when the board was closed."""

    closed: Annotated[
        BoardStanding, Field(description="As closed. Figures of who was not among the first 1,000 are null.")
    ]
    now: Annotated[BoardStanding, Field(description="As of now. Ranks beyond 1,000 are null.")]
    effects: Annotated[
        list[OrderEffect], Field(description="Orders of the period that changed, or were heard of, after the close.")
    ]
    unlisted: Annotated[
        FiguresDifference | None,
        Field(description="What the effects do not account for, such as a change of rates; null if they do."),
    ]


class BoardChanges(Board):
    """What differs between a board as closed and as of now."""

    closed_at: Annotated[Instant, Field(description="When the closing snapshot was taken.")]
    changes: list[BoardChange]
    next_cursor: Cursor


class Overtaker(BoardPerson):
    """Somebody who passed the customer, or whom the customer passed."""

    rank_then: Annotated[int | None, Field(ge=1, description="Null for who was not among the first 1,000.")]
    rank_now: Annotated[int | None, Field(ge=1, description="Null for who is not among the first 1,000.")]


class Overtakings(Answer):
    """How many, and the first 20 of them."""

    count: Annotated[int, Field(ge=0)]
    customers: Annotated[list[Overtaker], Field(max_length=20, description="Best rank now first.")]


class RankExplanation(Board):
    """Why a customer's rank is what it is."""

    customer: BoardPerson
    then: Annotated[BoardStanding | None, Field(description="In the snapshot of `movement_since`; null without one.")]
    now: BoardStanding
    movement: Annotated[Movement | None, Field(description="Null if the customer is not on the board, or not known.")]
    effects: Annotated[
        list[OrderEffect],
        Field(
            max_length=100,
            description=(
                "The customer's own orders, refunds and cancellations since that snapshot, newest first; if it is of "
                "the period before, of this whole period."
            ),
        ),
    ]
    effects_count: Annotated[int, Field(ge=0, description="How many there are; 100 at most are listed.")]
    difference: Annotated[
        FiguresDifference | None,
        Field(description="Figures now less figures then; null unless both are of this period and known."),
    ]
    unlisted: Annotated[
        FiguresDifference | None,
        Field(description="What of the difference the effects do not account for; null if nothing is left."),
    ]
    passed_by: Annotated[
        Overtakings | None,
        Field(
            description=(
                "Who is ahead now and was not then. `then.rank + passed_by.count - passed.count` is `now.rank`. Null "
                "where the two ranks are not both within the first 1,000."
            )
        ),
    ]
    passed: Annotated[Overtakings | None, Field(description="Who was ahead then and is not now; null as `passed_by`.")]


class BoardSnapshot(Answer):
    """A snapshot of a period's boards."""

    period: Annotated[str, Field(examples=["2026-11", "2026-W47", "2026-Q4", "2026", "all"])]
    taken_at: Instant
    closed: Annotated[bool, Field(description="Taken when the period was over; kept for good. Others for eight days.")]
    customers: Annotated[int, Field(ge=0, description="Who bought in the period.")]
    verified: Annotated[bool, Field(description="Its signature is that of its content.")]


class BoardSnapshots(Answer):
    """Snapshots of a store's boards, newest first."""

    snapshots: list[BoardSnapshot]
    next_cursor: Cursor


OPERATIONS = ("getLeaderboard", "getPlace", "explainRank", "getLeaderboardChanges", "listBoardSnapshots")

DESCRIPTIONS = {
    "getLeaderboard": (
        "Best first. Ties share a rank (1 2 2 4) and list the most recent buyer first. Instead of `time_frame` any "
        "`period` may be named, so every past board stays readable.\n\n"
        "`movement` compares each rank with an earlier snapshot, that of `movement_since`: of a running period the "
        "last one that is at least 24 hours old or, in its first 24 hours, the closing one of the period before; of a "
        "closed period the closing one of the period before. `totals` and `percentiles` are of the last snapshot, "
        "which is at most about an hour old.\n\n"
        "`view=closed` shows a period that is over as it was when it was closed: ranks and figures of the signed "
        "snapshot, names as they are now. It is 404 with the problem `no-closing-snapshot` for a period that is not "
        "over, that was over before the store was connected, or that is about to be closed.\n\n"
        "`Accept: text/csv` gives the page as CSV, 1,000 rows unless `limit` says otherwise, with a `Link` header to "
        "the next page. An account without a connected store is answered 409 with the problem `no-connected-store`, "
        "which tells how to connect one."
    ),
    "getPlace": (
        "The customer's rank, up to five rows above and below, and what is missing to the next better place. Ranks are "
        "counted for the first 10,000; beyond, they are estimated from the percentiles of the last snapshot, and "
        "`rank_exact` is false."
    ),
    "explainRank": (
        "Rank then and now, the customer's own orders, refunds and cancellations in between, and who passed whom, so "
        "that the numbers add up. It is 404 for who is on neither board."
    ),
    "getLeaderboardChanges": (
        "Customers among the first 1,000 of either, whose rank or figures differ between the board as closed and as of "
        "now: first those whose own figures differ, with the late orders and refunds that did it, then those who were "
        "merely moved by them."
    ),
    "listBoardSnapshots": "Closing snapshots are kept for good, hourly ones of running periods for eight days.",
}
