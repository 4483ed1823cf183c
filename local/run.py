"""Bring Laurel up on this machine, keep it there, and take it down again."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

from local import aws, dashboard, stack, stack_file
from local.api import Api
from local.demo_mail import ensure_sending
from local.demo_past import give_past
from local.demo_rewards import ensure_rewards
from local.deploy import build, deploy
from local.errors import LocalError
from local.installation import emulator_python
from local.load import load
from local.paths import DEMO, LOG, STATE
from local.process import Emulator
from local.sign_in import id_token
from local.warm import warm
from local.workspace import EMAIL, PASSWORD, Demo, ensure_account, ensure_stores
from tools import node_js

DEFAULT_PORT = 4566
TOKEN_SECONDS = 30 * 60
WATCH_STEP = 0.5


def emulator() -> Emulator:
    """The emulator of this checkout, on the port that LAUREL_PORT names.

    Raises:
        LocalError: LAUREL_PORT is no port.
    """
    named = os.environ.get("LAUREL_PORT") or str(DEFAULT_PORT)
    try:
        port = int(named)
    except ValueError:
        port = 0
    if not 0 < port < 1 << 16:
        raise LocalError(f"LAUREL_PORT must be a port between 1 and 65535, not {named!r}.")
    return Emulator(state=STATE, log=LOG, port=port)


def endpoint() -> str:
    """The URL of the running emulator, for boto3 clients of this process.

    Raises:
        LocalError: None runs.
    """
    ours = emulator()
    running = ours.running()
    if running is None:
        raise LocalError("Laurel is not running. Start it with: make up")
    ours = replace(ours, port=running.port)
    aws.enter(ours.endpoint)
    return ours.endpoint


def up(*, built: bool = False) -> stack_file.Stack:
    """Start what is not running, deploy the present code, make what the demo lacks, and say where everything is.

    Args:
        built: The code is built already.

    Raises:
        LocalError: A step failed.
    """
    ours = emulator()
    _start(ours)
    aws.enter(ours.endpoint)
    if not built:
        _step("Building", build)
    lacking = node_js.missing()
    if not lacking:
        _step("Building the dashboard", dashboard.build)
    outputs = _step("Deploying", deploy, ours.endpoint)
    for failure in _step("Starting functions", warm, ours.endpoint):
        print(f"  {failure}")
    account_id = ensure_account(ours.endpoint, outputs["UserPoolId"])
    token = _Token(ours.endpoint, outputs["UserPoolClientId"])
    api = Api(stack.api_url(ours.endpoint, outputs), token)
    demo = Demo.read(DEMO)
    stores = ensure_stores(api, account_id, demo)
    demo.write(DEMO)
    ensure_sending(api)
    described = stack.describe(ours.endpoint, outputs, stores)
    described["dashboard_url"] = dashboard.serve(ours.endpoint, described["api_url"], outputs)
    if not demo.loaded:
        _step("Loading a year of demo orders", load, api, stores, demo, lambda: demo.write(DEMO))
    if not demo.has_past:
        table, until = outputs["WorkspaceTable"], demo.loaded_until
        _step("Closing the boards of that year", give_past, ours.endpoint, table, api, stores, until)
        ensure_rewards(api, stores)
        demo.has_past = True
        demo.write(DEMO)
    stack_file.write(described)
    print(summary(described, lacking), flush=True)
    return described


def run(*, built: bool = False) -> None:
    """Do as ``up`` does, then wait for Ctrl-C or SIGTERM and stop.

    Raises:
        LocalError: A step failed, or the emulator ended by itself.
    """
    try:
        with _interruptible():
            up(built=built)
            print("\nCtrl-C stops it; all data stays.", flush=True)
            _watch(emulator())
    except KeyboardInterrupt:
        print()
    finally:
        if emulator().running():
            print("Stopping ...", flush=True)
            with _undisturbed():
                emulator().stop()


def down() -> bool:
    """Stop what runs. Return False when nothing did."""
    return emulator().stop()


def summary(described: stack_file.Stack, lacking: str | None) -> str:
    """What whoever started it wants to know; ``lacking`` is what the dashboard could not be built without."""
    board = described["dashboard_url"] or "none"
    if lacking:
        board += f" ({'as it was built before' if described['dashboard_url'] else 'not built'}: {lacking})"
    return f"""
Laurel is up.
  Dashboard {board}
  API       {described["api_url"]}
  Sign-in   {described["email"]} / {described["password"]}
  Mailbox   {described["mailbox_url"]}
  Store     {described["store_id"]}
  More      .local/stack.json, .local/stack.env"""


class _Token:
    """The demo user's token, renewed before it expires."""

    def __init__(self, endpoint: str, client_id: str) -> None:
        self._sign_in = (endpoint, client_id)
        self._token = ""
        self._until = 0.0

    def __call__(self) -> str:
        if time.monotonic() > self._until:
            self._token = id_token(*self._sign_in, EMAIL, PASSWORD)
            self._until = time.monotonic() + TOKEN_SECONDS
        return self._token


def _start(ours: Emulator) -> None:
    running = ours.running()
    if running is None:
        python = emulator_python()
        _step("Starting the emulator", ours.start, python)
    elif running.port != ours.port:
        raise LocalError(f"Laurel runs on port {running.port} already. Stop it first with: make down")


def _step[**P, R](what: str, do: Callable[P, R], *arguments: P.args, **options: P.kwargs) -> R:
    print(f"{what} ...", end=" ", flush=True)
    began = time.monotonic()
    try:
        result = do(*arguments, **options)
    except BaseException:
        print()
        raise
    print(f"{time.monotonic() - began:.0f} s")
    return result


def _watch(ours: Emulator) -> None:
    """Wait as long as the emulator runs."""
    while ours.running():
        time.sleep(WATCH_STEP)
    raise LocalError(f"The emulator has ended. Its log is {ours.log}:\n{ours.last_lines()}")


@contextmanager
def _interruptible() -> Iterator[None]:
    """Take SIGTERM for Ctrl-C, and Ctrl-C for itself: a shell has background jobs ignore it."""
    with _handling(signal.default_int_handler):
        yield


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ignore a second Ctrl-C or SIGTERM, so that all data is saved."""
    with _handling(signal.SIG_IGN):
        yield


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
