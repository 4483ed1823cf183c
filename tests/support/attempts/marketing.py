"""What one may try with the other's automations, alerts, rewards and tiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.attempts.attempt import Attempt, nothing, with_key
from tests.support.attempts.people import of_person
from tests.support.estate import Estate
from tests.support.shop import BODIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _automations(mine: Estate, theirs: Estate) -> list[Attempt]:
    """Automations that name what is the other's."""
    path, operation = {"audience": mine.tenant.audience_id}, "createAutomation"
    store, body = theirs.stores["generic"]["id"], BODIES[operation]
    board = {"store": store, "rank_by": "total_spent", "time_frame": "all_time"}
    reaching: list[dict[str, Any]] = [
        {"trigger": {"kind": "rank_enters", **board, "first": 10}},
        {"conditions": [{"kind": "metric", **board, "least": "1"}]},
        {"steps": [{"kind": "send_template", "template": theirs.template}]},
        {"steps": [{"kind": "send_template", "template": mine.template, "store": store}]},
    ]
    return [
        *(Attempt(operation, path, body=body | it) for it in reaching),
        *with_key(operation, "audience")(mine, theirs),
    ]


def _dry_runs(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"audience": mine.tenant.audience_id}
    return [
        Attempt("startDryRun", path, body={"automation": theirs.automation}),
        Attempt("startDryRun", path, body={"automation": f"{theirs.tenant.audience_id}#{theirs.automation}"}),
        *with_key("startDryRun", "audience")(mine, theirs),
    ]


def _runs(operation: str, name: str) -> Callable[[Estate, Estate], list[Attempt]]:
    """Runs of one's own, by the other's cursors."""

    def made(mine: Estate, theirs: Estate) -> list[Attempt]:
        path = {part: mine.path[part] for part in ("audience", name)}
        foreign = (theirs.jobs_cursor, theirs.timeline_cursor)
        return [Attempt(operation, path, own=True), *(Attempt(operation, path, {"cursor": it}) for it in foreign)]

    return made


def _programmes(operation: str, *names: str) -> Callable[[Estate, Estate], list[Attempt]]:
    """Programmes about the other's store, in its tier, with its template."""

    def made(mine: Estate, theirs: Estate) -> list[Attempt]:
        path = {name: mine.path[name] for name in names}
        reaching = [
            {"store": theirs.stores["generic"]["id"]},
            {"store": f"{theirs.tenant.account_id}#{theirs.stores['generic']['id']}"},
            {"template": theirs.template},
            {"who": {"kind": "tier", "tier": theirs.mark}},
        ]
        body = BODIES[operation]
        return [
            *(Attempt(operation, path, body=body | it) for it in reaching),
            *with_key(operation, *names)(mine, theirs),
        ]

    return made


def _awards(mine: Estate, theirs: Estate) -> list[Attempt]:
    """The other's board, and one's own contacts with the other's key."""
    path = {name: mine.path[name] for name in ("audience", "programme")}
    stores = [theirs.stores["generic"]["id"], f"{theirs.tenant.account_id}#{theirs.stores['generic']['id']}"]
    return [
        *(Attempt("giveAwards", path, body={"board": {"store": it, "first": 3}}) for it in stores),
        *with_key("giveAwards", "audience", "programme")(mine, theirs),
    ]


def _coupons(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {name: mine.path[name] for name in ("audience", "programme")}
    foreign = (theirs.coupons_cursor, theirs.jobs_cursor)
    return [
        Attempt("listCoupons", path, own=True),
        *(Attempt("listCoupons", path, {"cursor": it}) for it in foreign),
    ]


def _tiers(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"audience": mine.tenant.audience_id}
    needs = {"kind": "spent", "store": theirs.stores["generic"]["id"], "time_frame": "all_time", "amount": "1"}
    return [
        Attempt("replaceTiers", path, body={"tiers": [{"name": "Silver", "needs": needs}]}),
        *with_key("replaceTiers", "audience")(mine, theirs),
    ]


def _alert_rules(mine: Estate, theirs: Estate) -> list[Attempt]:
    path, foreign = {"audience": mine.tenant.audience_id}, theirs.stores["generic"]["id"]
    forged = [foreign, f"{theirs.tenant.account_id}#{foreign}", f"{foreign}#"]
    return [
        *(Attempt("replaceAlertRules", path, body={"stores": [{"store_id": it}]}) for it in forged),
        *with_key("replaceAlertRules", "audience")(mine, theirs),
    ]


ATTEMPTS: dict[str, Callable[[Estate, Estate], Iterable[Attempt]]] = {
    "listAutomations": lambda mine, _: [Attempt("listAutomations", {"audience": mine.tenant.audience_id}, own=True)],
    "createAutomation": _automations,
    "startDryRun": _dry_runs,
    "getDryRun": lambda mine, theirs: [
        Attempt("getDryRun", {"audience": mine.tenant.audience_id, "job": mine.dry_run}, own=True),
        Attempt("getDryRun", {"audience": mine.tenant.audience_id, "job": theirs.dry_run}),
    ],
    "getAutomation": lambda mine, _: [
        Attempt("getAutomation", {name: mine.path[name] for name in ("audience", "automation")}, own=True)
    ],
    "changeAutomation": with_key("changeAutomation", "audience", "automation"),
    "deleteAutomation": nothing,
    "listAutomationRuns": _runs("listAutomationRuns", "automation"),
    "listContactRuns": _runs("listContactRuns", "contact"),
    "getAutomationRun": nothing,
    "listAlerts": lambda mine, _: [Attempt("listAlerts", {"audience": mine.tenant.audience_id}, own=True)],
    "changeAlert": nothing,
    "getAlertRules": lambda mine, _: [Attempt("getAlertRules", {"audience": mine.tenant.audience_id}, own=True)],
    "replaceAlertRules": _alert_rules,
    "listProgrammes": lambda mine, _: [Attempt("listProgrammes", {"audience": mine.tenant.audience_id}, own=True)],
    "createProgramme": _programmes("createProgramme", "audience"),
    "getProgramme": nothing,
    "changeProgramme": _programmes("changeProgramme", "audience", "programme"),
    "addCoupons": with_key("addCoupons", "audience", "programme"),
    "listCoupons": _coupons,
    "giveAwards": _awards,
    "listAwards": lambda mine, theirs: [
        Attempt("listAwards", {name: mine.path[name] for name in ("audience", "programme")}, own=True),
        Attempt(
            "listAwards",
            {name: mine.path[name] for name in ("audience", "programme")},
            {"cursor": theirs.coupons_cursor},
        ),
    ],
    "revokeAward": nothing,
    "getLift": lambda mine, _: [
        Attempt("getLift", {name: mine.path[name] for name in ("audience", "programme")}, own=True)
    ],
    "listContactAwards": of_person("listContactAwards"),
    "getTiers": lambda mine, _: [Attempt("getTiers", {"audience": mine.tenant.audience_id}, own=True)],
    "replaceTiers": _tiers,
}
"""Of these routes, what can be tried besides its path."""
