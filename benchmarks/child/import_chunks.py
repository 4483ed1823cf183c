"""Run as a program of its own: work on the chunks of an import whose numbers come in, a line each.

Of each it tells, on a line, the MiB that this process has in memory and the seconds of processor time it has had.
"""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.import_file import Folder
from benchmarks.place import CREDENTIALS
from laurel.http import orders_in
from laurel.imports.work import ImportWorker
from laurel.store.contacts import Contacts
from laurel.store.dynamodb import create_client
from laurel.store.imports import Imports
from laurel.store.ledger import Ledger
from laurel.store.workspace import Workspace

_MIB = 1 << 20


def main(endpoint: str, folder: str, ledger: str, contacts: str, workspace: str, *place: str) -> None:
    """``place`` is account, store and import."""
    client = create_client(endpoint_url=endpoint, **CREDENTIALS)
    worker = ImportWorker(
        Imports(client, workspace),
        Folder(Path(folder)),
        Workspace(client, workspace),
        Ledger(client, ledger),
        Contacts(client, contacts),
        lambda: orders_in,
        lambda: datetime.now(UTC),
    )
    account_id, store_id, import_id = place
    for line in sys.stdin:
        worker.work(account_id, store_id, import_id, int(line))
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        print(pages * os.sysconf("SC_PAGE_SIZE") / _MIB, time.process_time(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
