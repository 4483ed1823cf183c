"""What the mail service tells is read in every documented shape, and nothing that is not about one of our mails."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.messaging.feedback import Feedback, FeedbackKind, Unheard, read
from laurel.model.contact import ContactRef
from laurel.model.errors import InvalidInput
from laurel.model.identity import contact_id
from tests.support.mail_events import IGNORED, KINDS, MAIL_ID, sample
from tests.support.samples import at

ADA = "ada@example.com"
REF = ContactRef("demoaccount2", "demoaudience", contact_id(ADA))
MESSAGE = "5e7d0c1a9b3f4e2d8c6a0b1f"
SENT_AT = at("2026-11-22T10:30:00")
AGENT = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def heard(kind: str, **changes: Any) -> Feedback:
    """A sample with other members of what happened."""
    detail = sample(kind)["detail"]
    detail[kind.partition("-")[0]] |= changes
    feedback = read(detail)
    assert isinstance(feedback, Feedback)
    return feedback


def said(kind: FeedbackKind, seconds: float = 0, **more: Any) -> Feedback:
    properties = {"message": MESSAGE, **more.pop("properties", {})}
    when = SENT_AT + timedelta(seconds=seconds)
    return Feedback(kind, REF, MESSAGE, MAIL_ID, SENT_AT, when, (ADA,), properties=properties, **more)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("send", said(FeedbackKind.SEND)),
        ("reject", said(FeedbackKind.REJECT, detail="Bad content")),
        ("delivery", said(FeedbackKind.DELIVERY, 2.104, about=(ADA,))),
        (
            "bounce-permanent",
            said(
                FeedbackKind.BOUNCE,
                3.27,
                about=(ADA,),
                permanent=True,
                properties={"permanent": True, "bounce_type": "Permanent", "bounce_subtype": "General"},
            ),
        ),
        (
            "bounce-transient",
            said(
                FeedbackKind.BOUNCE,
                60,
                about=(ADA,),
                properties={"permanent": False, "bounce_type": "Transient", "bounce_subtype": "MailboxFull"},
            ),
        ),
        ("complaint", said(FeedbackKind.COMPLAINT, 2100, about=(ADA,), properties={"complaint_type": "abuse"})),
        ("open", said(FeedbackKind.OPEN, 600, properties={"user_agent": AGENT})),
        (
            "click",
            said(
                FeedbackKind.CLICK,
                660,
                properties={"user_agent": AGENT, "link": "https://example.com/thanks?coupon=ADA10"},
            ),
        ),
        (
            "click-honeypot",
            said(
                FeedbackKind.CLICK,
                20,
                properties={"honeypot": True, "user_agent": AGENT, "link": "https://example.com/"},
            ),
        ),
    ],
)
def test_what_happened_is_read(kind: str, expected: Feedback) -> None:
    assert read(sample(kind)["detail"]) == expected


@pytest.mark.parametrize("kind", IGNORED)
def test_what_changes_nothing_is_not_heard(kind: str) -> None:
    assert read(sample(kind)["detail"]) is Unheard.OTHER_KIND


@pytest.mark.parametrize(
    ("type_", "subtype", "permanent"),
    [
        ("Permanent", "General", True),
        ("Permanent", "NoEmail", True),
        ("Permanent", "Suppressed", True),
        ("Permanent", "OnAccountSuppressionList", False),
        ("Permanent", "OnTenantSuppressionList", False),
        ("Permanent", "EmailValidationSuppressed", False),
        ("Permanent", "UnsubscribedRecipient", False),
        ("Transient", "General", False),
        ("Transient", "MailboxFull", False),
        ("Transient", "MessageTooLarge", False),
        ("Transient", "ContentRejected", False),
        ("Transient", "AttachmentRejected", False),
        ("Undetermined", "Undetermined", False),
    ],
)
def test_bounces_for_good_are_told_from_others(type_: str, subtype: str, permanent: bool) -> None:
    feedback = heard("bounce-permanent", bounceType=type_, bounceSubType=subtype)

    assert feedback.permanent is permanent
    assert feedback.properties["permanent"] is permanent
    assert feedback.properties["bounce_subtype"] == subtype


@pytest.mark.parametrize("type_", ["abuse", "auth-failure", "fraud", "other", "virus", None])
def test_complaints_of_all_types_are_complaints(type_: str | None) -> None:
    assert heard("complaint", complaintFeedbackType=type_).kind is FeedbackKind.COMPLAINT


def test_who_says_that_it_is_no_spam_does_not_complain() -> None:
    detail = sample("complaint")["detail"]
    detail["complaint"]["complaintFeedbackType"] = "not-spam"

    assert read(detail) is Unheard.NOT_SPAM


def test_a_mail_that_was_not_tried_is_no_complaint_of_its_reader() -> None:
    feedback = heard("complaint", complaintSubType="OnAccountSuppressionList")

    assert (feedback.kind, feedback.permanent) == (FeedbackKind.BOUNCE, False)
    assert feedback.properties["bounce_subtype"] == "OnAccountSuppressionList"


@pytest.mark.parametrize(
    ("tags", "honeypot"),
    [(None, None), ({}, None), ({"honeypot": ["yes"]}, True), ({"honeypot": ["no"]}, None), ({"honeypot": None}, None)],
)
def test_hidden_links_are_known_by_their_tag(tags: Any, honeypot: bool | None) -> None:
    assert heard("click", linkTags=tags).properties.get("honeypot") is honeypot


def test_texts_are_cut_and_made_one_line() -> None:
    feedback = heard("click", userAgent="a\r\nb" + "c" * 1000, link="\ud800")

    assert feedback.properties["user_agent"] == "a b" + "c" * 497
    assert feedback.properties["link"] == "?"


def test_addresses_are_compared_as_contacts_are() -> None:
    detail = sample("delivery")["detail"]
    detail["mail"]["destination"] = [" ADA@Example.com"]
    detail["delivery"]["recipients"] = ["Ada@example.com "]

    feedback = read(detail)

    assert isinstance(feedback, Feedback)
    assert (feedback.destination, feedback.about) == ((ADA,), (ADA,))


@pytest.mark.parametrize("tag", ["laurel-account", "laurel-audience", "laurel-contact", "laurel-message"])
@pytest.mark.parametrize(
    "value",
    [
        None,
        "demoaccount2",
        [],
        ["demoaccount2", "demoaccount2"],
        [None],
        [""],
        ["demoaccount1"],
        ["demo#account"],
        ["DEMOACCOUNT2"],
        ["0" * 31],
        ["0" * 25],
        ["demoaccount2\n"],
        ["demoaccount2 demoaudience"],
    ],
)
def test_a_mail_without_our_ids_is_not_ours(tag: str, value: Any) -> None:
    detail = sample("delivery")["detail"]
    good = detail["mail"]["tags"][tag]
    detail["mail"]["tags"][tag] = value

    assert value != good
    assert read(detail) is Unheard.NOT_OURS


@pytest.mark.parametrize("detail", [{}, {"mail": None}, {"mail": []}, {"mail": {"tags": []}}, {"eventType": "Open"}])
def test_other_events_are_not_ours(detail: dict[str, Any]) -> None:
    assert read(detail) is Unheard.NOT_OURS


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("mail", "timestamp"), None),
        (("mail", "timestamp"), "yesterday"),
        (("mail", "messageId"), None),
        (("mail", "messageId"), ["a"]),
        (("mail", "messageId"), "x" * 101),
        (("mail", "destination"), None),
        (("mail", "destination"), []),
        (("mail", "destination"), [None]),
        (("mail", "destination"), [ADA, 7]),
        (("delivery",), None),
        (("delivery",), []),
        (("delivery", "timestamp"), None),
        (("delivery", "recipients"), None),
        (("delivery", "recipients"), [{}]),
    ],
)
def test_our_mail_in_no_shape_that_is_known_is_told_of(path: tuple[str, ...], value: Any) -> None:
    detail = sample("delivery")["detail"]
    place = detail
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value

    with pytest.raises(InvalidInput):
        read(detail)


@given(st.sampled_from(KINDS), st.data())
def test_nothing_else_is_raised_whatever_stands_where(kind: str, data: st.DataObject) -> None:
    detail = deepcopy(sample(kind)["detail"])
    place = data.draw(st.sampled_from([detail, detail["mail"], detail["mail"]["tags"], detail[kind.partition("-")[0]]]))
    name = data.draw(st.sampled_from(sorted(place) or ["timestamp"]))
    place[name] = data.draw(JSON)

    with suppress(InvalidInput):
        read(detail)
