"""What is wrong in a file, row by row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from laurel.imports.columns import Columns
from laurel.model.errors import InvalidInput

_CUSTOMER = "customer"
_OTHER_FIELDS = {("customer", "id"): "customer_id", ("consent", "at"): "consent_at", ("consent", "status"): "consent"}
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a row: its number in the file, the column ("" for the row as such), and why.

    The reason never says what the row holds.
    """

    row: int
    column: str
    reason: str


class FaultyRow(Exception):
    """Faults of the rows of one order, or of one contact."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"row {it.row}, {it.column}: {it.reason}" for it in self.faults))


def faults_of(error: Exception, row: int, columns: Columns | None) -> tuple[Fault, ...]:
    """The faults of a row in the words of its file. Without ``columns``, of JSON: members joined by points."""
    if isinstance(error, InvalidInput) and error.errors:
        return tuple(Fault(row, _column(it.pointer, columns), it.detail[:_LONGEST]) for it in error.errors)
    return (Fault(row, "", str(error)[:_LONGEST]),)


def _column(pointer: str, columns: Columns | None) -> str:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    if columns is None:
        return ".".join(steps)[:_LONGEST]
    field = _OTHER_FIELDS.get((steps[0], steps[1])) if steps[1:] else None
    if field is None and steps:
        field = steps[1] if steps[0] == _CUSTOMER and steps[1:] else steps[0]
    return columns.heading("product" if field == "products" else field) if field else ""
