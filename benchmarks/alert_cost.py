"""What the daily look at loyalty costs: customers who are watched, those who slip away, and the day after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from benchmarks.board_reads import name_and_email
from benchmarks.meter import one_by_one
from benchmarks.place import Place, ledger_item, paid_order
from benchmarks.scoring_cost import profile
from laurel.alerts.digest import MailDigest
from laurel.alerts.watched import CLOSINGS
from laurel.alerts.work import Sources, WatchLoyalty
from laurel.leaderboard.snapshot import take
from laurel.messaging.team_mail import TeamDelivery
from laurel.model.account import Account, Audience, Plan, Store
from laurel.model.alert import MOST_WATCHED, AlertRules, StoreRules, Watch
from laurel.model.identity import contact_id
from laurel.model.job import Job, JobKind
from laurel.model.order import Buyer, Order, epoch_ms
from laurel.model.period import PeriodKind
from laurel.model.ranking import Figures
from laurel.store import keys
from laurel.store.alert_rules import KeptAlertRules
from laurel.store.alerts import Alerts
from laurel.store.board_snapshots import BoardSnapshots, RememberedSnapshots
from laurel.store.dynamodb import Item, Value, attributes
from laurel.store.scores import Scores
from laurel.store.seal import Seal
from laurel.store.signals import Signals
from laurel.store.workspace import Workspace
from tests.support.seals import FakeKMS

ORDERS, ENTRIES = 20, 40
"""Of each customer: orders in a store, a month apart, and entries in the history of the score, ten days apart."""

SLIPS = 20
"""One customer in so many has bought nothing for two months more."""

SIZES = (200, 1_000, 10_000)
_MONDAY = datetime(2026, 11, 16, 0, 30, tzinfo=UTC)
_CREATED = datetime(2024, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Watched:
    """The look of a day at an audience: units, and alerts that were opened."""

    customers: int
    what: str
    opened: int
    reads: float
    writes: float


def measure(place: Place, sizes: Sequence[int] = SIZES) -> Iterator[Watched]:
    """Audiences with so many customers to look at, a thousand a store at most, on two days that follow each other."""
    for size in sizes:
        shops = _Shops(place, size)
        shops.fill()
        yield shops.look(f"a Monday on which one in {SLIPS} slips away", _MONDAY)
        yield shops.look("the day after", _MONDAY + timedelta(days=1))


class _Shops:
    """Stores with the same customers."""

    def __init__(self, place: Place, size: int) -> None:
        self._place, self._size = place, size
        self._people = min(size, MOST_WATCHED)
        account = f"watched{size}"
        self._account = Account(account, "Rosen", Plan.STANDARD, "en", "5f" * 32, _CREATED)
        self._audience = Audience(account, "customers", "Customers", 1, _CREATED)
        self._stores = [
            replace(place.store, account_id=account, audience_id="customers", id=f"store{number}", version=0)
            for number in range(size // self._people)
        ]

    def fill(self) -> None:
        """Everything that is looked at."""
        place = self._place
        workspace = Workspace(place.client, place.tables.workspace)
        workspace.save_account(self._account)
        workspace.save_audience(self._audience)
        rules = {store.id: StoreRules(Watch(first=self._people)) for store in self._stores}
        KeptAlertRules(place.client, place.tables.workspace).save(
            AlertRules(self._account.id, self._audience.id, stores=rules)
        )
        for number in range(self._people):
            place.put(place.tables.contacts, _person(self._stores[0], number))
        for store in self._stores:
            workspace.save_store(store)
            self._close(store)
            orders = (_order(number, nth) for number in range(self._people) for nth in range(ORDERS))
            place.put(place.tables.ledger, (ledger_item(store, order) for order in orders))

    def look(self, what: str, now: datetime) -> Watched:
        """The job of a day, by a process that has just begun."""
        client, tables = self._place.client, self._place.tables
        workspace, alerts = Workspace(client, tables.workspace), Alerts(client, tables.workspace)
        rules = KeptAlertRules(client, tables.workspace)
        boards = RememberedSnapshots(BoardSnapshots(client, tables.workspace))
        sources = Sources(workspace, boards, self._place.ledger, Scores(client, tables.contacts))
        digest = MailDigest(alerts, rules, workspace, self._place.contacts, _Post(), "https://app.example.com")
        task = WatchLoyalty(sources, rules, alerts, Signals(client, tables.contacts), digest, lambda: now)
        job = Job(self._account.id, self._audience.id, "look", JobKind.ALERTS, created_at=now, updated_at=now)
        with patch("laurel.alerts.work.at_once", one_by_one), self._place.meter.uses() as uses:
            while not job.is_finished:
                job = task.step(self._audience, job)
        result = job.result or {}
        if result["customers"] != self._size:
            raise RuntimeError(f"looked at {result['customers']} of {self._size}")
        return Watched(
            self._size, what, result["opened"], sum(use.reads for use in uses), sum(use.writes for use in uses)
        )

    def _close(self, store: Store) -> None:
        """The closings that are looked at, at each of which everybody was where they are."""
        kept = BoardSnapshots(self._place.client, self._place.tables.workspace, Seal(FakeKMS, "key"))
        rows = [(_id(number), Figures(3, 5_000_000 - 97 * number, 1)) for number in range(self._people)]
        period = store.calendar.period("2026-11")
        for _ in range(CLOSINGS[PeriodKind.MONTH]):
            period = store.calendar.previous(period)
            end = period.end or _MONDAY
            kept.keep(take(store, period.id, rows, end, end, closed=True))


class _Post:
    """Takes mail to the team, of which nothing is kept."""

    def send(self, account: Account, key: str, subject: str, text: str, now: datetime) -> TeamDelivery:
        del account, key, subject, text, now
        return TeamDelivery(sent=True)


def _person(store: Store, number: int) -> Iterator[Item]:
    """A contact with a score, and its history."""
    person = profile(store, number, score=5 * ENTRIES) | attributes({"score_seq": ENTRIES})
    yield person
    for nth in range(ENTRIES):
        at = epoch_ms(_MONDAY - timedelta(days=10 * (ENTRIES - nth)))
        entry: dict[str, Value] = {
            "sk": keys.score_entry(at, f"activity:visit-{number}-{nth}", "visit", "visits"),
            "at": at,
            "activity": "page.visited",
            "effect": "add",
            "asked": 5,
            "given": 5,
            "before": 5 * nth,
            "after": 5 * nth + 5,
            "seq": nth + 1,
            "epoch": 1,
        }
        yield {"pk": person["pk"]} | attributes(entry)


def _order(number: int, nth: int) -> Order:
    late = 60 if number % SLIPS == 0 else 0
    placed_at = _MONDAY - timedelta(days=10 + late + 30 * nth)
    name, email = name_and_email(number)
    return paid_order(f"{number:05}-{nth:02}", number, Buyer(str(number), email, name), placed_at)


def _id(number: int) -> str:
    return contact_id(name_and_email(number)[1])
