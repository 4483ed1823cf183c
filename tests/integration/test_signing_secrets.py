"""Signing secrets: one an account, whoever asks first."""

from __future__ import annotations

import pytest

from laurel.model.account import Store
from laurel.model.errors import Busy
from laurel.store.signing_secrets import SigningSecretBook
from tests.support.samples import NOW
from tests.support.stage import MemoryStage
from tests.support.tables import Database

pytestmark = pytest.mark.integration


def test_a_secret_is_made_once_and_replaced(database: Database, store: Store) -> None:
    book = SigningSecretBook(database.client, database.tables.workspace)
    assert book.known(store.account_id) is None

    first = book.made(store.account_id, NOW)
    assert book.made(store.account_id, NOW) == first == book.known(store.account_id)

    second = book.rotate(store.account_id, NOW)
    assert book.known(store.account_id) == second
    assert second.secrets[1].value == first.secrets[0].value
    assert second.version == 2


def test_rotating_is_making_where_there_is_none(database: Database, store: Store) -> None:
    book = SigningSecretBook(database.client, database.tables.workspace)

    assert len(book.rotate(store.account_id, NOW).secrets) == 2


def test_who_asks_at_the_same_time_gets_the_same(store: Store) -> None:
    stage = MemoryStage()
    book = SigningSecretBook(stage.client, stage.tables.workspace)
    others: list[str] = []

    def somebody_is_faster(operation: str) -> None:
        if operation == "put_item" and not others:
            others.append("")
            others[0] = book.made(store.account_id, NOW).secrets[0].value

    stage.before = somebody_is_faster

    assert book.made(store.account_id, NOW).secrets[0].value == others[0]


def test_others_may_always_be_faster(store: Store) -> None:
    stage = MemoryStage()
    book = SigningSecretBook(stage.client, stage.tables.workspace)
    known = book.made(store.account_id, NOW)
    going_on = [False]

    def somebody_is_faster(operation: str) -> None:
        if operation == "put_item" and not going_on[0]:
            going_on[0] = True
            book.rotate(store.account_id, NOW)
            going_on[0] = False

    stage.before = somebody_is_faster

    with pytest.raises(Busy):
        book.rotate(store.account_id, NOW)
    stage.before = lambda _: None
    kept = book.known(store.account_id)
    assert kept is not None
    assert kept.version > known.version
