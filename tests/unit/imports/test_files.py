"""Files as shops export them, whole: which headings are known, and what the rows say."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.http.orders_in import contact_person, order_report
from laurel.imports.columns import FIELDS, Kind, Origin
from laurel.imports.contacts import contact_of
from laurel.imports.cut import Piece
from laurel.imports.layout import Encoding, Format, Layout, Told, UnusableFile, as_json, found_out, from_json
from laurel.imports.orders import order_of
from laurel.imports.rows import Group, groups_in
from laurel.imports.values import DateOrder, Decimals
from laurel.model.contact import ConsentSource, ConsentStatus
from laurel.model.order import OrderState

SAMPLES = Path(__file__).parent / "samples"
BERLIN = ZoneInfo("Europe/Berlin")
ASKED_AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def groups(content: bytes, layout: Layout) -> list[Group]:
    found = list(groups_in(lambda start, end: content[start:end], Piece(0, len(content), 0, 0), layout))
    return [it for it in found if isinstance(it, Group)]


def read(name: str, kind: Kind) -> tuple[Layout, list[Group]]:
    content = (SAMPLES / name).read_bytes()
    layout = found_out(content, Told(kind), utf8=True)
    return layout, groups(content, layout)


def orders(name: str) -> tuple[Origin | None, dict[str, Any]]:
    layout, found = read(name, Kind.ORDERS)
    assert layout.columns
    reports = [order_report(order_of(group, layout, BERLIN, "EUR")) for group in found]
    return layout.columns.origin, {report.order.id: report for report in reports}


def test_orders_that_shopify_exports() -> None:
    origin, found = orders("shopify-orders.csv")

    assert origin is Origin.SHOPIFY
    assert list(found) == ["5001003", "5001002", "5001001"]
    ada, bob, eve = found.values()
    assert (ada.order.number, ada.order.total, dict(ada.order.refunds)) == ("#1003", 4590, {"refunded": 1000})
    assert ada.order.products == ('Lamp "Orion", small', "LAMP-1", "Bulb E27", "BULB")
    assert ada.order.placed_at == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert (ada.person.email, ada.person.first_name, ada.person.last_name) == ("ada@example.com", "Ada", "Lovelace")
    assert (bob.order.state, bob.order.products) == (OrderState.CANCELLED, ("Shade, round", "SH-2"))
    assert (eve.order.state, dict(eve.order.refunds), eve.person) == (OrderState.PAID, {"refunded": 800}, None)


def test_orders_that_woocommerce_exports() -> None:
    origin, found = orders("woocommerce-orders.csv")

    assert origin is Origin.WOOCOMMERCE
    states = {id_: it.order.state.value for id_, it in found.items()}
    assert states == {"301": "paid", "302": "pending", "303": "paid", "304": "paid", "305": "pending"}
    assert found["301"].order.products == ("Lamp", "LAMP-1", "Bulb", "BULB")
    assert found["301"].order.placed_at == datetime(2026, 11, 20, 9, tzinfo=UTC), "in the store's time zone"
    assert (found["303"].order.total, dict(found["303"].order.refunds)) == (123450, {"refunded": 3450})


def contacts(name: str) -> list[Any]:
    layout, found = read(name, Kind.CONTACTS)
    rows = [contact_of(group, layout, BERLIN, ASKED_AT) for group in found]
    return [contact_person(row.value, ASKED_AT, row.source) for row in rows]


def test_customers_that_shopify_exports() -> None:
    ada, bob = contacts("shopify-customers.csv")

    assert (ada.email, ada.first_name, ada.tags) == ("ada@example.com", "Ada", ("vip", "newsletter"))
    assert (ada.consent.status, ada.consent.at, ada.consent_source) == (
        ConsentStatus.SUBSCRIBED,
        ASKED_AT,
        ConsentSource.ORDER,
    )
    assert bob.consent.status is ConsentStatus.NON_SUBSCRIBED


def test_customers_that_woocommerce_exports() -> None:
    ada, bob = contacts("woocommerce-customers.csv")

    assert (ada.email, ada.last_name, ada.locale, ada.consent) == ("ada@example.com", "Lovelace", "de_DE", None)
    assert (bob.first_name, bob.last_name) == ("Bob", None)


@pytest.mark.parametrize(
    ("encoding", "mark"), [(Encoding.UTF_8, ""), (Encoding.UTF_8, "\ufeff"), (Encoding.WINDOWS_1252, "")]
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_how_a_file_is_written_is_found_out(encoding: Encoding, separator: str, mark: str, line: str) -> None:
    amount = "59.90" if separator == "," else "1.259,90"
    rows = [["Größe", "id", "placed_at", "total"], ["groß", "1", "20.11.2026 09:30", amount]]
    content = (mark + line.join(separator.join(row) for row in rows)).encode(encoding)

    layout = found_out(content, Told(Kind.ORDERS), utf8=encoding is Encoding.UTF_8)

    assert (layout.format, layout.encoding, layout.separator) == (Format.CSV, encoding, separator)
    assert layout.headings[0] == "Größe"
    assert layout.decimals is (Decimals.POINT if separator == "," else Decimals.COMMA)
    assert from_json(as_json(layout)) == layout
    (group,) = groups(content, layout)
    assert group.value["Größe"] == "groß"
    order = order_of(group, layout, BERLIN, "EUR")
    assert (order["placed_at"], order["total"]) == (
        "2026-11-20T09:30:00+01:00",
        "59.90" if separator == "," else "1259.90",
    )


@pytest.mark.parametrize(
    ("dates", "told", "wanted"),
    [
        (["13/02/2026"], None, DateOrder.DAY_FIRST),
        (["02/13/2026"], None, DateOrder.MONTH_FIRST),
        (["01/02/2026"], None, None),
        (["13/02/2026", "02/13/2026"], None, None),
        (["01/02/2026"], DateOrder.DAY_FIRST, DateOrder.DAY_FIRST),
    ],
)
def test_the_order_of_dates_is_found_out_or_told(
    dates: list[str], told: DateOrder | None, wanted: DateOrder | None
) -> None:
    content = "id,placed_at,total\n" + "".join(f"1,{date},5\n" for date in dates)

    layout = found_out(content.encode(), Told(Kind.ORDERS, date_order=told), utf8=True)

    assert layout.date_order is wanted


def test_a_mapping_names_columns_whatever_they_are_called() -> None:
    content = b"No.;When;Sum;Who;Sum\n1;2026-11-20;5;a@example.com;6\n"
    told = Told(Kind.ORDERS, mapping={"id": "No.", "placed_at": "When", "total": "Who"})

    layout = found_out(content, told, utf8=True)

    assert layout.columns
    assert (layout.columns.origin, layout.columns.heading("total")) == (None, "Who")
    with pytest.raises(UnusableFile, match="more than one column 'Sum'"):
        found_out(content, Told(Kind.ORDERS, mapping=dict(told.mapping or {}, total="Sum")), utf8=True)
    with pytest.raises(UnusableFile, match="no column 'Price'"):
        found_out(content, Told(Kind.ORDERS, mapping=dict(told.mapping or {}, total="Price")), utf8=True)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)


@given(
    st.lists(st.fixed_dictionaries({"first_name": CELL, "last_name": CELL, "locale": CELL}), max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_cells_come_back_as_they_were_written(rows: list[dict[str, str]], separator: str) -> None:
    headings = ["email", *sorted(FIELDS[Kind.CONTACTS] & {"first_name", "last_name", "locale"})]
    lines = [{"email": f"{index}@example.com"} | row for index, row in enumerate(rows)]
    quoted = [[f'"{line[it].replace(chr(34), chr(34) * 2)}"' for it in headings] for line in lines]
    content = "\r\n".join(separator.join(row) for row in [headings, *quoted]).encode()
    layout = found_out(content, Told(Kind.CONTACTS, separator=separator), utf8=True)

    assert [dict(group.value) for group in groups(content, layout)] == lines
