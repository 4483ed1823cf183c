"""How fast mail goes out: no faster than the mail service allows to all senders together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SENDERS_AT_ONCE = 2
"""As many as the template lets run at once; each takes its share of the rate."""

_REMEMBERED_SECONDS = 60.0
_SLOWEST = 1.0
"""Mails a second that SES allows to anybody."""


class Pace:
    """Lets the threads of a process go on one after the other, evenly. ``rate`` tells mails a second, for all."""

    def __init__(
        self,
        rate: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._ask = rate
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._rate: tuple[float, float] | None = None
        self._next = 0.0

    def wait(self) -> None:
        """Return when it is this caller's turn. The rate is asked for once a minute at most."""
        with self._lock:
            now = self._clock()
            if self._rate is None or now - self._rate[0] >= _REMEMBERED_SECONDS:
                self._rate = (now, max(self._ask(), _SLOWEST) / SENDERS_AT_ONCE)
            turn = max(now, self._next)
            self._next = turn + 1 / self._rate[1]
        if turn > now:
            self._sleep(turn - now)
