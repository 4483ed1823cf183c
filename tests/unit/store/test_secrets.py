"""Secrets in parameters: decrypted, remembered for a while, and read by a client that is made cheaply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.loaders import Loader
from moto import mock_aws

from laurel.store import secrets
from laurel.store.secrets import RememberedSecret, create_client
from tests.support import billing_events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from laurel.store.secrets import SSMClient

NOW = 1000.0


class Clock:
    now = NOW


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(secrets, "monotonic", lambda: clock.now)
    return clock


@pytest.fixture
def client() -> Iterator[SSMClient]:
    with mock_aws():
        yield create_client()


def test_a_secret_is_read_decrypted_and_remembered(client: SSMClient, clock: Clock) -> None:
    billing_events.keep_secret("first")
    secret = RememberedSecret(lambda: client, billing_events.PARAMETER)
    assert secret.values() == ("first",)

    billing_events.keep_secret("second")

    clock.now = NOW + 299
    assert secret.values() == ("first",)
    clock.now = NOW + 300
    assert secret.values() == ("second",)


def test_a_machine_that_has_just_started_reads_it_too(client: SSMClient, clock: Clock) -> None:
    clock.now = 0.5
    billing_events.keep_secret("first")

    assert RememberedSecret(lambda: client, billing_events.PARAMETER).values() == ("first",)


def test_two_secrets_are_valid_while_one_replaces_the_other(client: SSMClient) -> None:
    billing_events.keep_secret("new\n old ")

    assert RememberedSecret(lambda: client, billing_events.PARAMETER).values() == ("new", "old")


def test_no_client_is_made_before_the_secret_is_needed() -> None:
    def never() -> SSMClient:
        raise AssertionError("a client was made")

    assert RememberedSecret(never, "").parameter == ""


def test_a_parameter_that_is_not_there_is_an_error_and_asked_for_again(client: SSMClient) -> None:
    secret = RememberedSecret(lambda: client, billing_events.PARAMETER)
    with pytest.raises(Exception, match="ParameterNotFound"):
        secret.values()

    billing_events.keep_secret("late")

    assert secret.values() == ("late",)


def test_the_client_is_the_one_that_boto3_makes() -> None:
    ours: Any = create_client()

    assert ours.meta.service_model.operation_names == boto3.client("ssm").meta.service_model.operation_names
    assert ours.meta.endpoint_url == boto3.client("ssm").meta.endpoint_url


def test_making_it_lists_no_services(monkeypatch: pytest.MonkeyPatch) -> None:
    def list_available_services(self: Loader, type_name: str) -> list[str]:
        raise AssertionError(f"services with a {type_name} were listed")

    monkeypatch.setattr(Loader, "list_available_services", list_available_services)

    made: Any = create_client()

    assert made.meta.service_model.service_name == "ssm"
