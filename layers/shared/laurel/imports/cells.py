"""The cells of a row, read as what their columns hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

from laurel.imports.faults import Fault, FaultyRow
from laurel.imports.layout import Layout
from laurel.imports.rows import Cells, Row
from laurel.imports.values import Unreadable, amount, flag, instant


class Reader:
    """Reads the fields of a row and collects what is wrong with them. ``zone`` is that of times without one."""

    def __init__(self, row: Row, layout: Layout, zone: tzinfo) -> None:
        if layout.columns is None:
            raise ValueError("a table has columns")
        self.columns = layout.columns
        self.faults: list[Fault] = []
        self._row, self._layout, self._zone = row, layout, zone

    def text(self, field: str) -> str | None:
        """What a cell says; None if it is empty or there is no such column."""
        return self.text_in(self._row.value, field)

    def text_in(self, cells: Cells, field: str) -> str | None:
        """As ``text``, for another row."""
        heading = self.columns.headings.get(field)
        return (cells.get(heading, "") if heading else "").strip() or None

    def time(self, field: str) -> str | None:
        """ISO 8601 with an offset."""
        return self.read(field, lambda text: instant(text, self._zone, self._layout.date_order))

    def money(self, field: str) -> str | None:
        """A decimal string."""
        return self.read(field, lambda text: amount(text, self._layout.decimals))

    def flag(self, field: str) -> bool | None:
        """A yes or no."""
        return self.read(field, flag)

    def tags(self) -> list[str]:
        """Tags with commas between them."""
        return [tag.strip() for tag in (self.text("tags") or "").split(",") if tag.strip()]

    def names(self) -> tuple[str | None, str | None]:
        """First and last name; of a single name, what stands before and after its first space."""
        first, last = self.text("first_name"), self.text("last_name")
        if not (first or last) and (name := self.text("name")):
            first, _, last = name.partition(" ")
        return first, last

    def read[T](self, field: str, read: Callable[[str], T], missing: T | None = None) -> T | None:
        """What ``read`` makes of a cell; ``missing`` of an empty one, None of one that it cannot read."""
        text = self.text(field)
        if text is None:
            return missing
        try:
            return read(text)
        except Unreadable as error:
            self.fault(self._row.number, field, str(error))
            return None

    def fault(self, row: int, field: str, reason: str) -> None:
        """Note what is wrong in a row."""
        self.faults.append(Fault(row, self.columns.heading(field), reason))

    def raise_faults(self) -> None:
        """Raise ``FaultyRow`` if anything is wrong."""
        if self.faults:
            raise FaultyRow(self.faults)
