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
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. ``role`` is the least role that may call it, None if it needs no sign-in.

    ``etag`` routes answer with the version of what they are about, ``if_match`` routes have to be told it. ``page``
    routes take a form and answer with HTML, for people. ``problems``
    are statuses of its own, beyond those that follow from the rest.
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
    page: bool = False
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
_OF_SCORES = (
    Parameter("above", "Scores above this.", schema="integer", minimum=0, maximum=99_999_999),
    Parameter("at_least", "Scores of at least this.", schema="integer", minimum=0, maximum=99_999_999),
    Parameter("equals", "This score.", schema="integer", minimum=0, maximum=99_999_999),
    Parameter("at_most", "Scores of at most this.", schema="integer", minimum=0, maximum=99_999_999),
    Parameter("below", "Scores below this.", schema="integer", minimum=0, maximum=99_999_999),
    Parameter("none", "`true`: contacts without a score, which is not 0; not with a bound.", schema="boolean"),
    Parameter("tag", "Contacts with this tag."),
    Parameter("status", "Contacts of this consent status.", enum="ConsentStatus"),
    Parameter("store", "Id of a store of the audience: shows its figures of the contacts found."),
    Parameter("time_frame", "Time frame of the figures; needs `store`.", enum="TimeFrame", default="all_time"),
    Parameter("period", "A period instead of a time frame: `2026-W47`, `2026-11`, `2026-Q4`, `2026` or `all`."),
    Parameter("rank_by", "Metric that `metric_at_least` and `metric_at_most` are about.", enum="Metric",
              default="total_spent"),
    Parameter("metric_at_least", "Least figure: a number of purchases, or an amount in major units."),
    Parameter("metric_at_most", "Greatest figure; who bought nothing has 0 purchases, spent 0 and has no average."),
)  # fmt: skip
_ORDER = Parameter(
    "order", "Lowest or highest score first, highest by default; with `none` by e-mail address.", enum="Order"
)
_STORE = "/stores/{store}"
_AUDIENCE = "/audiences/{audience}"
_CONTACT = "/audiences/{audience}/contacts/{contact}"
_RULE = "/audiences/{audience}/scoring-rules/{rule}"

_WORKSPACE = (
    Route("GET", "/account", "getAccount", "Read the account", Role.VIEWER, "Account", problems=(404,)),
    Route("PATCH", "/account", "changeAccount", "Change names, locale or mail settings", Role.OWNER, "Account",
          request="AccountChange", idempotent=True, problems=(404,)),
    Route("GET", "/account/signing-secret", "getSigningSecret", "Read what outgoing webhooks are signed with",
          Role.OWNER, "SigningSecret", problems=(404, 503)),
    Route("POST", "/account/signing-secret", "rotateSigningSecret",
          "Replace the signing secret; the old one signs for another day", Role.OWNER, "SigningSecret", 201,
          idempotent=True, problems=(404, 503)),
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
    Route("PATCH", _STORE, "changeStore", "Change or reconnect a store", Role.OWNER, "Store",
          request="StoreChange", idempotent=True, problems=(404,)),
    Route("DELETE", _STORE, "disconnectStore", "Disconnect a store; its data stays", Role.OWNER, "Store",
          idempotent=True, problems=(404,)),
    Route("POST", f"{_STORE}/secret", "rotateSecret", "Replace the webhook secret; the old one stays valid for a day",
          Role.OWNER, "ConnectedStore", 201, "SecretRotation", idempotent=True, problems=(404, 409)),
    Route("GET", f"{_STORE}/set-aside", "listSetAside", "List orders and customers the boards leave out", Role.VIEWER,
          "SetAsideList", parameters=(Parameter("reason", "Why it is left out.", enum="SetAsideReason"), _LIMIT),
          problems=(404,)),
    Route("GET", _CONTACT, "getContact", "Read a contact's profile", Role.VIEWER, "Contact", parameters=(
        Parameter("time_frame", "Time frame of figures and ranks.", enum="TimeFrame", default="all_time"),
        Parameter("months", "Also figures of so many months, the present one last.", schema="integer", default=0,
                  minimum=0, maximum=24)), problems=(404,)),
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

_BILLING = (
    Route("POST", "/billing/stripe", "receiveBilling", "Receive a billing event of Stripe", None, "Receipt",
          request="AnyObject", problems=(401, 404)),
)  # fmt: skip

_FEW = Parameter("limit", "Entries of a page.", schema="integer", default=20, minimum=1, maximum=50)
_VIEW = Parameter("view", "A board as of now, or as it was closed.", enum="BoardView", default="now")
_LEADERBOARD = (
    Route("GET", f"{_STORE}/leaderboard", "getLeaderboard", "Read a leaderboard", Role.VIEWER, "Leaderboard",
          parameters=(_RANK_BY, _FRAME, _PERIOD, _VIEW, _LIMIT, _CURSOR), csv=True, problems=(404, 409)),
    Route("GET", f"{_STORE}/leaderboard/{{customer}}", "getPlace", "Read one customer's place and neighbours",
          Role.VIEWER, "Place", parameters=(_RANK_BY, _FRAME, _PERIOD), problems=(404, 409)),
    Route("GET", f"{_STORE}/leaderboard/{{customer}}/explanation", "explainRank", "Explain a customer's rank",
          Role.VIEWER, "RankExplanation", parameters=(_RANK_BY, _FRAME, _PERIOD), problems=(404, 409)),
    Route("GET", f"{_STORE}/leaderboard-changes", "getLeaderboardChanges",
          "List what changed since a board was closed", Role.VIEWER, "BoardChanges",
          parameters=(_RANK_BY, _FRAME, _PERIOD, _FEW, _CURSOR), problems=(404, 409)),
    Route("GET", f"{_STORE}/snapshots", "listBoardSnapshots", "List snapshots of boards", Role.VIEWER,
          "BoardSnapshots", parameters=(
              Parameter("kind", "Those of periods that are over, or of running ones.", enum="SnapshotKind",
                        default="closed"), _FEW, _CURSOR), problems=(404, 409)),
)  # fmt: skip

_SCORING = (
    Route("GET", f"{_AUDIENCE}/scoring-rules", "listScoringRules", "List scoring rules", Role.VIEWER, "ScoringRules",
          problems=(404,)),
    Route("POST", f"{_AUDIENCE}/scoring-rules", "createScoringRule", "Create a scoring rule", Role.MARKETER,
          "ScoringRule", 201, "RuleIn", idempotent=True, etag=True, problems=(404, 409)),
    Route("GET", _RULE, "getScoringRule", "Read a scoring rule", Role.VIEWER, "ScoringRule", etag=True,
          problems=(404,)),
    Route("PATCH", _RULE, "changeScoringRule", "Change a scoring rule", Role.MARKETER, "ScoringRule",
          request="RuleChange", idempotent=True, etag=True, if_match=True, problems=(404,)),
    Route("DELETE", _RULE, "deleteScoringRule", "Delete a scoring rule; what it gave stays", Role.MARKETER,
          "ScoringRule", idempotent=True, if_match=True, problems=(404,)),
    Route("GET", f"{_CONTACT}/score", "getScore", "Explain a contact's score", Role.VIEWER, "ScoreExplanation",
          parameters=(_LIMIT, _CURSOR), problems=(404,)),
    Route("POST", f"{_CONTACT}/score", "changeScore", "Change a contact's score by hand", Role.MARKETER,
          "ChangedScore", request="ScoreChange", idempotent=True, problems=(404,)),
    Route("POST", f"{_CONTACT}/score/verify", "verifyScore", "Prove a contact's score from its entries",
          Role.MARKETER, "ScoreVerified", request="ScoreVerification", idempotent=True, problems=(404,)),
    Route("GET", f"{_AUDIENCE}/scores", "findContactsByScore", "Find contacts by score", Role.VIEWER, "ScoredContacts",
          parameters=(*_OF_SCORES, _ORDER, _LIMIT, _CURSOR), csv=True, problems=(404,)),
    Route("GET", f"{_AUDIENCE}/scores/count", "countContactsByScore", "Count contacts by score", Role.VIEWER,
          "ScoreCount", parameters=_OF_SCORES, problems=(404,)),
    Route("POST", f"{_AUDIENCE}/scores/reset", "resetScores", "Reset the scores of an audience, or of one contact",
          Role.MARKETER, "ScoresWereReset", request="ScoresReset", idempotent=True, problems=(404,)),
    Route("GET", f"{_AUDIENCE}/scoring", "getScoring", "Read how an audience scores", Role.VIEWER, "Scoring",
          problems=(404,)),
    Route("PATCH", f"{_AUDIENCE}/scoring", "changeScoring", "Change how an audience scores", Role.MARKETER, "Scoring",
          request="ScoringChange", idempotent=True, problems=(404,)),
)  # fmt: skip

_COUNTING = (
    Route("POST", f"{_STORE}/rebuild", "rebuildStore", "Compute a store's boards again", Role.OWNER, "Job", 202,
          idempotent=True, problems=(404,)),
    Route("GET", f"{_STORE}/rates", "getRates", "Read the rates that other currencies count by", Role.VIEWER, "Rates",
          problems=(404,)),
    Route("PUT", f"{_STORE}/rates", "replaceRates", "Declare the rates that other currencies count by", Role.OWNER,
          "Rates", request="RatesIn", idempotent=True, problems=(404,)),
)  # fmt: skip

_SHOP_CREDENTIALS = (
    Route("GET", f"{_STORE}/shop-credentials", "getShopCredentials", "See whether Laurel may read from the shop",
          Role.OWNER, "ShopAccess", problems=(404,)),
    Route("PUT", f"{_STORE}/shop-credentials", "replaceShopCredentials", "Let Laurel read from the shop", Role.OWNER,
          "ShopAccess", request="ShopCredentialsIn", idempotent=True, problems=(404, 424)),
    Route("DELETE", f"{_STORE}/shop-credentials", "deleteShopCredentials", "Let Laurel read from the shop no more",
          Role.OWNER, "ShopAccess", idempotent=True, problems=(404,)),
)  # fmt: skip

_RECONCILIATION = (
    Route("POST", f"{_STORE}/reconciliation", "reconcileStore", "Hold a store against its shop and its boards",
          Role.OWNER, "ReconciliationRun", 202, idempotent=True, problems=(404, 409)),
    Route("GET", f"{_STORE}/reconciliation", "getReconciliation", "See whether a store is in step with its shop",
          Role.VIEWER, "Reconciliation", parameters=(
              Parameter("limit", "Runs, at most.", schema="integer", default=5, minimum=1, maximum=30),),
          problems=(404,)),
)  # fmt: skip

_TEMPLATE = "/templates/{template}"
_TEMPLATES = (
    Route("GET", "/templates", "listTemplates", "List message templates", Role.VIEWER, "MessageTemplates"),
    Route("POST", "/templates", "createTemplate", "Create a message template", Role.MARKETER, "MessageTemplate", 201,
          "TemplateIn", idempotent=True, etag=True, problems=(409,)),
    Route("GET", _TEMPLATE, "getTemplate", "Read a message template", Role.VIEWER, "MessageTemplate", etag=True,
          problems=(404,)),
    Route("PATCH", _TEMPLATE, "changeTemplate", "Change a message template", Role.MARKETER, "MessageTemplate",
          request="TemplateChange", idempotent=True, etag=True, if_match=True, problems=(404,)),
    Route("DELETE", _TEMPLATE, "deleteTemplate", "Delete a message template; its versions stay", Role.MARKETER,
          "MessageTemplate", idempotent=True, if_match=True, problems=(404,)),
    Route("GET", f"{_TEMPLATE}/versions", "listTemplateVersions", "List the versions of a template, latest first",
          Role.VIEWER, "TemplateVersions", parameters=(_LIMIT, _CURSOR), problems=(404,)),
    Route("GET", f"{_TEMPLATE}/versions/{{version}}", "getTemplateVersion", "Read one version of a template",
          Role.VIEWER, "MessageTemplate", problems=(404,)),
    Route("POST", f"{_TEMPLATE}/preview", "previewTemplate", "See a template filled in", Role.MARKETER,
          "PreviewedMessage", request="TemplatePreview", problems=(404, 409)),
    Route("POST", "/templates/preview", "previewDraft", "See a draft filled in", Role.MARKETER, "PreviewedMessage",
          request="DraftPreview", problems=(404, 409)),
)  # fmt: skip

_JOBS = (
    Route("POST", f"{_AUDIENCE}/scores/bulk", "changeScoresInBulk", "Change the scores of many contacts", Role.MARKETER,
          "Job", 202, "BulkChange", idempotent=True, problems=(404,)),
    Route("POST", f"{_AUDIENCE}/scores/verify", "verifyScores", "Prove all scores of an audience", Role.MARKETER,
          "Job", 202, "ScoreVerification", idempotent=True, problems=(404,)),
    Route("POST", f"{_AUDIENCE}/back-tests", "backTestRules", "Try rules out on the past", Role.MARKETER, "Job", 202,
          "BackTestNew", idempotent=True, problems=(404,)),
    Route("GET", f"{_AUDIENCE}/jobs", "listJobs", "List jobs, newest first", Role.VIEWER, "Jobs",
          parameters=(_LIMIT, _CURSOR), problems=(404,)),
    Route("GET", f"{_AUDIENCE}/jobs/{{job}}", "getJob", "Follow a job", Role.VIEWER, "Job", problems=(404,)),
    Route("GET", f"{_AUDIENCE}/scores/distribution", "getDistribution", "See how scores are spread", Role.VIEWER,
          "Distribution", problems=(404, 409)),
    Route("GET", f"{_AUDIENCE}/scores/snapshots", "listSnapshots", "See how scores were spread, day by day",
          Role.VIEWER, "Snapshots", parameters=(
              Parameter("from", "First day (UTC); 89 days before the last by default.", format="date"),
              Parameter("to", "Last day (UTC), at most 366 days later; today by default.", format="date")),
          problems=(404,)),
)  # fmt: skip

_SENDERS = (
    Route("GET", "/senders", "listSenders", "List senders", Role.VIEWER, "Senders", problems=(503,)),
    Route("POST", "/senders", "createSender", "Set up a domain or address to write from", Role.OWNER, "Sender", 201,
          "SenderNew", idempotent=True, problems=(409,)),
    Route("GET", "/senders/{sender}", "getSender", "See how far a sender is", Role.VIEWER, "Sender",
          problems=(404, 503)),
    Route("DELETE", "/senders/{sender}", "deleteSender", "Give a sender up", Role.OWNER, "SenderSummary",
          idempotent=True, problems=(404,)),
)  # fmt: skip

_MESSAGE = f"{_CONTACT}/messages/{{message}}"
_MESSAGES = (
    Route("POST", f"{_CONTACT}/messages", "sendMessage", "Send a message to a contact", Role.MARKETER, "Message", 201,
          "MessageIn", idempotent=True, problems=(402, 404, 409)),
    Route("POST", f"{_CONTACT}/messages/preview", "previewMessage", "See a message as the contact would get it",
          Role.MARKETER, "PreviewedMail", request="MessageIn", problems=(404,)),
    Route("POST", f"{_CONTACT}/messages/test", "testMessage", "Send a message to yourself instead", Role.MARKETER,
          "Message", 201, "MessageIn", idempotent=True, problems=(402, 404, 409)),
    Route("GET", f"{_CONTACT}/messages", "listMessages", "List the messages to a contact, newest first", Role.VIEWER,
          "Messages", parameters=(_LIMIT, _CURSOR), problems=(404,)),
    Route("GET", _MESSAGE, "getMessage", "Read a message and how far it is", Role.VIEWER, "MessageDetail",
          problems=(404,)),
    Route("DELETE", _MESSAGE, "cancelMessage", "Take a message back that is not being sent yet", Role.MARKETER,
          "Message", idempotent=True, problems=(404, 409)),
    Route("GET", f"{_CONTACT}/message-gates", "getMessageGates", "See what stands between a message and a contact",
          Role.VIEWER, "MessageGates", problems=(404, 503)),
)  # fmt: skip

_DELIVERABILITY = (
    Route("GET", "/deliverability", "getDeliverability", "See how the account's mail fares", Role.VIEWER,
          "Deliverability", problems=(404,)),
    Route("GET", "/suppressions", "listSuppressions", "List addresses that are not written to", Role.VIEWER,
          "Suppressions", parameters=(_LIMIT, _CURSOR), problems=(404,)),
    Route("POST", "/suppressions", "suppressAddress", "Write to an address no more", Role.MARKETER, "Suppression", 201,
          "SuppressionNew", idempotent=True),
    Route("DELETE", "/suppressions/{address}", "releaseAddress", "Let an address be written to again", Role.OWNER,
          "Suppression", idempotent=True, problems=(404,)),
)  # fmt: skip

_UNSUBSCRIBE = (
    Route("GET", "/unsubscribe/{token}", "showUnsubscribe", "Ask a contact whether to unsubscribe", None, page=True,
          problems=(404,)),
    Route("POST", "/unsubscribe/{token}", "unsubscribeContact", "Unsubscribe a contact, or take that back", None,
          request="DecisionForm", page=True, problems=(400, 404)),
)  # fmt: skip

_API_KEYS = (
    Route("GET", "/api-keys", "listApiKeys", "List API keys", Role.OWNER, "ApiKeys"),
    Route("POST", "/api-keys", "createApiKey", "Make an API key, which is shown once", Role.OWNER, "ApiKeyMade", 201,
          "ApiKeyNew", problems=(409,)),
    Route("DELETE", "/api-keys/{api_key}", "revokeApiKey", "Revoke an API key", Role.OWNER, "ApiKey", idempotent=True,
          problems=(404,)),
)  # fmt: skip

_USERS = (
    Route("GET", "/users", "listUsers", "List the account's users", Role.OWNER, "Users", problems=(503,)),
    Route("POST", "/users", "inviteUser", "Invite a user", Role.OWNER, "User", 201, "UserNew", idempotent=True,
          problems=(409,)),
    Route("PATCH", "/users/{user}", "changeUser", "Give a user another role", Role.OWNER, "User",
          request="UserChange", idempotent=True, problems=(404, 409)),
    Route("DELETE", "/users/{user}", "removeUser", "Remove a user", Role.OWNER, "User", idempotent=True,
          problems=(404, 409)),
)  # fmt: skip

_IMPORT = f"{_STORE}/imports/{{import_id}}"
_IMPORTS = (
    Route("POST", f"{_STORE}/imports", "startImport", "Import a file of orders or contacts", Role.MARKETER,
          "StartedImport", 201, "ImportNew", idempotent=True, problems=(404, 409)),
    Route("GET", f"{_STORE}/imports", "listImports", "List imports, newest first", Role.VIEWER, "Imports",
          parameters=(_LIMIT, _CURSOR), problems=(404,)),
    Route("GET", _IMPORT, "getImport", "Follow an import", Role.VIEWER, "Import", problems=(404,)),
    Route("POST", f"{_IMPORT}/cancel", "cancelImport", "Cancel an import; what it recorded stays", Role.MARKETER,
          "Import", idempotent=True, problems=(404, 409)),
)  # fmt: skip

_ALERTS = (
    Route("GET", f"{_AUDIENCE}/alerts", "listAlerts", "List customers who seem to slip away", Role.VIEWER, "Alerts",
          parameters=(Parameter("state", "Alerts of this state.", enum="AlertState", default="open"), _LIMIT, _CURSOR),
          problems=(404,)),
    Route("PATCH", f"{_AUDIENCE}/alerts/{{alert}}", "changeAlert", "Put an alert off, or settle it", Role.MARKETER,
          "Alert", request="AlertChange", idempotent=True, problems=(404, 409)),
    Route("GET", f"{_AUDIENCE}/alert-rules", "getAlertRules", "Read what is watched for", Role.VIEWER, "AlertRules",
          etag=True, problems=(404,)),
    Route("PUT", f"{_AUDIENCE}/alert-rules", "replaceAlertRules", "Say what to watch for", Role.MARKETER, "AlertRules",
          request="AlertRulesIn", idempotent=True, etag=True, if_match=True, problems=(404,)),
)  # fmt: skip

_PRIVACY = (
    Route("POST", f"{_CONTACT}/export", "exportPerson", "Hand out everything that is kept of a person", Role.OWNER,
          "PersonExport", parameters=(_CURSOR,), problems=(404,)),
    Route("POST", f"{_CONTACT}/erasure", "erasePerson", "Forget a person", Role.OWNER, "Erasure", 202, idempotent=True,
          problems=(404,)),
    Route("POST", f"{_STORE}/erasure", "eraseStore", "Forget a store and all it told", Role.OWNER, "Erasure", 202,
          idempotent=True, problems=(404, 409)),
    Route("GET", "/erasures", "listErasures", "List erasures and their receipts, newest first", Role.OWNER, "Erasures",
          parameters=(_LIMIT, _CURSOR), problems=(404,)),
    Route("GET", "/erasures/{erasure}", "getErasure", "Follow an erasure, and read its receipt", Role.OWNER, "Erasure",
          problems=(404,)),
)  # fmt: skip

_PROGRAMME = f"{_AUDIENCE}/programmes/{{programme}}"
_REWARDS = (
    Route("GET", f"{_AUDIENCE}/programmes", "listProgrammes", "List programmes of rewards", Role.VIEWER, "Programmes",
          problems=(404,)),
    Route("POST", f"{_AUDIENCE}/programmes", "createProgramme", "Create a programme of rewards", Role.MARKETER,
          "Programme", 201, "ProgrammeIn", idempotent=True, etag=True, problems=(404, 409)),
    Route("GET", _PROGRAMME, "getProgramme", "Read a programme and what it has come to", Role.VIEWER, "Programme",
          etag=True, problems=(404,)),
    Route("PATCH", _PROGRAMME, "changeProgramme", "Change, pause or end a programme", Role.MARKETER, "Programme",
          request="ProgrammeChange", idempotent=True, etag=True, if_match=True, problems=(404, 409)),
    Route("POST", f"{_PROGRAMME}/coupons", "addCoupons", "Add coupon codes to a programme's pool", Role.MARKETER,
          "CouponsAdded", 201, "CouponsIn", idempotent=True, problems=(404, 409)),
    Route("GET", f"{_PROGRAMME}/coupons", "listCoupons", "List a programme's coupon codes", Role.MARKETER,
          "CouponCodes", parameters=(_LIMIT, _CURSOR), csv=True, problems=(404,)),
    Route("POST", f"{_PROGRAMME}/awards", "giveAwards", "Give a reward to the first of a board, or to contacts",
          Role.MARKETER, "Job", 202, "AwardsIn", idempotent=True, problems=(404, 409)),
    Route("GET", f"{_PROGRAMME}/awards", "listAwards", "List a programme's awards, newest first", Role.VIEWER, "Awards",
          parameters=(_LIMIT, _CURSOR), csv=True, problems=(404,)),
    Route("DELETE", f"{_PROGRAMME}/awards/{{contact}}/{{occasion}}", "revokeAward", "Revoke an award", Role.MARKETER,
          "Award", idempotent=True, problems=(404, 409)),
    Route("GET", f"{_PROGRAMME}/lift", "getLift", "Measure what a reward does", Role.VIEWER, "Lift", parameters=(
        Parameter("days", "Days after an award that count.", schema="integer", default=30, minimum=1, maximum=365),),
        problems=(404,)),
    Route("GET", f"{_CONTACT}/awards", "listContactAwards", "List the awards of a contact", Role.VIEWER,
          "ContactAwards", problems=(404,)),
    Route("GET", f"{_AUDIENCE}/tiers", "getTiers", "Read the tiers of an audience", Role.VIEWER, "Tiers", etag=True,
          problems=(404,)),
    Route("PUT", f"{_AUDIENCE}/tiers", "replaceTiers", "Replace the tiers of an audience", Role.MARKETER, "Tiers",
          request="TiersIn", idempotent=True, etag=True, if_match=True, problems=(404, 409)),
)  # fmt: skip

_AUTOMATION = f"{_AUDIENCE}/automations/{{automation}}"
_AUTOMATIONS = (
    Route("GET", f"{_AUDIENCE}/automations", "listAutomations", "List automations", Role.VIEWER, "Automations",
          problems=(404,)),
    Route("POST", f"{_AUDIENCE}/automations", "createAutomation", "Create an automation", Role.MARKETER, "Automation",
          201, "AutomationIn", idempotent=True, etag=True, problems=(404, 409)),
    Route("POST", f"{_AUDIENCE}/automations/dry-runs", "startDryRun", "Try an automation or a draft of one",
          Role.MARKETER, "Job", 202, "DryRunNew", idempotent=True, problems=(404,)),
    Route("GET", f"{_AUDIENCE}/automations/dry-runs/{{job}}", "getDryRun", "See whom an automation would touch",
          Role.VIEWER, "DryRun", problems=(404,)),
    Route("GET", _AUTOMATION, "getAutomation", "Read an automation", Role.VIEWER, "Automation", etag=True,
          problems=(404,)),
    Route("PATCH", _AUTOMATION, "changeAutomation", "Change, pause or enable an automation", Role.MARKETER,
          "Automation", request="AutomationChange", idempotent=True, etag=True, if_match=True, problems=(404,)),
    Route("DELETE", _AUTOMATION, "deleteAutomation", "Delete an automation and stop its runs", Role.MARKETER,
          "Automation", idempotent=True, if_match=True, problems=(404,)),
    Route("GET", f"{_AUTOMATION}/runs", "listAutomationRuns", "List the runs of an automation, newest first",
          Role.VIEWER, "AutomationRuns", parameters=(_LIMIT, _CURSOR), problems=(404,)),
    Route("GET", f"{_CONTACT}/automation-runs", "listContactRuns", "List the runs for a contact, newest first",
          Role.VIEWER, "AutomationRuns", parameters=(_LIMIT, _CURSOR), problems=(404,)),
    Route("GET", f"{_CONTACT}/automation-runs/{{run}}", "getAutomationRun", "Read a run and what came of its steps",
          Role.VIEWER, "AutomationRun", problems=(404,)),
)  # fmt: skip

ROUTES: dict[tuple[str, str], Route] = {
    (route.method, route.path): route
    for route in (
        *_WORKSPACE,
        *_API_KEYS,
        *_USERS,
        *_BILLING,
        *_INGESTION,
        *_LEADERBOARD,
        *_COUNTING,
        *_SHOP_CREDENTIALS,
        *_RECONCILIATION,
        *_SCORING,
        *_AUTOMATIONS,
        *_JOBS,
        *_TEMPLATES,
        *_SENDERS,
        *_DELIVERABILITY,
        *_MESSAGES,
        *_UNSUBSCRIBE,
        *_IMPORTS,
        *_ALERTS,
        *_PRIVACY,
        *_REWARDS,
    )
}

OTHERS_APIS = {("ANY", "/3.0/{proxy+}"): "answerMailchimp"}
"""Paths below which a function speaks another vendor's API, with that vendor's answers and errors; by operation."""
