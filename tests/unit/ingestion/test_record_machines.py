"""What machines did to mail is marked, in whatever order it is told; people may say so too."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.ingestion.machines import MOST_SIGNS
from laurel.ingestion.record import ActivityReport, Outcome, judge, record_activity
from laurel.model.activity import Activity
from laurel.model.contact import ContactRef
from laurel.model.errors import NotFound
from tests.support.fakes import FakeEvidence, FakeFacts, FakePeople
from tests.support.samples import ACCOUNT, ADA_ID, AUDIENCE, NOW, a_person, at

ADAS = ContactRef(ACCOUNT, AUDIENCE, ADA_ID)
DELIVERED_AT = at("2026-11-20T10:00:00")


class Mail:
    """What becomes of one message to Ada, in a test's words. Seconds count from its delivery."""

    def __init__(self) -> None:
        self.facts, self.evidence = FakeFacts(), FakeEvidence()
        self._sent: dict[str, Activity] = {}

    def tell(self, id_: str, name: str, second: float, **properties: Any) -> Outcome:
        properties = {"message": "m1"} | properties
        self._sent[id_] = Activity(id_, name, DELIVERED_AT + timedelta(seconds=second), properties)
        return self.send(id_)

    def send(self, id_: str) -> Outcome:
        report = ActivityReport(self._sent[id_], a_person(first_name="Ada"))
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
