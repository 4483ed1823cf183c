"""Refuse to start on any other release of MiniStack than the one the changes were written for."""

from importlib import metadata

REQUIRED = "1.5.33"


class WrongVersionError(RuntimeError):
    """MiniStack is missing or is another release than :data:`REQUIRED`."""


def check() -> None:
    """Raise :class:`WrongVersionError` unless exactly MiniStack :data:`REQUIRED` is installed."""
    try:
        found = metadata.version("ministack")
    except metadata.PackageNotFoundError:
        raise WrongVersionError(
            f"MiniStack {REQUIRED} is not installed in this environment. "
            "Install requirements/emulator.txt into a virtual environment of its own."
        ) from None
    if found != REQUIRED:
        raise WrongVersionError(
            f"MiniStack {found} is installed, but Laurel's changes replace private functions of {REQUIRED}. "
            "Install requirements/emulator.txt, or revisit every module of local/emulator for the new release."
        )
