"""Secrets in SSM parameters."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from time import monotonic
from typing import Any, Protocol, cast

from botocore.config import Config

from laurel.store.client import lean_client

_CONFIG = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})
_REMEMBERED_SECONDS = 300.0


class SSMClient(Protocol):
    """As much of botocore's client as is used."""

    def get_parameter(self, *, Name: str, WithDecryption: bool) -> Any: ...  # noqa: N803, botocore's names
    def put_parameter(self, *, Name: str, Value: str, Type: str, Overwrite: bool) -> Any: ...  # noqa: N803, as above
    def delete_parameter(self, *, Name: str) -> Any: ...  # noqa: N803, as above


def create_client(**options: Any) -> SSMClient:
    """A low-level client; ``options`` as ``lean_client`` takes them."""
    return cast("SSMClient", lean_client("ssm", _CONFIG, **options))


@cache
def ssm() -> SSMClient:
    """The process's client, made on first use."""
    return create_client()


class RememberedSecret:
    """A secret that an operator keeps, read once in five minutes at most, so that it can be replaced at any time."""

    def __init__(self, client: Callable[[], SSMClient], parameter: str) -> None:
        self._client = client
        self._read_at = -_REMEMBERED_SECONDS
        self._values: tuple[str, ...] = ()
        self.parameter = parameter

    def values(self) -> tuple[str, ...]:
        """The secrets that are valid now: the parameter's words, usually one, two while one replaces the other."""
        if monotonic() - self._read_at >= _REMEMBERED_SECONDS:
            answer = self._client().get_parameter(Name=self.parameter, WithDecryption=True)
            self._values, self._read_at = tuple(answer["Parameter"]["Value"].split()), monotonic()
        return self._values
