"""Options of the verification with real data."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="verify all 155,848 baskets instead of a sample of 10,000")
