"""Facts are recorded with the people behind them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.ingestion.events import Ignored, OrderReport, PrivacyRequest, PrivacyRequestKind, Uninstalled
from laurel.ingestion.machines import MOST_SIGNS
from laurel.ingestion.record import (
    ActivityReport,
    OrderResult,
    Outcome,
    Recorder,
    judge,
    record_activity,
    record_orders,
    remember,
)
from laurel.model.account import StoreState
from laurel.model.activity import Activity
from laurel.model.contact import Consent, ConsentSource, ConsentStatus, ContactRef
from laurel.model.errors import Busy, Conflict, CurrencyMismatch, NotFound
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


# ---- Machines --------------------------------------------------------------------------------------------------------

ADAS = ContactRef(ACCOUNT, AUDIENCE, ADA_ID)


class Mail:
    """What becomes of one message to Ada, in a test's words. Seconds count from its delivery."""

    def __init__(self) -> None:
        self.facts, self.evidence = FakeFacts(), FakeEvidence()
        self._sent: dict[str, Activity] = {}

    def tell(self, id_: str, name: str, second: float, **properties: Any) -> Outcome:
        properties = {"message": "m1"} | properties
        self._sent[id_] = Activity(id_, name, SEEN + timedelta(seconds=second), properties)
        return self.send(id_)

    def send(self, id_: str) -> Outcome:
        report = ActivityReport(self._sent[id_], ADA)
        return record_activity(self.facts, self.evidence, FakePeople(), ACCOUNT, AUDIENCE, report, NOW)

    @property
    def machines(self) -> dict[str, str]:
        """Reasons by id of the activity: as it was first kept, else as it was marked."""
        kept = {activity.id: activity.machine for *_, activity in reversed(self.facts.recorded) if activity.machine}
        return self.evidence.marked | kept


@pytest.fixture
def mail() -> Mail:
    return Mail()


def test_what_is_no_mail_costs_no_further_request(mail: Mail) -> None:
    mail.tell("a1", "page.visited", 0, user_agent="curl/8.0", honeypot=True)
    mail.tell("a2", "email.bounced", 0)

    assert mail.evidence.calls == []
    assert mail.machines == {}


def test_mail_that_names_no_message_is_judged_by_itself(mail: Mail) -> None:
    mail.tell("a1", "email.opened", 1, message="", user_agent="Mozilla/5.0")
    mail.tell("a2", "email.clicked", 1, message=True, honeypot=True)
    mail.tell("a3", "email.delivered", 1, message="")
    mail.tell("a4", "email.opened", 1, message="")

    assert mail.evidence.calls == []
    assert mail.machines == {"a1": "apple_mail_privacy", "a2": "honeypot"}


def test_an_open_soon_after_the_delivery_is_a_machines(mail: Mail) -> None:
    mail.tell("d", "email.delivered", 0)
    mail.tell("o1", "email.opened", 2)
    mail.tell("o2", "email.opened", 2.001)

    assert mail.machines == {"o1": "too_fast"}
    assert mail.facts.recorded[1][3].machine == "too_fast", "marked before it is recorded"


def test_a_delivery_that_is_told_late_marks_what_came_before(mail: Mail) -> None:
    mail.tell("o1", "email.opened", 1)
    mail.tell("c1", "email.clicked", 5)
    assert mail.machines == {}

    mail.tell("d", "email.delivered", 0)

    assert mail.machines == {"o1": "too_fast"}


def test_a_honeypot_gives_away_what_was_clicked_around_it(mail: Mail) -> None:
    for id_, second in (("c1", 90), ("c2", 89.9), ("c3", 110.1)):
        mail.tell(id_, "email.clicked", second)

    mail.tell("trap", "email.clicked", 100, honeypot=True)
    mail.tell("c4", "email.clicked", 110)
    mail.tell("o1", "email.opened", 111)

    assert mail.machines == {"c1": "honeypot", "trap": "honeypot", "c4": "honeypot"}


def test_what_a_honeypot_gave_away_gives_nothing_else_away(mail: Mail) -> None:
    mail.tell("trap", "email.clicked", 100, honeypot=True)
    mail.tell("c1", "email.clicked", 108)
    mail.tell("c2", "email.clicked", 116)

    assert "c2" not in mail.machines


def test_known_machines_leave_no_trace(mail: Mail) -> None:
    mail.tell("o1", "email.opened", 1, user_agent="Mozilla/5.0")

    assert mail.evidence.calls == []


def test_messages_are_followed_each_by_itself(mail: Mail) -> None:
    mail.tell("d", "email.delivered", 0, message="m2")
    mail.tell("trap", "email.clicked", 1, message="m3", honeypot=True)

    mail.tell("o1", "email.opened", 1)

    assert "o1" not in mail.machines


def test_evidence_that_comes_while_an_open_is_recorded_is_not_missed(mail: Mail) -> None:
    # Given an open that finds no trace of a delivery
    mail.evidence.meanwhile = [lambda: mail.tell("d", "email.delivered", 0)]

    # When the delivery is told before the open leaves its own trace
    mail.tell("o1", "email.opened", 1)

    # Then it is marked all the same
    assert mail.machines == {"o1": "too_fast"}


@pytest.mark.parametrize("last", ["d", "trap"])
def test_what_a_crash_left_undone_is_done_when_the_same_is_told_again(mail: Mail, last: str) -> None:
    # Given an open, and evidence against it that was recorded and then forgotten
    mail.tell("o1", "email.opened", 1)
    mail.facts.known.add(last)

    # When the evidence is told again
    told = {"d": ("email.delivered", {}), "trap": ("email.clicked", {"honeypot": True})}
    name, properties = told[last]
    outcome = mail.tell(last, name, 0, **properties)

    # Then the open is marked
    assert outcome is Outcome.UNCHANGED
    assert "o1" in mail.evidence.marked


def test_an_open_that_was_recorded_before_there_was_evidence_is_marked_when_it_is_told_again(mail: Mail) -> None:
    mail.tell("d", "email.delivered", 0)
    mail.facts.known.add("o1")

    assert mail.tell("o1", "email.opened", 1) is Outcome.UNCHANGED

    assert mail.evidence.marked == {"o1": "too_fast"}


def test_an_open_that_is_told_again_is_looked_up_and_nothing_more(mail: Mail) -> None:
    mail.tell("o1", "email.opened", 5)
    mail.facts.known.add("o1")
    mail.evidence.calls.clear()

    mail.send("o1")

    assert mail.evidence.calls == ["trace"]


def test_a_trace_does_not_grow_without_end(mail: Mail) -> None:
    for number in range(MOST_SIGNS + 5):
        mail.tell(f"o{number}", "email.opened", 100 + number)
        mail.tell(f"t{number}", "email.clicked", 10_000 + 100 * number, honeypot=True)

    trace = mail.evidence.trace(ADAS, "m1")
    assert (len(trace.hits), len(trace.honeypots)) == (MOST_SIGNS, MOST_SIGNS)


_times = st.integers(0, 30).map(lambda half: half / 2)
_signs = st.lists(
    st.tuples(st.sampled_from(["email.opened", "email.clicked", "honeypot", "email.delivered"]), _times),
    max_size=8,
).filter(lambda signs: sum(name == "email.delivered" for name, _ in signs) <= 1)


@given(signs=_signs, order=st.randoms(use_true_random=False))
def test_the_order_in_which_mail_is_told_does_not_matter(signs: list[tuple[str, float]], order: Random) -> None:
    def machines(told: list[tuple[int, tuple[str, float]]]) -> set[str]:
        mail = Mail()
        for number, (name, second) in told:
            trap = name == "honeypot"
            mail.tell(str(number), "email.clicked" if trap else name, second, **({"honeypot": True} if trap else {}))
        return set(mail.machines)

    numbered = list(enumerate(signs))
    shuffled = order.sample(numbered, len(numbered))

    assert machines(shuffled) == machines(numbered)


def test_somebody_may_say_that_a_machine_did_it(mail: Mail) -> None:
    assert judge(mail.evidence, ADAS, "a1", "The office firewall") is Outcome.ACCEPTED

    assert mail.evidence.marked == {"a1": "judged"}


def test_an_activity_that_is_not_there_cannot_be_judged() -> None:
    with pytest.raises(NotFound, match=r"There is no activity 'a1'"):
        judge(FakeEvidence(unknown={"a1"}), ADAS, "a1", None)


def test_what_was_judged_before_is_unchanged() -> None:
    evidence = FakeEvidence()
    evidence.marked["a1"] = "too_fast"

    assert judge(evidence, ADAS, "a1", None) is Outcome.UNCHANGED


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
