"""The account that the events of events/ belong to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from laurel.imports.columns import Kind
from laurel.imports.run import Import
from laurel.leaderboard.snapshot import take
from laurel.model.account import (
    HOUSE_ACCOUNT_ORDERS,
    Account,
    Audience,
    Plan,
    Platform,
    Role,
    Store,
    StoreState,
    WebhookSecret,
)
from laurel.model.alert import Alert, AlertKind, AlertState, Lateness
from laurel.model.api_key import ApiKey, fingerprint, hint
from laurel.model.automation import Automation, Run, ScoreReaches, Step, StepKind
from laurel.model.contact import ContactRef
from laurel.model.identity import contact_id
from laurel.model.job import Job, JobKind
from laurel.model.message import QUEUED_FOR, Message, MessageContent, MessageState
from laurel.model.period import Calendar, TimeFrame
from laurel.model.privacy import Erasure, ErasureKind, ErasureReason
from laurel.model.ranking import Figures, Metric
from laurel.model.reward import (
    Award,
    AwardState,
    Benefit,
    BenefitKind,
    Coupons,
    CouponSource,
    FirstOfBoard,
    Programme,
)
from laurel.model.scoring import Effect, EffectKind, ScoringRule
from laurel.model.sender import Sender, SenderKind, SenderState
from laurel.model.suppression import Suppression, SuppressionReason
from laurel.model.template import Content, MessageTemplate
from laurel.model.user import Member
from laurel.store.workspace import Workspace
from tests.support import webhook_events

AUDIENCE = "demoaudience"
_KEY = "00" * 32
_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_ASKED_AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
JOB = Job(
    account_id=webhook_events.ACCOUNT,
    audience_id=AUDIENCE,
    id="3oc3gwj42xbqdk7w",
    kind=JobKind.VERIFY,
    created_at=_ASKED_AT,
    updated_at=_ASKED_AT,
    input={"repair": True},
)
"""A job that was queued and not begun."""
RULE = ScoringRule("demovisitors", "Visits a page", True, "page.visited", Effect(EffectKind.ADD, 5), created_at=_SINCE)
"""A scoring rule, in its first version once it is saved."""

SENDER = Sender(
    webhook_events.ACCOUNT, "demosender22", SenderKind.DOMAIN, "example.com", SenderState.VERIFIED, _SINCE, _SINCE
)
ERASURE = Erasure(
    account_id=webhook_events.ACCOUNT,
    id="3oc3gwj42xbqdk7w",
    kind=ErasureKind.PERSON,
    reason=ErasureReason.OWNER,
    audience_id=AUDIENCE,
    created_at=_ASKED_AT,
    updated_at=_ASKED_AT,
    customers=("customer-77",),
)
"""An erasure that was asked for."""
LEFT_STORE = Store(
    account_id=webhook_events.ACCOUNT,
    id="demostoreleft",
    audience_id=AUDIENCE,
    platform=Platform.API,
    name="Gone",
    currency="EUR",
    calendar=Calendar("Europe/Berlin", 1),
    minimum_purchases=1,
    house_account_orders=HOUSE_ACCOUNT_ORDERS,
    calendar_revision=1,
    state=StoreState.DISCONNECTED,
    secrets=(),
    cursor_key=_KEY,
    created_at=_SINCE,
)
"""A store that was disconnected."""
IMPORT = Import(
    account_id=webhook_events.ACCOUNT,
    store_id=webhook_events.STORES["generic"],
    id="3oc3gwj42xbqdk7w",
    kind=Kind.ORDERS,
    file_name="orders.csv",
    created_at=_ASKED_AT,
    asked={},
)
"""An import that waits for its file."""
_API_SECRET = "0123456789abcdef0123456789abcdef-us1"
API_KEY = ApiKey(
    webhook_events.ACCOUNT, "demoapikey22", "Plugin", Role.OWNER, fingerprint(_API_SECRET), hint(_API_SECRET), _SINCE
)
MEMBER = Member(
    webhook_events.ACCOUNT,
    "3f0c5a9e-4b1d-4c55-9d0a-2f6f1c1f7a11",
    "kim@example.com",
    "Kim",
    Role.MARKETER,
    "de",
    _SINCE,
)
"""Somebody who signs in to the account."""
LINK_KEY = bytes.fromhex(_KEY)
"""What unsubscribe links are signed with."""
TEMPLATE = MessageTemplate(
    id="demotemplate",
    name="Thanks",
    content=Content('{{ contact.first_name | default("Hello") }}!', None, "<p>{{ coupon }}</p>"),
    created_at=_SINCE,
    updated_at=_SINCE,
)
"""A message template, in its first version once it is saved."""
MESSAGE = Message(
    ref=ContactRef(webhook_events.ACCOUNT, AUDIENCE, contact_id("ada@example.com")),
    id="5f3c0d0e9a7b4c2d1e8f6a3b",
    to="ada@example.com",
    sender="hello@example.com",
    subject="Hello!",
    created_at=_ASKED_AT,
    times={MessageState.QUEUED: _ASKED_AT},
    due=_ASKED_AT + QUEUED_FOR,
)
SAID = MessageContent("Hello!", "LAUREL-10", "<p>LAUREL-10</p>")
"""A message that is queued, and what it says."""
MAILED = replace(
    MESSAGE,
    id="5e7d0c1a9b3f4e2d8c6a0b1f",
    created_at=_ASKED_AT,
    times={MessageState.QUEUED: _ASKED_AT, MessageState.SENDING: _ASKED_AT, MessageState.SENT: _ASKED_AT},
    due=None,
)
"""A message that was sent."""
SUPPRESSED = Suppression(webhook_events.ACCOUNT, "eve@example.com", SuppressionReason.MANUAL, _SINCE)
"""An address that the account does not write to."""

AUTOMATION = Automation(
    account_id=webhook_events.ACCOUNT,
    audience_id=AUDIENCE,
    id="demoregulars",
    name="Hello, regulars",
    enabled=True,
    trigger=ScoreReaches(100),
    steps=(Step(StepKind.ADD_TAG, {"tag": "regular"}),),
    created_at=_SINCE,
    updated_at=_SINCE,
    enabled_at=_SINCE,
)
"""An automation, in its first version once it is saved."""
RUN = Run(
    ref=MESSAGE.ref,
    id="0a1b2c3d4e5f60718293a4b5",
    automation_id=AUTOMATION.id,
    automation_name=AUTOMATION.name,
    automation_version=1,
    steps=AUTOMATION.steps,
    started_at=_ASKED_AT,
    cause={"kind": "score", "before": 90, "after": 110},
    chain=(AUTOMATION.id,),
)
"""A run of it that nobody has taken up."""
DRY_RUN = replace(
    JOB,
    id="3oc3gwj4dryruns7",
    kind=JobKind.DRY_RUN,
    input={"automation": AUTOMATION.id, "name": AUTOMATION.name, "kept": {}},
)
"""A dry run that was queued."""
CLOSED = take(
    replace(LEFT_STORE, id=webhook_events.STORES["generic"]),
    "2026-10",
    [(contact_id("ada@example.com"), Figures(2, 11_980, 1_792_000_000))],
    datetime(2026, 10, 31, 23, 5, tzinfo=UTC),
    datetime(2026, 10, 31, 23, tzinfo=UTC),
    closed=True,
)
"""What boards showed when October was over."""
ALERT = Alert(
    account_id=webhook_events.ACCOUNT,
    audience_id=AUDIENCE,
    store_id=webhook_events.STORES["generic"],
    kind=AlertKind.OVERDUE,
    customer=contact_id("ada@example.com"),
    state=AlertState.OPEN,
    reason=Lateness(_ASKED_AT.date(), 6, 30, 44),
    fell_at=_ASKED_AT,
    opened_at=_ASKED_AT,
    worth=11_980,
    currency="EUR",
)
"""An alert that is open."""
PROGRAMME = Programme(
    account_id=webhook_events.ACCOUNT,
    audience_id=AUDIENCE,
    id="demoprogramm",
    name="Best of the month",
    who=FirstOfBoard(Metric.TOTAL_SPENT, TimeFrame.LAST_MONTH, 10),
    benefit=Benefit(BenefitKind.PERCENT_OFF, percent=10),
    created_at=_SINCE,
    updated_at=_SINCE,
    coupons=Coupons(CouponSource.GENERATED, prefix="VIP-"),
    store_id=webhook_events.STORES["generic"],
    currency="EUR",
)
"""A programme of rewards, in its first version once it is saved."""
AWARD = Award(MESSAGE.ref, PROGRAMME.id, "2026-11-22", _ASKED_AT, AwardState.GIVEN, PROGRAMME.benefit, "EUR")
"""An award of it."""


def seed(workspace: Workspace) -> None:
    """Write the account, its audience and a store of each platform that sends webhooks."""
    account = webhook_events.ACCOUNT
    settings = {"postal_address": "Hauptstr. 1\n10115 Berlin", "sender_address": "hello@example.com"}
    workspace.save_account(Account(account, "Demo", Plan.STANDARD, "en", _KEY, _SINCE, **settings))
    workspace.save_audience(Audience(account, AUDIENCE, "Customers", 1, _SINCE))
    for platform, store in webhook_events.STORES.items():
        connected = Store(
            account_id=account,
            id=store,
            audience_id=AUDIENCE,
            platform=Platform(platform),
            name=platform,
            currency="EUR",
            calendar=Calendar("Europe/Berlin", 1),
            minimum_purchases=1,
            house_account_orders=HOUSE_ACCOUNT_ORDERS,
            calendar_revision=1,
            state=StoreState.CONNECTED,
            secrets=(WebhookSecret(webhook_events.SECRETS[platform]),),
            cursor_key=_KEY,
            created_at=_SINCE,
        )
        assert workspace.save_store(connected)
