"""The emulator's own virtual environment.

It holds the emulator and nothing of the developer's: the functions that the emulator runs can import whatever is
installed beside it, which would hide what their layer lacks.
"""

import fcntl
import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

from local.errors import LocalError
from local.paths import EMULATOR_REQUIREMENTS, EMULATOR_VENV


def emulator_python(venv: Path = EMULATOR_VENV, requirements: Path = EMULATOR_REQUIREMENTS) -> Path:
    """The emulator's interpreter; the environment is made first where it is missing or its requirements changed.

    Raises:
        LocalError: The requirements cannot be installed.
    """
    python, stamp = venv / "bin" / "python", venv / ".installed"
    wanted = _digest(requirements)
    venv.parent.mkdir(parents=True, exist_ok=True)
    with venv.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may come here at once
        if not (python.exists() and stamp.exists() and stamp.read_text() == wanted):
            print("Installing the emulator ...", flush=True)
            # uv where it is at hand: it is much faster than pip, and needs none in the environment.
            has_uv = importlib.util.find_spec("uv") is not None
            _run([sys.executable, "-m", "venv", "--clear", *(["--without-pip"] if has_uv else []), str(venv)])
            _run([*_install(python, has_uv=has_uv), "--quiet", "--require-hashes", "-r", str(requirements)])
            stamp.write_text(wanted)
    return python


def _install(python: Path, *, has_uv: bool) -> list[str]:
    if has_uv:
        return [sys.executable, "-m", "uv", "pip", "install", "--python", str(python)]
    return [str(python), "-m", "pip", "install", "--disable-pip-version-check"]


def _digest(requirements: Path) -> str:
    return hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()


def _run(command: list[str]) -> None:
    result = subprocess.run(command, check=False)
    if result.returncode:
        raise LocalError(f"The emulator could not be installed; this failed: {' '.join(command)}")
