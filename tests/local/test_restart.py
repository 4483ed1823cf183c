"""Data and streams outlive the emulator, however it ends."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from local.process import Emulator
from tests.local.world import World, eventually

pytestmark = pytest.mark.local


def test_streams_go_on_after_a_restart_with_what_was_not_delivered(
    new_emulator: Callable[[], Emulator], start: Callable[..., None], tmp_path: Path
):
    emulator = new_emulator()
    start(emulator)
    world = World(emulator.endpoint, tmp_path)
    table = world.table()
    consumer = world.consumer(table)
    world.write(table, ["a", "b", "c"])
    assert eventually(lambda: consumer.seen() == {"a", "b", "c"})
    world.functions.update_event_source_mapping(UUID=consumer.mapping, Enabled=False)
    world.write(table, ["written before the stop"])

    emulator.stop()
    start(emulator)
    world = World(emulator.endpoint, tmp_path)
    world.functions.update_event_source_mapping(UUID=consumer.mapping, Enabled=True)
    world.write(table, ["written after it"])

    assert eventually(lambda: "written after it" in consumer.seen())
    assert "written before the stop" in consumer.seen()
    assert sum("a" in call for call in consumer.calls()) == 1


def until_saved(emulator: Emulator, world: World, table: str) -> None:
    """Ask for something, which makes the timer save, and wait until every service's file is written."""
    before = emulator.log.read_text().count("saved;")
    world.dynamodb.scan(TableName=table)
    assert eventually(lambda: emulator.log.read_text().count("saved;") > before)


def test_a_kill_loses_little_and_tables_and_streams_stay_of_one_moment(
    new_emulator: Callable[[], Emulator], start: Callable[..., None], tmp_path: Path
):
    emulator = new_emulator()
    start(emulator, save_every=0.5)
    world = World(emulator.endpoint, tmp_path)
    table = world.table()
    consumer = world.consumer(table)
    world.write(table, ["a", "b"])
    assert eventually(lambda: "b" in consumer.seen())
    until_saved(emulator, world, table)
    until_saved(emulator, world, table)  # the first may have been under way before "b" was written

    running = emulator.running()
    assert running is not None
    os.kill(running.pid, signal.SIGKILL)
    assert eventually(lambda: emulator.running() is None)
    start(emulator)
    world = World(emulator.endpoint, tmp_path)
    assert world.dynamodb.scan(TableName=table)["Count"] == 2
    world.write(table, ["c"])

    assert eventually(lambda: "c" in consumer.seen())


def test_nothing_is_written_while_no_request_comes_in(
    new_emulator: Callable[[], Emulator], start: Callable[..., None], tmp_path: Path
):
    emulator = new_emulator()
    start(emulator, save_every=0.1)
    World(emulator.endpoint, tmp_path).table()
    saved = emulator.state / "services" / "dynamodb.json"
    assert eventually(saved.exists)
    eventually(lambda: False, patience=0.5)
    written = {file.name: file.stat().st_mtime_ns for file in saved.parent.glob("*.json")}

    eventually(lambda: False, patience=0.5)

    assert {file.name: file.stat().st_mtime_ns for file in saved.parent.glob("*.json")} == written
