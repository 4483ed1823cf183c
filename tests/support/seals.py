"""KMS's keys that sign, in memory: the same answers, the same refusal, and counts of what was asked."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from botocore.exceptions import ClientError

SNAPSHOT_KEY = "6a1f3c52-0d4e-4b7a-9c8e-2f5d7b9a1c3e"


class FakeKMS:
    """Signs with a secret of its own. ``asked`` are its operations as they came."""

    def __init__(self, secret: bytes = b"of this test") -> None:
        self.asked: list[str] = []
        self._secret = secret

    def generate_mac(self, *, Message: bytes, KeyId: str, MacAlgorithm: str) -> dict[str, Any]:  # noqa: N803, theirs
        self.asked.append("GenerateMac")
        return {"Mac": self._mac(Message, KeyId, MacAlgorithm)}

    def verify_mac(self, *, Message: bytes, KeyId: str, MacAlgorithm: str, Mac: bytes) -> dict[str, Any]:  # noqa: N803
        self.asked.append("VerifyMac")
        assert Mac, "KMS refuses to look at an empty one"
        if not hmac.compare_digest(Mac, self._mac(Message, KeyId, MacAlgorithm)):
            raise ClientError({"Error": {"Code": "KMSInvalidMacException", "Message": ""}}, "VerifyMac")
        return {"MacValid": True}

    def _mac(self, message: bytes, key: str, algorithm: str) -> bytes:
        assert algorithm == "HMAC_SHA_256"
        assert len(message) <= 4096, "the most that KMS takes"
        return hmac.digest(self._secret + key.encode(), message, hashlib.sha256)
