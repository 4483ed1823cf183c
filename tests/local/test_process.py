"""Starting says clearly what stands in its way."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from local import run
from local.errors import LocalError
from local.installation import emulator_python
from local.process import Emulator


def test_a_port_that_another_program_has_is_named(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        emulator = Emulator(state=tmp_path / "state", log=tmp_path / "log", port=port)

        with pytest.raises(LocalError, match=rf"Port {port} is in use by another program.*LAUREL_PORT={port + 1}"):
            emulator.start(Path(sys.executable))

    assert not emulator.state.exists()


def test_an_emulator_that_does_not_start_shows_what_it_said(tmp_path: Path):
    emulator = Emulator(state=tmp_path / "state", log=tmp_path / "emulator.log", port=_free_port())

    with pytest.raises(LocalError, match=r"ended while starting:\nMiniStack 1\.5\.33 is not installed"):
        emulator.start(Path(sys.executable))

    assert emulator.running() is None
    assert emulator.stop() is False


@pytest.mark.parametrize("named", ["nonsense", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(named: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LAUREL_PORT", named)

    with pytest.raises(LocalError, match="LAUREL_PORT must be a port"):
        run.emulator()


def test_the_emulators_environment_is_made_again_when_its_requirements_change(tmp_path: Path):
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("# nothing yet\n")
    python = emulator_python(tmp_path / "venv", requirements)
    (tmp_path / "venv" / "from-before").touch()

    assert emulator_python(tmp_path / "venv", requirements) == python
    assert (tmp_path / "venv" / "from-before").exists()
    requirements.write_text("# something else\n")
    emulator_python(tmp_path / "venv", requirements)

    assert not (tmp_path / "venv" / "from-before").exists()
    assert subprocess.run([python, "-c", "import boto3"], capture_output=True, check=False).returncode != 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
