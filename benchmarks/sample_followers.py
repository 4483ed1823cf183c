"""What follows scores and boards in the samples' account, as DynamoDB has it: an automation, a run, rewards, alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from benchmarks import sample_items, samples
from laurel.model.alert import Alert, AlertKind, AlertState, Lateness
from laurel.model.automation import Automation, Run, ScoreReaches, Step, StepKind
from laurel.model.contact import ContactRef
from laurel.model.order import epoch_ms
from laurel.store import keys
from laurel.store.alerts import Alerts
from laurel.store.automations import Automations
from laurel.store.dynamodb import Item, attributes
from laurel.store.programmes import TALLY
from laurel.store.runs import Runs

RUN = "5d0c9a3b7e2f4816a9c0d1e2"
PROGRAMME = "programme001"
_AT = datetime(2026, 11, 20, 16, tzinfo=UTC)
_STEPS = (Step(StepKind.ADD_TAG, {"tag": "regular"}),)
_AUTOMATION = Automation(
    account_id=samples.ACCOUNT,
    audience_id=samples.AUDIENCE,
    id="automation01",
    name="Regulars",
    enabled=True,
    trigger=ScoreReaches(100),
    steps=_STEPS,
    created_at=datetime(2026, 1, 5, tzinfo=UTC),
    updated_at=datetime(2026, 1, 5, tzinfo=UTC),
    enabled_at=datetime(2026, 1, 5, tzinfo=UTC),
)
_RUN = Run(
    ref=ContactRef(samples.ACCOUNT, samples.AUDIENCE, samples.READER),
    id=RUN,
    automation_id=_AUTOMATION.id,
    automation_name=_AUTOMATION.name,
    automation_version=1,
    steps=_STEPS,
    started_at=_AT,
    cause={"kind": "score", "at": _AT.isoformat(), "before": 80, "after": 110},
    chain=(_AUTOMATION.id,),
)
_ALERT = Alert(
    account_id=samples.ACCOUNT,
    audience_id=samples.AUDIENCE,
    store_id=samples.STORE.id,
    kind=AlertKind.OVERDUE,
    customer="",
    state=AlertState.OPEN,
    reason=Lateness(_AT.date(), 7, 30, 45),
    fell_at=_AT,
    opened_at=_AT,
    worth=50_000,
    currency="EUR",
)


def _kept() -> list[Item]:
    table = samples.Table()
    client = cast("Any", table)
    Automations(client, "").save(_AUTOMATION)
    Runs(client, "").save(replace(_RUN, version=0))
    for profile in sample_items.scored_items():
        Alerts(client, "").save(replace(_ALERT, customer=keys.split(profile["pk"]["S"])[2]), _AT)
    table.items.append(_programme())
    return table.items


def _programme() -> Item:
    return attributes(
        {
            "pk": samples.ACCOUNT,
            "sk": keys.programme(samples.AUDIENCE, PROGRAMME),
            "name": "Best of the month",
            "who": {"kind": "hand"},
            "benefit": {"kind": "percent_off", "percent": 10},
            "coupon": {"source": "one_code", "prefix": "", "code": "THANKS-10"},
            "hold_out": 0,
            "state": "active",
            "created_at": epoch_ms(_AT),
            "updated_at": epoch_ms(_AT),
            "version": 1,
            **dict.fromkeys(TALLY, 0),
        }
    )


_ITEMS = {(it["pk"]["S"], it["sk"]["S"]): it for it in _kept()}


def items(wanted: Sequence[Item]) -> list[Item]:
    """What a BatchGetItem finds, or a GetItem."""
    found = (_ITEMS.get((key["pk"]["S"], key["sk"]["S"])) for key in wanted)
    return [it for it in found if it]


def queried(values: Mapping[str, Any]) -> list[Item]:
    """What a Query finds: by prefix, or of the lists of audiences and of open alerts."""
    pk, prefix = values[":pk"]["S"], values.get(":prefix", {}).get("S")
    if pk == keys.ALL_AUDIENCES:
        return [attributes({"list_pk": pk, "list_sk": keys.join(samples.ACCOUNT, samples.AUDIENCE)})]
    if prefix is None:
        return [it for it in _ITEMS.values() if it.get("list_pk") == values[":pk"] and "worth" in it]
    return [it for (own, sk), it in _ITEMS.items() if own == pk and sk.startswith(prefix)]


def score_entry() -> Item:
    """The entry of a score that reaches what the automation waits for."""
    return attributes(
        {
            "pk": keys.person(samples.ACCOUNT, samples.AUDIENCE, samples.READER),
            "sk": keys.score_entry(epoch_ms(_AT), "order:generalstore:4711", "1", "visits"),
            "at": epoch_ms(_AT),
            "activity": "order.placed",
            "effect": "add",
            "asked": 30,
            "given": 30,
            "before": 80,
            "after": 110,
            "seq": 7,
            "epoch": 1,
        }
    )


_WITHIN = {"audience": samples.AUDIENCE}
AUTOMATIONS = samples.api_event("GET", "/audiences/{audience}/automations", _WITHIN)
AUTOMATE = samples.api_event(
    "POST",
    "/audiences/{audience}/automations",
    _WITHIN,
    {
        "name": "Regulars",
        "trigger": {"kind": "score_reaches", "points": 100},
        "conditions": [{"kind": "consent", "statuses": ["subscribed"]}],
        "steps": [{"kind": "add_tag", "tag": "regular"}],
    },
)
PROGRAMMES = samples.api_event("GET", "/audiences/{audience}/programmes", _WITHIN)
GIVE = samples.api_event(
    "POST",
    "/audiences/{audience}/programmes/{programme}/awards",
    {**_WITHIN, "programme": PROGRAMME},
    {"contacts": [samples.READER]},
)
ALERTS = samples.api_event("GET", "/audiences/{audience}/alerts", _WITHIN)
STORE_DUE = samples.message({"account": samples.ACCOUNT, "store": samples.STORE.id})
RUN_DUE = samples.message(
    {"account": samples.ACCOUNT, "audience": samples.AUDIENCE, "contact": samples.READER, "run": RUN}
)
