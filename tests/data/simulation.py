"""Stores in five time zones, years of real baskets, and a clock that is driven from quarter to quarter of an hour.

What must be so is reckoned from the facts by tests/support/recount and from the standard library's calendar. It shares
nothing with the product.
"""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from botocore.exceptions import ClientError

from laurel.http.orders_in import order_report
from laurel.ingestion.record import record_orders
from laurel.model.account import Store
from laurel.model.snapshot import Snapshot
from laurel.store.ledger import Ledger
from tests.data.feed import STORE, Acquaintances, project
from tests.data.journey import CURRENCY, Basket, customer, dollars
from tests.support.faults import client_error
from tests.support.recount import Shop, Version
from tests.support.refreshing import Refreshing
from tests.support.samples import a_store
from tests.support.stage import MemoryStage
from tests.support.tables import Database

if TYPE_CHECKING:
    from types import ModuleType

ZONES = (
    ("America/New_York", 1),
    # Clocks go forward at midnight on a Sunday, on which weeks begin there: those weeks begin at one o'clock.
    ("America/Sao_Paulo", 7),
    # No daylight saving, and an hour that begins at a quarter past.
    ("Asia/Kathmandu", 1),
    # Half an hour of daylight saving.
    ("Australia/Lord_Howe", 6),
    ("Europe/Berlin", 1),
)
YEAR = timedelta(days=364)
"""As many days as a second year's baskets are moved by: the days of the week stay."""

_LEAST_PURCHASES = 2
_CANCELLED, _CANCELLED_AFTER = 0.04, timedelta(days=9)
_SETTLING = timedelta(minutes=5)
_RUNNING_KEPT = timedelta(days=8)


@dataclass(frozen=True)
class Fact:
    """What is heard of an order at a time."""

    at: datetime
    version: Version


class Interrupted(BaseException):
    """A worker is stopped."""


def facts_of(baskets: Sequence[Basket], chance: random.Random) -> list[Fact]:
    """Two years of baskets, each heard of a little later; some are cancelled when their week is over."""
    facts = []
    for year in (0, 1):
        for basket in baskets:
            placed = datetime.fromtimestamp(basket.placed_at, UTC) + year * YEAR
            version = Version(
                id=f"{basket.id}-{year}",
                updated_at=int(placed.timestamp()),
                placed_at=int(placed.timestamp()),
                total=basket.total,
                currency=CURRENCY,
                state="paid",
                test=False,
                refunds=(("coupons", basket.coupons),) if basket.coupons else (),
                email=customer(basket.household)["email"],
                customer_id=str(basket.household),
            )
            facts.append(Fact(placed + timedelta(seconds=chance.randrange(240)), version))
            if chance.random() < _CANCELLED:
                at = placed + _CANCELLED_AFTER
                cancelled = replace(version, state="cancelled", updated_at=int(at.timestamp()))
                facts.append(Fact(at, cancelled))
    return sorted(facts, key=lambda fact: fact.at)


def as_sent(version: Version) -> dict[str, Any]:
    """A version of an order as a client of the API would describe it."""
    return {
        "id": version.id,
        "placed_at": datetime.fromtimestamp(version.placed_at, UTC).isoformat(),
        "updated_at": datetime.fromtimestamp(version.updated_at, UTC).isoformat(),
        "status": version.state,
        "currency": version.currency,
        "total": dollars(version.total),
        "customer": {"email": version.email, "id": version.customer_id},
        "refunds": [{"id": id_, "amount": dollars(amount)} for id_, amount in version.refunds],
    }


class Simulation:
    """One store and its clock. ``kept`` are the snapshots that workers kept, with how often each was."""

    def __init__(
        self, stage: MemoryStage, function: ModuleType, zone: str, first_day: int, facts: list[Fact], seed: int
    ) -> None:
        self.chance = random.Random(seed)
        self.facts = facts
        self.began = datetime(2017, 1, 10, 9, 17, tzinfo=UTC)
        calendar = a_store(time_zone=zone, first_day_of_week=first_day).calendar
        self.store: Store = replace(
            STORE,
            account_id=f"account{seed}",
            calendar=calendar,
            minimum_purchases=_LEAST_PURCHASES,
            created_at=self.began,
        )
        self.zone, self.first_day = ZoneInfo(zone), first_day
        self.shop = Refreshing(Database(stage.client, stage.tables), self.began)
        self.kept: Counter[tuple[str, datetime, bool]] = Counter()
        self.taken: dict[tuple[str, datetime, bool], datetime] = {}
        self._stage, self._function = stage, function
        self._ledger, self._people = Ledger(stage.client, stage.tables.ledger), Acquaintances()
        self._heard = 0
        self._was_kept = False
        self.shop.refresher = replace(self.shop.refresher, shelf=self)
        assert self.shop.workspace.save_store(self.store)

    # ---- The shelf, watched ------------------------------------------------------------------------------------------

    def keep(self, snapshot: Snapshot) -> bool:
        """As ``BoardSnapshots.keep``."""
        name = snapshot.period, snapshot.hour, snapshot.closed
        kept = False
        try:
            kept = self.shop.snapshots.keep(snapshot)
        except BaseException:
            kept = self._was_kept  # it was, and its worker is not told
            raise
        finally:
            self.kept[name] += kept
            if kept:
                self.taken[name] = snapshot.taken_at
            self._was_kept = False
        return kept

    def closed(self, store: Store, period: str, *, verified: bool = True) -> Snapshot | None:
        """As ``BoardSnapshots.closed``."""
        return self.shop.snapshots.closed(store, period, verified=verified)

    def of_hour(self, store: Store, period: str, hour: datetime) -> Snapshot | None:
        """As ``BoardSnapshots.of_hour``."""
        return self.shop.snapshots.of_hour(store, period, hour)

    # ---- What happens ------------------------------------------------------------------------------------------------

    def quarters(self, until: datetime) -> Iterator[datetime]:
        """Times of runs: the first one of each local day and another of it. For three weeks there are none."""
        day = self.began.astimezone(self.zone).date()
        outage = day + timedelta(days=self.chance.randrange(100, 500))
        while (midnight := self.midnight(day)) < until:
            if midnight > self.began and not outage <= day < outage + timedelta(days=21):
                yield from (
                    midnight + timedelta(minutes=5 + 15 * number) for number in (0, self.chance.randrange(1, 92))
                )
            day += timedelta(days=1)

    def go_on_to(self, now: datetime) -> None:
        """Let the shop go on, and have what it heard projected."""
        self.shop.now = now
        heard = self._heard
        while self._heard < len(self.facts) and self.facts[self._heard].at <= now:
            self._heard += 1
        if heard == self._heard:
            return
        before = len(self._stage.records)
        for start in range(heard, self._heard, 100):
            some = self.facts[start : min(start + 100, self._heard)]
            reports = [order_report(as_sent(fact.version)) for fact in some]
            results = record_orders(self._ledger, self._people, self.store, reports, now)
            assert all(result.error is None for result in results), results
        told = [it for it in self._stage.records[before:] if it["dynamodb"]["Keys"]["sk"]["S"].startswith("order#")]
        assert project(self._function, [{"Records": told}]) == len(told)

    def refresh(self) -> None:
        """A run, which may be lost, and its message, which may come several times, to workers who may be stopped."""
        if self.chance.random() < 0.15:
            return
        self.shop.run(self.store.account_id)
        while self.shop.queue:
            self.shop.queue.pop()
            for _ in range(self.chance.choice((1, 1, 2, 3))):
                self._work()

    def _work(self) -> None:
        if self.chance.random() < 0.2:
            at, passed = self.chance.randrange(80), [0]
            how = self.chance.choice((Interrupted(), client_error("InternalServerError")))

            def step(_place: str) -> None:
                passed[0] += 1
                if passed[0] == at:
                    raise how

            def after(operation: str) -> None:
                self._was_kept = operation == "put_item"
                step(operation)

            self._stage.before, self._stage.after, self.shop.told.step = step, after, step
        with contextlib.suppress(Interrupted, ClientError):
            self.shop.refresher.refresh(self.store.account_id, self.store.id)
        self._stage.before = self._stage.after = self.shop.told.step = lambda _: None

    def sweep(self) -> None:
        """What DynamoDB does with items that expire."""
        gone = self.shop.now - _RUNNING_KEPT
        self.taken = {name: at for name, at in self.taken.items() if name[2] or name[1] > gone}
        table = self._stage.tables.workspace
        for item in self._stage.items(table, self.store.account_id):
            if "expires_at" in item and int(item["expires_at"]["N"]) <= self.shop.now.timestamp():
                self._stage.client.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})

    # ---- What must be so ---------------------------------------------------------------------------------------------

    def midnight(self, day: date) -> datetime:
        """When a local day begins, in UTC."""
        return datetime.fromtimestamp(datetime.combine(day, time.min, self.zone).timestamp(), UTC)

    def recount(self, at: datetime) -> Shop:
        """The shop as it was, told once more from the beginning."""
        shop = Shop(CURRENCY, self.zone.key, _LEAST_PURCHASES, first_day_of_week=self.first_day)
        for fact in self.facts:
            if fact.at > at:
                break
            shop.describe(fact.version)
        return shop

    def closes(self) -> dict[str, datetime]:
        """Every period that ended since the store was connected, and when, less those of the last minutes."""
        shop = Shop(CURRENCY, self.zone.key, _LEAST_PURCHASES, first_day_of_week=self.first_day)
        day, found = self.began.astimezone(self.zone).date(), {}
        while (end := self.midnight(day + timedelta(days=1))) + _SETTLING <= self.shop.now:
            noon, next_noon = (
                int(datetime.combine(it, time(12), self.zone).timestamp()) for it in (day, day + timedelta(days=1))
            )
            ended = zip(shop.periods(noon), shop.periods(next_noon), strict=True)
            found |= {before: end for before, after in ended if before != after}
            day += timedelta(days=1)
        return found
