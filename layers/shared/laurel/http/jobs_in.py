"""What clients send to start jobs: pydantic models, imported where a body is read and by the OpenAPI generator."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field, StrictInt, StringConstraints

from laurel.http.schemas import Body
from laurel.http.scoring_in import ChangeKind, Points, Reason, RuleIn, ScoreQuery, asked_of, effect_of, rule_of
from laurel.model.errors import FieldError, InvalidInput
from laurel.model.identity import contact_id
from laurel.model.job import MOST_CONTACTS
from laurel.model.scoring import HIGHEST_SCORE, MOST_RULES, ScoringRule
from laurel.scoring.backtest import LONGEST

ContactRef = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^([0-9a-f]{32}|[^@\s]+@[^@\s]+)$"),
    Field(examples=["ada@example.com"]),
]


class BulkChange(Body):
    """What to do to the scores of many contacts: those named, or those a query finds."""

    effect: ChangeKind
    points: Points | None = Field(default=None, description="Not with `remove`; of anything but `set` at least 1.")
    reason: Reason | None = None
    contacts: Annotated[list[ContactRef], Field(min_length=1, max_length=MOST_CONTACTS)] | None = Field(
        default=None, description="Ids or e-mail addresses; not with `query`."
    )
    query: ScoreQuery | None = Field(
        default=None, description=f"Who is meant, {MOST_CONTACTS} contacts at most; not with `contacts`."
    )


class BackTestNew(Body):
    """Rules to try out on the past."""

    rules: Annotated[list[RuleIn], Field(min_length=1, max_length=MOST_RULES)]
    threshold: Annotated[StrictInt, Field(ge=1, le=HIGHEST_SCORE, description="Who would reach it, who would lose it?")]
    days: Annotated[StrictInt, Field(ge=1, le=LONGEST.days, description="How far back to begin.")] = LONGEST.days


def asked_in_bulk(body: BulkChange) -> tuple[dict[str, Any], list[str] | None]:
    """What a bulk job is to do, as its input, and the ids of the contacts, if they are named.

    Raises ``InvalidInput``.
    """
    effect = effect_of(body.effect, body.points)
    if (body.contacts is None) == (body.query is None):
        raise InvalidInput.at("/contacts", "Give either contacts or a query.")
    query = asked_of(body.query) if body.query else None
    asked = {"effect": effect.kind.value, "points": effect.points, "reason": body.reason, "query": query}
    if body.contacts is None:
        return asked, None
    return asked, ids_of(body.contacts)


def ids_of(contacts: Iterable[str]) -> list[str]:
    """The ids of contacts that are named by id or e-mail address, each once."""
    return list(dict.fromkeys(contact_id(it) if "@" in it else it for it in contacts))


def draft_rules(body: BackTestNew) -> list[ScoringRule]:
    """The rules to try, numbered from 1. Raises ``InvalidInput`` with all faults."""
    rules, faults = [], list[FieldError]()
    for number, rule in enumerate(body.rules):
        try:
            rules.append(rule_of(rule, str(number + 1), pointer=f"/rules/{number}"))
        except InvalidInput as error:
            faults += error.errors
    if faults:
        raise InvalidInput("A rule makes no sense.", tuple(faults))
    return rules
