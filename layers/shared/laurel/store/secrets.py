"""Secrets that an operator keeps in SSM parameters."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from time import monotonic
from typing import Any, Protocol, cast

import botocore.session
from botocore.config import Config
from botocore.loaders import Loader

_CONFIG = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})
_REMEMBERED_SECONDS = 300.0


class SSMClient(Protocol):
    """As much of botocore's client as is used."""

    def get_parameter(self, *, Name: str, WithDecryption: bool) -> Any: ...  # noqa: N803, botocore's names


class _SSMLoader(Loader):
    """Knows that there is an SSM without listing the folders of all 400 services, a third of making a client."""

    def list_available_services(self, type_name: str) -> list[str]:
        del type_name
        return ["ssm"]


def create_client(**options: Any) -> SSMClient:
    """A low-level client; ``options`` go to ``botocore.session.Session.create_client``."""
    session = botocore.session.get_session()
    session.register_component("data_loader", _SSMLoader())
    client: Any = session.create_client("ssm", config=_CONFIG, **options)
    return cast("SSMClient", client)


@cache
def ssm() -> SSMClient:
    """The process's client, made on first use."""
    return create_client()


class RememberedSecret:
    """A secret in a parameter, read once in five minutes at most, so that it can be replaced at any time."""

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
