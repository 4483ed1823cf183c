"""Runs of automations, on tables in memory unless others are given: their queue, schedules, and all that they tell.

The clock stands still but for ``rest``, which lets messages arrive when they are due, as their queue would.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from laurel.automation.outside import WebhookAnswer
from laurel.automation.outward import Outward
from laurel.automation.posting import DeskMailer, PostedTeam
from laurel.automation.run import Runner, Went
from laurel.automation.steps import Steps
from laurel.messaging.team_mail import TeamPost
from laurel.model.account import Role
from laurel.model.automation import Automation, Delay, Run, Step, StepKind, TagAdded
from laurel.model.automation_state import AutomationState
from laurel.model.contact import ContactRef
from laurel.model.reward import Benefit, BenefitKind, ByHand, Coupons, CouponSource, Programme
from laurel.model.scoring import ScoreEntry
from laurel.model.template import Content, MessageTemplate
from laurel.model.user import Member
from laurel.store.automations import Automations
from laurel.store.awards import Awards
from laurel.store.event_bus import EventBus
from laurel.store.held_runs import HeldRuns
from laurel.store.mail_service import SESMail
from laurel.store.queue import AutomationQueue
from laurel.store.runs import Runs
from laurel.store.schedules import RunWaits, Schedules
from laurel.store.scores import Scores
from laurel.store.signing_secrets import SigningSecretBook
from laurel.store.team_mails import TeamMails
from laurel.store.users import Users
from tests.support.desk import Company
from tests.support.mail_service import CONFIGURATION_SET, FakeSES
from tests.support.outside import FakeBus, FakeScheduler
from tests.support.samples import ACCOUNT, AUDIENCE, NOW
from tests.support.tables import Database

VISIBILITY = timedelta(seconds=540)
RECEIVES = 5
URL = "https://hooks.example.com/laurel"
CODE = "THANKS-10"


class Killed(BaseException):
    """The function's time is up."""


@dataclass
class Letter:
    """A message in the queue."""

    body: dict[str, str]
    due: datetime
    received: int = 0


@dataclass
class Web:
    """Where webhooks go; ``answers`` are given first, then all are taken."""

    sent: list[tuple[str, Mapping[str, str], Any]] = field(default_factory=list)
    answers: list[WebhookAnswer] = field(default_factory=list)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> WebhookAnswer:
        self.sent.append((url, headers, json.loads(body)))
        return self.answers.pop(0) if self.answers else WebhookAnswer(204)


class Workshop(Company):
    """A company with an automation. ``step`` is called by all that a worker asks of others, before and after."""

    def __init__(self, database: Database | None = None, account_id: str = ACCOUNT) -> None:
        super().__init__(database, account_id, f"{account_id}.example")
        client, tables = self.database
        self.now = NOW
        self.step: Callable[[str], None] = lambda _: None
        self.letters: list[Letter] = []
        self.dead: list[Letter] = []
        self.scheduler, self.bus, self.web, self.ses = FakeScheduler(), FakeBus(), Web(), FakeSES()
        self.ses.before, self.ses.after = (lambda: self.step("before mail")), (lambda: self.step("after mail"))
        self.runs = Runs(client, tables.contacts)
        self.held = HeldRuns(client, tables.contacts)
        self.automations = Automations(client, tables.workspace)
        self.scores = Scores(client, tables.contacts)
        self.awards = Awards(client, tables.workspace, tables.contacts)
        self.secrets = SigningSecretBook(client, tables.workspace)
        self.users = Users(client, tables.workspace)
        self.runs_queue = AutomationQueue(self, "automations")
        for name in ("kim", "lou"):
            self.users.add(
                Member(account_id, name, f"{name}@{account_id}.example", name.title(), Role.VIEWER, "en", NOW)
            )
        for id_, said in (("thanks", "Use {{ coupon }}."), ("hello", "Hello.")):
            template = MessageTemplate(id_, id_.title(), Content("Thanks", said, None), NOW, NOW)
            assert self.templates.save(account_id, template)
        self.programme = self.awards.save(
            Programme(
                account_id, AUDIENCE, "best", "Best", ByHand(), Benefit(BenefitKind.PERCENT_OFF, percent=10), NOW, NOW,
                Coupons(CouponSource.ONE_CODE, CODE),
            )
        )  # fmt: skip
        team = TeamPost(
            self.users,
            self.senders,
            self.desk.sources.standings,
            TeamMails(client, tables.workspace),
            SESMail(self.ses, CONFIGURATION_SET, tenants=False),
        )
        self.steps = Steps(
            self.contacts,
            self.workspace,
            self.scores,
            DeskMailer(self.desk),
            self.awards,
            Outward(self.workspace, PostedTeam(team), self, self.secrets, EventBus(lambda: self, "laurel-events")),
        )
        self.runner = Runner(
            self.runs,
            self.held,
            self.automations,
            self.contacts,
            RunWaits(self.runs_queue, Schedules(lambda: self, "runs", "role", "queue")),
            self.steps.do,
            lambda: self.now,
        )

    # ---- What the runner asks of others ------------------------------------------------------------------------------

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> None:  # noqa: N803
        self.step("before queue")
        self.letters.append(Letter(json.loads(MessageBody), self.now + timedelta(seconds=DelaySeconds)))
        self.step("after queue")

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> None:  # noqa: N803
        raise NotImplementedError

    def create_schedule(self, **request: Any) -> Any:
        self.step("before schedule")
        self.scheduler.create_schedule(**request)
        self.step("after schedule")

    def put_events(self, *, Entries: list[dict[str, str]]) -> Any:  # noqa: N803
        self.step("before event")
        answer = self.bus.put_events(Entries=Entries)
        self.step("after event")
        return answer

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> WebhookAnswer:
        self.step("before webhook")
        answer = self.web.post(url, headers, body)
        self.step("after webhook")
        return answer

    # ---- What the test does ------------------------------------------------------------------------------------------

    def automation(self, *steps: Step, **more: Any) -> Automation:
        """An automation as it is kept."""
        made = Automation(
            self.account.id, AUDIENCE, "thank", "Thank", enabled=True, trigger=TagAdded("vip"), steps=steps, **more
        )
        assert self.automations.save(made)
        return replace(made, version=1)

    def pause(self, *, enabled: bool = False) -> None:
        """Pause the automation, or let it go on."""
        known = self.automations.automation(self.account.id, AUDIENCE, "thank")
        assert known
        assert self.automations.save(replace(known, enabled=enabled))
        if enabled:
            self.runs_queue.release(self.account.id, AUDIENCE, "thank")

    def begin(self, *steps: Step, run_id: str = "r1", ref: ContactRef | None = None) -> Run:
        """A run of the automation, begun and queued."""
        ref = ref or self.ada
        run = Run(
            ref=ref,
            id=run_id,
            automation_id="thank",
            automation_name="Thank",
            automation_version=1,
            steps=steps,
            started_at=self.now,
            cause={"kind": "tag", "tag": "vip"},
            chain=("thank",),
        )
        state = self.runs.states_of(ref).get("thank", AutomationState("thank"))
        assert self.runs.begin(run, replace(state, fired=state.fired + 1))
        self.runs_queue.send(ref, run_id)
        return run

    def start(self, *steps: Step) -> Run:
        """An automation and a run of it."""
        self.automation(*steps)
        return self.begin(*steps)

    def known(self, run: Run) -> Run:
        """A run as it is now."""
        found = self.runs.run(run.ref, run.id)
        assert found
        return found

    def rest(self, until: datetime | None = None, copies: int = 1) -> None:
        """Let messages arrive, each ``copies`` times, until there are none; who fails gets theirs again later."""
        while True:
            self._schedules_that_are_due(min((it.due for it in self.letters), default=None), until)
            due = sorted((it for it in self.letters if until is None or it.due <= until), key=lambda it: it.due)
            if not due:
                self.now = max(self.now, until or self.now)
                return
            letter = due[0]
            self.letters.remove(letter)
            self.now = max(self.now, letter.due)
            for _ in range(copies):
                self._deliver(letter)

    def _deliver(self, letter: Letter) -> None:
        try:
            self.take(letter.body)
        except (Killed, ClientError):
            letter.received += 1
            if letter.received >= RECEIVES:
                self.dead.append(letter)
            else:
                self.letters.append(replace(letter, due=self.now + VISIBILITY))

    def take(self, body: Mapping[str, str]) -> Went:
        """As the function does with one message."""
        account, audience = body["account"], body["audience"]
        if "automation" in body:
            if self.runner.release(self.runs_queue, account, audience, body["automation"]):
                self.runs_queue.release(account, audience, body["automation"])
            return Went.NOTHING
        return self.runner.go_on(ContactRef(account, audience, body["contact"]), body["run"])

    def _schedules_that_are_due(self, before: datetime | None, until: datetime | None) -> None:
        """Those that are due before the next message, or before the end."""
        for name, made in sorted(self.scheduler.made.items(), key=lambda it: str(it[1]["ScheduleExpression"])):
            at = datetime.fromisoformat(made["ScheduleExpression"][3:-1] + "+00:00")
            if (before is None or at <= before) and (until is None or at <= until):
                del self.scheduler.made[name]
                self.letters.append(Letter(json.loads(made["Target"]["Input"]), at))
                return

    # ---- What came of it ---------------------------------------------------------------------------------------------

    @property
    def tags(self) -> Sequence[str]:
        """Ada's tags."""
        contact = self.contacts.contact(self.account.id, AUDIENCE, self.ada.contact)
        assert contact
        return contact.tags

    @property
    def entries(self) -> list[ScoreEntry]:
        """What changed Ada's score."""
        return list(self.contacts.history_of(self.account.id, AUDIENCE, self.ada.contact))

    def outcomes(self, run: Run) -> list[str]:
        """What the log of a run says."""
        return [it.outcome for it in self.known(run).log]


def step(kind: StepKind, delay: Delay | None = None, **settings: Any) -> Step:
    """A step of an automation."""
    return Step(kind, settings, delay)


STEPS = {
    StepKind.SEND_TEMPLATE: step(StepKind.SEND_TEMPLATE, template="hello"),
    StepKind.ADD_TAG: step(StepKind.ADD_TAG, tag="thanked"),
    StepKind.REMOVE_TAG: step(StepKind.REMOVE_TAG, tag="vip"),
    StepKind.CHANGE_SCORE: step(StepKind.CHANGE_SCORE, effect="add", points=5),
    StepKind.GIVE_REWARD: step(StepKind.GIVE_REWARD, programme="best"),
    StepKind.NOTIFY_TEAM: step(StepKind.NOTIFY_TEAM, note="Call her."),
    StepKind.CALL_WEBHOOK: step(StepKind.CALL_WEBHOOK, url=URL),
    StepKind.PUT_EVENT: step(StepKind.PUT_EVENT, name="Thanked"),
}
"""A step of each kind that does something for Ada."""
