"""A deployed stack: the one of ``LAUREL_STACK`` (a ``.local/stack.json``), else one made for these tests alone.

The latter is an emulator on a port and data of its own, with what `make build` built, so that nothing of the
developer's is touched.
"""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local import dashboard
from local import stack as local_stack
from local.api import Api
from local.demo_mail import ensure_sending
from local.deploy import deploy
from local.installation import emulator_python
from local.process import Emulator
from local.sign_in import id_token
from local.stack_file import EXPORTS
from local.warm import warm
from local.workspace import EMAIL, PASSWORD, Demo, ensure_account, ensure_stores
from tests.e2e.deployed import Deployed
from tests.support.template import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.client import Tenant

BUILT = ROOT / ".aws-sam" / "build" / "template.yaml"


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator | None]:
    """The emulator of these tests; None where another stack is named."""
    if "LAUREL_STACK" in os.environ:
        yield None
        return
    if not BUILT.is_file():
        pytest.skip("nothing is built: make build")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("stack")
    emulator = Emulator(state=folder / "state", log=folder / "emulator.log", port=port)
    emulator.start(emulator_python())
    try:
        yield emulator
    finally:
        emulator.stop()


@pytest.fixture(scope="session")
def stack(emulator: Emulator | None) -> dict[str, Any]:
    """What ``.local/stack.json`` tells."""
    if emulator is None:
        named: dict[str, Any] = json.loads(Path(os.environ["LAUREL_STACK"]).read_text())
        return named
    endpoint = emulator.endpoint
    outputs = deploy(endpoint)
    assert warm(endpoint) == []
    account_id = ensure_account(endpoint, outputs["UserPoolId"])

    def token() -> str:
        return id_token(endpoint, outputs["UserPoolClientId"], EMAIL, PASSWORD)

    api = Api(local_stack.api_url(endpoint, outputs), token)
    stores = ensure_stores(api, account_id, Demo())
    ensure_sending(api)
    described = local_stack.describe(endpoint, outputs, stores)
    described["dashboard_url"] = dashboard.serve(endpoint, described["api_url"], outputs, emulator.state)
    return described


@pytest.fixture(scope="session")
def stack_env(stack: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``.local/stack.env`` tells."""
    path = tmp_path_factory.mktemp("stack") / "stack.env"
    path.write_text("".join(f"export {name}='{stack[key]}'\n" for name, key in EXPORTS.items()))
    return path


@pytest.fixture(scope="session")
def deployed(stack: dict[str, Any]) -> Iterator[Deployed]:
    deployed = Deployed(stack)
    yield deployed
    deployed.close()


@pytest.fixture(scope="session")
def tenant(deployed: Deployed) -> Tenant:
    """An account of its own, with a user of each role."""
    return deployed.tenant("Tested shop")
