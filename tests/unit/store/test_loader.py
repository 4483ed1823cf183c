"""The DynamoDB client is made without listing every service's folder, and is boto3's in all else."""

import boto3
import pytest
from botocore.loaders import Loader

from laurel.store.dynamodb import create_client


def test_the_client_is_the_one_that_boto3_makes() -> None:
    ours, theirs = create_client(), boto3.client("dynamodb")

    assert ours.meta.service_model.operation_names == theirs.meta.service_model.operation_names
    assert ours.meta.service_model.api_version == theirs.meta.service_model.api_version
    assert ours.meta.endpoint_url == theirs.meta.endpoint_url
    assert ours.waiter_names == theirs.waiter_names


def test_making_it_lists_no_services(monkeypatch: pytest.MonkeyPatch) -> None:
    def list_available_services(self: Loader, type_name: str) -> list[str]:
        raise AssertionError(f"services with a {type_name} were listed")

    monkeypatch.setattr(Loader, "list_available_services", list_available_services)

    assert create_client().meta.service_model.service_name == "dynamodb"
