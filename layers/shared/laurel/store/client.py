"""botocore clients, made without what they do not need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.loaders import Loader


class _OneService(Loader):
    """Knows that there is a service without listing the folders of all 400, a third of making a client."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def list_available_services(self, type_name: str) -> list[str]:
        del type_name
        return [self._service]


def lean_client(service: str, config: Config, *, components: Mapping[str, object] | None = None, **options: Any) -> Any:
    """A low-level client. ``components`` replace the session's own; ``options`` go to its ``create_client``."""
    session = botocore.session.get_session()
    for name, component in {"data_loader": _OneService(service), **(components or {})}.items():
        session.register_component(name, component)
    return session.create_client(service, config=config, **options)
