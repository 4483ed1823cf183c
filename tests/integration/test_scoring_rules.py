"""Scoring rules in Workspace: kept whole, in order, and written by one at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from botocore.exceptions import ClientError

from laurel.model.account import Store
from laurel.model.scoring import CapWindow, Condition, Effect, EffectKind, FrequencyCap, Operator, ScoringRule
from laurel.store.scoring_rules import ScoringRules
from tests.support.faults import client_error
from tests.support.samples import NOW
from tests.support.steps import REMOVE, a_rule
from tests.support.tables import Database

FULL = ScoringRule(
    id="full",
    name="Reads of laurels ü",
    enabled=False,
    activity="page.visited",
    effect=Effect(EffectKind.ADD_PER_UNIT, 99_999_999),
    conditions=(
        Condition("url", Operator.CONTAINS, ("/laurels",)),
        Condition("price", Operator.LESS, (Decimal("59.90"),)),
        Condition("new", Operator.EQUALS, (True,)),
        Condition("size", Operator.ONE_OF, ("S", 38, False, Decimal("38.5"))),
    ),
    frequency_cap=FrequencyCap(3, CapWindow.WEEK),
    expires_after_days=365,
    counts_machines=True,
    created_at=NOW,
)


@pytest.fixture
def rules(database: Database) -> ScoringRules:
    return ScoringRules(database.client, database.tables.workspace)


@pytest.mark.parametrize("rule", [FULL, a_rule(), a_rule(kind=REMOVE)], ids=["full", "plain", "remove"])
def test_a_rule_is_read_as_it_was_saved(rules: ScoringRules, store: Store, rule: ScoringRule) -> None:
    assert rules.save(store.account_id, store.audience_id, rule)

    kept = replace(rule, version=1)
    assert rules.rule(store.account_id, store.audience_id, rule.id) == kept
    assert rules.rules(store.account_id, store.audience_id) == [kept]


def test_rules_are_in_the_order_of_their_creation(rules: ScoringRules, store: Store) -> None:
    for id_, minutes in (("a", 3), ("b", 1), ("d", 2), ("c", 2)):
        created_at = NOW + timedelta(minutes=minutes)
        assert rules.save(store.account_id, store.audience_id, a_rule(id_=id_, created_at=created_at))

    assert [rule.id for rule in rules.rules(store.account_id, store.audience_id)] == ["b", "c", "d", "a"]


def test_rules_belong_to_one_audience(rules: ScoringRules, store: Store) -> None:
    assert rules.save(store.account_id, store.audience_id, FULL)

    for audience in ("other", f"{store.audience_id}#", store.audience_id[:-1]):
        assert rules.rules(store.account_id, audience) == []
        assert rules.rule(store.account_id, audience, FULL.id) is None
        assert not rules.delete(store.account_id, audience, FULL.id, 1)


def test_of_two_who_read_the_same_version_one_writes(rules: ScoringRules, store: Store) -> None:
    account, audience = store.account_id, store.audience_id
    assert rules.save(account, audience, FULL)
    read = rules.rule(account, audience, FULL.id)
    assert read

    assert rules.save(account, audience, replace(read, name="First"))
    assert not rules.save(account, audience, replace(read, name="Second"))
    assert not rules.delete(account, audience, FULL.id, read.version)

    assert rules.rule(account, audience, FULL.id) == replace(read, name="First", version=2)


def test_a_new_rule_replaces_none(rules: ScoringRules, store: Store) -> None:
    assert rules.save(store.account_id, store.audience_id, FULL)

    assert not rules.save(store.account_id, store.audience_id, replace(FULL, name="Another"))


def test_a_deleted_rule_is_gone(rules: ScoringRules, store: Store) -> None:
    account, audience = store.account_id, store.audience_id
    assert rules.save(account, audience, FULL)

    assert rules.delete(account, audience, FULL.id, 1)

    assert rules.rule(account, audience, FULL.id) is None
    assert not rules.delete(account, audience, FULL.id, 1)
    assert not rules.save(account, audience, replace(FULL, version=1)), "a change does not bring it back"


def test_what_dynamodb_cannot_do_is_no_conflict(
    rules: ScoringRules, store: Store, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def throttled(**_: object) -> None:
        raise client_error("ProvisionedThroughputExceededException")

    monkeypatch.setattr(database.client, "put_item", throttled)
    monkeypatch.setattr(database.client, "delete_item", throttled)

    with pytest.raises(ClientError):
        rules.save(store.account_id, store.audience_id, FULL)
    with pytest.raises(ClientError):
        rules.delete(store.account_id, store.audience_id, FULL.id, 1)
