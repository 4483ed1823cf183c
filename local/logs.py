"""Show what the emulator and the functions say."""

import subprocess
import time
from collections.abc import Iterator

from local import aws
from local.deploy import function_names
from local.errors import LocalError
from local.paths import LOG

LINES = 200
STEP = 1.0


def show_emulator(*, follow: bool) -> None:
    """Print the end of the emulator's log; with ``follow`` go on until interrupted.

    Raises:
        LocalError: It never ran.
    """
    if not LOG.exists():
        raise LocalError("There is no log yet.")
    subprocess.run(["tail", f"-n{LINES}", *(["-F"] if follow else []), str(LOG)], check=False)


def show_function(endpoint: str, function: str, *, follow: bool) -> None:
    """Print the end of a function's log; with ``follow`` go on until interrupted.

    Raises:
        LocalError: There is no such function.
    """
    for line in _function_log(endpoint, function, follow=follow):
        print(line, flush=True)


def _function_log(endpoint: str, function: str, *, follow: bool) -> Iterator[str]:
    names = function_names(endpoint)
    if function not in names:
        raise LocalError(f"There is no function {function!r}. There are: {', '.join(sorted(names))}")
    configuration = aws.client("lambda", endpoint).get_function_configuration(FunctionName=names[function])
    group = configuration.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{names[function]}"
    logs = aws.client("logs", endpoint)
    shown = 0
    while True:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        events = [event["message"].rstrip() for page in pages for event in page["events"]]
        yield from events[max(shown, len(events) - LINES) :]
        shown = len(events)
        if not follow:
            return
        time.sleep(STEP)
