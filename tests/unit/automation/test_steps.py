"""Steps whose contact goes, or whom others never let go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from laurel.automation.steps import Steps
from laurel.automation.task import Did, Outcome, Task
from laurel.model.automation import RunState, Step, StepKind
from laurel.model.contact import Contact
from laurel.model.errors import Busy
from tests.support.samples import AUDIENCE
from tests.support.workshop import STEPS, Workshop

GONE = Did(Outcome.REFUSED, {"problem": "contact-gone"})


@pytest.fixture
def shop() -> Workshop:
    return Workshop()


def answering(answer: Any) -> Callable[..., Any]:
    return lambda *_, **__: answer


def task(shop: Workshop, step: Step) -> Task:
    run = replace(shop.start(step), state=RunState.RUNNING)
    contact = shop.contacts.contact(shop.account.id, AUDIENCE, shop.ada.contact)
    assert isinstance(contact, Contact)
    return Task(run, contact, shop.now, shop.now)


def do(shop: Workshop, kind: StepKind, **parts: Any) -> Did:
    changed: Steps = replace(shop.steps, **parts)
    return changed.do(task(shop, STEPS[kind]))


class Others:
    """Stands for a book that answers one thing, whatever it is asked."""

    def __init__(self, **answers: Any) -> None:
        for name, answer in answers.items():
            setattr(self, name, answering(answer))


def test_a_message_that_others_are_making_is_waited_for(shop: Workshop) -> None:
    def busy(*_: Any) -> None:
        raise Busy("This message")

    mailer = Others()
    vars(mailer)["send"] = busy

    with pytest.raises(Busy):
        do(shop, StepKind.SEND_TEMPLATE, mailer=mailer)


def test_a_profile_that_others_always_write_is_waited_for(shop: Workshop) -> None:
    known = shop.contacts.contact(shop.account.id, AUDIENCE, shop.ada.contact)

    with pytest.raises(Busy):
        do(shop, StepKind.ADD_TAG, profiles=Others(save=False, contact=known))


def test_who_goes_while_they_are_tagged_gets_no_tag(shop: Workshop) -> None:
    assert do(shop, StepKind.ADD_TAG, profiles=Others(save=False, contact=None)) == GONE


def test_who_goes_before_their_score_is_read_gets_no_points(shop: Workshop) -> None:
    assert do(shop, StepKind.CHANGE_SCORE, scores=Others(read=None)) == GONE


def test_who_was_erased_since_the_step_was_begun_gets_none_either(shop: Workshop) -> None:
    scored = shop.scores.read(shop.account.id, AUDIENCE, 1, shop.ada.contact)
    assert scored
    erased = replace(scored, erased_at=shop.now)

    assert do(shop, StepKind.CHANGE_SCORE, scores=Others(read=erased, entries_about=[])) == GONE
