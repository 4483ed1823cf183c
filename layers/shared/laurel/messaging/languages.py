"""The languages in which Laurel itself speaks to those who get mail."""

from __future__ import annotations

LANGUAGES = ("en", "pt-BR", "fr", "de")


def language(*locales: str | None) -> str:
    """The first of some locales that is among ``LANGUAGES``, by its language; English if none is."""
    for locale in locales:
        wanted = (locale or "").replace("_", "-").partition("-")[0].lower()
        for known in LANGUAGES:
            if known.partition("-")[0] == wanted:
                return known
    return "en"
