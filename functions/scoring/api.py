"""Scoring rules, and scores: explained, searched, changed by hand, proved and reset."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from laurel.http import scoring_out
from laurel.http.app import App, lambda_handler
from laurel.http.counting_out import rebuilding_header
from laurel.http.cursor import Pages
from laurel.http.exchange import Response, json_response
from laurel.http.parameters import limit_parameter
from laurel.http.tables import csv_and_limit, csv_response
from laurel.http.versions import etag, require_match
from laurel.model.account import Audience, Role
from laurel.model.errors import Conflict, Forbidden, NotFound, VersionMismatch
from laurel.model.identity import new_id
from laurel.model.scoring import MOST_RULES, ScoredContact, ScoringRule
from laurel.scoring.by_hand import change_score, reset_score
from laurel.scoring.criteria import NAMES, criteria_of
from laurel.scoring.explain import explain
from laurel.scoring.search import ScoreCriteria, count, find
from laurel.scoring.verify import verify
from laurel.settings import settings
from laurel.store.process import dynamodb
from laurel.store.score_search import ScoreSearch
from laurel.store.scores import Scores
from laurel.store.scoring_rules import ScoringRules
from laurel.store.workspace import Workspace

_PAGE = 50
_CLEARED_BY_NULL = frozenset({"points", "frequency_cap", "expires_after_days"})

app = App(dynamodb)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_rules = ScoringRules(dynamodb(), settings().workspace_table)
_scores = Scores(dynamodb(), settings().contacts_table)
_search = ScoreSearch(dynamodb(), settings().contacts_table, settings().rankings_table)


@app.get("/audiences/{audience}/scoring-rules")
def list_rules(audience: str) -> dict[str, Any]:
    within = _audience(audience)
    return {"rules": [scoring_out.rule(rule) for rule in _rules.rules(within.account_id, within.id)]}


@app.post("/audiences/{audience}/scoring-rules")
def create_rule(audience: str) -> Response:
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic
    from laurel.http.scoring_in import RuleIn, rule_of  # noqa: PLC0415, reads need no pydantic

    wanted = rule_of(read(RuleIn, app.json_body()), new_id(), datetime.now(UTC))
    within = _audience(audience)
    if len(_rules.rules(within.account_id, within.id)) >= MOST_RULES:
        raise Conflict(f"This audience has {MOST_RULES} scoring rules, which is as many as it may have. Delete one.")
    return _saved(within, wanted, status=201)


@app.get("/audiences/{audience}/scoring-rules/{rule}")
def get_rule(audience: str, rule: str) -> Response:
    return _versioned(_rule(_audience(audience), rule))


@app.patch("/audiences/{audience}/scoring-rules/{rule}")
def change_rule(audience: str, rule: str) -> Response:
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic
    from laurel.http.scoring_in import RuleChange, RuleIn, rule_of  # noqa: PLC0415, reads need no pydantic

    sent = read(RuleChange, app.json_body()).model_dump(mode="json", exclude_unset=True)
    within = _audience(audience)
    known = _rule(within, rule)
    require_match(app, known.version)
    changes = {name: value for name, value in sent.items() if value is not None or name in _CLEARED_BY_NULL}
    if changes.get("effect") == "remove":
        changes = {"points": None, **changes}
    body = read(RuleIn, scoring_out.rule_body(known) | changes)
    return _saved(within, rule_of(body, known.id, known.created_at, known.version))


@app.delete("/audiences/{audience}/scoring-rules/{rule}")
def delete_rule(audience: str, rule: str) -> dict[str, Any]:
    within = _audience(audience)
    known = _rule(within, rule)
    require_match(app, known.version)
    if not _rules.delete(within.account_id, within.id, known.id, known.version):
        raise VersionMismatch
    return scoring_out.rule(known)


@app.get("/audiences/{audience}/contacts/{contact}/score")
def get_score(audience: str, contact: str) -> dict[str, Any]:
    within = _audience(audience)
    pages = Pages(_workspace.cursor_key(app.caller.account_id), f"score of {contact} in {within.id}")
    position = pages.position(app.query("cursor"))
    limit = limit_parameter(app, _PAGE)
    explained = explain(_scores, _scored(within, contact), limit, position["entry"] if position else None)
    names = {rule.id: rule.name for rule in _rules.rules(within.account_id, within.id)} if explained.shares else {}
    return scoring_out.explanation(contact, explained, names, pages.cursor(explained.next_cursor))


@app.post("/audiences/{audience}/contacts/{contact}/score")
def change_by_hand(audience: str, contact: str) -> dict[str, Any]:
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic
    from laurel.http.scoring_in import ScoreChange, effect_of  # noqa: PLC0415, reads need no pydantic

    wanted = read(ScoreChange, app.json_body())
    effect = effect_of(wanted.effect, wanted.points)
    scored = _scored(_audience(audience), contact)
    entry = change_score(_scores, scored, effect, datetime.now(UTC), _person(), wanted.reason)
    return scoring_out.changed(contact, entry)


@app.post("/audiences/{audience}/contacts/{contact}/score/verify")
def verify_score(audience: str, contact: str) -> dict[str, Any]:
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic
    from laurel.http.scoring_in import ScoreVerification  # noqa: PLC0415, reads need no pydantic

    wanted = read(ScoreVerification, app.json_body() if app.request.body() else {})
    return scoring_out.verified(verify(_scores, _scored(_audience(audience), contact), repair=wanted.repair))


@app.get("/audiences/{audience}/scores")
def find_contacts(audience: str) -> dict[str, Any] | Response:
    within = _audience(audience)
    criteria = _criteria(within)
    as_csv, limit = csv_and_limit(app)
    pages = Pages(_workspace.cursor_key(app.caller.account_id), f"scores in {within.id}")
    page = find(_search, within, criteria, limit, pages.position(app.query("cursor")))
    following = pages.cursor(page.next_cursor)
    if not as_csv:
        return scoring_out.found(within, criteria, page.rows, following)
    asked = {name: value for name, value in app.request.query.items() if name in (*NAMES, "order")}
    return csv_response(
        "scores",
        scoring_out.csv_header(criteria),
        (scoring_out.csv_row(criteria, row) for row in page.rows),
        {**asked, "limit": limit, "cursor": following} if following else None,
        rebuilding_header(criteria.figures.store if criteria.figures else None),
    )


@app.get("/audiences/{audience}/scores/count")
def count_contacts(audience: str) -> dict[str, Any]:
    within = _audience(audience)
    criteria = _criteria(within)
    return scoring_out.counted(criteria, count(_search, within, criteria))


@app.post("/audiences/{audience}/scores/reset")
def reset_scores(audience: str) -> dict[str, Any]:
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic
    from laurel.http.scoring_in import ScoresReset  # noqa: PLC0415, reads need no pydantic

    contact = read(ScoresReset, app.json_body()).contact
    within, now = _audience(audience), datetime.now(UTC)
    if contact is not None:
        reset_score(_scores, _scored(within, contact), now, _person())
    elif app.caller.role.includes(Role.OWNER):
        _workspace.reset_scores(within.account_id, within.id)
    else:
        raise Forbidden(f"Resetting a whole audience needs the role 'owner'; yours is {app.caller.role.value!r}.")
    return scoring_out.were_reset(within, contact, now)


@app.get("/audiences/{audience}/scoring")
def get_scoring(audience: str) -> dict[str, Any]:
    return scoring_out.scoring(_audience(audience))


@app.patch("/audiences/{audience}/scoring")
def change_scoring(audience: str) -> dict[str, Any]:
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic
    from laurel.http.scoring_in import ScoringChange  # noqa: PLC0415, reads need no pydantic

    percent = read(ScoringChange, app.json_body()).monthly_decay
    known = _audience(audience)
    if percent is None:
        return scoring_out.scoring(known)
    _workspace.set_monthly_decay(known.account_id, known.id, percent)
    return scoring_out.scoring(replace(known, monthly_decay=percent))


def _audience(audience_id: str) -> Audience:
    return _workspace.existing_audience(app.caller.account_id, audience_id)


def _rule(audience: Audience, rule_id: str) -> ScoringRule:
    rule = _rules.rule(audience.account_id, audience.id, rule_id)
    if rule is None:
        raise NotFound("scoring rule", rule_id)
    return rule


def _saved(audience: Audience, rule: ScoringRule, status: int = 200) -> Response:
    if not _rules.save(audience.account_id, audience.id, rule):
        raise VersionMismatch
    return _versioned(replace(rule, version=rule.version + 1), status)


def _versioned(rule: ScoringRule, status: int = 200) -> Response:
    return json_response(status, scoring_out.rule(rule), headers=etag(rule.version))


def _scored(audience: Audience, contact: str) -> ScoredContact:
    scored = _scores.read(audience.account_id, audience.id, audience.score_epoch, contact)
    if scored is None:
        raise NotFound("contact", contact)
    return scored


def _criteria(audience: Audience) -> ScoreCriteria:
    return criteria_of(_workspace, audience, app.request.query, datetime.now(UTC))


def _person() -> str | None:
    """Who signed in, if the token says so."""
    return app.request.claims.get("email")


handler = lambda_handler(app)
