"""Locked requirements: exact, verifiable, wherever they are downloaded from, and the same where they overlap."""

import re
from pathlib import Path

import pytest

from tests.support.template import ROOT

LAYER = ROOT / "layers" / "shared" / "requirements.txt"
LOCKS = [LAYER, *sorted((ROOT / "requirements").glob("*.txt"))]


def entries(lock: Path) -> list[str]:
    """Requirements with their options, each on one line, without comments."""
    joined = lock.read_text().replace("\\\n", " ")
    return [line.strip() for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def pins(lock: Path) -> dict[str, str]:
    return dict(re.split("==|[ ;]", entry)[:2] for entry in entries(lock))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_every_requirement_is_pinned_and_hashed(lock: Path) -> None:
    assert entries(lock)
    assert [
        entry for entry in entries(lock) if not re.match(r"[a-z0-9.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)
    ] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_no_lock_says_where_to_download_from(lock: Path) -> None:
    text = lock.read_text()

    assert "://" not in text
    assert not re.search(r"--(extra-)?index-url|--find-links", text)


def test_tests_run_against_what_the_layer_ships() -> None:
    tested = pins(ROOT / "requirements" / "dev.txt")

    assert {name: tested.get(name) for name in pins(LAYER)} == pins(LAYER)


def test_the_layer_leaves_out_what_lambda_brings() -> None:
    # It brings a urllib3, too, of a version that is its own affair; shops are asked by ours.
    assert not {"boto3", "botocore", "s3transfer"} & set(pins(LAYER))
