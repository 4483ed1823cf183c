"""The daily look at loyalty: who is watched, what is opened and ended once, and what is told of it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from laurel.alerts.begin import begin_alerts
from laurel.alerts.by_hand import change
from laurel.alerts.digest import MailDigest
from laurel.alerts.work import SETTLES, Sources, WatchLoyalty
from laurel.messaging.outbox import BusyReason, MailBusy
from laurel.messaging.team_mail import NotTold, TeamDelivery
from laurel.model.account import Account, Audience, Plan, StoreState
from laurel.model.alert import (
    Alert,
    AlertKind,
    AlertRules,
    AlertState,
    Digest,
    Lateness,
    RankDrop,
    Resolution,
    ScoreDrop,
    SpendDrop,
    SpendRule,
    StoreRules,
    Watch,
)
from laurel.model.contact import ContactRef
from laurel.model.errors import Conflict, InvalidInput, NotFound
from laurel.model.identity import contact_id
from laurel.model.job import Job, JobKind, JobState
from laurel.model.period import PeriodKind
from laurel.model.ranking import Figures, Metric
from laurel.model.scoring import Change, Effect, EffectKind
from laurel.model.signal import AlertRaised
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
from tests.support.stage import MemoryStage
from tests.support.tables import Database

if TYPE_CHECKING:
    from laurel.model.account import Store
    from laurel.model.signal import KeptSignal
    from laurel.scoring.work import Task

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


@pytest.fixture
def shop(database: Database) -> Shop:
    made = Shop(database)
    made.boards.close(made.store, "2026-09", ADA, BOB, NUMBERED)
    made.knows("ada@example.com", "Ada")
    made.knows("bob@example.com", "Bob")
    return made


# ---- Who is watched, and what is opened -----------------------------------------------------------------------------


def test_who_is_late_gets_an_alert_and_who_is_not_none(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.buys(BOB, 10, 40, 70, 100, 130)

    job = shop.look()

    (alert,) = shop.known()
    assert (alert.customer, alert.kind, alert.opened_at) == (ADA, AlertKind.OVERDUE, NOW)
    assert alert.reason == Lateness((NOW - timedelta(days=50)).date(), 6, 30, 44)
    assert (alert.worth, alert.currency, alert.told) == (30_000, "EUR", True)
    assert job.result == {"customers": 3, "opened": 1, "resolved": 0, "mail": "sent"}


def test_who_was_not_among_the_first_is_not_watched(shop: Shop) -> None:
    rules = StoreRules(watch=Watch(first=1))
    assert shop.rules.save(AlertRules(shop.account.id, shop.audience.id, stores={shop.store.id: rules}))
    shop.buys(BOB, *MONTHLY)

    assert (shop.look().done, shop.known()) == (1, [])


def test_ranks_spending_and_scores_are_looked_at_too(shop: Shop) -> None:
    others = [f"customer-{number}" for number in range(200)]
    shop.boards.close(shop.store, "2026-09", ADA, BOB, *others)
    shop.boards.close(shop.store, "2026-10", BOB, *others[:199], ADA)
    shop.buys(ADA, *range(50, 400, 10))
    shop.scored(ADA, 40, 200)
    shop.scored(ADA, 3, 90)

    shop.look()

    found = {it.kind: it.reason for it in shop.known() if it.customer == ADA}
    assert found[AlertKind.LEFT_FIRST] == RankDrop(Metric.TOTAL_SPENT, "2026-09", "2026-10", 1, 201, 200, 50)
    assert found[AlertKind.RANK_FELL] == RankDrop(Metric.TOTAL_SPENT, "2026-09", "2026-10", 1, 201, 200, 100)
    assert found[AlertKind.SCORE_FALLING] == ScoreDrop(200, 90, 30)
    spend = found[AlertKind.SPEND_DOWN]
    assert isinstance(spend, SpendDrop)
    assert (spend.period_before, spend.period, spend.spent) == ("2026-Q3", "2026-Q4", 0)
    assert set(found) == set(AlertKind)


def test_many_customers_are_looked_at_in_steps(shop: Shop) -> None:
    shop.boards.close(shop.store, "2026-08", *(f"customer-{number}" for number in range(120)))
    shop.buys(ADA, *MONTHLY)

    job = shop.look()

    assert (job.done, job.result and job.result["opened"]) == (122, 1)


def test_a_store_that_shows_no_boards_is_not_looked_at_and_its_alerts_lapse(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.look()
    kept = shop.workspace.store(shop.account.id, shop.store.id)
    assert kept
    shop.workspace.save_store(replace(kept, state=StoreState.DISCONNECTED))

    assert (shop.tomorrow(100).done, len(shop.known())) == (0, 1)
    shop.tomorrow(80)
    assert [it.resolution for it in shop.known(AlertState.RESOLVED)] == [Resolution.LAPSED]


# ---- Once, whatever happens -----------------------------------------------------------------------------------------


def test_a_look_that_is_repeated_changes_nothing(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.look()
    before = shop.known()

    shop.look()
    shop.tomorrow()

    assert shop.known() == before
    assert [(ref.contact, signal.kind.value) for ref, signal in shop.told] == [(ADA, "alert")]


def test_automations_hear_of_contacts_only(shop: Shop) -> None:
    shop.buys(NUMBERED, *MONTHLY)

    shop.look()

    assert [(it.customer, it.told) for it in shop.known()] == [(NUMBERED, True)]
    assert shop.told == []


def test_who_buys_again_is_done_with_and_watched_on(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.look()
    shop.buys(ADA, -1)

    assert shop.tomorrow(2).result == {"customers": 3, "opened": 0, "resolved": 1, "mail": "not_due"}
    assert shop.kinds(ADA) == set()
    assert shop.kinds(ADA, AlertState.RESOLVED) == {AlertKind.OVERDUE}
    shop.tomorrow(70)
    assert shop.kinds(ADA) >= {AlertKind.OVERDUE}
    assert [signal.kind.value for _, signal in shop.told].count("alert") >= 2


def test_who_is_on_no_board_any_more_is_watched_until_the_alert_ends(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.look()
    shop.boards.kept.clear()
    shop.buys(ADA, 0)

    assert shop.tomorrow().done == 1
    assert shop.kinds(ADA) == set()


@pytest.mark.parametrize("writes", range(1, 7))
def test_a_worker_that_is_killed_after_any_write_leaves_what_the_next_one_finds(writes: int) -> None:
    stage = MemoryStage()
    shop = Shop(Database(stage.client, stage.tables))
    shop.boards.close(shop.store, "2026-09", ADA)
    shop.knows("ada@example.com", "Ada")
    shop.buys(ADA, *MONTHLY)
    left = itertools.count(1)

    def die(operation: str) -> None:
        if operation in _WRITES and next(left) == writes:
            raise Killed

    stage.after = die
    try:
        shop.look()
    except Killed:
        stage.after = lambda _operation: None
    job = shop.look()

    assert job.state is JobState.DONE
    assert [(it.customer, it.told) for it in shop.known()] == [(ADA, True)]
    assert len(shop.told) + _signals_lost(shop) == 1
    assert len(shop.post.sent) <= 2
    assert len({key for key, _, _ in shop.post.sent}) == 1


class Killed(BaseException):
    """The worker is gone."""


_WRITES = ("put_item", "update_item")


def _signals_lost(shop: Shop) -> int:
    """One if the worker was killed right after the signal was kept, before it could note so."""
    alert = shop.known()[0]
    raised = AlertRaised(alert.opened_at, alert.kind.value, alert.id, alert.store_id)
    assert not shop.kept_signals.put(ContactRef(shop.account.id, shop.audience.id, ADA), raised)
    return 1 - len(shop.told)


# ---- By hand --------------------------------------------------------------------------------------------------------


def test_an_alert_is_put_off_settled_and_opened_again_by_hand(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.look()
    ids = shop.account.id, shop.audience.id, shop.known()[0].id
    until = NOW + timedelta(days=7)

    snoozed = change(shop.alerts, *ids, AlertState.SNOOZED, until, NOW)
    assert (snoozed.state, snoozed.snoozed_until, len(shop.known())) == (AlertState.SNOOZED, until, 0)
    resolved = change(shop.alerts, *ids, AlertState.RESOLVED, None, NOW)
    assert (resolved.resolution, resolved.resolved_at, resolved.snoozed_until) == (Resolution.BY_HAND, NOW, None)
    assert change(shop.alerts, *ids, AlertState.RESOLVED, None, until) == resolved
    assert shop.tomorrow().result == {"customers": 3, "opened": 0, "resolved": 0, "mail": "not_due"}
    assert change(shop.alerts, *ids, AlertState.OPEN, None, NOW).resolution is None


def test_what_ended_by_itself_is_not_opened_by_hand(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.look()
    shop.buys(ADA, 0)
    shop.tomorrow()
    (alert,) = shop.known(AlertState.RESOLVED)

    with pytest.raises(Conflict, match="by itself"):
        change(shop.alerts, shop.account.id, shop.audience.id, alert.id, AlertState.OPEN, None, NOW)


@pytest.mark.parametrize(
    ("state", "days"),
    [(AlertState.SNOOZED, None), (AlertState.OPEN, 1), (AlertState.SNOOZED, 0), (AlertState.SNOOZED, 367)],
)
def test_a_snooze_needs_a_time_to_come(shop: Shop, state: AlertState, days: int | None) -> None:
    until = None if days is None else NOW + timedelta(days=days)

    with pytest.raises(InvalidInput):
        change(shop.alerts, shop.account.id, shop.audience.id, "x", state, until, NOW)


def test_an_alert_that_is_not_there_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound):
        change(shop.alerts, shop.account.id, shop.audience.id, "x", AlertState.OPEN, None, NOW)


# ---- Lists and rules ------------------------------------------------------------------------------------------------


def alert_of(shop: Shop, customer: str, worth: int, **changes: object) -> Alert:
    alert = Alert(
        shop.account.id, shop.audience.id, shop.store.id, AlertKind.OVERDUE, customer, AlertState.OPEN,
        Lateness(NOW.date(), 4, 30, 44), NOW, NOW, worth, "EUR",
    )  # fmt: skip
    saved = shop.alerts.save(replace(alert, **changes), NOW)  # type: ignore[arg-type]
    assert saved
    return saved


def test_who_is_worth_most_comes_first_page_by_page(shop: Shop) -> None:
    for number, worth in enumerate((500, 90_000, 7, 2_000, 0)):
        alert_of(shop, f"customer-#{number}", worth)

    found, after = list[int](), None
    for _ in range(3):
        page, after = shop.alerts.listed(shop.account.id, shop.audience.id, AlertState.OPEN, 2, after)
        found += [it.worth for it in page]

    assert (found, after) == ([90_000, 2_000, 500, 7, 0], None)
    assert shop.alerts.count(shop.account.id, shop.audience.id, AlertState.OPEN) == 5
    assert shop.alerts.count(shop.account.id, shop.audience.id, AlertState.SNOOZED) == 0
    assert len(shop.alerts.under_way(shop.account.id, shop.audience.id)) == 5


def test_of_resolved_ones_the_latest_comes_first(shop: Shop) -> None:
    for days in (3, 1, 2):
        over = {"state": AlertState.RESOLVED, "resolved_at": NOW - timedelta(days=days)}
        alert_of(shop, f"customer-{days}", 10**9, resolution=Resolution.RETURNED, **over)

    assert [it.customer for it in shop.known(AlertState.RESOLVED)] == ["customer-1", "customer-2", "customer-3"]


def test_of_two_writers_one_is_too_late(shop: Shop) -> None:
    saved = alert_of(shop, ADA, 1)

    assert shop.alerts.save(replace(saved, told=True), NOW)
    assert shop.alerts.save(replace(saved, state=AlertState.SNOOZED), NOW) is None


def test_rules_are_kept_as_they_are_and_by_version(shop: Shop) -> None:
    ids = shop.account.id, shop.audience.id
    first = shop.rules.rules(*ids)
    wanted = replace(
        first,
        score_falling=None,
        digest=Digest.OFF,
        stores={
            "a": StoreRules(Watch(Metric.ORDERS_COUNT, PeriodKind.WEEK, 7), 5, None, None, False),
            "b": StoreRules(spend_down=SpendRule(30, PeriodKind.YEAR)),
        },
    )

    assert first == AlertRules(*ids)
    assert shop.rules.save(wanted) == replace(wanted, version=1)
    assert shop.rules.rules(*ids) == replace(wanted, version=1)
    assert shop.rules.save(wanted) is None


# ---- Mail to the team -----------------------------------------------------------------------------------------------


def test_the_team_is_mailed_what_is_new_weekly_on_mondays(shop: Shop) -> None:
    only = {shop.store.id: StoreRules(spend_down=None)}
    assert shop.rules.save(AlertRules(shop.account.id, shop.audience.id, stores=only))
    shop.buys(ADA, *MONTHLY)
    shop.buys(BOB, 43, 73, 103, 133, 163)

    mailed = [(it.result or {})["mail"] for it in (shop.look(), *(shop.tomorrow() for _ in range(14)))]

    assert mailed == ["sent", *["not_due"] * 6, "sent", *["not_due"] * 6, "nothing_new"]
    assert [subject for _, subject, _ in shop.post.sent] == ["One customer seems to be slipping away"] * 2


@pytest.mark.parametrize(
    ("digest", "mailed"),
    [(Digest.DAILY, ["sent", "nothing_new", "nothing_new"]), (Digest.OFF, ["not_due", "not_due", "not_due"])],
)
def test_the_team_is_mailed_daily_or_not_at_all(shop: Shop, digest: Digest, mailed: list[str]) -> None:
    assert shop.rules.save(AlertRules(shop.account.id, shop.audience.id, digest=digest))
    shop.buys(ADA, *MONTHLY)

    found = [shop.look(), shop.tomorrow(), shop.tomorrow()]

    assert [(it.result or {})["mail"] for it in found] == mailed


def test_a_missed_monday_is_made_up_for(shop: Shop) -> None:
    shop.look()
    shop.buys(ADA, *MONTHLY)

    assert (shop.tomorrow(8).result or {})["mail"] == "sent"


def test_the_team_is_told_once_lists_show_what_was_opened_last(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    queue = Queue()
    begin_alerts(shop.jobs, queue, shop.audience, shop.now)

    assert shop.work(queue) == Rest(SETTLES)
    assert (len(shop.known()), shop.post.sent) == (1, [])
    assert shop.work(queue) is Chunk.FINISHED
    assert len(shop.post.sent) == 1


def test_a_busy_mail_service_is_waited_for(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.post.busy = MailBusy(BusyReason.RATE, timedelta(minutes=1))
    queue = Queue()
    begin_alerts(shop.jobs, queue, shop.audience, shop.now)

    assert [shop.work(queue), shop.work(queue)] == [Rest(SETTLES), Rest(timedelta(minutes=1))]
    shop.post.busy = None

    assert (shop.look().result or {})["mail"] == "sent"


def test_a_team_that_cannot_be_told_is_told_later(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.post.why = NotTold.NO_SENDER
    assert (shop.look().result or {})["mail"] == "no_sender"
    shop.post.why = None

    assert (shop.tomorrow(7).result or {})["mail"] == "sent"


def test_the_mail_says_who_why_and_where_to_look(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.buys(NUMBERED, *MONTHLY, total=100_000)

    shop.look()

    ((_, subject, text),) = shop.post.sent
    assert subject == "2 customers seem to be slipping away"
    assert (
        text.replace("\u00a0", " ")
        == f"""\
2 alerts were opened in Customers since the last mail. Who spent most in a year comes first.

Customer customer-77, 6,000.00 EUR in a year, Rosen
Overdue: usually buys every 30 days, last on 2026-09-27.

Ada, 300.00 EUR in a year, Rosen
Overdue: usually buys every 30 days, last on 2026-09-27.
https://app.example.test/#/audiences/{shop.audience.id}/contacts/{ADA}

All alerts:
https://app.example.test/#/alerts

What to watch for, and how often this mail comes:
https://app.example.test/#/alert-rules
"""
    )


def test_a_long_mail_says_how_many_more_there_are(shop: Shop) -> None:
    for number in range(23):
        alert_of(shop, f"customer-{number:02}", number)

    shop.look()

    ((_, subject, text),) = shop.post.sent
    assert subject == "23 customers seem to be slipping away"
    assert text.count("Overdue:") == 20
    assert "And 3 more." in text
