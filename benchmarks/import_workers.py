"""Processes that work on an import beside each other, and are killed in the middle of it."""

from __future__ import annotations

import queue
import random
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

WORKERS = 2
KILLS = 3


class Team:
    """So many processes of one command, each with a chunk at a time, until all are done.

    In the first half one of them is killed (SIGKILL) now and then while it has a chunk, which goes back to the others
    as a queue would have it. ``early`` and ``late`` are the MiB that a process had at the most within the first tenth
    and after it, ``seconds`` the processor time of all that were not killed, ``whole`` how many chunks those did.
    """

    def __init__(self, command: Sequence[str], chunks: Sequence[int]) -> None:
        self._command = command
        self._waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._count = len(chunks)
        self._done = self.kills = self.whole = 0
        self._lock = threading.Lock()
        self._chance = random.Random(len(chunks))  # noqa: S311, no secret depends on it
        self.early = self.late = self.seconds = 0.0
        for number in chunks:
            self._waiting.put(number)

    def work(self) -> float:
        """Have all chunks done; seconds. Raises ``RuntimeError`` if a process ends that nobody killed."""
        began = time.perf_counter()
        with ThreadPoolExecutor(WORKERS) as pool:
            for each in [pool.submit(self._employ) for _ in range(WORKERS)]:
                each.result()
        return time.perf_counter() - began

    def _employ(self) -> None:
        """Keep a process busy, and another one in its place once it is killed."""
        while self._done < self._count:
            with subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
                try:
                    self._feed(process)
                finally:
                    process.kill()

    def _feed(self, process: subprocess.Popen[str]) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("pipes")
        chunks, seconds, slowest = 0, 0.0, 1.0
        while self._done < self._count:
            try:
                number = self._waiting.get(timeout=0.1)
            except queue.Empty:
                continue
            began = time.perf_counter()
            process.stdin.write(f"{number}\n")
            process.stdin.flush()
            if chunks and self._is_to_kill():
                if not self._answers(process, self._chance.uniform(0, slowest)):
                    process.kill()
                    self._waiting.put(number)
                    return
                with self._lock:
                    self.kills -= 1
            told = process.stdout.readline().split()
            if not told:
                raise RuntimeError("a worker ended")
            slowest = time.perf_counter() - began
            memory, seconds, chunks = float(told[0]), float(told[1]), chunks + 1
            with self._lock:
                self._done += 1
                if self._done <= max(self._count // 10, 1):
                    self.early = max(self.early, memory)
                else:
                    self.late = max(self.late, memory)
        with self._lock:
            self.seconds += seconds
            self.whole += chunks

    def _is_to_kill(self) -> bool:
        """Whether it is time for a further process to be killed, by whoever asks first."""
        with self._lock:
            due = self.kills < KILLS and self._done * 2 * (KILLS + 1) >= (self.kills + 1) * self._count
            self.kills += due
        return due

    @staticmethod
    def _answers(process: subprocess.Popen[str], seconds: float) -> bool:
        """Whether it answers within so much time."""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)  # type: ignore[arg-type]
            return bool(selector.select(seconds))


def command(module: str, *arguments: str) -> list[str]:
    """A module of this interpreter's as a process."""
    return [sys.executable, "-m", module, *arguments]
