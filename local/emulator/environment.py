"""Give the emulator, and so every function that it runs, an environment as bare as Lambda's.

Why: MiniStack starts each function with a copy of its own environment. A developer's ``LOG_LEVEL``,
``TZ``, proxy settings or AWS profile would reach the code under test and hide a variable that the
template forgot to set. Only what a process needs to run is kept; time is UTC, as in Lambda.
"""

import os
import shutil
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

WARM_SECONDS = 24 * 60 * 60


def emulator_environment(inherited: Mapping[str, str], *, port: int, state: Path) -> dict[str, str]:
    """The environment for an emulator on 127.0.0.1:``port`` that keeps its data under ``state``."""
    return {name: inherited[name] for name in KEPT if name in inherited} | {
        "TZ": ":UTC",
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_WARM_TTL_SECONDS": str(WARM_SECONDS),
        "PERSIST_STATE": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "S3_PERSIST": "1",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(state / "services"),
        "TMPDIR": str(state / "tmp"),
    }


def enter(*, port: int, state: Path) -> None:
    """Replace this process's environment and create the folders it names.

    The temporary one is emptied: a stopped emulator leaves the unpacked code of its functions there. These are so many
    files that nobody waits for that.
    """
    environment = emulator_environment(os.environ, port=port, state=state.resolve())
    left, old = Path(environment["TMPDIR"]), state.resolve() / "old"
    if left.exists():
        old.mkdir(exist_ok=True)
        left.rename(old / uuid.uuid4().hex)
    threading.Thread(target=shutil.rmtree, args=(old,), kwargs={"ignore_errors": True}, daemon=True).start()
    for name in ("S3_DATA_DIR", "STATE_DIR", "TMPDIR"):
        Path(environment[name]).mkdir(parents=True, exist_ok=True)
    os.environ.clear()
    os.environ.update(environment)
