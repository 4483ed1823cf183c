"""Messages as they are written: whose address, which store, what is kept, who gets a test, what a preview shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from laurel.messaging.compose import (
    LARGEST_MESSAGE,
    MessageWish,
    Writer,
    cancel,
    preview,
    send,
    send_test,
)
from laurel.messaging.survey import survey
from laurel.model.account import Plan, Role, StoreState
from laurel.model.contact import ConsentStatus, ContactRef
from laurel.model.errors import (
    AddressNotVerified,
    AllowanceUsed,
    Busy,
    Conflict,
    FieldsWithoutValue,
    Forbidden,
    InvalidInput,
    NoConnectedStore,
    NoEmailAddress,
    NotFound,
    NotSubscribed,
    PlanRequired,
    SenderNotVerified,
    StoreDisconnected,
    Suppressed,
)
from laurel.model.message import QUEUED_FOR, FailureReason, MessageState, Usage
from laurel.model.period import TimeFrame
from laurel.model.quiet import QuietHours
from laurel.model.sender import SenderKind, SenderState
from laurel.model.suppression import Suppression, SuppressionReason
from laurel.model.template import Content, MessageTemplate
from tests.support.desk import BARE, HELLO, MARKETER, Company
from tests.support.samples import ACCOUNT, ADA, AUDIENCE, NOW, a_store

DOMAIN, EMAIL = SenderKind.DOMAIN, SenderKind.EMAIL
PENDING, VERIFIED = SenderState.PENDING, SenderState.VERIFIED
NIGHT = QuietHours(time(11), time(13), "UTC")
BY_NUMBER = ContactRef(ACCOUNT, AUDIENCE, "customer-17")


@pytest.fixture
def company() -> Company:
    return Company()


def test_a_message_is_kept_queued_and_counted(company: Company) -> None:
    message = send(company.desk, MARKETER, company.ada, HELLO, None, NOW)

    assert company.kept(company.ada) == [message]
    assert (message.to, message.sender, message.subject, message.by) == (
        ADA,
        "hi@shop.example",
        "Hello Ada",
        MARKETER.email,
    )
    assert (message.times, message.due, message.test) == ({MessageState.QUEUED: NOW}, NOW + QUEUED_FOR, False)
    assert (message.store_id, message.template_id) == (a_store().id, None)
    content = company.messages.content(company.ada, message.id)
    assert content is not None
    assert (content.subject, content.text, content.html) == ("Hello Ada", "You are number .", None)
    assert company.queue.sent == [(company.ada, message.id)]
    assert company.counted() == Usage(1, 1)


def test_what_a_template_says_now_is_sent(company: Company) -> None:
    template = MessageTemplate(
        "thanks", "Thanks", Content("Hi", None, "<p>{{ coupon }}</p><script>x</script>"), NOW, NOW
    )
    assert company.templates.save(ACCOUNT, template)
    assert company.templates.save(ACCOUNT, replace(template, version=1, content=Content("Thanks", "T", None)))

    message = send(company.desk, MARKETER, company.ada, MessageWish("thanks", coupon="<b>"), None, NOW)

    assert (message.subject, message.template_id, message.template_version) == ("Thanks", "thanks", 2)


def test_a_field_without_a_value_is_refused_and_told_as_by_the_preview(company: Company) -> None:
    with pytest.raises(FieldsWithoutValue) as told:
        send(company.desk, MARKETER, company.ada, BARE, "key", NOW)

    assert list(told.value.missing) == preview(company.desk, company.ada, BARE, NOW).missing == ["rank.total_spent"]
    assert preview(company.desk, company.ada, HELLO, NOW).missing == []
    assert (company.kept(company.ada), company.queue.sent, company.counted()) == ([], [], Usage(0, 0))


def test_in_quiet_hours_it_waits(company: Company) -> None:
    company.change(quiet_hours=NIGHT)

    message = send(company.desk, MARKETER, company.ada, HELLO, "key", NOW)

    end = NOW + timedelta(hours=1)
    assert (message.state, message.due) == (MessageState.SCHEDULED, end)
    assert company.queue.sent == []
    assert company.counted() == Usage(1, 1)
    assert list(company.messages.due(end)) == [(company.ada, message.id)]
    assert list(company.messages.due(end - timedelta(milliseconds=1))) == []
    assert send(company.desk, MARKETER, company.ada, HELLO, "key", NOW) == message
    assert company.queue.sent == []


def test_a_key_makes_one_message_whatever_has_changed_since(company: Company) -> None:
    first = send(company.desk, MARKETER, company.ada, HELLO, "key", NOW)
    company.change(plan=Plan.FREE)

    again = send(company.desk, MARKETER, company.ada, HELLO, "key", NOW + timedelta(days=2))

    assert again == first
    assert company.counted() == Usage(1, 1)
    with pytest.raises(PlanRequired):
        send(company.desk, MARKETER, company.ada, HELLO, "another", NOW)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"plan": Plan.FREE}, PlanRequired),
        ({"sender_address": None}, SenderNotVerified),
        ({"sender_address": "hi@elsewhere.example"}, SenderNotVerified),
        ({"sender_address": "hi@notshop.example"}, SenderNotVerified),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    changes: dict[str, Any], error: type[Exception], company: Company
) -> None:
    company.change(**changes)

    with pytest.raises(error):
        send(company.desk, MARKETER, company.ada, HELLO, "key", NOW)

    assert (company.kept(company.ada), company.queue.sent, company.counted()) == ([], [], Usage(0, 0))


@pytest.mark.parametrize("status", [None, ConsentStatus.UNSUBSCRIBED, ConsentStatus.CLEANED, ConsentStatus.PENDING])
def test_only_who_is_subscribed_is_written_to(status: ConsentStatus | None, company: Company) -> None:
    with pytest.raises(NotSubscribed):
        send(company.desk, MARKETER, company.reader("ben@example.com", status), HELLO, None, NOW)


def test_a_suppressed_address_is_not_written_to(company: Company) -> None:
    assert company.suppressions.suppress(Suppression(ACCOUNT, ADA, SuppressionReason.COMPLAINT, NOW))

    with pytest.raises(Suppressed):
        send(company.desk, MARKETER, company.ada, HELLO, None, NOW)


def test_who_is_known_by_number_has_no_address_and_who_is_not_known_is_not_there(company: Company) -> None:
    with pytest.raises(NoEmailAddress):
        send(company.desk, MARKETER, BY_NUMBER, HELLO, None, NOW)
    with pytest.raises(NotFound):
        send(company.desk, MARKETER, ContactRef(ACCOUNT, AUDIENCE, "0" * 32), HELLO, None, NOW)
    with pytest.raises(NotFound):
        send(company.desk, MARKETER, ContactRef(ACCOUNT, "elsewhere", company.ada.contact), HELLO, None, NOW)


def test_a_limit_that_is_reached_between_two_looks_is_kept(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    company.has_sent(5_000, 0)
    monkeypatch.setattr(type(company.allowances), "usage", lambda *_: Usage(0, 0))

    with pytest.raises(AllowanceUsed):
        send(company.desk, MARKETER, company.ada, HELLO, None, NOW)

    assert company.kept(company.ada) == []


@pytest.mark.parametrize(
    ("senders", "own", "wanted", "address"),
    [
        ([("a@b.example", EMAIL, VERIFIED)], "hi@shop.example", None, "hi@shop.example"),
        ([("a@b.example", EMAIL, VERIFIED)], "hi@shop.example", "a@b.example", "a@b.example"),
        ([("a@b.example", EMAIL, VERIFIED)], None, None, "a@b.example"),
        ([("a@b.example", EMAIL, PENDING), ("c@d.example", EMAIL, VERIFIED)], None, None, "c@d.example"),
        ([], "hi@shop.example", "news@mail.shop.example", "news@mail.shop.example"),
        ([("hi@shop.example", EMAIL, PENDING)], "hi@shop.example", None, "hi@shop.example"),
    ],
)  # fmt: skip
def test_the_address_that_mail_comes_from(
    senders: Any, own: str | None, wanted: str | None, address: str, company: Company
) -> None:
    for sender in senders:
        company.holds(*sender)
    company.change(sender_address=own)

    message = send(company.desk, MARKETER, company.ada, replace(HELLO, sender=wanted), None, NOW)

    assert message.sender == address
    assert company.mail_service.asked == []


def test_what_was_not_verified_is_asked_for_once(company: Company) -> None:
    company.holds("a@b.example", EMAIL, PENDING)
    company.change(sender_address="a@b.example")
    company.mail_service.states["a@b.example"] = PENDING
    with pytest.raises(SenderNotVerified, match="pending"):
        send(company.desk, MARKETER, company.ada, HELLO, None, NOW)
    company.mail_service.states["a@b.example"] = VERIFIED

    assert send(company.desk, MARKETER, company.ada, HELLO, None, NOW).sender == "a@b.example"
    assert send(company.desk, MARKETER, company.ada, HELLO, None, NOW).sender == "a@b.example"

    assert company.mail_service.asked == ["a@b.example"] * 2


def test_who_cannot_send_has_the_mail_service_asked_nothing(company: Company) -> None:
    company.holds("a@b.example", EMAIL, PENDING)
    company.change(sender_address="a@b.example", plan=Plan.FREE)

    found = survey(company.desk.sources, Role.OWNER, company.ada, NOW)

    assert found.sender is not None
    assert (found.sender.state, company.mail_service.asked) == (PENDING, [])


def test_who_meets_others_all_the_time_is_told_to_come_again(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(company.messages), "accept", lambda *_: False)
    with pytest.raises(Busy):
        send(company.desk, MARKETER, company.ada, HELLO, None, NOW)
    assert company.counted() == Usage(0, 0)
    monkeypatch.undo()

    message = send(company.desk, MARKETER, company.ada, HELLO, None, NOW)
    monkeypatch.setattr(type(company.messages), "fail", lambda *_, **__: False)
    with pytest.raises(Busy):
        cancel(company.messages, company.ada, message.id, NOW)


def test_the_store_that_a_message_is_about(company: Company) -> None:
    def store_of(store_id: str | None) -> str | None:
        return send(company.desk, MARKETER, company.ada, replace(HELLO, store_id=store_id), None, NOW).store_id

    only = a_store()
    assert store_of(None) == only.id
    company.workspace.save_store(a_store(id="second"))
    company.workspace.save_store(a_store(id="closed", state=StoreState.DISCONNECTED))
    company.workspace.save_store(a_store(id="elsewhere", audience_id="others"))
    assert store_of(None) is None
    assert store_of("second") == "second"
    with pytest.raises(StoreDisconnected):
        store_of("closed")
    with pytest.raises(InvalidInput):
        store_of("elsewhere")
    with pytest.raises(NotFound):
        store_of("none")
    with pytest.raises(InvalidInput):
        send(company.desk, MARKETER, company.ada, replace(HELLO, time_frame=TimeFrame.LAST_MONTH), None, NOW)


def test_an_audience_without_a_store_has_nothing_to_write_about(company: Company) -> None:
    company.workspace.save_store(replace(a_store(), version=1, state=StoreState.DISCONNECTED))
    company.workspace.save_store(a_store(id="elsewhere", audience_id="others"))

    with pytest.raises(NoConnectedStore):
        send(company.desk, MARKETER, company.ada, HELLO, None, NOW)


def test_figures_are_read_only_if_something_is_said_about_them(company: Company) -> None:
    database: Any = company.stage.client

    def requests(text: str) -> int:
        before = len(database.calls)
        send(company.desk, MARKETER, company.ada, MessageWish(Content("Hello", text, None)), None, NOW)
        return len(database.calls) - before

    fewest = requests("{{ contact.name }} {{ store.name }} {{ coupon | default('none') }}")
    assert fewest == 10
    assert requests("{{ rank.total_spent | default('none') }}") > fewest


def test_a_message_that_says_nothing_in_its_subject_is_refused(company: Company) -> None:
    with pytest.raises(InvalidInput) as told:
        send(company.desk, MARKETER, company.ada, MessageWish(Content("{{ coupon }}", "Hello", None)), None, NOW)

    assert told.value.errors[0].pointer == "/subject"
    assert company.counted() == Usage(0, 0)


def test_a_message_fits_into_an_item(company: Company) -> None:
    wide = "ä" * 3_000
    wish = MessageWish(Content("Hello", wide, "{% if coupon %}" + "<p>" + wide * 9 + "</p>{% endif %}"), coupon="x")
    send(company.desk, MARKETER, company.ada, wish, None, NOW)

    tags = ("gold", *(f"{number:03}{'ö' * 47}" for number in range(200)))
    ben = company.reader("ben@example.com", tags=tags)
    much = Content("Hello", "{{ contact.tags }}" * 14, "{{ contact.tags }}" * 14)
    with pytest.raises(InvalidInput, match=f"{LARGEST_MESSAGE:,} bytes"):
        send(company.desk, MARKETER, ben, MessageWish(much), None, NOW)


class TestTestMessages:
    def test_it_goes_to_who_wrote_it_whatever_the_contact_wants(self, company: Company) -> None:
        company.change(quiet_hours=NIGHT)
        ben = company.reader("ben@example.com", ConsentStatus.UNSUBSCRIBED, first_name="Ben")
        assert company.suppressions.suppress(Suppression(ACCOUNT, "ben@example.com", SuppressionReason.BOUNCE, NOW))

        message = send_test(company.desk, MARKETER, ben, HELLO, "key", NOW)

        assert (message.to, message.by, message.test) == (MARKETER.email, MARKETER.email, True)
        assert (message.subject, message.state) == ("[Test] Hello Ben", MessageState.QUEUED)
        assert company.kept(ben) == [message]
        assert company.queue.sent == [(ben, message.id)]
        assert company.counted() == Usage(1, 1)
        assert send_test(company.desk, MARKETER, ben, HELLO, "key", NOW) == message
        assert company.counted() == Usage(1, 1)

    @pytest.mark.parametrize(
        ("email", "verified"), [(None, True), ("kim@shop.example", False), ("käthe@shop.example", True)]
    )
    def test_it_needs_an_address_that_is_verified(self, email: str | None, verified: bool, company: Company) -> None:
        writer = Writer(Role.OWNER, email, email_verified=verified)

        with pytest.raises(AddressNotVerified):
            send_test(company.desk, writer, company.ada, HELLO, None, NOW)

        assert company.counted() == Usage(0, 0)

    def test_the_other_gates_hold(self, company: Company) -> None:
        with pytest.raises(Forbidden):
            send_test(company.desk, replace(MARKETER, role=Role.VIEWER), company.ada, HELLO, None, NOW)
        company.has_sent(5_000, 0)
        with pytest.raises(AllowanceUsed):
            send_test(company.desk, MARKETER, company.ada, HELLO, None, NOW)

    def test_it_can_be_filled_in_for_nobody(self, company: Company) -> None:
        assert send_test(company.desk, MARKETER, BY_NUMBER, BARE, None, NOW).subject == "[Test] Hello"


class TestPreview:
    def test_it_is_the_mail_with_its_foot(self, company: Company) -> None:
        before = company.stage.items(company.stage.tables.contacts, ACCOUNT)

        shown = preview(company.desk, company.ada, BARE, NOW)

        assert (shown.sender_name, shown.sender_address, shown.to) == ("The shop", "hi@shop.example", ADA)
        assert (shown.content.subject, shown.missing) == ("Hello Ada", ["rank.total_spent"])
        assert shown.content.text.startswith("You are number .")
        assert all(it in shown.content.text for it in ("Hauptstr. 1", "/unsubscribe/test"))
        assert (shown.content.html or "").startswith("<!DOCTYPE html>")
        assert company.stage.items(company.stage.tables.contacts, ACCOUNT) == before
        assert company.counted() == Usage(0, 0)

    def test_it_is_in_the_language_of_its_reader(self, company: Company) -> None:
        reader = company.reader("eva@example.com", locale="de-AT")

        assert "Abmelden" in preview(company.desk, reader, HELLO, NOW).content.text

    def test_no_gate_is_asked(self, company: Company) -> None:
        company.change(plan=Plan.FREE, postal_address=None, sender_address=None, sender_name=None)

        shown = preview(company.desk, BY_NUMBER, BARE, NOW)

        assert (shown.sender_name, shown.sender_address, shown.to) == ("Shop", None, None)
        assert shown.missing == ["contact.first_name", "rank.total_spent"]
        assert company.mail_service.asked == []


class TestCancelling:
    @pytest.mark.parametrize("quiet", [None, NIGHT])
    def test_what_nobody_sends_yet_is_taken_back(self, quiet: QuietHours | None, company: Company) -> None:
        company.change(quiet_hours=quiet)
        message = send(company.desk, MARKETER, company.ada, HELLO, None, NOW)

        ended = cancel(company.messages, company.ada, message.id, NOW + timedelta(minutes=1))

        assert (ended.state, ended.reason, ended.due) == (MessageState.FAILED, FailureReason.CANCELLED, None)
        assert ended.times[MessageState.FAILED] == NOW + timedelta(minutes=1)
        assert cancel(company.messages, company.ada, message.id, NOW + timedelta(hours=1)) == ended
        assert company.counted() == Usage(1, 1)

    def test_what_is_being_sent_is_not(self, company: Company) -> None:
        message = send(company.desk, MARKETER, company.ada, HELLO, None, NOW)
        assert company.messages.claim(message, "claim", NOW, NOW)

        with pytest.raises(Conflict, match="sending"):
            cancel(company.messages, company.ada, message.id, NOW)

    def test_who_is_slower_than_the_sender_is_told_so(self, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
        message = send(company.desk, MARKETER, company.ada, HELLO, None, NOW)
        fail = type(company.messages).fail

        def late(*args: Any, **more: Any) -> bool:
            company.messages.claim(message, "claim", NOW, NOW)
            return fail(*args, **more)

        monkeypatch.setattr(type(company.messages), "fail", late)

        with pytest.raises(Conflict):
            cancel(company.messages, company.ada, message.id, NOW)

    def test_what_is_not_there_is_not(self, company: Company) -> None:
        with pytest.raises(NotFound):
            cancel(company.messages, company.ada, "0" * 24, NOW)


def test_circumstances_of_who_is_known_by_number(company: Company) -> None:
    found = survey(company.desk.sources, Role.VIEWER, BY_NUMBER, NOW)

    assert (found.contact, found.suppression) == (None, None)
    assert found.limits.month - found.usage.month == 5_000
