"""In which language somebody is written to."""

from __future__ import annotations

import pytest

from laurel.messaging.languages import language


@pytest.mark.parametrize(
    ("locales", "wanted"),
    [
        (("fr_CA", "de"), "fr"),
        (("pt", "de"), "pt-BR"),
        (("pt-PT",), "pt-BR"),
        (("ja", "de"), "de"),
        ((None, "de-AT"), "de"),
        (("frr", "de"), "de"),
        ((None, None), "en"),
        (("", "xx"), "en"),
    ],
)
def test_language_is_the_first_that_there_is(locales: tuple[str | None, ...], wanted: str) -> None:
    assert language(*locales) == wanted
