"""A file is uploaded, cut into several chunks, recorded and on the board, on the deployed stack."""

from __future__ import annotations

import csv
import io
import urllib.request
from typing import TYPE_CHECKING

from tests.e2e.deployed import eventually
from tests.support.shop import ADA, BEN

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant


def test_a_file_of_orders_is_on_the_board_and_its_faults_are_downloaded(deployed: Deployed, tenant: Tenant) -> None:
    store = tenant.connect()
    good = [f"{number},2026-11-20,1.00,{ADA if number % 2 else BEN},{'x' * 900}" for number in range(300)]
    lines = ["id,placed_at,total,email,note", *good, "bad,yesterday,1.00,,", ""]
    made = tenant.owner.ok("startImport", store=store["id"], body={"kind": "orders", "file_name": "orders.csv"})

    upload = urllib.request.Request(made["upload"]["url"], "\n".join(lines).encode(), method="PUT")
    with urllib.request.urlopen(upload, timeout=30) as answer:
        assert answer.status == 200
    done = eventually(
        lambda: tenant.owner.ok("getImport", store=store["id"], import_id=made["id"]),
        lambda it: it["state"] not in ("waiting", "running"),
        seconds=300,
    )

    assert (done["state"], done["error"]) == ("done", None)
    assert (done["rows"]["accepted"], done["rows"]["rejected"]) == (300, 1)
    with urllib.request.urlopen(done["rejected_rows_url"], timeout=30) as answer:
        told = list(csv.reader(io.StringIO(answer.read().decode())))
    assert [row[:2] for row in told] == [["row", "column"], ["302", "placed_at"]]
    shown = eventually(
        lambda: deployed.board(tenant.owner, store["id"]),
        lambda it: it == {ADA: (150, "150.00"), BEN: (150, "150.00")},
        seconds=120,
    )
    assert shown
