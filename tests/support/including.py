"""An audience of five, what happens to them, and jobs that go through it, by workers who may be killed."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from laurel.automation.activation import new_inclusion
from laurel.automation.conditions import Conditions
from laurel.automation.existing import Meeting
from laurel.automation.inclusion import DryRun, Everyone, Include
from laurel.automation.react import Reactor
from laurel.leaderboard.snapshot import take
from laurel.model.account import Audience
from laurel.model.alert import Alert, AlertKind, AlertState, Lateness
from laurel.model.automation import Automation, Run, Step, StepKind, Trigger
from laurel.model.contact import ContactRef
from laurel.model.identity import contact_id
from laurel.model.job import Job, JobKind, JobState
from laurel.model.ranking import Figures
from laurel.model.scoring import Change, Effect, EffectKind
from laurel.model.signal import Pulse
from laurel.scoring.apply import apply
from laurel.scoring.pulses import KeptPulse
from laurel.scoring.work import Chunk, Rest, Worker
from laurel.store.alerts import Alerts
from laurel.store.automation_items import decode_automation, encode_automation
from laurel.store.automations import Automations
from laurel.store.board_snapshots import BoardSnapshots
from laurel.store.contacts import Contacts
from laurel.store.jobs import Jobs
from laurel.store.pulses import KeptPulses
from laurel.store.rankings import Rankings
from laurel.store.runs import Runs
from laurel.store.score_lists import ScoreLists
from laurel.store.score_search import ScoreSearch
from laurel.store.scores import Scores
from laurel.store.seal import Seal
from laurel.store.workspace import Workspace
from tests.support.faults import Killed
from tests.support.samples import NOW, a_contact, a_row, a_store
from tests.support.seals import FakeKMS
from tests.support.stage import WatchedStage
from tests.support.tables import Database

if TYPE_CHECKING:
    from collections.abc import Callable

_accounts = itertools.count()
NAMES = ("ada", "ben", "cleo", "dan", "eve")
IDS = {contact_id(f"{name}@example.com"): name for name in NAMES}
OF = {name: id_ for id_, name in IDS.items()}
DO = (Step(StepKind.ADD_TAG, {"tag": "regular"}),)


def let_pass(_operation: str) -> None:
    """Lets a request pass."""


class World:
    """An audience of five, and jobs that go through it.

    Its clock stands still but for jobs that rest, unless it ``ticks`` whenever somebody looks.
    """

    def __init__(self, database: Database) -> None:
        self.stage = WatchedStage(database)
        client, tables = self.stage.client, self.stage.tables
        self.now, self.ticks = NOW, timedelta(0)
        account = f"including-{next(_accounts)}"
        self.store = a_store(account_id=account)
        self.audience = Audience(account, self.store.audience_id, "Customers", 1, self.store.created_at)
        self.workspace = Workspace(client, tables.workspace)
        self.workspace.save_audience(self.audience)
        assert self.workspace.save_store(self.store)
        self.contacts = Contacts(client, tables.contacts)
        for name in NAMES:
            contact = a_contact(id=OF[name], email=f"{name}@example.com")
            assert self.contacts.save(account, self.audience.id, contact)
        self.jobs = Jobs(client, tables.workspace)
        self.automations = Automations(client, tables.workspace)
        self.runs = Runs(client, tables.contacts)
        self.scores = Scores(client, tables.contacts)
        self.rankings = Rankings(client, tables.rankings)
        self.pulses = KeptPulses(client, tables.contacts)
        self.alerts = Alerts(client, tables.workspace)
        self.snapshots = BoardSnapshots(client, tables.workspace, Seal(FakeKMS, "key"))
        self.kill: dict[str, Callable[[str], None]] = {"before": let_pass, "after": let_pass}

    # ---- What happens ------------------------------------------------------------------------------------------------

    def ref(self, name: str) -> ContactRef:
        return ContactRef(self.audience.account_id, self.audience.id, OF[name])

    def score(self, **points: int) -> None:
        """Give scores."""
        for name, given in points.items():
            known = self.scores.read(self.audience.account_id, self.audience.id, 1, OF[name])
            assert known
            assert apply(self.scores, known, [Change(f"person:{name}", NOW, Effect(EffectKind.SET, given))], ())

    def tag(self, tag: str, *names: str) -> None:
        """Give a tag."""
        for name in names:
            known = self.contacts.contact(self.audience.account_id, self.audience.id, OF[name])
            assert known
            tagged = replace(known, tags=(*known.tags, tag), version=known.version + 1)
            assert self.contacts.save(self.audience.account_id, self.audience.id, tagged)

    def spend(self, period: str = "all", **totals: int) -> None:
        """Write rows of a board."""
        for name, total in totals.items():
            self.rankings.put_row(self.store, a_row(OF[name], total_spent=total, period=period))

    def close(self, period: str, *, closed: bool, **totals: int) -> None:
        """Take a snapshot."""
        rows = [(OF[name], Figures(1, total, 1_700_000_000)) for name, total in totals.items()]
        assert self.snapshots.keep(take(self.store, period, rows, NOW, NOW, closed=closed))

    def bought(self, days_ago: int, name: str) -> None:
        """Somebody bought something last so many days ago."""
        at = NOW - timedelta(days=days_ago)
        assert self.pulses.put(self.ref(name), Pulse.PURCHASE, KeptPulse(at, at), None)

    def alert(self, name: str, state: AlertState = AlertState.OPEN) -> None:
        """An alert on loss of loyalty."""
        reason: Any = Lateness(NOW.date(), 4, 30, 40)
        whose = self.audience.account_id, self.audience.id, self.store.id
        assert self.alerts.save(Alert(*whose, AlertKind.OVERDUE, OF[name], state, reason, NOW, NOW, 1, "EUR"), NOW)

    # ---- What is done ------------------------------------------------------------------------------------------------

    def automation(self, trigger: Trigger, *conditions: Any, **more: Any) -> Automation:
        """An automation as it is kept."""
        made = Automation(
            self.audience.account_id, self.audience.id, "regularsaaaa", "Regulars", True, trigger, DO, conditions,
            include_existing=True, created_at=NOW, updated_at=NOW, enabled_at=NOW,
        )  # fmt: skip
        made = replace(made, **more)
        assert self.automations.save(made)
        return replace(made, version=made.version + 1)

    def worker(self) -> Worker:
        """A worker of another process: it remembers nothing."""
        client, tables = self.stage.client, self.stage.tables
        search = ScoreSearch(client, tables.contacts, tables.rankings)
        meeting = Meeting(self.workspace, self.snapshots, self.alerts, search, self.pulses)
        everyone = Everyone(ScoreLists(client, tables.contacts), self.contacts, meeting)
        conditions = Conditions(self.workspace, self.rankings)
        reactor = Reactor(self.runs, self.contacts, conditions)

        def now() -> datetime:
            self.now += self.ticks
            return self.now

        tasks: Any = {
            JobKind.DRY_RUN: DryRun(everyone, conditions, self.runs, decode_automation, now),
            JobKind.INCLUSION: Include(everyone, self.automations, reactor, self.runs, now),
        }
        return Worker(self.jobs, self.workspace, tasks, now)

    def work(self, job: Job) -> Job:
        """Work a job off, each chunk by another process; who is killed, as ``kill`` has it, is followed by another."""
        kept = self.jobs.save(job) or job
        while True:
            self.stage.before, self.stage.after = self.kill["before"], self.kill["after"]
            try:
                chunk = self.worker().work(kept.account_id, kept.audience_id, kept.id)
            except Killed:
                continue
            finally:
                self.stage.before = self.stage.after = let_pass
            if isinstance(chunk, Rest):
                self.now += chunk.after
            elif chunk is not Chunk.GOES_ON:
                break
        done = self.jobs.job(kept.account_id, kept.audience_id, kept.id)
        assert done
        assert done.state is JobState.DONE, done.error
        return done

    def dry_run(self, automation: Automation) -> dict[str, Any]:
        """What a dry run finds, with names for ids."""
        asked = {"automation": automation.id, "name": automation.name, "kept": encode_automation(automation)}
        job = Job(
            self.audience.account_id, self.audience.id, f"dry{len(automation.name)}", JobKind.DRY_RUN, NOW, NOW, asked
        )
        found: Any = self.work(job).result
        return {
            **found,
            "touched_contacts": {IDS[contact] for contact in found["touched_contacts"]},
            "refused_contacts": {IDS[contact]: failing for contact, failing in found["refused_contacts"]},
        }

    def include(self, automation: Automation) -> dict[str, Any]:
        """What including those who meet its trigger comes to."""
        job = new_inclusion(automation, NOW, None)
        assert job
        result: Any = self.work(job).result
        return dict(result)

    def begun(self) -> dict[str, list[Run]]:
        """Runs by name."""
        found = {name: list(self.runs.runs_of(self.ref(name))) for name in NAMES}
        return {name: runs for name, runs in found.items() if runs}
