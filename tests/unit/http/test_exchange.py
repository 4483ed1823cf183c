"""Requests as API Gateway puts them, and answers as it takes them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from laurel.http.exchange import Request, Response
from laurel.model.errors import MalformedBody
from tests.support.api import api_event, claims


def a_request(**changes: Any) -> Request:
    return Request({**api_event("GET", "/stores/{store}", {"store": "s1"}), **changes})


def test_a_request_tells_route_caller_and_where_it_came_in() -> None:
    request = Request(
        api_event("GET", "/stores/{store}/leaderboard", {"store": "s1"}, caller=claims("a1"), query={"limit": "5"})
    )

    assert (request.method, request.resource) == ("GET", "/stores/{store}/leaderboard")
    assert request.claims["custom:account_id"] == "a1"
    assert request.query == {"limit": "5"}
    assert (request.api_id, request.stage) == ("a1b2c3d4e5", "v1")


def test_header_names_are_of_any_case() -> None:
    request = a_request(headers={"Idempotency-KEY": "k1", "x-shopify-topic": "orders/create"})

    assert request.headers == {"idempotency-key": "k1", "x-shopify-topic": "orders/create"}


def test_path_parameters_are_decoded() -> None:
    request = a_request(pathParameters={"customer": "customer-7%23%2F%C3%BC%20"})

    assert request.parameters == {"customer": "customer-7#/ü "}


def test_what_is_missing_is_empty() -> None:
    request = Request({"httpMethod": "GET", "resource": "/account"})

    assert (request.headers, request.query, request.parameters, request.claims) == ({}, {}, {}, {})
    assert (request.api_id, request.stage, request.body()) == ("", "", b"")


@pytest.mark.parametrize("authorizer", [None, {}, {"claims": None}])
def test_a_request_without_a_token_has_no_claims(authorizer: Any) -> None:
    assert a_request(requestContext={"authorizer": authorizer}).claims == {}


def test_a_body_comes_byte_for_byte() -> None:
    text = '{"name": "Müller\u2028"}\n'

    assert a_request(body=text).body() == text.encode()
    encoded = a_request(body=base64.b64encode(b"\xff\x00{").decode(), isBase64Encoded=True)
    assert encoded.body() == b"\xff\x00{"


def test_json_is_parsed_from_text_and_from_base64() -> None:
    plain = a_request(body='{"a": 1}')
    encoded = a_request(body=base64.b64encode('{"a": "ü"}'.encode()).decode(), isBase64Encoded=True)

    assert plain.json() == {"a": 1}
    assert encoded.json() == {"a": "ü"}


@pytest.mark.parametrize("body", [None, "", "{", "NaN,", "[" * 100_000], ids=["none", "empty", "open", "list", "deep"])
def test_what_is_no_json_is_malformed(body: str | None) -> None:
    with pytest.raises(MalformedBody, match=r"^The body is not JSON: "):
        a_request(body=body).json()


def test_bytes_that_are_no_utf_8_are_malformed() -> None:
    with pytest.raises(MalformedBody, match=r"^The body is not JSON: "):
        a_request(body=base64.b64encode(b'{"a": "\xff"}').decode(), isBase64Encoded=True).json()


def test_what_is_no_base64_cannot_be_had_byte_for_byte() -> None:
    with pytest.raises(MalformedBody, match=r"^The body cannot be decoded: "):
        a_request(body="no base64!", isBase64Encoded=True).body()


def test_an_answer_may_be_read_by_browsers_of_any_origin() -> None:
    assert Response(201, "text/csv", "a,b", {"Link": "<?cursor=x>"}).to_gateway() == {
        "statusCode": 201,
        "headers": {
            "Content-Type": "text/csv",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "Content-Disposition, ETag, Laurel-Rebuilding, Link, Retry-After",
            "Link": "<?cursor=x>",
        },
        "body": "a,b",
        "isBase64Encoded": False,
    }
