"""Storage tests run three times: in this process' memory, on moto, and on DynamoDB Local where that can run."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from laurel.model.account import Store
from laurel.store.dynamodb import create_client
from tests.support.partiql import teach_moto
from tests.support.samples import a_store
from tests.support.stage import MemoryStage
from tests.support.tables import Database, create_tables, delete_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

_numbers = itertools.count()


@pytest.fixture(scope="module", params=["memory", "moto", pytest.param("local", marks=pytest.mark.dynamodb_local)])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Tables that the tests of a module share; each test has an account of its own in them."""
    if request.param == "memory":
        stage = MemoryStage()
        yield Database(stage.client, stage.tables)
    elif request.param == "moto":
        teach_moto()
        with mock_aws():
            client = create_client()
            yield Database(client, create_tables(client))
    else:
        client = create_client(endpoint_url=request.getfixturevalue("dynamodb_local_endpoint"))
        tables = create_tables(client, f"shared-{next(_numbers)}")
        yield Database(client, tables)
        delete_tables(client, tables)


@pytest.fixture
def store() -> Store:
    """A store of an account that nobody else has."""
    return a_store(account_id=f"account-{next(_numbers)}")
