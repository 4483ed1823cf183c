"""Facts are recorded with the people behind them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from laurel.ingestion.events import Ignored, OrderReport, PrivacyRequest, PrivacyRequestKind, Uninstalled
from laurel.ingestion.record import (
    ActivityReport,
    OrderResult,
    Outcome,
    Recorder,
    record_activity,
    record_orders,
    remember,
)
from laurel.model.account import StoreState
from laurel.model.activity import Activity
from laurel.model.contact import Consent, ConsentSource, ConsentStatus
from laurel.model.errors import Busy, Conflict, CurrencyMismatch
from laurel.model.order import Deletion, Refund
from tests.support.fakes import FakeEvidence, FakeFacts, FakePeople, FakeStores
from tests.support.samples import ACCOUNT, ADA_ID, AUDIENCE, BOB, NOW, a_contact, a_person, a_store, an_order, at

SHOP = a_store()
ADA, ORDER = a_person(first_name="Ada"), an_order()
OPENED = Activity("a1", "email.opened", at("2026-11-20T10:00:00"), {})


# ---- People ----------------------------------------------------------------------------------------------------------


def test_a_person_becomes_a_contact() -> None:
    people = FakePeople()

    remember(people, FakeFacts(), ACCOUNT, AUDIENCE, ADA, NOW)

    assert people.contacts == {ADA_ID: a_contact(first_name="Ada", created_at=NOW)}


def test_what_is_known_already_costs_no_write() -> None:
    people = FakePeople(a_contact(first_name="Ada"))

    remember(people, FakeFacts(), ACCOUNT, AUDIENCE, ADA, NOW)

    assert people.saves == 0


def test_a_faster_writer_makes_it_try_again() -> None:
    pauses: list[float] = []
    people = FakePeople(races=7)

    remember(people, FakeFacts(), ACCOUNT, AUDIENCE, ADA, NOW, pauses.append)

    assert people.contacts[ADA_ID].first_name == "Ada"
    assert len(pauses) == 7
    assert 0 < sum(pauses) < 1


def test_a_writer_that_is_always_too_late_gives_up() -> None:
    people = FakePeople(races=8)

    with pytest.raises(Busy, match=f"^Contact '{ADA_ID}' is being changed by others"):
        remember(people, FakeFacts(), ACCOUNT, AUDIENCE, ADA, NOW, lambda _: None)

    assert people.contacts == {}


# ---- Tags ------------------------------------------------------------------------------------------------------------

SEEN = at("2026-11-20T10:00:00")


def tagged(*tags: str) -> list[tuple[str, str, str, Activity]]:
    return [(ACCOUNT, AUDIENCE, ADA_ID, Activity(f"tag.added:{tag}", "tag.added", SEEN, {"tag": tag})) for tag in tags]


def test_each_new_tag_is_an_activity_of_the_time_it_was_told() -> None:
    facts, people = FakeFacts(), FakePeople(a_contact(tags=("old",)))

    remember(people, facts, ACCOUNT, AUDIENCE, a_person(tags=("vip", "old", "b2b")), NOW)

    assert facts.recorded == tagged("b2b", "vip")
    assert people.contacts[ADA_ID].tags == ("b2b", "old", "vip")


def test_a_known_tag_is_no_news() -> None:
    facts = FakeFacts()

    remember(FakePeople(a_contact(tags=("vip",))), facts, ACCOUNT, AUDIENCE, a_person(tags=("vip",)), NOW)

    assert facts.recorded == []


def test_whoever_is_given_points_for_a_tag_is_a_contact_by_then() -> None:
    people = FakePeople()

    class Watching(FakeFacts):
        def record_activity(self, account_id: str, audience_id: str, contact: str, activity: Activity) -> bool:
            assert people.contacts[contact].tags == ()
            return super().record_activity(account_id, audience_id, contact, activity)

    facts = Watching()
    remember(people, facts, ACCOUNT, AUDIENCE, a_person(tags=("vip",)), NOW)

    assert facts.recorded == tagged("vip")
    assert people.contacts == {ADA_ID: a_contact(tags=("vip",), created_at=NOW, version=2)}


def test_a_tag_that_was_told_before_a_crash_is_told_again() -> None:
    people = FakePeople()

    class Crashing(FakeFacts):
        def record_activity(self, account_id: str, audience_id: str, contact: str, activity: Activity) -> bool:
            super().record_activity(account_id, audience_id, contact, activity)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        remember(people, Crashing(), ACCOUNT, AUDIENCE, a_person(tags=("vip",)), NOW)
    facts = FakeFacts()
    remember(people, facts, ACCOUNT, AUDIENCE, a_person(tags=("vip",)), NOW)

    assert facts.recorded == tagged("vip")
    assert people.contacts[ADA_ID].tags == ("vip",)


def test_a_tag_that_somebody_else_tells_at_another_time_is_told() -> None:
    class Known(FakeFacts):
        def record_activity(self, account_id: str, audience_id: str, contact: str, activity: Activity) -> bool:
            raise Conflict(activity.id)

    people = FakePeople(a_contact())

    remember(people, Known(), ACCOUNT, AUDIENCE, a_person(tags=("vip",)), NOW)

    assert people.contacts[ADA_ID].tags == ("vip",)


@pytest.mark.parametrize("races", [1, 2, 3])
def test_tags_survive_faster_writers(races: int) -> None:
    facts, people = FakeFacts(), FakePeople(races=races)

    remember(people, facts, ACCOUNT, AUDIENCE, a_person(tags=("vip",)), NOW, lambda _: None)

    assert set(map(str, facts.recorded)) == set(map(str, tagged("vip")))
    assert people.contacts[ADA_ID].tags == ("vip",)


def test_tags_of_orders_are_told_whoever_sends_them() -> None:
    facts, person = FakeFacts(), a_person(tags=("vip",))

    record_orders(facts, FakePeople(), SHOP, [OrderReport(an_order(), person)], NOW)
    Recorder(facts, FakePeople(), FakeStores()).record(SHOP, OrderReport(an_order(), person), NOW)

    assert [fact for fact in facts.recorded if len(fact) == 4] == tagged("vip", "vip")


# ---- Orders of a signed-in client ------------------------------------------------------------------------------------


def test_each_order_of_a_batch_has_its_own_result() -> None:
    # Given four orders: a new one, a known one that Ada has, one in another currency, and one of nobody
    facts = FakeFacts(owners={"2": ADA_ID}, known={"2"})
    people = FakePeople()
    reports = [
        OrderReport(an_order("1"), ADA),
        OrderReport(an_order("2"), ADA),
        OrderReport(an_order("3", currency="USD"), a_person(BOB)),
        OrderReport(an_order("4", email=None)),
    ]

    results = record_orders(facts, people, SHOP, reports, NOW)

    assert [(it.order_id, it.outcome.value) for it in results] == [
        ("1", "accepted"),
        ("2", "unchanged"),
        ("3", "rejected"),
        ("4", "accepted"),
    ]
    assert [(order.id, owner) for order, owner in facts.recorded] == [("1", None), ("2", ADA_ID), ("4", None)]
    assert list(people.contacts) == [ADA_ID]


def test_another_currency_than_the_stores_is_refused_with_both_named() -> None:
    (result,) = record_orders(FakeFacts(), FakePeople(), SHOP, [OrderReport(an_order(currency="USD"))], NOW)

    assert result == OrderResult("1001", Outcome.REJECTED, result.error)
    assert isinstance(result.error, CurrencyMismatch)
    assert str(result.error) == "The order is in USD, but the store sells in EUR."


def test_an_order_that_comes_twice_in_a_batch_asks_for_its_owner_the_second_time() -> None:
    # Given an order that the first of two versions may have moved
    facts = FakeFacts(owners={"1001": ADA_ID})

    record_orders(facts, FakePeople(), SHOP, [OrderReport(ORDER), OrderReport(an_order(email=BOB))], NOW)

    assert [owner for _, owner in facts.recorded] == [ADA_ID, None]


def test_no_orders_are_no_requests() -> None:
    assert record_orders(FakeFacts(), FakePeople(), SHOP, [], NOW) == []


# ---- Activities ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("known", "outcome"), [(set(), Outcome.ACCEPTED), ({"a1"}, Outcome.UNCHANGED)])
def test_an_activity_is_kept_with_its_contact(known: set[str], outcome: Outcome) -> None:
    facts, people = FakeFacts(known=known), FakePeople()

    assert (
        record_activity(facts, FakeEvidence(), people, ACCOUNT, AUDIENCE, ActivityReport(OPENED, ADA), NOW) is outcome
    )

    assert facts.recorded == [(ACCOUNT, AUDIENCE, ADA_ID, OPENED)]
    assert people.contacts[ADA_ID].status is ConsentStatus.NON_SUBSCRIBED


def test_an_unsubscription_is_the_persons_own_decision() -> None:
    # Given a subscriber
    subscribed = Consent(ConsentStatus.SUBSCRIBED, at("2026-11-01"))
    people = FakePeople(a_contact(consent=subscribed))
    unsubscribed = replace(OPENED, name="unsubscribed")

    # When they unsubscribe, whatever consent the sender adds
    person = replace(ADA, consent=Consent(ConsentStatus.SUBSCRIBED, at("2026-12-01")))
    record_activity(FakeFacts(), FakeEvidence(), people, ACCOUNT, AUDIENCE, ActivityReport(unsubscribed, person), NOW)

    # Then that holds, and an order does not undo it
    assert people.contacts[ADA_ID].consent == Consent(ConsentStatus.UNSUBSCRIBED, at("2026-11-20T10:00:00"))
    again = replace(
        ADA, consent=Consent(ConsentStatus.SUBSCRIBED, at("2026-12-02")), consent_source=ConsentSource.ORDER
    )
    remember(people, FakeFacts(), ACCOUNT, AUDIENCE, again, NOW)
    assert people.contacts[ADA_ID].status is ConsentStatus.UNSUBSCRIBED


def test_an_activity_id_that_was_used_for_something_else_is_a_conflict() -> None:
    class Contradicting(FakeFacts):
        def record_activity(self, account_id: str, audience_id: str, contact: str, activity: Activity) -> bool:
            raise Conflict(activity.id)

    with pytest.raises(Conflict):
        record_activity(
            Contradicting(), FakeEvidence(), FakePeople(), ACCOUNT, AUDIENCE, ActivityReport(OPENED, ADA), NOW
        )


# ---- Webhooks --------------------------------------------------------------------------------------------------------


def a_recorder(facts: FakeFacts | None = None, stores: FakeStores | None = None) -> Recorder:
    return Recorder(facts or FakeFacts(), FakePeople(), stores or FakeStores(SHOP))


def test_an_order_of_a_webhook_is_kept_with_its_person() -> None:
    facts, people = FakeFacts(owners={"1001": ADA_ID}), FakePeople()

    outcome = Recorder(facts, people, FakeStores()).record(SHOP, OrderReport(ORDER, ADA), NOW)

    assert outcome is Outcome.ACCEPTED
    assert facts.recorded == [(ORDER, ADA_ID)]
    assert list(people.contacts) == [ADA_ID]


def test_an_order_in_another_currency_is_kept_too() -> None:
    facts = FakeFacts()
    foreign = an_order(currency="USD")

    assert a_recorder(facts).record(SHOP, OrderReport(foreign), NOW) is Outcome.ACCEPTED
    assert facts.recorded == [(foreign, None)]


REFUND, DELETION = Refund("1001", "r1", 300), Deletion("1001", at("2026-11-21"))


@pytest.mark.parametrize(
    ("event", "id_"),
    [(OrderReport(ORDER), "1001"), (REFUND, "r1"), (DELETION, "1001")],
    ids=["order", "refund", "deletion"],
)
def test_what_is_known_is_unchanged(event: OrderReport | Refund | Deletion, id_: str) -> None:
    assert a_recorder(FakeFacts(known={id_})).record(SHOP, event, NOW) is Outcome.UNCHANGED
    assert a_recorder().record(SHOP, event, NOW) is Outcome.ACCEPTED


def test_refunds_and_deletions_are_handed_on() -> None:
    facts = FakeFacts()

    for event in (REFUND, DELETION):
        a_recorder(facts).record(SHOP, event, NOW)

    assert facts.recorded == [REFUND, DELETION]


def test_what_nobody_needs_is_ignored() -> None:
    facts = FakeFacts()

    assert a_recorder(facts).record(SHOP, Ignored("ping"), NOW) is Outcome.IGNORED
    assert facts.recorded == []


def test_a_privacy_request_is_kept_once_and_says_no_address() -> None:
    stores = FakeStores(SHOP)
    asked_about = {"email": "ADA@example.com", "customer_id": "7", "phone": "+49 30 1234"}
    request = PrivacyRequest("r1", PrivacyRequestKind.CUSTOMER_ERASURE, asked_about, ("1001",))

    outcomes = [a_recorder(stores=stores).record(SHOP, request, NOW) for _ in range(2)]

    assert outcomes == [Outcome.ACCEPTED, Outcome.UNCHANGED]
    assert stores.privacy == {
        ("storeaaaaaaa", "r1"): {
            "kind": "customer_erasure",
            "customers": [ADA_ID, "customer-7"],
            "orders": ["1001"],
            "received_at": 1_795_348_800,
        }
    }


def test_a_shop_that_removes_the_app_is_disconnected() -> None:
    stores = FakeStores(SHOP)

    assert a_recorder(stores=stores).record(SHOP, Uninstalled(NOW), NOW) is Outcome.ACCEPTED
    gone = stores.store(ACCOUNT, SHOP.id)
    assert gone
    assert gone.state is StoreState.DISCONNECTED
    assert a_recorder(stores=stores).record(gone, Uninstalled(NOW), NOW) is Outcome.UNCHANGED


def test_a_shop_is_disconnected_even_if_somebody_else_changes_it_at_once() -> None:
    stores = FakeStores(a_store(version=1))
    stores.beforehand = [a_store(name="Light Shop", version=2)]

    assert a_recorder(stores=stores).record(a_store(version=1), Uninstalled(NOW), NOW) is Outcome.ACCEPTED

    assert stores.store(ACCOUNT, SHOP.id) == a_store(name="Light Shop", state=StoreState.DISCONNECTED, version=3)


def test_a_shop_that_was_disconnected_meanwhile_needs_nothing() -> None:
    stores = FakeStores(a_store(version=1))
    stores.beforehand = [a_store(state=StoreState.DISCONNECTED, version=2)]

    assert a_recorder(stores=stores).record(a_store(version=1), Uninstalled(NOW), NOW) is Outcome.UNCHANGED
