"""A person is forgotten on the deployed stack: no table, file or log names them, and nothing brings them back."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.e2e.deployed import eventually
from tests.e2e.test_webhooks import deliver
from tests.support.api import queue_event
from tests.support.search import Search, items_with
from tests.support.shop import BEN, activity, contact_id, order

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant


class Person:
    """Somebody whose name nobody else has."""

    def __init__(self, deployed: Deployed, tenant: Tenant) -> None:
        mark = f"q{uuid4().hex[:10]}z"
        self._deployed, self._tenant = deployed, tenant
        self.first, self.last = f"Wilhelmine{mark}", f"Zwölfnagel{mark}"
        self.email = f"wilhelmine.{mark}@example.com"
        self.path = {"audience": tenant.audience_id, "contact": contact_id(self.email)}
        self.search = Search(self.email, f"{self.first} {self.last}", but=("example", "wilhelmine"))

    @property
    def names(self) -> dict[str, str]:
        return {"email": self.email, "first_name": self.first, "last_name": self.last}

    def traces(self) -> list[str]:
        """Where they are named: items and files of the account."""
        found = items_with(self.search, self._deployed.items_of(self._tenant.account_id))
        for key, content in self._deployed.import_files(self._tenant.account_id):
            if self.search.found_in([key, content]):
                found.append(key)
        return found


@pytest.fixture
def person(deployed: Deployed, tenant: Tenant) -> Person:
    return Person(deployed, tenant)


def test_nobody_who_was_forgotten_is_named_by_tables_files_or_logs(
    deployed: Deployed, tenant: Tenant, person: Person
) -> None:
    # Given somebody who bought, by webhook, API and file, visited, and has a score
    owner, key = tenant.owner, {"Idempotency-Key": uuid4().hex}
    shop, store = tenant.connect("shopify"), tenant.connect()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    placed = {"id": 1, "created_at": now, "processed_at": now, "updated_at": now, "currency": "EUR"}
    placed |= {"total_price": "10.00", "financial_status": "paid", "refunds": [], "email": person.email}
    placed |= {"customer": {"id": 7, **person.names}}
    broken = placed | {"id": 2, "total_price": person.last}
    for body, outcome in ((placed, "accepted"), (broken, "rejected")):
        told = deliver(deployed, tenant, shop, "orders-paid", body=json.dumps(body))
        assert told.json["outcome"] == outcome
    orders = {"orders": [order("1", customer=person.names), order("2", BEN)]}
    owner.ok("recordOrders", store=store["id"], body=orders)
    visit = activity(uuid4().hex, person.email, properties={"page": f"/?{person.email}"})
    owner.ok("recordActivity", audience=tenant.audience_id, body=visit)
    raffle = {"effect": "add", "points": 5, "reason": f"{person.first} won"}
    owner.ok("changeScore", **person.path, body=raffle, headers=key)
    _import(tenant, store, person)
    eventually(lambda: set(deployed.board(owner, store["id"])), lambda board: board == {BEN, person.email})
    named = {json.loads(trace.rpartition(": ")[0])[1]["S"].split("#")[0] for trace in person.traces()}
    assert named >= {"order", "activity", "profile", "score", "unreadable", "idempotency"}

    # When they are forgotten, the second time too
    erasure = owner.ok("erasePerson", **person.path)
    eventually(lambda: owner.ok("getErasure", erasure=erasure["id"])["state"], lambda it: it == "settling", seconds=60)
    assert person.traces() == []
    _settle(deployed, tenant, erasure["id"])

    # Then only others are left, and no log ever named them
    assert owner.ok("getErasure", erasure=erasure["id"])["state"] == "done"
    assert person.traces() == []
    assert set(deployed.board(owner, store["id"])) == {BEN}
    said = deployed.logs()
    assert said
    assert person.search.found_in(said) == []

    # And they don't come back
    late = placed | {"updated_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    outcomes = [
        deliver(deployed, tenant, shop, "orders-paid", body=json.dumps(body)).json["outcome"]
        for body in (placed, late, placed | {"id": 3}, broken)
    ]
    assert outcomes == ["ignored", "ignored", "ignored", "rejected"]
    _import(tenant, store, person)
    assert person.traces() == []
    assert set(deployed.board(owner, store["id"])) == {BEN}


def _import(tenant: Tenant, store: Any, person: Person) -> None:
    """Import a file with a row of theirs, and another that cannot be read."""
    made = tenant.owner.ok("startImport", store=store["id"], body={"kind": "orders", "file_name": "history.csv"})
    rows = [f"{id_},2026-11-20,{total},{person.email},{person.first}" for id_, total in (("i1", 1), ("i2", "much"))]
    content = "\n".join(["id,placed_at,total,email,first_name", *rows, ""])
    upload = urllib.request.Request(made["upload"]["url"], content.encode(), method="PUT")
    with urllib.request.urlopen(upload, timeout=30) as answer:
        assert answer.status == 200
    eventually(
        lambda: tenant.owner.ok("getImport", store=store["id"], import_id=made["id"])["state"],
        lambda state: state == "done",
        seconds=120,
    )


def _settle(deployed: Deployed, tenant: Tenant, erasure: str) -> None:
    """Have the erasure look a second time now, instead of in a quarter of an hour."""
    (item,) = [it for it in deployed.items_of(tenant.account_id) if it["sk"]["S"] == f"erasure#{erasure}"]
    deployed.put("workspace", item | {"settled_at": item["created_at"]})
    body = json.dumps({"account": tenant.account_id, "erasure": erasure})
    message = {"MessageId": "second-time", "ReceiptHandle": "none", "Body": body}
    assert deployed.invoke("EraseFunction", queue_event([message])) == {"batchItemFailures": []}
