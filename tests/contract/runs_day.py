"""A day of automations' runs: each kind of step, a wait, a pause, a busy mail service, a worker that was killed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from laurel.model.account import Role
from laurel.model.automation import Automation, Delay, DelayUnit, Run, RunState, Step, StepKind, StepOutcome, TagAdded
from laurel.model.automation_state import AutomationState
from laurel.model.contact import ContactRef
from laurel.model.identity import contact_id
from laurel.model.reward import Benefit, BenefitKind, ByHand, Coupons, CouponSource, Programme
from laurel.model.sender import SenderState
from laurel.model.template import Content, MessageTemplate
from laurel.model.user import Member
from laurel.store.automations import Automations
from laurel.store.contacts import Contacts
from laurel.store.coupons import CouponPools
from laurel.store.programmes import Programmes
from laurel.store.runs import Runs
from laurel.store.senders import Senders
from laurel.store.templates import Templates
from laurel.store.users import Users
from tests.support.tables import Database

NOW = datetime.now(UTC)
WEB = "http://127.0.0.1:9/"
"""Where nobody listens: a webhook is sent there and tried again later."""

TELL = Step(StepKind.NOTIFY_TEAM, {"note": "Look."})


class RunsDay:
    """Runs for the customer of a store, who wants mail; from a domain that is to be looked at again."""

    def __init__(self, database: Database, account: str, audience: str) -> None:
        client, tables = database
        self._ref = ContactRef(account, audience, contact_id("kim@example.com"))
        self._runs = Runs(client, tables.contacts)
        self._automations = Automations(client, tables.workspace)
        self._contacts = Contacts(client, tables.contacts)
        self._templates = Templates(client, tables.workspace)
        self._programmes = Programmes(client, tables.workspace)
        self._coupons = CouponPools(client, tables.workspace)
        self._senders = Senders(client, tables.workspace)
        self._users = Users(client, tables.workspace)

    def begin(self, store: str) -> list[tuple[ContactRef, str]]:
        """Keep what runs need, and runs; whom and which they are."""
        account, audience = self._ref.account_id, self._ref.audience_id
        for sender in self._senders.senders(account):
            self._senders.save_state(replace(sender, state=SenderState.PENDING))
        said = Content("Thanks", "{{ coupon }} {{ rank.total_spent | default('none') }}", None)
        assert self._templates.save(account, MessageTemplate("run-thanks", "Thanks", said, NOW, NOW))
        self._users.add(Member(account, "uma", "uma@team.example.com", "Uma", Role.VIEWER, "en", NOW))
        benefit = Benefit(BenefitKind.PERCENT_OFF, percent=10)
        pool = Coupons(CouponSource.POOL)
        programme = self._programmes.save(Programme(account, audience, "p1", "Best", ByHand(), benefit, NOW, NOW, pool))
        assert programme
        assert self._coupons.add(programme, ["THANKS-1", "THANKS-2"]) == 2
        for id_, enabled in (("on", True), ("off", False)):
            automation = Automation(account, audience, id_, id_, enabled=enabled, trigger=TagAdded("vip"), steps=())
            assert self._automations.save(automation)
        every = (
            Step(StepKind.ADD_TAG, {"tag": "vip"}),
            Step(StepKind.CHANGE_SCORE, {"effect": "add", "points": 5}),
            Step(StepKind.GIVE_REWARD, {"programme": "p1"}),
            Step(StepKind.SEND_TEMPLATE, {"template": "run-thanks", "store": store}),
            Step(StepKind.PUT_EVENT, {"name": "Thanked"}),
            Step(StepKind.CALL_WEBHOOK, {"url": WEB}),
        )
        tomorrow = Step(StepKind.ADD_TAG, {"tag": "late"}, Delay(1, DelayUnit.DAYS))
        return [
            self._begun("all", "on", every),
            self._begun("late", "on", (tomorrow,)),
            self._begun("held", "off", every[:1]),
            self._begun("told", "on", (TELL,)),
        ]

    def kill(self) -> tuple[ContactRef, str]:
        """As if the worker had been killed after it changed the score, and its lease were over."""
        run = self._runs.run(self._ref, "all")
        assert run
        entry = next(self._contacts.history_of(run.ref.account_id, run.ref.audience_id, run.ref.contact))
        log = (StepOutcome(1, entry.subject_at, "begun"),)
        again = replace(
            run, state=RunState.RUNNING, step=1, steps=(*run.steps[:2], TELL), log=log, due=NOW - timedelta(hours=1)
        )
        assert self._runs.save(again)
        return self._ref, run.id

    def states(self) -> dict[str, RunState]:
        """How far the runs are."""
        return {run.id: run.state for run in self._runs.runs_of(self._ref)}

    def _begun(self, run_id: str, automation: str, steps: tuple[Step, ...]) -> tuple[ContactRef, str]:
        run = Run(self._ref, run_id, automation, automation, 1, steps, NOW, {"kind": "tag"}, (automation,))
        known = self._runs.states_of(self._ref).get(automation, AutomationState(automation))
        assert self._runs.begin(run, known)
        return self._ref, run_id
