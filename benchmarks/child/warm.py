"""Run as a program of its own: CPU seconds a request of two or more handlers in turn, written as JSON to a file."""

import importlib
import json
import sys
import time
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace

CONTEXT = SimpleNamespace(  # what Powertools reads of Lambda's
    function_name="laurel",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:laurel",
    aws_request_id="8d7e7d3e-6a2e-4c7a-9d59-6f3f0a6b3c11",
    get_remaining_time_in_millis=lambda: 10_000,
)


def main(rounds: str, requests: str, results: str, *handlers: str) -> None:
    """Each handler is named ``module.function=file`` with an event in the file, and answers ``requests`` a round."""
    jobs = []
    for named in handlers:
        name, _, event = named.partition("=")
        module, _, function = name.rpartition(".")
        jobs.append((getattr(importlib.import_module(module), function), json.loads(Path(event).read_text())))
    seconds: list[list[float]] = [[] for _ in jobs]
    for handler, event in jobs:
        for _ in range(int(requests)):
            if handler(event, CONTEXT)["statusCode"] != HTTPStatus.OK:
                sys.exit("not answered")
    for _ in range(int(rounds)):
        for taken, (handler, event) in zip(seconds, jobs, strict=True):
            start = time.process_time()
            for _ in range(int(requests)):
                handler(event, CONTEXT)
            taken.append((time.process_time() - start) / int(requests))
    Path(results).write_text(json.dumps(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
