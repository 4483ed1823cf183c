"""Warm requests: CPU time of a leaderboard request, beside a plain handler that makes the same Query."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import runtime, samples
from benchmarks.cold_start import cpu_seconds, stub

LIMIT = 1.5
_REQUESTS = 20


@dataclass(frozen=True, slots=True)
class Warm:
    """Median CPU seconds a request of each, and the median of the ratios round by round, with its quartiles."""

    laurel: float
    plain: float
    ratio: float
    spread: tuple[float, float]


def measure(rounds: int) -> Warm:
    """A board of 50 rows, answered by both in one process, in turn."""
    leaderboard = runtime.built_functions()["LeaderboardFunction"]
    plain = {"board": "board", "limit": samples.ROWS}
    with stub() as endpoint, tempfile.TemporaryDirectory() as folder:
        events = {"api.handler": samples.LEADERBOARD, "raw.handler": plain}
        jobs = []
        for name, event in events.items():
            file = Path(folder, f"{name}.json")
            file.write_text(json.dumps(event))
            jobs.append(f"{name}={file}")
        results = Path(folder, "results.json")
        program = [os.fspath(runtime.bare_python()), "-P", os.fspath(runtime.CHILD / "warm.py")]
        environment = leaderboard.environment(endpoint)
        environment["PYTHONPATH"] += os.pathsep + os.fspath(runtime.CHILD)
        cpu_seconds([*program, str(rounds), str(_REQUESTS), os.fspath(results), *jobs], environment, Path(folder))
        laurel, raw = json.loads(results.read_text())
    ratios = sorted(one / other for one, other in zip(laurel, raw, strict=True))
    spread = (ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4])
    return Warm(median(laurel), median(raw), median(ratios), spread)
