"""What every test relies on."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

# Before anything makes a client: no test reaches a real account, whatever the developer's shell is set up for.
for _name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[_name]
os.environ |= {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    # Read once, by whichever test imports a function first.
    "POWERTOOLS_METRICS_NAMESPACE": "Laurel",
}

# Examples take their time on a small machine, and a failure must be repeatable from what was printed.
settings.register_profile(
    "laurel", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("laurel")

pytest_plugins = ["tests.support.dynamodb", "tests.support.stack"]

_TOGETHER = ("e2e", "web", "data", "local")
"""Folders whose tests share what takes long to start; those that take longest first."""

_COVERING = ("api", "integration", "unit")
"""Folders whose tests run Laurel's code in this process for its own sake, and so tell what of it is tested."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if _folder(item) in _COVERING:
            item.add_marker(pytest.mark.covering)
    if hasattr(config, "workerinput"):  # of several workers, none is to begin last with what takes longest
        items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if _folder(item) in _TOGETHER:
        return _TOGETHER.index(_folder(item))
    return len(_TOGETHER) + (item.get_closest_marker("slow") is None)


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).parts[0]


class KeepingTogether(LoadScopeScheduling):
    """With several workers (``-n``), gives one worker what shares fixtures: a folder or a file.

    Tests of the API and of the dashboard wait more than they work, so it is faster to start a stack for each.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = Path(file).parts[1]
        return folder if folder in _TOGETHER else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> KeepingTogether:
    return KeepingTogether(config, log)
