"""Byte-compiling what sam build made."""

import importlib.util
import os
import struct
from pathlib import Path

import pytest

from tools import build


def artifact(folder: Path, *parts: str, source: str = "answer = 42\n") -> Path:
    module = folder.joinpath(*parts)
    module.parent.mkdir(parents=True, exist_ok=True)
    module.write_text(source)
    return module


def compiled(module: Path) -> bytes:
    return Path(importlib.util.cache_from_source(str(module))).read_bytes()


def test_compiled_modules_are_valid_whatever_time_their_source_has(tmp_path: Path) -> None:
    module = artifact(tmp_path, "WebhooksFunction", "webhooks.py")

    assert build.main([str(tmp_path)]) == 0

    os.utime(module, (0, 0))
    content = compiled(module)
    assert content[:4] == importlib.util.MAGIC_NUMBER
    assert struct.unpack("<L", content[4:8])[0] == 0b01, "by hash, and unchecked"
    assert content[8:16] == importlib.util.source_hash(module.read_bytes())


def test_file_names_are_those_on_lambda(tmp_path: Path) -> None:
    function = artifact(tmp_path, "WebhooksFunction", "webhooks.py")
    layer = artifact(tmp_path, "LaurelLayer", "python", "laurel", "model", "money.py")

    build.main([str(tmp_path)])

    assert b"/var/task/webhooks.py" in compiled(function)
    assert b"/opt/python/laurel/model/money.py" in compiled(layer)
    assert os.fsencode(tmp_path) not in compiled(layer) + compiled(function)


def test_leftovers_of_other_compilers_go(tmp_path: Path) -> None:
    module = artifact(tmp_path, "WebhooksFunction", "webhooks.py")
    stale = artifact(tmp_path, "WebhooksFunction", "__pycache__", "gone.cpython-312.pyc")

    build.main([str(tmp_path)])

    assert not stale.exists()
    assert compiled(module)


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    first = artifact(tmp_path, "here", "WebhooksFunction", "webhooks.py")
    second = artifact(tmp_path, "there", "WebhooksFunction", "webhooks.py")
    os.utime(second, (0, 0))

    build.main([str(tmp_path / "here")])
    build.main([str(tmp_path / "there")])

    assert compiled(first) == compiled(second)


def test_a_module_that_does_not_compile_fails_the_build(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    artifact(tmp_path, "WebhooksFunction", "webhooks.py", source="def broken(:\n")

    with pytest.raises(SyntaxError):
        build.main([str(tmp_path)])

    assert "webhooks.py" in capsys.readouterr().out


def test_another_python_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "RUNTIME", (3, 99))

    assert build.main([str(tmp_path)]) == 1
