"""Run as a program of its own: CPU seconds a request of two or more handlers in turn, written as JSON to a file."""

import importlib
import json
import sys
import time
from http import HTTPStatus
from pathlib import Path

from first_answer import Context  # type: ignore[import-not-found]


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
            if handler(event, Context())["statusCode"] != HTTPStatus.OK:
                sys.exit("not answered")
    for _ in range(int(rounds)):
        for taken, (handler, event) in zip(seconds, jobs, strict=True):
            start = time.process_time()
            for _ in range(int(requests)):
                handler(event, Context())
            taken.append((time.process_time() - start) / int(requests))
    Path(results).write_text(json.dumps(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
