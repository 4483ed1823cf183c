"""For tests of storage code in which several threads write at once."""

from __future__ import annotations

import pytest

at_once = pytest.mark.parametrize(
    "database", ["memory", pytest.param("local", marks=pytest.mark.dynamodb_local)], indirect=True
)
"""Not on moto, whose conditional writes and transactions are not atomic for threads."""
