"""A store whose customers the daily look watches, with boards, a queue and a post of a test's own."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from laurel.alerts.begin import begin_alerts
from laurel.alerts.digest import MailDigest
from laurel.alerts.work import SETTLES, Sources, WatchLoyalty
from laurel.messaging.team_mail import NotTold, TeamDelivery
from laurel.model.account import Account, Audience, Plan
from laurel.model.alert import Alert, AlertKind, AlertState, Lateness
from laurel.model.identity import contact_id
from laurel.model.job import Job, JobKind
from laurel.model.ranking import Figures
from laurel.model.scoring import Change, Effect, EffectKind
from laurel.model.snapshot import Snapshot
from laurel.scoring.apply import apply
from laurel.scoring.work import Chunk, Rest, Worker
from laurel.store.alert_rules import KeptAlertRules
from laurel.store.alerts import Alerts
from laurel.store.contacts import Contacts
from laurel.store.jobs import Jobs
from laurel.store.ledger import Ledger
from laurel.store.scores import Scores
from laurel.store.signals import Signals
from laurel.store.workspace import Workspace
from tests.support.samples import a_contact, a_store, an_order

if TYPE_CHECKING:
    from laurel.messaging.outbox import MailBusy
    from laurel.model.account import Store
    from laurel.model.contact import ContactRef
    from laurel.model.signal import KeptSignal
    from laurel.scoring.work import Task
    from tests.support.tables import Database

NOW = datetime(2026, 11, 16, 0, 30, tzinfo=UTC)
"""A Monday."""
ADA, BOB, NUMBERED = contact_id("ada@example.com"), contact_id("bob@example.com"), "customer-77"
_numbers = itertools.count()


class Boards:
    """Snapshots by period."""

    def __init__(self) -> None:
        self.kept: dict[str, Snapshot] = {}

    def close(self, store: Store, period: str, *customers: str) -> None:
        """A board of so many customers, best first."""
        rows = tuple((customer, Figures(3, 100_000 - 100 * number, 1)) for number, customer in enumerate(customers))
        self.kept[period] = Snapshot(
            store.account_id, store.id, period, NOW, NOW, True, store.currency, 1, 1, len(rows), len(rows), 0, 0,
            {}, rows,
        )  # fmt: skip

    def closed(self, store: Store, period: str, *, verified: bool = True) -> Snapshot | None:
        del store
        assert not verified
        return self.kept.get(period)

    def latest(self, store: Store, period: str) -> Snapshot | None:
        return self.closed(store, period, verified=False)


class Post:
    """Takes mail to the team, unless ``busy`` or ``why`` not."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.busy: MailBusy | None = None
        self.why: NotTold | None = None

    def send(self, account: Account, key: str, subject: str, text: str, now: datetime) -> TeamDelivery:
        del account, now
        if self.busy:
            raise self.busy
        if self.why is None:
            self.sent.append((key, subject, text))
        return TeamDelivery(sent=self.why is None, why=self.why)


class Shop:
    """A store whose customers are watched, on any tables. ``now`` is what its clock shows."""

    def __init__(self, database: Database, locale: str = "en") -> None:
        client, tables = database
        self.now = NOW
        self.store = replace(a_store(account_id=f"alerts{next(_numbers)}"), name="Rosen")
        self.account = Account(self.store.account_id, "Rosen", Plan.STANDARD, locale, "00" * 32, NOW)
        self.audience = Audience(self.store.account_id, self.store.audience_id, "Customers", 1, NOW)
        self.workspace = Workspace(client, tables.workspace)
        self.workspace.save_account(self.account)
        self.workspace.save_audience(self.audience)
        assert self.workspace.save_store(self.store)
        self.ledger, self.scores = Ledger(client, tables.ledger), Scores(client, tables.contacts)
        self.contacts, self.jobs = Contacts(client, tables.contacts), Jobs(client, tables.workspace)
        self.alerts, self.rules = Alerts(client, tables.workspace), KeptAlertRules(client, tables.workspace)
        self.kept_signals = Signals(client, tables.contacts)
        self.told: list[tuple[ContactRef, KeptSignal]] = []
        self.boards, self.post = Boards(), Post()

    # ---- What happens ------------------------------------------------------------------------------------------------

    def knows(self, email: str, name: str) -> None:
        contact = replace(a_contact(), id=contact_id(email), email=email, first_name=name, last_name=None, version=1)
        assert self.contacts.save(self.account.id, self.audience.id, contact)

    def buys(self, customer: str, *days_ago: int, total: int = 5_000) -> None:
        for days in days_ago:
            placed = (NOW - timedelta(days=days)).isoformat().removesuffix("+00:00")
            buyer = {"email": None, "customer_id": "77"} if customer == NUMBERED else {"email": _address(customer)}
            order = an_order(f"{customer[:12]}-{days}-{total}", placed=placed, total=total, **buyer)
            assert order.customer == customer
            assert self.ledger.record_order(self.store, order, None)

    def scored(self, customer: str, days_ago: int, points: int) -> None:
        change_ = Change(f"test:{days_ago}", NOW - timedelta(days=days_ago), Effect(EffectKind.SET, points))
        scored = self.scores.read(self.account.id, self.audience.id, 1, customer)
        assert scored
        apply(self.scores, scored, [change_], ())

    # ---- The job -----------------------------------------------------------------------------------------------------

    def put(self, ref: ContactRef, signal: KeptSignal) -> bool:
        """Tells automations, and notes what was new to them."""
        new = self.kept_signals.put(ref, signal)
        if new:
            self.told.append((ref, signal))
        return new

    def look(self) -> Job:
        """The day's job from its beginning to its end."""
        queue = Queue()
        if begin_alerts(self.jobs, queue, self.audience, self.now):
            while (chunk := self.work(queue)) is not Chunk.FINISHED:
                assert chunk == Rest(SETTLES)
        newest, _ = self.jobs.jobs(self.account.id, self.audience.id, 1)
        job = self.jobs.job(self.account.id, self.audience.id, newest[0].id)
        assert job
        return job

    def work(self, queue: Queue) -> Chunk | Rest:
        """A chunk of the job that was queued."""
        return self.worker.work(self.account.id, self.audience.id, queue.sent[0])

    @property
    def worker(self) -> Worker:
        digest = MailDigest(
            self.alerts, self.rules, self.workspace, self.contacts, self.post, "https://app.example.test"
        )
        sources = Sources(self.workspace, self.boards, self.ledger, self.scores)
        task: Task = WatchLoyalty(sources, self.rules, self.alerts, self, digest, lambda: self.now)
        return Worker(self.jobs, self.workspace, {JobKind.ALERTS: task}, lambda: self.now)

    def tomorrow(self, days: int = 1) -> Job:
        self.now += timedelta(days=days)
        return self.look()

    def known(self, state: AlertState = AlertState.OPEN) -> list[Alert]:
        return self.alerts.listed(self.account.id, self.audience.id, state, 100)[0]

    def kinds(self, customer: str, state: AlertState = AlertState.OPEN) -> set[AlertKind]:
        return {it.kind for it in self.known(state) if it.customer == customer}


class Queue:
    """Takes jobs."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, account_id: str, audience_id: str, job_id: str) -> None:
        del account_id, audience_id
        self.sent.append(job_id)


def _address(customer: str) -> str:
    return {ADA: "ada@example.com", BOB: "bob@example.com"}[customer]


MONTHLY = (50, 80, 110, 140, 170, 200)
"""Days ago: ten days late."""


def a_shop(database: Database) -> Shop:
    """A shop with a board of three customers, two of whom are contacts."""
    made = Shop(database)
    made.boards.close(made.store, "2026-09", ADA, BOB, NUMBERED)
    made.knows("ada@example.com", "Ada")
    made.knows("bob@example.com", "Bob")
    return made


def alert_of(shop: Shop, customer: str, worth: int, **changes: object) -> Alert:
    """An alert that is kept already: whoever it is about is overdue."""
    alert = Alert(
        shop.account.id, shop.audience.id, shop.store.id, AlertKind.OVERDUE, customer, AlertState.OPEN,
        Lateness(NOW.date(), 4, 30, 44), NOW, NOW, worth, "EUR",
    )  # fmt: skip
    saved = shop.alerts.save(replace(alert, **changes), NOW)  # type: ignore[arg-type]
    assert saved
    return saved
