"""Start and stop the emulator's process."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalError
from local.lock import Holder, holder
from local.paths import ROOT

HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 60.0
STEP = 0.1
LAST_LINES = 15

_started: dict[int, "subprocess.Popen[bytes]"] = {}
"""What this process started, by process id; it may go on after this process ends."""

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Emulator:
    """An emulator that keeps its data in ``state``."""

    state: Path
    log: Path
    port: int

    @property
    def endpoint(self) -> str:
        """The URL of its AWS."""
        return f"http://{HOST}:{self.port}"

    def running(self) -> Holder | None:
        """The process that runs on this data, on whatever port."""
        return holder(self.state / "emulator.lock")

    def start(self, python: Path, *, without: Iterable[str] = (), save_every: float | None = None) -> None:
        """Start it in the background, in a process group of its own, and wait until it answers.

        Args:
            python: An interpreter that has MiniStack.
            without: Changes to MiniStack that are left out.
            save_every: Seconds between saves.

        Raises:
            LocalError: Its port is taken, or it did not come up.
        """
        if self._is_port_taken():
            raise LocalError(
                f"Port {self.port} is in use by another program. Stop that program, "
                f"or choose another port: LAUREL_PORT={self.port + 1} make run"
            )
        self.state.mkdir(parents=True, exist_ok=True)
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        command = [str(python), "-m", "local.emulator", "--state", str(self.state), "--port", str(self.port)]
        command += [f"--without={change}" for change in without]
        command += [f"--save-every={save_every}"] if save_every is not None else []
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
                start_new_session=True,
            )
        _started[process.pid] = process
        try:
            self._wait_for(process)
        except BaseException:
            process.terminate()
            raise

    def stop(self) -> bool:
        """Stop it, which saves its data. Return False when it was not running.

        Raises:
            LocalError: It did not end.
        """
        running = self.running()
        if running is None:
            return False
        os.kill(running.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self.running():
            if time.monotonic() > deadline:
                raise LocalError(f"The emulator (process {running.pid}) has not ended after {STOP_SECONDS:.0f} s.")
            time.sleep(STEP)
        if child := _started.pop(running.pid, None):
            child.wait()
        return True

    def is_healthy(self) -> bool:
        """Whether it answers requests."""
        try:
            with _direct.open(f"{self.endpoint}/_ministack/ready", timeout=2):
                return True
        except OSError:
            return False

    def last_lines(self) -> str:
        """The end of its log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-LAST_LINES:])

    def _wait_for(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + START_SECONDS
        while not (self.running() and self.is_healthy()):
            if process.poll() is not None:
                raise LocalError(f"The emulator ended while starting:\n{self.last_lines()}")
            if time.monotonic() > deadline:
                raise LocalError(f"The emulator does not answer. Its log is {self.log}:\n{self.last_lines()}")
            time.sleep(STEP)

    def _is_port_taken(self) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            return probe.connect_ex((HOST, self.port)) == 0
