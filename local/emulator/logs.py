"""Know at once when a function has logged all it had to say.

Why: stock MiniStack waits 50 ms after each invocation for a first line of log, so that a function that logs nothing
costs 50 ms more on every call. Lines that come later still are taken for the next invocation's.

Here the process that runs a Python function ends each invocation's log with a mark, and the wait ends with the mark.
"""

# ruff: noqa: SLF001 - replaces what MiniStack keeps to itself

import queue
import time
from typing import Any

from ministack.core import lambda_runtime

MARK = "\x00end of invocation"
LONGEST_WAIT = 0.25
"""Seconds; a process that was killed writes no mark."""

ANSWER = "        _real_stdout.flush()\n\nrun()\n"
MARKED_ANSWER = f"        print({MARK!r}, file=sys.__stderr__, flush=True)\n{ANSWER}"


class UnknownWorkerError(RuntimeError):
    """MiniStack's program that runs a function is not the one this module was written for."""


def apply() -> None:
    """Mark the end of each invocation's log, and wait for the mark."""
    if lambda_runtime._PYTHON_WORKER_SCRIPT.count(ANSWER) != 1:
        raise UnknownWorkerError("MiniStack's Python worker has changed: revisit local/emulator/logs.py")
    lambda_runtime._PYTHON_WORKER_SCRIPT = lambda_runtime._PYTHON_WORKER_SCRIPT.replace(ANSWER, MARKED_ANSWER)
    wait_in_vain = lambda_runtime.Worker._drain_stderr_bounded

    def drain(worker: Any, *args: float, **kwargs: float) -> str:
        if str(worker.config.get("Runtime", "")).startswith("python"):
            return read_to_mark(worker._stderr_queue)
        rest: str = wait_in_vain(worker, *args, **kwargs)
        return rest

    lambda_runtime.Worker._drain_stderr_bounded = drain


def read_to_mark(lines: "queue.Queue[str]") -> str:
    """The log of one invocation, without its mark."""
    log = []
    deadline = time.monotonic() + LONGEST_WAIT
    while (left := deadline - time.monotonic()) > 0:
        try:
            line = lines.get(timeout=left)
        except queue.Empty:
            break
        if line.endswith(MARK):
            if line != MARK:  # the function's last line had no end
                log.append(line.removesuffix(MARK))
            break
        log.append(line)
    return "\n".join(log)
