"""What clients send to start imports: pydantic models, imported where a body is read and by the OpenAPI generator."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from laurel.http.schemas import Body
from laurel.imports.columns import FIELDS, REQUIRED, Kind
from laurel.imports.layout import MOST_COLUMNS, Encoding
from laurel.imports.values import DateOrder, Decimals
from laurel.model.errors import InvalidInput

Heading = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class ImportNew(Body):
    """A file to import. What is left out is found out from the file."""

    kind: Kind
    file_name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
    mapping: (
        Annotated[
            dict[str, Heading],
            Field(
                max_length=MOST_COLUMNS,
                description="Heading of the column of each field, for CSV whose headings are not known ones.",
                examples=[{"id": "Order no.", "placed_at": "Date", "total": "Gross"}],
            ),
        ]
        | None
    ) = None
    separator: Literal[",", ";", "\t", "|"] | None = Field(default=None, description="What stands between fields.")
    encoding: Encoding | None = None
    decimals: Decimals | None = Field(default=None, description="What stands before the decimals of amounts.")
    date_order: DateOrder | None = Field(default=None, description="What comes first in dates such as 11/10/2026.")
    dry_run: bool = Field(default=False, description="Reads and checks all rows, and records none.")


def asked_of(body: ImportNew) -> dict[str, Any]:
    """What is said of the file, as an import keeps it. Raises ``InvalidInput`` for a mapping of no use."""
    if body.mapping is not None:
        for field in body.mapping:
            if field not in FIELDS[body.kind]:
                fields = ", ".join(sorted(FIELDS[body.kind]))
                raise InvalidInput.at("/mapping", f"There is no such field of {body.kind}. There are: {fields}.")
        if missing := sorted(REQUIRED[body.kind] - body.mapping.keys()):
            raise InvalidInput.at("/mapping", f"The mapping names no column for {', '.join(missing)}.")
    asked = {
        "mapping": body.mapping,
        "separator": body.separator,
        "encoding": body.encoding,
        "decimals": body.decimals,
        "date_order": body.date_order,
    }
    return {name: value for name, value in asked.items() if value is not None}
