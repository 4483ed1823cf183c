"""Seals: what Laurel keeps and must find unchanged, signed by a key that never leaves KMS."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Protocol, cast

from botocore.config import Config
from botocore.exceptions import ClientError

from laurel.store.client import lean_client

_ALGORITHM = "HMAC_SHA_256"
_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 5})


class KMSClient(Protocol):
    """As much of botocore's client as is used."""

    def generate_mac(self, *, Message: bytes, KeyId: str, MacAlgorithm: str) -> Any: ...  # noqa: N803, botocore's names
    def verify_mac(self, *, Message: bytes, KeyId: str, MacAlgorithm: str, Mac: bytes) -> Any: ...  # noqa: N803, as above


def create_client(**options: Any) -> KMSClient:
    """A low-level client; ``options`` as ``lean_client`` takes them."""
    return cast("KMSClient", lean_client("kms", _CONFIG, **options))


@cache
def kms() -> KMSClient:
    """The process's client, made on first use."""
    return create_client()


class Seal:
    """Signs digests, and tells whether they were. Each needs a permission of its own."""

    def __init__(self, client: Callable[[], KMSClient], key: str) -> None:
        self._client = client
        self._key = key

    def sign(self, digest: bytes) -> bytes:
        """The signature of a digest."""
        answer = self._client().generate_mac(Message=digest, KeyId=self._key, MacAlgorithm=_ALGORITHM)
        return bytes(answer["Mac"])

    def is_genuine(self, digest: bytes, signature: bytes) -> bool:
        """True if ``sign`` made this signature of this digest."""
        if not signature:  # KMS does not take it as one
            return False
        try:
            self._client().verify_mac(Message=digest, KeyId=self._key, MacAlgorithm=_ALGORITHM, Mac=signature)
        except ClientError as error:
            if error.response["Error"]["Code"] != "KMSInvalidMacException":
                raise
            return False
        return True
