"""Run as a program of its own, the way Lambda starts a function: import the handler, answer one event, stop."""

import importlib
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

CONTEXT = SimpleNamespace(  # what Powertools reads of Lambda's
    function_name="laurel",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:laurel",
    aws_request_id="8d7e7d3e-6a2e-4c7a-9d59-6f3f0a6b3c11",
    get_remaining_time_in_millis=lambda: 10_000,
)


def main(handler: str, event: str, answer: str) -> None:
    """Import ``module.function``, answer the event in a file, write the answer to another and end at once."""
    module, _, function = handler.rpartition(".")
    answered = getattr(importlib.import_module(module), function)(json.loads(Path(event).read_text()), CONTEXT)
    Path(answer).write_text(json.dumps(answered))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
