"""DynamoDB Local, Amazon's own DynamoDB for one machine: `python -m tools.dynamodb_local` installs it.

It comes out of an npm package. Running it needs a Java 17 development kit, since the few lines that keep it to
127.0.0.1 are compiled as it starts.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tools import npm_package
from tools.npm_package import Unavailable, run

PACKAGE = "amplify-dynamodb-simulator@2.9.30"
SHA512 = "xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="
HOME = Path(__file__).parent.parent / ".local" / "dynamodb-local"
LOOPBACK = Path(__file__).with_name("LoopbackDynamoDB.java")
LEAST_JAVA = 17
START_SECONDS = 60


def install(home: Path = HOME) -> None:
    """Download and unpack it, unless that is done already.

    Raises:
        Unavailable: npm is missing or fails, or the package is not the pinned one.
    """

    def place(folder: Path) -> None:
        for file in (folder / "emulator").iterdir():
            shutil.move(file, home)

    npm_package.install(PACKAGE, SHA512, "DynamoDB Local", home, place)


def _java() -> str:
    java = shutil.which("java")
    if java is None:
        raise Unavailable("Java, which runs DynamoDB Local, is not installed")
    version = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', version)
    if found is None or int(found[1]) < LEAST_JAVA:
        raise Unavailable(f"DynamoDB Local needs Java {LEAST_JAVA} or later")
    modules = subprocess.run([java, "--list-modules"], capture_output=True, text=True, check=False).stdout
    if "jdk.compiler" not in modules:
        raise Unavailable("DynamoDB Local needs a Java development kit, not only a runtime")
    return java


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, log: IO[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            log.seek(0)
            raise Unavailable(f"DynamoDB Local ended at once: {log.read().decode(errors='replace').strip()}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise Unavailable(f"DynamoDB Local did not start within {START_SECONDS} s")


@contextlib.contextmanager
def running(*, heap: str = "1g", home: Path = HOME) -> Iterator[str]:
    """Run an installed one, in memory, on a free port of this machine, and give its endpoint's URL.

    Raises:
        Unavailable: It is not installed, Java is missing or too old, or it does not start.
    """
    if not (home / "DynamoDBLocal.jar").is_file():
        raise Unavailable("DynamoDB Local is not installed: make dynamodb-local")
    port = _free_port()
    command = [
        _java(),
        f"-Xmx{heap}",
        f"-Djava.library.path={home / 'DynamoDBLocal_lib'}",
        "--class-path",
        os.pathsep.join((os.fspath(home / "DynamoDBLocal.jar"), os.fspath(home / "DynamoDBLocal_lib" / "*"))),
        os.fspath(LOOPBACK),
        *("-inMemory", "-disableTelemetry", "-port", str(port)),
    ]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=home, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _wait_until_listening(process, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def main(argv: list[str] | None = None) -> int:
    """Install it; with --if-possible, what stands in the way is said but no failure."""
    return run(install, "DynamoDB Local", HOME, argv)


if __name__ == "__main__":
    sys.exit(main())
