"""Stripe's webhook, from the signature to the plan that the next request reads."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from laurel.model.account import Plan
from laurel.store.plans import Plans
from laurel.store.secrets import RememberedSecret, ssm
from laurel.workspace.billing import set_plan
from tests.support import billing_events
from tests.support.client import OPERATIONS, Client
from tests.support.template import resources

if TYPE_CHECKING:
    from tests.support.client import Answer, Tenant
    from tests.support.gateway import Gateway

NOW = int(time.time())


def send(api: Gateway, event: Any, header: str | None = None) -> Answer:
    body = event if isinstance(event, str) else json.dumps(event)
    signature = billing_events.signature(body, time.time()) if header is None else header
    return Client(api.send)("receiveBilling", body=body, headers={"Stripe-Signature": signature})


def outcome(api: Gateway, tenant: Tenant, **changes: Any) -> str:
    answer = send(api, billing_events.event(tenant.account_id, **changes))
    assert answer.status == 200, answer.text
    return str(answer.json["outcome"])


def plan(tenant: Tenant) -> tuple[str, int]:
    account = tenant.owner.ok("getAccount")
    return account["plan"], account["monthly_messages"]


def test_an_upgrade_and_a_downgrade_take_effect_at_once(api: Gateway, tenant: Tenant) -> None:
    assert plan(tenant) == ("free", 0)

    assert outcome(api, tenant, kind="created", status="incomplete", at=NOW) == "ignored"
    assert plan(tenant) == ("free", 0)
    assert outcome(api, tenant, plan="essentials", at=NOW + 1) == "accepted"
    assert plan(tenant) == ("essentials", 5_000)
    assert outcome(api, tenant, plan="premium", at=NOW + 2) == "accepted"
    assert plan(tenant) == ("premium", 500_000)
    assert outcome(api, tenant, plan="premium", status="past_due", at=NOW + 3) == "accepted"
    assert plan(tenant) == ("premium", 500_000)
    assert outcome(api, tenant, kind="deleted", plan="premium", at=NOW + 4) == "accepted"
    assert plan(tenant) == ("free", 0)


def test_late_and_repeated_events_change_nothing(api: Gateway, tenant: Tenant) -> None:
    outcome(api, tenant, plan="standard", at=NOW)

    assert outcome(api, tenant, plan="standard", at=NOW) == "unchanged"
    assert outcome(api, tenant, kind="created", plan="premium", at=NOW - 1) == "unchanged"
    assert plan(tenant) == ("standard", 50_000)


def test_what_an_operator_sets_is_not_undone_by_what_is_older(api: Gateway, tenant: Tenant) -> None:
    outcome(api, tenant, plan="standard", at=NOW - 20)
    plans = Plans(api.database.client, api.database.tables.workspace)
    set_plan(plans, tenant.account_id, Plan.PREMIUM, NOW)

    outcome(api, tenant, kind="deleted", at=NOW - 10)
    assert plan(tenant) == ("premium", 500_000)
    outcome(api, tenant, plan="essentials", id="sub_2", at=NOW + 1)
    assert plan(tenant) == ("essentials", 5_000)


def test_another_kind_of_event_is_ignored(api: Gateway, tenant: Tenant) -> None:
    event = {**billing_events.event(tenant.account_id), "type": "invoice.paid"}

    assert send(api, event).json == {"outcome": "ignored"}
    assert plan(tenant) == ("free", 0)


@pytest.mark.parametrize(
    "changes", [{"metadata": {"account_id": "aaaaaaaaaaaa"}}, {"metadata": {}}, {"lookup_key": "laurel_gold"}]
)
def test_what_cannot_be_placed_is_answered_logged_and_counted(
    changes: dict[str, Any],
    api: Gateway,
    tenant: Tenant,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, counted = api.items("workspace"), list[str]()
    monkeypatch.setattr(api.module(OPERATIONS["receiveBilling"]), "count", counted.append)

    assert outcome(api, tenant, **changes) == "rejected"

    assert api.items("workspace") == before
    assert [(it.levelname, it.message) for it in caplog.records] == [("ERROR", "billing_unplaced")]
    (alarm,) = (it for name, it in resources("AWS::CloudWatch::Alarm").items() if name == "BillingEventsUnplaced")
    assert counted == [alarm["Properties"]["MetricName"]]


@pytest.mark.parametrize("header", ["", "t=1,v1=00", "t={now},v1=00", "of another body", "v1=", "nonsense"])
def test_what_is_not_verified_changes_nothing(header: str, api: Gateway, tenant: Tenant) -> None:
    before = api.items("workspace")
    if header == "of another body":
        header = billing_events.signature("{}", time.time())

    answer = send(api, billing_events.event(tenant.account_id, plan="premium"), header.format(now=int(time.time())))

    assert (answer.status, answer.problem) == (401, "bad-signature")
    assert api.items("workspace") == before


def test_an_event_signed_an_hour_ago_is_refused(api: Gateway, tenant: Tenant) -> None:
    body = json.dumps(billing_events.event(tenant.account_id))

    assert send(api, body, billing_events.signature(body, NOW - 3600)).problem == "bad-signature"


@pytest.mark.parametrize("body", ["no JSON", "[]", "7", '"text"', "null"])
def test_a_signed_body_that_is_no_event_is_refused(body: str, api: Gateway) -> None:
    answer = send(api, body)

    assert (answer.status, answer.problem) == (400, "malformed-body")


def test_the_secret_may_be_replaced(api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    module = api.module(OPERATIONS["receiveBilling"])
    body = json.dumps(billing_events.event(tenant.account_id))
    header = billing_events.signature(body, time.time(), "whsec_new")
    assert send(api, body, header).status == 401

    billing_events.keep_secret(f"whsec_new {billing_events.SECRET}")
    monkeypatch.setattr(module, "_secret", RememberedSecret(ssm, billing_events.PARAMETER))

    assert send(api, body, header).json == {"outcome": "accepted"}
    assert send(api, body).json == {"outcome": "unchanged"}
    billing_events.keep_secret()


def test_where_billing_is_not_connected_nothing_is_read(
    api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.module(OPERATIONS["receiveBilling"]), "_secret", RememberedSecret(ssm, ""))

    answer = send(api, billing_events.event(tenant.account_id))

    assert (answer.status, answer.problem) == (404, "billing-not-connected")
    assert plan(tenant) == ("free", 0)


def test_a_secret_that_is_missing_is_our_fault_so_that_stripe_tries_again(
    api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        api.module(OPERATIONS["receiveBilling"]), "_secret", RememberedSecret(ssm, "/laurel/nothing-here")
    )

    assert send(api, billing_events.event(tenant.account_id)).status == 500


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_of_deliveries_ends_in_the_same_plan(api: Gateway, data: st.DataObject) -> None:
    tenant = api.tenant()
    course = [
        {"kind": "created", "status": "incomplete", "plan": "essentials", "at": NOW},
        {"status": "active", "plan": "essentials", "at": NOW},
        {"status": "active", "plan": "standard", "at": NOW + 1},
        {"status": "past_due", "plan": "standard", "at": NOW + 2},
        {"kind": "created", "id": "sub_2", "plan": "premium", "at": NOW + 3},
        {"kind": "deleted", "plan": "standard", "at": NOW + 4},
    ]

    for changes in data.draw(st.permutations(course + course[2:4])):
        outcome(api, tenant, **changes)

    assert plan(tenant) == ("premium", 500_000)
