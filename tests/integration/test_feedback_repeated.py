"""Feedback in storage has each effect once, whatever is repeated, crashes or comes in between."""

from __future__ import annotations

import itertools
import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.model.contact import ConsentStatus, ContactRef
from laurel.model.deliverability import Counts
from laurel.model.errors import Busy
from laurel.model.message import Message, MessageState
from tests.support.faults import client_error
from tests.support.feedback import MAILBOX, World
from tests.support.mail_events import KINDS
from tests.support.stage import MemoryStage
from tests.support.tables import Database

if TYPE_CHECKING:
    from collections.abc import Iterator


class Crashed(Exception):
    """Somebody pulled the plug."""


@pytest.fixture
def world(database: Database) -> World:
    return World.on(database)


Story = list[tuple[str, int, str]]
STORY = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(1, 30), st.sampled_from([MAILBOX, "Mozilla/5.0"])), max_size=6
)


@given(story=STORY, data=st.data())
def test_three_deliveries_in_any_order_are_as_good_as_one(story: Any, data: st.DataObject) -> None:
    stage = MemoryStage()
    database = Database(stage.client, stage.tables)

    assert _comes_to(database, data.draw(st.permutations(story * 3))) == _comes_to(database, story)


def test_three_deliveries_of_everything_are_as_good_as_one(database: Database) -> None:
    story = [(kind, seconds, MAILBOX) for seconds, kind in enumerate(KINDS)]
    again = story * 3
    random.Random(5).shuffle(again)

    assert _comes_to(database, again) == _comes_to(database, story)


def _comes_to(database: Database, story: Story) -> dict[str, Any]:
    """What is kept once a contact of its own was told that of, but for whose it is."""
    world = World.on(database)
    message = world.a_message(due=None)
    for kind, seconds, agent in story:
        world.hear(message, kind, seconds, userAgent=agent)
    return {
        "message": replace(world.kept(message), id="", ref=ContactRef("", "", "")),
        "names": world.names(),
        "totals": world.totals(),
        "suppressed": world.suppressed() is not None,
        "subscribed": world.status() is ConsentStatus.SUBSCRIBED,
    }


def test_tallies_are_a_recount_of_the_messages(world: World) -> None:
    chance = random.Random(7)
    messages = [world.a_message() for _ in range(12)]
    events = [
        (message, kind, chance.randint(1, 100))
        for message in messages
        for kind in chance.sample(KINDS, chance.randint(0, 5))
    ]
    chance.shuffle(events)

    for message, kind, seconds in events + events[::2]:
        world.hear(message, kind, seconds)

    kept = [world.kept(message) for message in messages]

    def reached(state: MessageState) -> int:
        return sum(state in message.times for message in kept)

    assert world.totals() == Counts(
        sent=sum(message.told for message in kept),
        delivered=reached(MessageState.DELIVERED),
        bounced=sum(message.bounced_for_good for message in kept),
        complained=reached(MessageState.COMPLAINED),
        opened=reached(MessageState.OPENED),
        clicked=reached(MessageState.CLICKED),
    )
    assert world.totals().sent == len({message.id for message, _, _ in events})


def _crashing(stage: MemoryStage, hook: str, at_step: int) -> None:
    passed = itertools.count(1)

    def crash(_operation: str) -> None:
        if next(passed) == at_step:
            raise Crashed

    setattr(stage, hook, crash)


def _ended_well(stage: MemoryStage) -> None:
    stage.before = stage.after = lambda _: None


def _crashes(kind: str) -> Iterator[tuple[World, Message]]:
    """Worlds in which hearing was cut off before and after each request, and told again until it went well."""
    for hook in ("before", "after"):
        for step in itertools.count(1):
            stage = MemoryStage()
            world = World.on(Database(stage.client, stage.tables))
            message = world.a_message()
            _crashing(stage, hook, step)
            try:
                world.hear(message, kind)
            except Crashed:
                _ended_well(stage)
                world.hear(message, kind)
                yield world, message
            else:
                break


@pytest.mark.parametrize("kind", KINDS)
def test_a_crash_at_any_step_loses_and_doubles_nothing(kind: str) -> None:
    undisturbed = World.on(Database((stage := MemoryStage()).client, stage.tables))
    message = undisturbed.a_message()
    undisturbed.hear(message, kind)
    wanted = undisturbed.kept(message)

    crashes = 0
    for world, cut_off in _crashes(kind):
        crashes += 1
        assert replace(world.kept(cut_off), id=wanted.id, ref=wanted.ref) == wanted
        assert world.names() == undisturbed.names()
        assert (world.status(), world.suppressed()) == (undisturbed.status(), undisturbed.suppressed())
        assert world.totals() == undisturbed.totals()
    assert crashes >= 3


def test_much_at_once_is_counted_right() -> None:
    stage = MemoryStage()

    assert _counted_after_much_at_once(Database(stage.client, stage.tables)) == MUCH


@pytest.mark.dynamodb_local
def test_much_at_once_is_counted_right_on_dynamodb(dynamodb_local_tables: Database) -> None:
    assert _counted_after_much_at_once(dynamodb_local_tables) == MUCH


MUCH = (Counts(sent=20, delivered=20, opened=20), ["email.delivered"] * 20 + ["email.opened"] * 20)


def _counted_after_much_at_once(database: Database) -> tuple[Counts, list[str]]:
    """Twice of everything, on eight threads; who is busy is told again, as Lambda does."""
    world = World.on(database)
    messages = [world.a_message() for _ in range(20)]
    events = [(message, kind) for message in messages for kind in ("send", "delivery", "open") * 2]
    random.Random(3).shuffle(events)

    def hear(event: tuple[Message, str]) -> None:
        message, kind = event
        while True:
            with suppress(Busy):
                world.hear(message, kind, userAgent=MAILBOX)
                return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hear, events))

    return world.totals(), world.names()


def test_who_is_outrun_again_and_again_is_busy() -> None:
    stage = MemoryStage()
    world = World.on(Database(stage.client, stage.tables))
    message = world.a_message()

    def conflict(operation: str) -> None:
        if operation == "transact_write_items":
            raise client_error("TransactionCanceledException", CancellationReasons=[{"Code": "TransactionConflict"}])

    stage.before = conflict
    with pytest.raises(Busy):
        world.hear(message, "send")


def test_what_fails_otherwise_is_told() -> None:
    stage = MemoryStage()
    world = World.on(Database(stage.client, stage.tables))
    message = world.a_message()

    def fail(operation: str) -> None:
        if operation == "transact_write_items":
            raise client_error("InternalServerError")

    stage.before = fail
    with pytest.raises(Exception, match="InternalServerError"):
        world.hear(message, "send")
