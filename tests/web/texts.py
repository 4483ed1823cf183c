"""What the dashboard says, by key and language."""

from __future__ import annotations

import json
import re
from functools import cache

from tests.support.template import ROOT

LANGUAGES = ("en", "pt-BR", "fr", "de")
CATALOGS = ROOT / "web" / "src" / "i18n"


def text(language: str, key: str, **values: str) -> str:
    """A message with simple arguments, such as ``{name}``, filled in."""
    return re.sub(r"\{(\w+)\}", lambda argument: values[argument[1]], _catalog(language)[key])


@cache
def _catalog(language: str) -> dict[str, str]:
    catalog: dict[str, str] = json.loads((CATALOGS / f"{language}.json").read_text())
    return catalog
