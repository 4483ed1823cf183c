"""Every route of the API, once: who may call it, what goes in and what comes out.

Roles are enforced, OpenAPI is generated and template.yaml is checked from this table. Schemas are named, not imported,
so that reading the table costs a function nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from laurel.model.account import Role


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter. ``enum`` names a ``StrEnum`` of the model."""

    name: str
    description: str
    schema: str = "string"
    enum: str | None = None
    default: str | int | None = None
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. ``role`` is the least role that may call it, None if it needs no sign-in.

    ``etag`` routes answer with the version they are about, ``if_match`` routes have to be told it. ``problems`` are statuses of its own, beyond those that follow from the rest.
    """

    method: str
    path: str
    operation: str
    summary: str
    role: Role | None
    response: str | None = None
    status: int = 200
    request: str | None = None
    parameters: tuple[Parameter, ...] = ()
    idempotent: bool = False
    csv: bool = False
    etag: bool = False
    if_match: bool = False
    problems: tuple[int, ...] = ()


_CURSOR = Parameter("cursor", "`next_cursor` of the page before.")
_LIMIT = Parameter("limit", "Rows of a page.", schema="integer", default=50, minimum=1, maximum=1000)
_RANK_BY = Parameter("rank_by", "What the board is ranked by.", enum="Metric", default="total_spent")
_FRAME = Parameter(
    "time_frame", "Calendar time frame in the store's time zone.", enum="TimeFrame", default="month_to_date"
)
_PERIOD = Parameter(
    "period",
    "A period instead of a time frame: `2026-W47`, `2026-11`, `2026-Q4`, `2026` or `all`; not with `time_frame`.",
)
_STORE = "/stores/{store}"
_CONTACT = "/audiences/{audience}/contacts/{contact}"

_WORKSPACE = (
    Route("GET", "/account", "getAccount", "Read the account", Role.VIEWER, "Account", problems=(404,)),
    Route("PATCH", "/account", "changeAccount", "Change name or locale", Role.OWNER, "Account", request="AccountChange",
          idempotent=True, problems=(404,)),
    Route("GET", "/audiences", "listAudiences", "List audiences", Role.VIEWER, "Audiences"),
    Route("POST", "/audiences", "createAudience", "Create an audience", Role.OWNER, "Audience", 201, "AudienceNew",
          idempotent=True),
    Route("GET", "/audiences/{audience}", "getAudience", "Read an audience", Role.VIEWER, "Audience", problems=(404,)),
    Route("PATCH", "/audiences/{audience}", "changeAudience", "Rename an audience", Role.OWNER, "Audience",
          request="AudienceNew", idempotent=True, problems=(404,)),
    Route("GET", "/stores", "listStores", "List stores", Role.VIEWER, "Stores"),
    Route("POST", "/stores", "connectStore", "Connect a store", Role.OWNER, "ConnectedStore", 201, "StoreNew",
          idempotent=True),
    Route("GET", _STORE, "getStore", "Read a store and what its boards leave out", Role.VIEWER, "StoreDetail",
          problems=(404,)),
    Route("PATCH", _STORE, "changeStore", "Rename, limit or reconnect a store", Role.OWNER, "Store",
          request="StoreChange", idempotent=True, problems=(404,)),
    Route("DELETE", _STORE, "disconnectStore", "Disconnect a store; its data stays", Role.OWNER, "Store",
          idempotent=True, problems=(404,)),
    Route("POST", f"{_STORE}/secret", "rotateSecret", "Replace the webhook secret; the old one stays valid for a day",
          Role.OWNER, "ConnectedStore", 201, "SecretRotation", idempotent=True, problems=(404, 409)),
    Route("GET", f"{_STORE}/set-aside", "listSetAside", "List orders and customers the boards leave out", Role.VIEWER,
          "SetAsideList", parameters=(Parameter("reason", "Why it is left out.", enum="SetAsideReason"), _LIMIT),
          problems=(404,)),
    Route("GET", _CONTACT, "getContact", "Read a contact's profile", Role.VIEWER, "Contact", parameters=(
        Parameter("time_frame", "Time frame of figures and ranks.", enum="TimeFrame", default="all_time"),),
        problems=(404,)),
    Route("GET", f"{_CONTACT}/timeline", "getTimeline", "Page through a contact's timeline, newest first", Role.VIEWER,
          "Timeline", parameters=(_LIMIT, _CURSOR), problems=(404,)),
    Route("GET", "/openapi.json", "getOpenApi", "This description", None, "OpenApi"),
)  # fmt: skip

_INGESTION = (
    Route("POST", "/webhooks/{account}/{store}/{platform}", "receiveWebhook", "Receive a store's webhook", None,
          "Receipt", request="AnyObject", problems=(401, 403, 404, 409)),
    Route("POST", f"{_STORE}/orders", "recordOrders", "Record an order, or a batch of up to 100", Role.MARKETER,
          "OrderResults", request="OrdersIn", idempotent=True, problems=(404, 409)),
    Route("POST", "/audiences/{audience}/activities", "recordActivity", "Record an activity of a contact",
          Role.MARKETER, "Receipt", request="ActivityIn", idempotent=True, problems=(404, 409)),
    Route("POST", f"{_CONTACT}/activities/{{activity}}/judgement", "judgeActivity", "Say that no human did it",
          Role.MARKETER, "Receipt", request="JudgementIn", idempotent=True, problems=(404,)),
)  # fmt: skip

_LEADERBOARD = (
    Route("GET", f"{_STORE}/leaderboard", "getLeaderboard", "Read a leaderboard", Role.VIEWER, "Leaderboard",
          parameters=(_RANK_BY, _FRAME, _PERIOD, _LIMIT, _CURSOR), csv=True, problems=(404, 409)),
    Route("GET", f"{_STORE}/leaderboard/{{customer}}", "getPlace", "Read one customer's place and neighbours",
          Role.VIEWER, "Place", parameters=(_RANK_BY, _FRAME, _PERIOD), problems=(404, 409)),
)  # fmt: skip

ROUTES: dict[tuple[str, str], Route] = {
    (route.method, route.path): route for route in (*_WORKSPACE, *_INGESTION, *_LEADERBOARD)
}
