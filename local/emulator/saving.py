"""Save the emulator's data on a timer, of one moment and without holding up requests.

Why: stock MiniStack saves when it is stopped politely and at no other time, so that a crash, a ``kill -9`` or an empty
battery loses everything since the start. It also copies every stored item for it and encodes the result in plain
Python, which takes seconds for a few ten thousand items.

Here all services are captured together on the thread that serves requests, which takes milliseconds, since stored items
are replaced and never changed and need no copy. Encoding and writing follow on another thread. Nothing is written as
long as no request came in.
"""

# ruff: noqa: SLF001 - replaces what MiniStack keeps to itself

import asyncio
import contextlib
import copy
import hashlib
import json
import logging
import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import persistence
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb

logger = logging.getLogger("laurel.saving")

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Message, Receive, Send], Awaitable[None]]
type States = dict[str, Any]

OWN_PATHS = "/_ministack/"
ABOUT_TABLES = (
    "tags",
    "ttl_settings",
    "pitr_settings",
    "kinesis_destinations",
    "contributor_insights",
    "backups",
    "resource_policies",
    "exports",
    "imports",
)

_written: dict[str, bytes] = {}


def apply(every: float) -> None:
    """Save every ``every`` seconds, and in the same way at the end."""
    dynamodb.get_state = _dynamodb_state
    app.save_all = lambda services: write(capture(services))
    app.app = Timer(app.app, every)


class Timer:
    """The emulator as a web application, and a task beside it that saves after requests came in."""

    def __init__(self, application: Application, every: float) -> None:
        self._application = application
        self._every = every
        self._requests = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request, or the start and end of the emulator."""
        if scope["type"] == "lifespan":
            await self._application(scope, self._ending_with(receive), self._starting_with(send))
            return
        if not scope.get("path", "").startswith(OWN_PATHS):
            self._requests += 1
        await self._application(scope, receive, send)

    def _starting_with(self, send: Send) -> Send:
        async def send_and_start(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._tasks = [asyncio.create_task(self._save_regularly())]
            await send(message)

        return send_and_start

    def _ending_with(self, receive: Receive) -> Receive:
        async def receive_and_stop() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self._stop()
            return message

        return receive_and_stop

    async def _save_regularly(self) -> None:
        saved = self._requests
        while True:
            await asyncio.sleep(self._every)
            if self._requests != saved:
                saved = self._requests
                began = time.perf_counter()
                states = capture(app._build_persistence_save_dict())
                waited = time.perf_counter() - began
                writing = asyncio.create_task(asyncio.to_thread(write, states))
                self._tasks[1:] = [writing]
                await asyncio.shield(writing)
                logger.info("saved; requests waited %.0f ms for it", waited * 1000)

    async def _stop(self) -> None:
        """End the timer, and let a write under way come to its end: the last one follows."""
        for task in self._tasks[:1]:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task


def capture(services: dict[str, Callable[[], Any]]) -> States:
    """The state of every service now; without those that cannot say, whose files are left alone."""
    states: States = {}
    for name, get_state in services.items():
        try:
            state = get_state()
        except Exception:
            logger.exception("cannot read the state of %s", name)
            continue
        if state is not None:
            states[name] = state
    return states


def write(states: States) -> None:
    """Replace the file of each service that has changed, so that at no time a file is half written."""
    folder = Path(persistence.STATE_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    for name, state in states.items():
        document = {"__ministack_format__": persistence._state_format_version(name), "payload": state}
        try:
            encoded = json.dumps(document, default=persistence._json_default).encode()
            digest = hashlib.sha256(encoded).digest()
            if _written.get(name) != digest:
                _replace(folder / f"{name}.json", encoded)
                _written[name] = digest
        except (OSError, TypeError, ValueError, RuntimeError):
            # RuntimeError: a service that does not copy its state was changed meanwhile. The next save has it.
            logger.exception("cannot save %s", name)


def _replace(file: Path, content: bytes) -> None:
    part = file.with_suffix(".json.part")
    with part.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def _dynamodb_state() -> States:
    """What MiniStack's own function returns, with the stored items themselves in place of copies of them."""
    tables = AccountRegionScopedDict()
    for (account, region, name), table in dynamodb._tables.all_items():
        about = {key: value for key, value in table.items() if key not in {"items", dynamodb._INDEX_MEMBERS}}
        items = {partition: dict(rows) for partition, rows in table["items"].items()}
        tables.set_scoped(account, region, name, copy.deepcopy(about) | {"items": items})
    return {"tables": tables} | {name: copy.deepcopy(getattr(dynamodb, f"_{name}")) for name in ABOUT_TABLES}
