"""The file that says which process is the emulator."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.lock import AlreadyRunningError, Holder, hold, holder
from local.paths import ROOT

HOLDING = """
import sys, time, pathlib
from local.lock import hold
with hold(pathlib.Path(sys.argv[1]), port=1234):
    print("held", flush=True)
    time.sleep(60)
"""


def test_nobody_holds_a_file_that_is_not_there(tmp_path: Path):
    assert holder(tmp_path / "lock") is None


def test_the_holder_is_known_until_it_ends_however_it_ends(tmp_path: Path):
    lock = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLDING, lock], stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert holder(lock) == Holder(process.pid, 1234)
        with pytest.raises(AlreadyRunningError), hold(lock, port=1):
            pytest.fail("held twice")
        assert holder(lock) == Holder(process.pid, 1234)
        process.kill()

    assert holder(lock) is None
    with hold(lock, port=1):
        pass
