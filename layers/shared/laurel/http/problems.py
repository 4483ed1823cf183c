"""Errors as RFC 9457 problem documents: one table, from error class to status, stable type and title."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from laurel.http.exchange import Response
from laurel.model import errors

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:laurel:problem:"


@dataclass(frozen=True, slots=True)
class Problem:
    """What a class of errors looks like from outside."""

    status: int
    slug: str
    title: str

    @property
    def type(self) -> str:
        """Stable URI of this kind of problem."""
        return TYPE_PREFIX + self.slug


INTERNAL = Problem(500, "internal-error", "Something went wrong on our side")
PROBLEMS: dict[type[Exception], Problem] = {
    errors.MalformedBody: Problem(400, "malformed-body", "The body cannot be read"),
    errors.InvalidCursor: Problem(400, "invalid-cursor", "The cursor is not valid"),
    errors.BadSignature: Problem(401, "bad-signature", "The signature does not match"),
    errors.Unauthenticated: Problem(401, "unauthenticated", "Sign in first"),
    errors.PlanRequired: Problem(402, "plan-required", "The plan has no messages"),
    errors.AllowanceUsed: Problem(402, "allowance-used", "The month's messages are sent"),
    errors.Forbidden: Problem(403, "forbidden", "Your role does not allow this"),
    errors.WrongShop: Problem(403, "wrong-shop", "The delivery is of another shop"),
    errors.SenderTaken: Problem(403, "sender-taken", "The sender is another's"),
    errors.NotFound: Problem(404, "not-found", "There is no such thing"),
    errors.NoClosingSnapshot: Problem(404, "no-closing-snapshot", "There is no closing snapshot"),
    errors.BillingNotConnected: Problem(404, "billing-not-connected", "Billing is not connected"),
    errors.NoConnectedStore: Problem(409, "no-connected-store", "No store is connected"),
    errors.StoreDisconnected: Problem(409, "store-disconnected", "The store is disconnected"),
    errors.SenderNotVerified: Problem(409, "sender-not-verified", "The sender is not verified"),
    errors.NoPostalAddress: Problem(409, "no-postal-address", "The account has no postal address"),
    errors.SendingStopped: Problem(409, "sending-stopped", "Sending is stopped"),
    errors.NoEmailAddress: Problem(409, "no-email-address", "The contact has no e-mail address"),
    errors.NotSubscribed: Problem(409, "not-subscribed", "The contact is not subscribed"),
    errors.Suppressed: Problem(409, "suppressed", "The address is suppressed"),
    errors.AddressNotVerified: Problem(409, "address-not-verified", "Your own address is not verified"),
    errors.StorePaused: Problem(409, "store-paused", "The store is paused"),
    errors.AddressTaken: Problem(409, "address-taken", "Somebody has this address"),
    errors.LastOwner: Problem(409, "last-owner", "An account keeps an owner"),
    errors.OwnUser: Problem(409, "own-user", "Nobody removes themselves"),
    errors.Conflict: Problem(409, "conflict", "The request contradicts what is stored"),
    errors.RepeatInProgress: Problem(409, "repeat-in-progress", "The first request of this key is still running"),
    errors.VersionMismatch: Problem(412, "version-mismatch", "It has been changed since"),
    errors.InvalidInput: Problem(422, "invalid-input", "The input breaks a rule"),
    errors.FieldsWithoutValue: Problem(422, "fields-without-value", "The message shows fields that have no value"),
    errors.CurrencyMismatch: Problem(422, "currency-mismatch", "The currency is not the store's"),
    errors.ShopRefused: Problem(422, "shop-refused", "The shop refused the credentials"),
    errors.KeyReused: Problem(422, "idempotency-key-reused", "The idempotency key was used for another request"),
    errors.ShopUnavailable: Problem(424, "shop-unavailable", "The shop does not answer"),
    errors.ShopUnreadable: Problem(424, "shop-unreadable", "The shop's answer cannot be read"),
    errors.PreconditionRequired: Problem(428, "precondition-required", "Say which version you change"),
    errors.DailyCeilingReached: Problem(429, "daily-ceiling-reached", "The day's messages are sent"),
    errors.SnapshotTampered: Problem(500, "snapshot-tampered", "The snapshot is not what was kept"),
    errors.Busy: Problem(503, "busy", "Too many writers at once; try again"),
    Exception: INTERNAL,
}


def problem_of(error: Exception) -> Problem:
    """The most specific entry of the table."""
    return next(PROBLEMS[cls] for cls in type(error).__mro__ if cls in PROBLEMS)


def document(error: Exception) -> dict[str, Any]:
    """The problem document of an error. Of our own faults it tells no more than that they are ours."""
    problem = problem_of(error)
    body: dict[str, Any] = {"type": problem.type, "title": problem.title, "status": problem.status}
    if isinstance(error, errors.LaurelError):
        body["detail"] = str(error)
    if isinstance(error, errors.InvalidInput) and error.errors:
        body["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in error.errors]
    if isinstance(error, errors.PlanRequired):
        body["upgrade_to"] = list(error.upgrade_to)
    if isinstance(error, errors.FieldsWithoutValue):
        body["missing"] = list(error.missing)
    return body


def response(error: Exception) -> Response:
    """The HTTP answer to an error."""
    body = document(error)
    headers = {"Retry-After": "1"} if body["status"] == HTTPStatus.SERVICE_UNAVAILABLE else {}
    if isinstance(error, errors.DailyCeilingReached):
        headers["Retry-After"] = str(error.retry_after)
    return Response(body["status"], CONTENT_TYPE, json.dumps(body, ensure_ascii=False), headers=headers)
