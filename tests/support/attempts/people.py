"""What one may try with the other's contacts: their activities and scores, and jobs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.attempts.attempt import Attempt, erasure_of, nothing, with_key
from tests.support.estate import Estate
from tests.support.shop import ADA, BODIES, activity, contact_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _activities(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"audience": mine.tenant.audience_id}
    return [
        Attempt("recordActivity", path, body=activity("v2", properties={"mine": True}), own=True),
        Attempt("recordActivity", path, body=activity("x") | {"account_id": theirs.tenant.account_id}),
        *with_key("recordActivity", "audience")(mine, theirs),
    ]


def _judgements(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"audience": mine.tenant.audience_id, "contact": mine.customer, "activity": "v2"}
    return [
        Attempt("judgeActivity", path, body=BODIES["judgeActivity"], own=True),
        Attempt("judgeActivity", path, body={"machine": True, "contact": theirs.customer}),
        Attempt("judgeActivity", path, body=BODIES["judgeActivity"], headers=theirs.key, own=True),
    ]


def of_person(operation: str) -> Callable[[Estate, Estate], list[Attempt]]:
    def made(mine: Estate, theirs: Estate) -> list[Attempt]:
        path = {"audience": mine.tenant.audience_id, "contact": contact_id(ADA)}
        shared = [Attempt(operation, path, own=True)]
        if operation == "getTimeline":
            shared += [
                Attempt(operation, path, {"cursor": cursor}) for cursor in (theirs.timeline_cursor, theirs.board_cursor)
            ]
        return shared

    return made


def _search(mine: Estate, theirs: Estate) -> list[Attempt]:
    path, operation = {"audience": mine.tenant.audience_id}, "findContactsByScore"
    return [
        Attempt(operation, path, own=True),
        Attempt(operation, path, {"store": theirs.stores["generic"]["id"]}),
        Attempt(operation, path, {"tag": f"tag-{theirs.mark}"}, own=True),
        *(Attempt(operation, path, {"cursor": it}) for it in (theirs.scores_cursor, theirs.history_cursor)),
        Attempt(operation, {"audience": theirs.tenant.audience_id}, {"cursor": theirs.scores_cursor}),
        Attempt(operation, path, {"none": "true"}, headers={"Accept": "text/csv"}, own=True),
    ]


def _score_count(mine: Estate, theirs: Estate) -> list[Attempt]:
    path, operation = {"audience": mine.tenant.audience_id}, "countContactsByScore"
    return [
        Attempt(operation, path, own=True),
        Attempt(operation, path, {"store": theirs.stores["generic"]["id"], "metric_at_least": "1"}),
    ]


def _history(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"audience": mine.tenant.audience_id, "contact": mine.customer}
    return [
        Attempt("getScore", path, own=True),
        *(Attempt("getScore", path, {"cursor": it}) for it in (theirs.history_cursor, theirs.scores_cursor)),
    ]


def _reset(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"audience": mine.tenant.audience_id}
    foreign = [theirs.customer, f"{theirs.tenant.audience_id}#{theirs.customer}", f"../{theirs.customer}"]
    return [
        *(Attempt("resetScores", path, body={"contact": it}) for it in foreign),
        *with_key("resetScores", "audience")(mine, theirs),
    ]


def _bulk(mine: Estate, theirs: Estate) -> list[Attempt]:
    """The other's contacts are nobody's here; a query about the other's store is refused."""
    path, operation = {"audience": mine.tenant.audience_id}, "changeScoresInBulk"
    change = {"effect": "add", "points": 1}
    return [
        Attempt(operation, path, body=change | {"contacts": [ADA, theirs.customer]}, own=True),
        Attempt(operation, path, body=change | {"query": {"store": theirs.stores["generic"]["id"]}}),
        Attempt(operation, path, body=change | {"contacts": [f"{theirs.tenant.audience_id}#{theirs.customer}"]}),
        *with_key(operation, "audience")(mine, theirs),
    ]


def _job_list(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"audience": mine.tenant.audience_id}
    foreign = (theirs.jobs_cursor, theirs.scores_cursor)
    return [
        Attempt("listJobs", path, own=True),
        *(Attempt("listJobs", path, {"cursor": it}) for it in foreign),
        Attempt("listJobs", {"audience": theirs.tenant.audience_id}, {"cursor": theirs.jobs_cursor}),
    ]


def _export(mine: Estate, theirs: Estate) -> list[Attempt]:
    path, operation = {"audience": mine.tenant.audience_id, "contact": mine.customer}, "exportPerson"
    foreign = (theirs.erasures_cursor, theirs.history_cursor, mine.erasures_cursor)
    return [
        Attempt(operation, path, own=True),
        *(Attempt(operation, path, {"cursor": it}) for it in foreign),
        Attempt(operation, path | {"contact": f"{theirs.tenant.audience_id}#{theirs.customer}"}),
    ]


ATTEMPTS: dict[str, Callable[[Estate, Estate], Iterable[Attempt]]] = {
    "getContact": of_person("getContact"),
    "getTimeline": of_person("getTimeline"),
    "recordActivity": _activities,
    "judgeActivity": _judgements,
    "listScoringRules": lambda mine, _: [Attempt("listScoringRules", {"audience": mine.tenant.audience_id}, own=True)],
    "createScoringRule": with_key("createScoringRule", "audience"),
    "getScoringRule": nothing,
    "changeScoringRule": with_key("changeScoringRule", "audience", "rule"),
    "deleteScoringRule": with_key("deleteScoringRule", "audience", "rule"),
    "getScore": _history,
    "changeScore": with_key("changeScore", "audience", "contact"),
    "verifyScore": with_key("verifyScore", "audience", "contact"),
    "findContactsByScore": _search,
    "countContactsByScore": _score_count,
    "resetScores": _reset,
    "getScoring": nothing,
    "changeScoring": with_key("changeScoring", "audience"),
    "changeScoresInBulk": _bulk,
    "verifyScores": with_key("verifyScores", "audience"),
    "backTestRules": with_key("backTestRules", "audience"),
    "listJobs": _job_list,
    "getJob": lambda mine, _: [Attempt("getJob", {name: mine.path[name] for name in ("audience", "job")}, own=True)],
    "getDistribution": lambda mine, _: [Attempt("getDistribution", {"audience": mine.tenant.audience_id}, own=True)],
    "listSnapshots": lambda mine, _: [Attempt("listSnapshots", {"audience": mine.tenant.audience_id}, own=True)],
    "exportPerson": _export,
    "erasePerson": erasure_of("erasePerson", "audience", "contact"),
}
"""Of these routes, what can be tried besides its path."""
