"""Every error has one problem document, and none tells what is inside."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest

from laurel.http.problems import PROBLEMS, document, response
from laurel.model import errors
from laurel.model.errors import (
    AddressNotVerified,
    AddressTaken,
    AllowanceUsed,
    BadSignature,
    BillingNotConnected,
    Busy,
    Conflict,
    CurrencyMismatch,
    DailyCeilingReached,
    FieldError,
    FieldsWithoutValue,
    Forbidden,
    InvalidCursor,
    InvalidInput,
    KeyReused,
    LastOwner,
    LaurelError,
    MalformedBody,
    NoClosingSnapshot,
    NoConnectedStore,
    NoEmailAddress,
    NoPostalAddress,
    NotFound,
    NotSubscribed,
    OwnUser,
    PlanRequired,
    PreconditionRequired,
    RepeatInProgress,
    SenderNotVerified,
    SenderTaken,
    SendingStopped,
    ShopRefused,
    ShopUnavailable,
    ShopUnreadable,
    SnapshotTampered,
    StoreDisconnected,
    StorePaused,
    Suppressed,
    Unauthenticated,
    VersionMismatch,
    WrongShop,
)

EXAMPLES = [
    (MalformedBody("no JSON"), 400, "malformed-body"),
    (InvalidCursor(), 400, "invalid-cursor"),
    (BadSignature("no match"), 401, "bad-signature"),
    (Unauthenticated("no account"), 401, "unauthenticated"),
    (PlanRequired("free", ("standard",)), 402, "plan-required"),
    (AllowanceUsed("used", ("premium",)), 402, "allowance-used"),
    (Forbidden("not you"), 403, "forbidden"),
    (WrongShop("a.myshopify.com", "b.myshopify.com"), 403, "wrong-shop"),
    (SenderTaken(), 403, "sender-taken"),
    (NotFound("store", "s"), 404, "not-found"),
    (NoClosingSnapshot("2026-11"), 404, "no-closing-snapshot"),
    (BillingNotConnected(), 404, "billing-not-connected"),
    (NoConnectedStore(), 409, "no-connected-store"),
    (StoreDisconnected("s"), 409, "store-disconnected"),
    (SenderNotVerified("pending"), 409, "sender-not-verified"),
    (NoPostalAddress(), 409, "no-postal-address"),
    (SendingStopped("too many"), 409, "sending-stopped"),
    (NoEmailAddress(), 409, "no-email-address"),
    (NotSubscribed("cleaned"), 409, "not-subscribed"),
    (Suppressed("bounced"), 409, "suppressed"),
    (AddressNotVerified(), 409, "address-not-verified"),
    (StorePaused("s"), 409, "store-paused"),
    (AddressTaken(), 409, "address-taken"),
    (LastOwner(), 409, "last-owner"),
    (OwnUser(), 409, "own-user"),
    (Conflict("known"), 409, "conflict"),
    (RepeatInProgress("wait"), 409, "repeat-in-progress"),
    (VersionMismatch(), 412, "version-mismatch"),
    (InvalidInput("rule"), 422, "invalid-input"),
    (FieldsWithoutValue(["coupon"]), 422, "fields-without-value"),
    (CurrencyMismatch("USD", "EUR"), 422, "currency-mismatch"),
    (KeyReused("used"), 422, "idempotency-key-reused"),
    (ShopRefused(401), 422, "shop-refused"),
    (ShopUnavailable("no answer"), 424, "shop-unavailable"),
    (ShopUnreadable("no JSON"), 424, "shop-unreadable"),
    (PreconditionRequired(), 428, "precondition-required"),
    (DailyCeilingReached(500, 60), 429, "daily-ceiling-reached"),
    (SnapshotTampered("s", "2026-10"), 500, "snapshot-tampered"),
    (Busy("Order '1'"), 503, "busy"),
]


@pytest.mark.parametrize(("error", "status", "slug"), EXAMPLES, ids=[slug for *_, slug in EXAMPLES])
def test_an_error_has_a_stable_type_and_says_what_was_wrong(error: LaurelError, status: int, slug: str) -> None:
    problem = document(error)

    assert (problem["status"], problem["type"]) == (status, f"urn:laurel:problem:{slug}")
    assert problem["detail"] == str(error)
    assert set(problem) - {"upgrade_to", "missing"} == {"type", "title", "status", "detail"}
    assert ("upgrade_to" in problem) == (status == 402)
    assert problem.get("missing") == (["coupon"] if slug == "fields-without-value" else None)


def test_every_error_of_the_domain_is_in_the_table() -> None:
    classes = {
        cls
        for _, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, LaurelError) and cls is not LaurelError
    }

    assert classes == {type(error) for error, *_ in EXAMPLES} == set(PROBLEMS) - {Exception}


def test_no_two_problems_share_a_type() -> None:
    assert len({problem.type for problem in PROBLEMS.values()}) == len(PROBLEMS)


def test_faults_of_an_input_are_pointed_at() -> None:
    error = InvalidInput("Two faults.", (FieldError("/total", "too much"), FieldError("/a~1b", "unknown")))

    assert document(error)["errors"] == [
        {"pointer": "/total", "detail": "too much"},
        {"pointer": "/a~1b", "detail": "unknown"},
    ]


@pytest.mark.parametrize("error", [RuntimeError("secret"), KeyError("secret"), ZeroDivisionError("secret")])
def test_of_our_own_faults_nothing_is_told(error: Exception) -> None:
    answer = response(error)

    assert answer.status == 500
    assert json.loads(answer.body) == {
        "type": "urn:laurel:problem:internal-error",
        "title": "Something went wrong on our side",
        "status": 500,
    }


def test_a_subclass_is_answered_like_the_closest_class_in_the_table() -> None:
    class NotYours(NotFound):
        pass

    assert document(NotYours("store", "s"))["status"] == 404


def test_a_plan_that_is_missing_is_named() -> None:
    assert document(PlanRequired("x", ("standard", "premium")))["upgrade_to"] == ["standard", "premium"]


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (Busy("x"), {"Retry-After": "1"}),
        (DailyCeilingReached(500, 3_601), {"Retry-After": "3601"}),
        (Conflict("x"), {}),
    ],
)
def test_whoever_met_others_is_told_when_to_come_again(error: Exception, headers: dict[str, Any]) -> None:
    answer = response(error)

    assert (answer.headers, answer.content_type) == (headers, "application/problem+json")


def test_a_problem_may_be_told_in_any_script() -> None:
    assert '"detail": "größer"' in response(Conflict("größer")).body
