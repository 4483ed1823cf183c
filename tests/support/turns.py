"""Threads that take turns: only one runs at a time, and who runs next is for the test to say."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Self


class _Abandoned(BaseException):
    """Ends a thread whose test is over."""


class Turn:
    """One piece of work under way. It stops at every ``pause`` and before it begins; ``step`` lets it go on."""

    def __init__(self, turns: Turns, work: Callable[[], Any]) -> None:
        self.done = False
        self.place = ""
        self.result: Any = None
        self.error: Exception | None = None
        self._turns = turns
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._abandoned = False
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def step(self) -> bool:
        """Go on to the next pause or to the end; True at the end."""
        self._turns.current = self
        self._go.release()
        self._stopped.acquire()
        self._turns.current = None
        return self.done

    def run_to(self, place: str) -> None:
        """Go on until it is about to do what ``place`` names."""
        while not self.done:
            self.step()
            if self.place == place:
                return
        raise AssertionError(f"came to its end before {place!r}")

    def finish(self) -> Any:
        """Go on to the end and give the result, or raise what was raised."""
        while not self.done:
            self.step()
        if self.error:
            raise self.error
        return self.result

    def abandon(self) -> None:
        """Give up work that nobody will finish."""
        if not self.done:
            self._abandoned = True
            self.step()
        self._thread.join()

    def _run(self, work: Callable[[], Any]) -> None:
        try:
            self._wait()
            self.result = work()
        except Exception as error:  # noqa: BLE001, for whoever asks for the result
            self.error = error
        except _Abandoned:
            pass
        self.done = True
        self._stopped.release()

    def _wait(self) -> None:
        self._go.acquire()
        if self._abandoned:
            raise _Abandoned

    def _pause(self) -> None:
        self._stopped.release()
        self._wait()


class Turns:
    """All work of one test. Code outside of it is never stopped."""

    def __init__(self) -> None:
        self.current: Turn | None = None
        self._all: list[Turn] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, work: Callable[[], Any]) -> Turn:
        """Work that waits for its first ``step``."""
        turn = Turn(self, work)
        self._all.append(turn)
        return turn

    def pause(self, place: str = "") -> None:
        """Called by the work: stop here, before doing what ``place`` names, until it is this work's turn again."""
        if self.current and self.current._thread is threading.current_thread():
            self.current.place = place
            self.current._pause()

    def close(self) -> None:
        """Give up all that is unfinished."""
        for turn in self._all:
            turn.abandon()
        self._all.clear()
