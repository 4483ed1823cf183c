"""What exports and erasures look like in answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from laurel.http.formats import utc, utc_or_none
from laurel.model.contact import ContactRef
from laurel.model.money import major_units
from laurel.model.privacy import Erasure
from laurel.privacy.export import ExportPage, Record


def erasure(erasure: Erasure) -> dict[str, Any]:
    """An erasure and, as far as it has come, its receipt."""
    return {
        "id": erasure.id,
        "kind": erasure.kind.value,
        "reason": erasure.reason.value,
        "state": erasure.state.value,
        "audience_id": erasure.audience_id,
        "store_id": erasure.store_id,
        "customers": list(erasure.customers),
        "request": erasure.request,
        "removed": dict(erasure.removed),
        "created_at": utc(erasure.created_at),
        "updated_at": utc(erasure.updated_at),
        "looks_again_at": utc(erasure.settled_at) if erasure.settled_at and not erasure.is_done else None,
        "finished_at": utc_or_none(erasure.finished_at),
        "location": f"/v1/erasures/{quote(erasure.id, safe='')}",
    }


def erasures(found: Iterable[Erasure], cursor: str | None) -> dict[str, Any]:
    """A page of erasures, newest first."""
    return {"erasures": [erasure(it) for it in found], "next_cursor": cursor}


def export(ref: ContactRef, page: ExportPage, as_of: datetime, cursor: str | None) -> dict[str, Any]:
    """A page of everything that is kept of a person."""
    return {
        "audience_id": ref.audience_id,
        "customer": ref.contact,
        "as_of": utc(as_of),
        "records": [{"kind": record.kind, "data": _data(record)} for record in page.records],
        "next_cursor": cursor,
    }


def _data(record: Record) -> dict[str, Any]:
    shown = _SHOWN.get(record.kind)
    return shown(record.id, record.values) if shown else {"id": "#".join(record.id), **_times(record.values)}


def _order(id_: tuple[str, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    code = values.get("currency")
    notices = {name.removeprefix("notice#"): amount for name, amount in values.items() if name.startswith("notice#")}
    refunds = notices | dict(values.get("refunds", {}))
    return {
        "store_id": id_[0],
        "id": id_[1],
        "number": values.get("number"),
        "placed_at": _seconds(values.get("placed_at")),
        "status": values.get("state"),
        "currency": code,
        "total": major_units(values["total"], code) if code else None,
        "refunds": {name: major_units(amount, code) if code else amount for name, amount in refunds.items()},
        "test": bool(values.get("test", False)),
        "name": values.get("name"),
        "email": values.get("email"),
        "products": values.get("products", []),
    }


def _correction(id_: tuple[str, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "store_id": id_[0],
        "order_id": id_[2],
        **_times(values),
        "placed_at": _seconds(values["placed_at"]),
    }


def _shop_customer(id_: tuple[str, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    return {"store_id": id_[0], "id": values["id"], "created_at": _seconds(values["created_at"])}


def _activity(id_: tuple[str, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": id_[0],
        "name": values["name"],
        "occurred_at": _milliseconds(values["occurred_at"]),
        "properties": values["properties"],
        "machine": values.get("machine"),
        "machine_note": values.get("machine_note"),
    }


def _score_entry(id_: tuple[str, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    subject_at, subject, cause, rule = id_
    return {"happened_at": _milliseconds(int(subject_at)), "cause": f"{subject}#{cause}".rstrip("#"), "rule": rule} | (
        _times(values)
    )


def _times(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are kept, with times one can read."""
    return {
        name: _milliseconds(value) if isinstance(value, int) and _is_time(name) else value
        for name, value in values.items()
        if name != "expires_at"
    }


def _is_time(name: str) -> bool:
    return name in ("at", "due") or name.endswith(("_at", "_until"))


def _seconds(epoch: int | None) -> str | None:
    return None if epoch is None else utc(datetime.fromtimestamp(epoch, UTC))


def _milliseconds(epoch: int) -> str:
    return utc(datetime.fromtimestamp(epoch / 1000, UTC))


_SHOWN: dict[str, Callable[[tuple[str, ...], Mapping[str, Any]], dict[str, Any]]] = {
    "order": _order,
    "correction": _correction,
    "shop-customer": _shop_customer,
    "activity": _activity,
    "score": _score_entry,
}
