"""A really started emulator for the tests of what Laurel changes in it.

``LAUREL_EMULATOR_WITHOUT=streams,query`` leaves changes out, ``all`` leaves all of them out: the tests of a change fail
without it, which is how to see what it is for.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from local.installation import emulator_python
from local.process import Emulator
from tests.local.world import World

WITHOUT = tuple(filter(None, os.environ.get("LAUREL_EMULATOR_WITHOUT", "").split(",")))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def interpreter() -> Path:
    return emulator_python()


@pytest.fixture(scope="session")
def start(interpreter: Path) -> Callable[..., None]:
    def start_without(emulator: Emulator, **options: float) -> None:
        emulator.start(interpreter, without=WITHOUT, **options)

    return start_without


@contextmanager
def stopped_at_the_end(emulator: Emulator) -> Iterator[Emulator]:
    try:
        yield emulator
    finally:
        emulator.stop()


@pytest.fixture(scope="session")
def new_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Emulator]]:
    """Emulators that are not started yet, each on data of its own."""
    with ExitStack() as stack:

        def new() -> Emulator:
            folder = tmp_path_factory.mktemp("emulator")
            emulator = Emulator(state=folder / "state", log=folder / "emulator.log", port=free_port())
            return stack.enter_context(stopped_at_the_end(emulator))

        yield new


@pytest.fixture(scope="session")
def emulator(new_emulator: Callable[[], Emulator], start: Callable[..., None]) -> Emulator:
    """One emulator for all tests that need not start or stop it."""
    os.environ["LAUREL_TEST_SECRET_OF_THE_DEVELOPER"] = "leaked"
    emulator = new_emulator()
    start(emulator)
    return emulator


@pytest.fixture
def world(emulator: Emulator, tmp_path: Path) -> World:
    return World(emulator.endpoint, tmp_path)
