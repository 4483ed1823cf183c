"""Erasures whose workers are killed after any write: they end as if nothing had happened."""

from __future__ import annotations

from typing import Any

import pytest

from laurel.model.privacy import ErasureState
from tests.support.erasing import WORDS, left_of_store, live, of_person, of_store
from tests.support.office import Office
from tests.support.samples import BOB
from tests.support.stage import MemoryStage


class _Killed(Exception):
    pass


@pytest.fixture(scope="module")
def lived() -> MemoryStage:
    """Tables in which two people have lived."""
    stage = MemoryStage()
    live(Office(stage.client, stage.tables, "account"))
    return stage


def interrupted(lived: MemoryStage, kind: str, kill_at: int | None) -> tuple[Any, int]:
    """How an erasure ends whose worker is killed at a write, and how many writes there are."""
    stage = lived.copy()
    office = Office(stage.client, stage.tables, "account", connect=False)
    erasure = of_person(office) if kind == "person" else of_store(office)
    office.erasures.save(erasure)
    writes = 0

    def killing(operation: str) -> None:
        nonlocal writes
        writes += operation in ("put_item", "update_item", "delete_item", "transact_write_items")
        if writes == kill_at:
            writes += 1
            raise _Killed

    stage.after = killing
    for _ in range(200):
        try:
            again = office.eraser.work(erasure.account_id, erasure.id)
        except _Killed:
            continue
        if again is None:
            break
        office.wait(again)
    stage.after = lambda _: None
    done = office.kept(erasure)
    words = WORDS if kind == "person" else (BOB, "bob berg")
    left = [] if kind == "person" else [item["sk"]["S"] for item in left_of_store(office)]
    return (done.state, dict(done.removed), office.traces_of(*words), left, office.board(office.other)), writes


@pytest.mark.parametrize("kind", ["person", "store"])
def test_a_worker_may_be_killed_after_any_write(kind: str, lived: MemoryStage) -> None:
    """Whatever is then taken up again ends as if nothing had happened, receipt included."""
    expected, writes = interrupted(lived, kind, None)
    assert expected[0] is ErasureState.DONE
    assert expected[2] == []
    for kill_at in range(1, writes + 1):
        outcome, _ = interrupted(lived, kind, kill_at)
        assert outcome == expected, kill_at
