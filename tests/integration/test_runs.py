"""Runs of automations: what their steps do, waiting, pausing, and what ends them early."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from laurel.automation.outside import WebhookAnswer, WebhookFault
from laurel.automation.outward import RETRIES
from laurel.automation.run import LEASE, RELEASED_AT_ONCE, Went
from laurel.model.automation import Delay, DelayUnit, RunState, StepKind
from laurel.model.contact import MOST_TAGS, ConsentStatus, ContactRef
from laurel.model.reward import ProgrammeState
from tests.support.faults import client_error
from tests.support.samples import AUDIENCE, NOW
from tests.support.tables import Database
from tests.support.workshop import CODE, STEPS, URL, Workshop, step

pytestmark = pytest.mark.integration

_numbers = itertools.count()
DAY = Delay(1, DelayUnit.DAYS)
TEN_MINUTES = Delay(10, DelayUnit.MINUTES)
ADD_TAG, CALL, REWARD = STEPS[StepKind.ADD_TAG], STEPS[StepKind.CALL_WEBHOOK], STEPS[StepKind.GIVE_REWARD]


@pytest.fixture
def shop(database: Database) -> Workshop:
    return Workshop(database, f"workshop{next(_numbers)}")


@pytest.fixture
def here() -> Workshop:
    """In memory."""
    return Workshop()


# ---- Steps -----------------------------------------------------------------------------------------------------------


def test_all_that_a_run_can_do(shop: Workshop) -> None:
    run = shop.start(*STEPS.values())

    shop.rest()

    known = shop.known(run)
    assert (known.state, known.step, known.due) == (RunState.DONE, 8, None)
    assert shop.outcomes(run) == ["done", "done", "unchanged", "done", "done", "done", "done", "done"]
    assert list(shop.tags) == ["thanked"]
    assert [(it.subject, it.given, it.after, it.activity) for it in shop.entries] == [
        ("run:r1:3", 5, 5, "automation"),
    ]
    (message,) = shop.kept(shop.ada)
    assert known.log[0].detail == {"message": message.id}
    assert shop.queue.sent == [(shop.ada, message.id)]
    (award,) = shop.awards.awards_of(shop.ada)
    assert (award.coupon, award.subject) == (CODE, "run:r1:4")
    assert sorted(mail.to for mail in shop.ses.sent) == [f"{name}@{shop.account.id}.example" for name in ("kim", "lou")]
    assert known.log[5].detail == {"users": 2}
    assert [url for url, _, _ in shop.web.sent] == [URL]
    assert known.log[6].detail == {"status": 204}
    assert [(it["Source"], it["DetailType"]) for it in shop.bus.entries] == [("laurel", "Thanked")]


def test_a_message_shows_the_coupon_that_the_run_gave(here: Workshop) -> None:
    run = here.start(REWARD, step(StepKind.SEND_TEMPLATE, template="thanks"))

    here.rest()

    (message,) = here.kept(here.ada)
    content = here.messages.content(here.ada, message.id)
    assert content
    assert CODE in content.text
    assert here.outcomes(run) == ["done", "done"]


@pytest.mark.parametrize(
    ("refused", "problem"),
    [
        (step(StepKind.SEND_TEMPLATE, template="thanks"), "fields-without-value"),
        (step(StepKind.SEND_TEMPLATE, template="gone"), "not-found"),
        (step(StepKind.GIVE_REWARD, programme="gone"), "no-programme"),
    ],
)
def test_what_is_refused_is_told_and_the_run_goes_on(here: Workshop, refused: object, problem: str) -> None:
    run = here.start(refused, ADD_TAG)  # type: ignore[arg-type]

    here.rest()

    assert here.outcomes(run) == ["refused", "done"]
    assert here.known(run).log[0].detail["problem"] == problem


def test_who_wants_no_mail_gets_none(here: Workshop) -> None:
    ref = here.reader("bo@example.com", ConsentStatus.UNSUBSCRIBED)
    here.automation(STEPS[StepKind.SEND_TEMPLATE])
    run = here.begin(STEPS[StepKind.SEND_TEMPLATE], ref=ref)

    here.rest()

    assert here.known(run).log[0].detail == {"problem": "not-subscribed"}
    assert here.known(run).state is RunState.DONE


def test_a_programme_that_gives_nothing_says_why(here: Workshop) -> None:
    assert here.programme
    here.awards.save(replace(here.programme, state=ProgrammeState.PAUSED))
    run = here.start(REWARD)

    here.rest()

    assert here.known(run).log[0].detail == {"programme": "best", "problem": "paused"}


def test_a_profile_has_room_for_so_many_tags(here: Workshop) -> None:
    contact = here.contacts.contact(here.account.id, AUDIENCE, here.ada.contact)
    assert contact
    full = replace(contact, tags=tuple(f"{it:03}" for it in range(MOST_TAGS)), version=contact.version + 1)
    assert here.contacts.save(here.account.id, AUDIENCE, full)
    run = here.start(ADD_TAG)

    here.rest()

    assert here.known(run).log[0].detail == {"problem": "too-many-tags"}


def test_a_tag_tells_which_run_gave_it(here: Workshop) -> None:
    run = here.start(ADD_TAG)

    here.rest()

    (profile,) = (
        it for it in here.stage.items(here.stage.tables.contacts, here.account.id) if it["sk"]["S"] == "profile"
        if it["pk"]["S"].endswith(here.ada.contact)
    )  # fmt: skip
    assert profile["tagged_by"]["S"] == run.id
    assert profile["tagged_version"] == profile["version"]


def test_a_tag_is_given_though_others_write_the_profile(here: Workshop) -> None:
    others = iter(range(3))

    def somebody_is_faster(operation: str) -> None:
        if operation == "update_item" and next(others, None) is not None:
            contact = here.contacts.contact(here.account.id, AUDIENCE, here.ada.contact)
            assert contact
            here.stage.before = lambda _: None
            here.contacts.save(here.account.id, AUDIENCE, replace(contact, version=contact.version + 1))
            here.stage.before = somebody_is_faster

    run = here.start(ADD_TAG)
    here.stage.before = somebody_is_faster

    here.rest()

    assert (list(here.tags), here.outcomes(run)) == (["thanked"], ["done"])


def test_no_team_no_mail(here: Workshop) -> None:
    for member in here.users.members(here.account.id):
        here.users.forget(member)
    run = here.start(STEPS[StepKind.NOTIFY_TEAM])

    here.rest()

    assert here.known(run).log[0].detail == {"problem": "nobody"}


def test_a_mail_service_that_is_busy_is_asked_again(here: Workshop) -> None:
    here.ses.failures = {"SendEmail": "TooManyRequestsException"}
    run = here.start(STEPS[StepKind.NOTIFY_TEAM])
    here.rest(until=NOW + timedelta(seconds=1))
    here.ses.failures = {}

    here.rest()

    assert here.outcomes(run) == ["retried", "done"]
    assert len(here.ses.sent) == 2


def test_what_a_webhook_says(here: Workshop) -> None:
    run = here.start(CALL)

    here.rest()

    ((_, headers, body),) = here.web.sent
    assert body["type"] == "automation.step"
    assert body["data"]["contact"]["email"] == "ada@example.com"
    assert body["data"]["automation"] == {"id": "thank", "name": "Thank"}
    assert (body["data"]["run"], body["data"]["step"], body["data"]["cause"]) == (run.id, 0, dict(run.cause))
    assert len(headers["webhook-signature"].split()) == 1


def test_an_event_names_nobody(here: Workshop) -> None:
    here.start(STEPS[StepKind.PUT_EVENT])

    here.rest()

    (detail,) = here.bus.details
    assert detail["contact"] == {"id": here.ada.contact}
    assert "ada@" not in str(detail)


def test_a_webhook_is_tried_again_later_and_later_and_has_failed_at_last(here: Workshop) -> None:
    here.web.answers = [WebhookAnswer(503, WebhookFault.NOT_TAKEN)] * 99
    run = here.start(CALL, ADD_TAG)

    here.rest()

    known = here.known(run)
    assert (known.state, known.reason) == (RunState.FAILED, "not-taken")
    assert here.outcomes(run) == ["retried"] * len(RETRIES) + ["failed"]
    assert {headers["webhook-id"] for _, headers, _ in here.web.sent} == {here.web.sent[0][1]["webhook-id"]}
    gaps = [after.at - before.at for before, after in itertools.pairwise(known.log)]
    assert all(gap >= wanted for gap, wanted in zip(gaps, RETRIES, strict=True))
    assert list(here.tags) == []


def test_one_that_is_taken_in_the_end_is_done(here: Workshop) -> None:
    here.web.answers = [WebhookAnswer(None, WebhookFault.UNREACHABLE)] * 3
    run = here.start(CALL, ADD_TAG)

    here.rest()

    assert here.outcomes(run) == ["retried", "retried", "retried", "done", "done"]
    assert here.known(run).state is RunState.DONE


@pytest.mark.parametrize(
    "answer",
    [
        WebhookAnswer(410, WebhookFault.NOT_TAKEN),
        WebhookAnswer(None, WebhookFault.NOT_HTTPS),
        WebhookAnswer(None, WebhookFault.NOT_AN_ADDRESS),
    ],
)
def test_who_says_never_again_is_not_asked_again(here: Workshop, answer: WebhookAnswer) -> None:
    here.web.answers = [answer]
    run = here.start(CALL)

    here.rest()

    assert here.known(run).state is RunState.FAILED
    assert len(here.web.sent) == 1


# ---- Waiting ---------------------------------------------------------------------------------------------------------


def test_a_delay_is_waited_for_in_the_queue_or_by_a_schedule(shop: Workshop) -> None:
    run = shop.start(ADD_TAG, replace(CALL, delay=TEN_MINUTES), replace(STEPS[StepKind.PUT_EVENT], delay=DAY))

    shop.rest(until=NOW)
    assert (shop.known(run).state, shop.known(run).step) == (RunState.WAITING, 1)
    assert [it.due - shop.now for it in shop.letters] == [timedelta(minutes=10)]

    shop.rest(until=NOW + timedelta(minutes=10))
    assert len(shop.web.sent) == 1
    (made,) = shop.scheduler.made.values()
    assert made["ScheduleExpression"] == f"at({NOW + timedelta(days=1, minutes=10):%Y-%m-%dT%H:%M:%S})"

    shop.rest(until=NOW + timedelta(days=1, minutes=9))
    assert shop.bus.entries == []
    shop.rest()

    assert shop.known(run).state is RunState.DONE
    assert len(shop.bus.entries) == 1


def test_the_first_step_may_wait_too(here: Workshop) -> None:
    run = here.start(replace(ADD_TAG, delay=DAY))

    here.rest(until=NOW)

    assert here.known(run).due == NOW + timedelta(days=1)
    assert here.known(run).has_begun
    assert list(here.tags) == []
    here.rest()
    assert (here.now - NOW, list(here.tags)) == (timedelta(days=1), ["thanked"])


def test_messages_that_come_early_wait(here: Workshop) -> None:
    run = here.start(replace(ADD_TAG, delay=TEN_MINUTES))

    here.rest(copies=3)

    assert here.outcomes(run) == ["done"]


def test_who_has_a_run_has_it_alone(here: Workshop) -> None:
    run = here.start(CALL)
    others: list[Went] = []

    def meanwhile(when: str) -> None:
        if when == "before webhook" and not others:
            others.append(here.runner.go_on(run.ref, run.id))

    here.step = meanwhile
    here.rest()

    assert others == [Went.WAITS]
    assert len(here.web.sent) == 1
    assert here.now - NOW >= LEASE, "who was to take it up meanwhile comes again, and finds nothing to do"


def test_what_takes_long_is_left_to_the_next(here: Workshop) -> None:
    def slowly(when: str) -> None:
        if when == "before webhook":
            here.now += timedelta(seconds=15)

    here.step = slowly
    run = here.start(*[CALL] * 5)

    body = here.letters.pop().body
    assert here.take(body) is Went.WAITS
    assert here.known(run).step == 2
    here.rest()

    assert here.known(run).state is RunState.DONE
    assert len(here.web.sent) == 5


def test_a_run_that_is_not_there(here: Workshop) -> None:
    assert here.runner.go_on(here.ada, "gone") is Went.NOTHING


# ---- Pausing ---------------------------------------------------------------------------------------------------------


def test_a_paused_automation_holds_its_runs_until_it_goes_on(shop: Workshop) -> None:
    run = shop.start(ADD_TAG, replace(CALL, delay=DAY))
    shop.rest(until=NOW)
    shop.pause()

    shop.rest(until=NOW + timedelta(days=9))
    assert shop.known(run).state is RunState.HELD
    assert shop.web.sent == []

    shop.pause(enabled=True)
    shop.rest()

    assert shop.known(run).state is RunState.DONE
    assert len(shop.web.sent) == 1
    assert shop.held.held(shop.account.id, AUDIENCE, "thank", 10) == []


def test_one_that_is_paused_again_holds_them_again(here: Workshop) -> None:
    run = here.start(ADD_TAG)
    here.pause()
    here.rest()
    here.pause(enabled=True)
    here.pause()

    here.rest()

    assert here.known(run).state is RunState.HELD
    here.pause(enabled=True)
    here.rest()
    assert here.known(run).state is RunState.DONE


def test_a_run_that_is_held_just_as_the_automation_goes_on(here: Workshop) -> None:
    run = here.start(ADD_TAG)
    here.pause()

    def goes_on(operation: str) -> None:
        if operation == "put_item" and here.known(run).state is RunState.HELD:
            here.stage.after = lambda _: None
            here.pause(enabled=True)
            here.letters.clear()  # whoever released the others did not see it on the list yet

    here.stage.after = goes_on
    here.rest()

    assert here.known(run).state is RunState.DONE
    assert here.held.held(here.account.id, AUDIENCE, "thank", 10) == []


def test_many_are_released_bit_by_bit(here: Workshop) -> None:
    here.automation(ADD_TAG)
    here.pause()
    runs = [here.begin(ADD_TAG, run_id=f"r{number}") for number in range(RELEASED_AT_ONCE + 5)]
    here.rest()

    here.pause(enabled=True)
    here.rest()

    assert {here.known(run).state for run in runs} == {RunState.DONE}


# ---- Ends ------------------------------------------------------------------------------------------------------------


def test_a_deleted_automation_stops_its_runs(here: Workshop) -> None:
    run = here.start(replace(ADD_TAG, delay=DAY))
    here.rest(until=NOW)
    automation = here.automations.automation(here.account.id, AUDIENCE, "thank")
    assert automation
    assert here.automations.delete(automation)

    here.rest()

    assert (here.known(run).state, here.known(run).reason) == (RunState.STOPPED, "automation_deleted")
    assert list(here.tags) == []


def test_held_ones_of_a_deleted_automation_stop_too(here: Workshop) -> None:
    run = here.start(ADD_TAG)
    here.pause()
    here.rest()
    automation = here.automations.automation(here.account.id, AUDIENCE, "thank")
    assert automation
    assert here.automations.delete(automation)
    here.runs_queue.release(here.account.id, AUDIENCE, "thank")

    here.rest()

    assert here.known(run).state is RunState.STOPPED


def test_a_contact_who_is_gone_stops_it(here: Workshop) -> None:
    nobody = ContactRef(here.account.id, AUDIENCE, "0" * 32)
    here.automation(ADD_TAG)
    run = here.begin(ADD_TAG, ref=nobody)

    here.rest()

    assert (here.known(run).state, here.known(run).reason) == (RunState.STOPPED, "contact_gone")


def test_one_who_goes_between_two_steps_stops_it(here: Workshop) -> None:
    run = here.start(CALL, ADD_TAG)

    def goes(when: str) -> None:
        if when == "after webhook":
            key = {"pk": {"S": f"{here.account.id}#{AUDIENCE}#{here.ada.contact}"}, "sk": {"S": "profile"}}
            here.database.client.delete_item(TableName=here.database.tables.contacts, Key=key)

    here.step = goes
    here.rest()

    known = here.known(run)
    assert (known.state, known.reason, here.outcomes(run)) == (RunState.STOPPED, "contact_gone", ["done"])


def test_a_run_that_is_erased_under_its_worker_comes_not_back(here: Workshop) -> None:
    run = here.start(CALL)

    def erase(when: str) -> None:
        if when == "after webhook":
            key = {"pk": {"S": f"{here.account.id}#{AUDIENCE}#{here.ada.contact}"}, "sk": {"S": f"run#{run.id}"}}
            here.database.client.delete_item(TableName=here.database.tables.contacts, Key=key)

    here.step = erase
    here.rest()

    assert here.runs.run(run.ref, run.id) is None


def test_what_fails_for_no_fault_of_the_merchants_comes_to_the_dead_letters(here: Workshop) -> None:
    run = here.start(STEPS[StepKind.PUT_EVENT])

    def fails(when: str) -> None:
        if when == "before event":
            raise client_error("InternalServerError")

    here.step = fails
    here.rest()

    assert len(here.dead) == 1
    assert here.known(run).state is RunState.RUNNING

    here.step = lambda _: None
    here.now += LEASE
    here.take(here.dead[0].body)
    assert here.known(run).state is RunState.DONE
