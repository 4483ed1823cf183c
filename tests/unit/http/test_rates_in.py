"""Tables of rates, as they are sent."""

from __future__ import annotations

import base64

import pytest

from laurel.http.exchange import Request
from laurel.http.rates_in import asked_rates
from laurel.model.errors import InvalidInput, MalformedBody


def sent(body: bytes, content_type: str = "text/csv") -> Request:
    return Request(
        {
            "httpMethod": "PUT",
            "resource": "/stores/{store}/rates",
            "headers": {"Content-Type": content_type},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
    )


@pytest.mark.parametrize(
    "body",
    [
        b"currency,month,rate\nusd,2026-11,0.90\n\nJPY,2026-11,0.0061\n",
        b"\xef\xbb\xbfRate;Currency;Month\r\n0.9;USD;2026-11\r\n0.0061;JPY;2026-11\r\n",
        b'"currency","month","rate"\n" USD ","2026-11","0.9"\n"JPY","2026-11","0.0061"',
    ],
)
def test_csv_is_read_whatever_its_order_and_separator(body: bytes) -> None:
    assert asked_rates(sent(body), "EUR").table == {("USD", "2026-11"): "0.9", ("JPY", "2026-11"): "0.0061"}


def test_csv_and_json_say_the_same() -> None:
    json = b'{"rates": [{"currency": "USD", "month": "2026-11", "rate": "0.9"}]}'

    assert asked_rates(sent(json, "application/json"), "EUR") == asked_rates(
        sent(b"currency,month,rate\nUSD,2026-11,0.9"), "EUR"
    )


def test_a_heading_alone_is_an_empty_table() -> None:
    assert asked_rates(sent(b"currency,month,rate\n"), "EUR").table == {}


def test_what_is_no_utf_8_is_refused() -> None:
    with pytest.raises(MalformedBody, match="not UTF-8"):
        asked_rates(sent(b"currency,month,rate\n\xff"), "EUR")


def test_all_faults_are_told() -> None:
    with pytest.raises(InvalidInput) as refused:
        asked_rates(sent(b"currency,month,rate\nXXX,2026-11,1\nUSD,2026,0\n"), "EUR")

    assert [fault.pointer for fault in refused.value.errors] == ["/rates/0/currency", "/rates/1/month", "/rates/1/rate"]
