"""What Laurel changes in MiniStack, by name."""

from collections.abc import Callable, Collection
from functools import partial

from local.emulator import (
    batches,
    dashboard,
    logs,
    mail,
    mail_access,
    query,
    rest_import,
    restart,
    saving,
    schedules,
    streams,
)


def all_changes(save_every: float) -> dict[str, Callable[[], None]]:
    """Every change, in the order in which they are made; saving comes before restart, which adds to what is saved.

    Args:
        save_every: Seconds between saves.
    """
    return {
        "streams": streams.apply,
        "saving": partial(saving.apply, save_every),
        "restart": restart.apply,
        "logs": logs.apply,
        "rest-import": rest_import.apply,
        "query": query.apply,
        "batches": batches.apply,
        "mail": mail.apply,
        "mail-access": mail_access.apply,
        "schedules": schedules.apply,
        "dashboard": dashboard.apply,
    }


def make(save_every: float, without: Collection[str] = ()) -> None:
    """Make all changes but some. ``all`` leaves MiniStack as it is.

    Raises:
        ValueError: A name in ``without`` is not one of a change.
    """
    changes = all_changes(save_every)
    unknown = set(without) - changes.keys() - {"all"}
    if unknown:
        raise ValueError(f"no such change: {', '.join(sorted(unknown))}; there are {', '.join(changes)}")
    for name, change in changes.items():
        if name not in without and "all" not in without:
            change()
