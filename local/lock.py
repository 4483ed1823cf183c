"""A file that a running emulator holds locked, and that says which process it is.

The lock ends with its process, however that ends, so that an old process id is never taken for a running emulator and
no other process is ever stopped in its place.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

PATIENCE = 0.5
"""Seconds."""


class AlreadyRunningError(RuntimeError):
    """Another process holds the lock."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds the lock."""

    pid: int
    port: int


@contextmanager
def hold(path: Path, *, port: int) -> Iterator[None]:
    """Hold the lock for this process.

    Raises:
        AlreadyRunningError: Another process holds it.
    """
    with path.open("a+") as file:
        _lock(file.fileno(), path)
        file.truncate(0)
        file.write(json.dumps(asdict(Holder(os.getpid(), port))))
        file.flush()
        yield


def _lock(file: int, path: Path) -> None:
    """Lock the file; try again for a moment, since :func:`holder` locks it too while it looks."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up:
                raise AlreadyRunningError(f"an emulator already runs on {path.parent}") from None
            time.sleep(0.01)
        else:
            return


def holder(path: Path) -> Holder | None:
    """The process that holds the lock now."""
    try:
        with path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                # Empty for the moment between locking and writing.
                written = file.read()
                return Holder(**json.loads(written)) if written else None
    except FileNotFoundError:
        pass
    return None
