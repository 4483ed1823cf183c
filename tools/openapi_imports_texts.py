"""The prose of the API's description about imports."""

from __future__ import annotations

from typing import Any

TAGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Imports": (
        "A shop's history, from files of orders and of contacts.",
        ("startImport", "listImports", "getImport", "cancelImport"),
    ),
}

PATH_PARAMETERS = {"import_id": "Id of an import of the store."}

DESCRIPTIONS = {
    "startImport": (
        "Answers with `upload`: `PUT` the file there within an hour, and the import begins. It is CSV with headings in "
        "its first line, of Laurel's own, of Shopify's or of WooCommerce's exports, or one JSON object a line, in the "
        "shape that `POST .../orders` takes, or that of an activity's `contact`. A file has 1 GiB at most.\n\n"
        "Rows are recorded in no order, each by the rules of `POST .../orders`: the newest `updated_at` of an order "
        "counts, and what is kept already is left alone. So a file may be imported again."
    ),
    "listImports": "Without links to rejected rows.",
    "getImport": (
        "An import is `waiting` for its file, `running`, and at last `done`, `failed` with an `error`, or `cancelled`."
    ),
    "cancelImport": "Rows that a worker has begun with are still recorded. An import that is over is answered 409.",
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "startImport": {
        "orders": {"kind": "orders", "file_name": "orders.csv"},
        "contacts": {"kind": "contacts", "file_name": "contacts.csv", "dry_run": True},
        "mapping": {
            "kind": "orders",
            "file_name": "till.csv",
            "mapping": {"id": "Receipt", "placed_at": "Date", "total": "Gross", "email": "Mail"},
            "separator": ";",
            "decimals": "comma",
        },
    },
}
