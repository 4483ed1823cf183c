"""Imports over the API: a file is uploaded where the answer says, worked on, and followed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from laurel.model.account import Role
from laurel.store import import_files
from tests.support.api import Context, upload_event
from tests.support.functions import IMPORTS_BUCKET
from tests.support.shop import contact_id

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

ORDERS = b"""\
id,placed_at,total,email
1,2026-11-20T10:00:00+01:00,10.50,ada@example.com
2,2026-11-21T10:00:00+01:00,5.50,ada@example.com
3,2026-11-21T10:00:00+01:00,free,ben@example.com
"""
NEW = {"kind": "orders", "file_name": "orders.csv"}


@pytest.fixture
def store(tenant: Tenant) -> str:
    connected: str = tenant.connect()["id"]
    return connected


def test_a_file_is_imported_and_its_rejected_rows_are_downloaded(api: Gateway, tenant: Tenant, store: str) -> None:
    marketer = tenant.as_(Role.MARKETER)
    made = marketer.ok("startImport", store=store, body=NEW)
    assert (made["state"], made["rows"]["total"], made["upload"]["method"]) == ("waiting", None, "PUT")

    api.upload(made["upload"]["url"], ORDERS)
    running = tenant.as_(Role.VIEWER).ok("getImport", store=store, import_id=made["id"])
    api.work_on_imports()
    api.settle()

    assert (running["state"], running["rows"]["total"], running["rejected_rows_url"]) == ("running", 3, None)
    done = tenant.as_(Role.VIEWER).ok("getImport", store=store, import_id=made["id"])
    assert (done["state"], done["seconds_left"]) == ("done", None)
    assert done["rows"] == {"total": 3, "read": 3, "accepted": 2, "unchanged": 0, "rejected": 1, "empty": 0}
    bucket, key = urlsplit(done["rejected_rows_url"]).path[1:].split("/", 1)
    told = import_files.s3().get_object(Bucket=bucket, Key=key)["Body"].read()
    assert told == b"row,column,reason\r\n4,total,This is not an amount of money.\r\n"
    place = tenant.owner.ok("getPlace", store=store, customer=contact_id("ada@example.com"), query={"period": "all"})
    assert place["customer"]["total_spent"] == "16.00"
    assert marketer.ok("listImports", store=store)["imports"][0]["id"] == made["id"]


def test_an_upload_address_is_good_for_that_file_for_an_hour(tenant: Tenant, store: str) -> None:
    made = tenant.owner.ok("startImport", store=store, body=NEW)

    address = urlsplit(made["upload"]["url"])
    query = parse_qs(address.query)
    assert address.scheme == "https"
    assert address.path == f"/{IMPORTS_BUCKET}/uploads/{tenant.account_id}/{store}/{made['id']}"
    assert query["X-Amz-Expires"] == ["3600"]
    assert query["X-Amz-SignedHeaders"] == ["host"], "a browser's own headers do no harm"
    assert "upload" not in tenant.owner.ok("getImport", store=store, import_id=made["id"])


def test_what_is_said_of_a_file_holds(api: Gateway, tenant: Tenant, store: str) -> None:
    mapping = {"id": "Beleg", "placed_at": "Datum", "total": "Brutto", "email": "Post"}
    body = NEW | {"mapping": mapping, "separator": ";", "decimals": "comma", "date_order": "day_first"}
    made = tenant.owner.ok("startImport", store=store, body=body | {"encoding": "windows-1252"})

    api.upload(
        made["upload"]["url"],
        "Beleg;Datum;Brutto;Post\nä1;03/04/2026 10:00;1.234,50;ada@example.com\n".encode("cp1252"),
    )
    api.work_on_imports()
    api.settle()

    assert tenant.owner.ok("getImport", store=store, import_id=made["id"])["rows"]["accepted"] == 1
    place = tenant.owner.ok(
        "getPlace", store=store, customer=contact_id("ada@example.com"), query={"period": "2026-04"}
    )
    assert place["customer"]["total_spent"] == "1234.50"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "products"}, "/kind"),
        ({"file_name": ""}, "/file_name"),
        ({"mapping": {"id": "Id"}}, "/mapping"),
        ({"mapping": {"id": "Id", "placed_at": "At", "total": "Sum", "shoe_size": "Size"}}, "/mapping"),
        ({"kind": "contacts", "mapping": {"total": "Sum"}}, "/mapping"),
        ({"separator": "x"}, "/separator"),
        ({"encoding": "utf-16"}, "/encoding"),
        ({"decimals": "dot"}, "/decimals"),
        ({"date_order": "year_first"}, "/date_order"),
        ({"size": 1}, "/size"),
    ],
)
def test_a_request_of_no_use_is_refused(change: dict[str, Any], pointer: str, tenant: Tenant, store: str) -> None:
    answer = tenant.owner("startImport", store=store, body=NEW | change)

    assert (answer.status, answer.problem, answer.pointers) == (422, "invalid-input", [pointer])
    assert tenant.owner.ok("listImports", store=store)["imports"] == []


def test_a_disconnected_store_takes_no_files(tenant: Tenant, store: str) -> None:
    tenant.owner.ok("disconnectStore", store=store)

    answer = tenant.owner("startImport", store=store, body=NEW)

    assert (answer.status, answer.problem) == (409, "store-disconnected")


def test_an_import_is_cancelled_once(api: Gateway, tenant: Tenant, store: str) -> None:
    made = tenant.owner.ok("startImport", store=store, body=NEW)
    path = {"store": store, "import_id": made["id"]}
    api.upload(made["upload"]["url"], ORDERS)

    cancelled = tenant.owner.ok("cancelImport", **path)
    api.work_on_imports()

    assert (cancelled["state"], cancelled["rows"]["read"]) == ("cancelled", 0)
    again = tenant.owner("cancelImport", **path)
    assert (again.status, again.problem) == (409, "conflict")
    assert tenant.owner.ok("getImport", **path)["rows"]["accepted"] == 0
    assert "Contents" not in import_files.s3().list_objects_v2(
        Bucket=IMPORTS_BUCKET, Prefix=f"uploads/{tenant.account_id}"
    )


def test_imports_are_listed_page_by_page_newest_first(tenant: Tenant, store: str) -> None:
    made = [tenant.owner.ok("startImport", store=store, body=NEW)["id"] for _ in range(3)]

    first = tenant.owner.ok("listImports", store=store, query={"limit": 2})
    rest = tenant.owner.ok("listImports", store=store, query={"limit": 2, "cursor": first["next_cursor"]})

    assert {it["id"] for it in [*first["imports"], *rest["imports"]]} == set(made)
    assert [len(first["imports"]), len(rest["imports"]), rest["next_cursor"]] == [2, 1, None]


def test_a_file_of_no_use_says_why(api: Gateway, tenant: Tenant, store: str) -> None:
    made = tenant.owner.ok("startImport", store=store, body=NEW)

    api.upload(made["upload"]["url"], b"Ada,ada@example.com\n")

    failed = tenant.owner.ok("getImport", store=store, import_id=made["id"])
    assert failed["state"] == "failed"
    assert failed["error"].startswith("The file's first line has no column for id, placed_at, total.")
    assert "ada" not in failed["error"].lower(), "a file without headings begins with somebody's data"


@pytest.mark.parametrize("function", ["ImportCutFunction", "ImportWorkFunction"])
def test_what_fails_again_and_again_is_given_up(function: str, api: Gateway, tenant: Tenant, store: str) -> None:
    made = tenant.owner.ok("startImport", store=store, body=NEW)
    event = upload_event(f"uploads/{tenant.account_id}/{store}/{made['id']}")
    if function == "ImportWorkFunction":
        body = {"account": tenant.account_id, "store": store, "import": made["id"], "chunk": 0}
        event["Records"][0]["body"] = json.dumps(body)
    event["Records"][0]["attributes"]["ApproximateReceiveCount"] = "5"

    assert api.handler(function)(event, Context()) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}

    told = tenant.owner.ok("getImport", store=store, import_id=made["id"])
    assert told["state"] == "failed"
    assert told["error"].startswith("The import failed again and again.")
    api.upload(made["upload"]["url"], ORDERS)
    api.work_on_imports()
    assert tenant.owner.ok("getImport", store=store, import_id=made["id"])["state"] == "done", "its message came again"


@pytest.mark.parametrize("function", ["ImportCutFunction", "ImportWorkFunction"])
@pytest.mark.parametrize("body", ["no JSON", "[]", '{"Records": [{}]}'])
def test_a_message_of_no_sense_comes_again(function: str, body: str, api: Gateway) -> None:
    event = upload_event("uploads/a/b/c")
    event["Records"][0]["body"] = body

    assert api.handler(function)(event, Context()) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


@pytest.mark.parametrize("key", ["uploads/a/b/c", "uploads/a", "elsewhere/a/b/c"])
def test_files_and_chunks_of_nobody_are_dropped(key: str, api: Gateway) -> None:
    chunk = upload_event(key)
    chunk["Records"][0]["body"] = json.dumps({"account": "a", "store": "b", "import": "c", "chunk": 0})

    assert api.handler("ImportCutFunction")(upload_event(key), Context()) == {"batchItemFailures": []}
    assert api.handler("ImportWorkFunction")(chunk, Context()) == {"batchItemFailures": []}
