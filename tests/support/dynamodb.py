"""Fixtures: Laurel's tables on moto, on DynamoDB Local, or on both in turn. Each test gets empty tables of its own."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from laurel.store.dynamodb import create_client
from tests.support.partiql import teach_moto
from tests.support.tables import Database, create_tables, delete_tables
from tools import dynamodb_local
from tools.npm_package import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_numbers = itertools.count()


@pytest.fixture
def moto_tables() -> Iterator[Database]:
    """Tables on moto, inside this process. Meters nothing and does not check sizes, but is always there."""
    teach_moto()
    with mock_aws():
        client = create_client()
        yield Database(client, create_tables(client))


@pytest.fixture(scope="session")
def dynamodb_local_endpoint() -> Iterator[str]:
    """URL of a DynamoDB Local that runs for the whole session; skips where it cannot run."""
    with contextlib.ExitStack() as stack:
        try:
            endpoint = stack.enter_context(dynamodb_local.running())
        except Unavailable as reason:
            pytest.skip(str(reason))
        yield endpoint


@pytest.fixture
def dynamodb_local_tables(dynamodb_local_endpoint: str) -> Iterator[Database]:
    """Tables on DynamoDB Local. Meters capacity as AWS does, transactions apart."""
    client = create_client(endpoint_url=dynamodb_local_endpoint)
    tables = create_tables(client, f"test-{next(_numbers)}")
    yield Database(client, tables)
    delete_tables(client, tables)


@pytest.fixture(params=["moto", pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local)])
def dynamodb(request: pytest.FixtureRequest) -> Database:
    """Tables on moto and then on DynamoDB Local: a test that asks for it runs on both."""
    database: Database = request.getfixturevalue(f"{request.param}_tables")
    return database
