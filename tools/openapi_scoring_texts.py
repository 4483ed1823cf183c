"""The prose of the API's description about rules and scores."""

from __future__ import annotations

from typing import Any

TAGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Scoring rules": (
        "What happens to a contact's score, and when.",
        (
            "listScoringRules",
            "createScoringRule",
            "getScoringRule",
            "changeScoringRule",
            "deleteScoringRule",
            "getScoring",
            "changeScoring",
        ),
    ),
    "Scores": (
        "Points of contacts: from 0 to 99,999,999, or no score at all.",
        (
            "getScore",
            "changeScore",
            "verifyScore",
            "findContactsByScore",
            "countContactsByScore",
            "resetScores",
        ),
    ),
}

DESCRIPTIONS = {
    "createScoringRule": (
        "When an activity of this name happens and all conditions hold, the effect is applied to the contact's score. "
        "Any name is good; Laurel's own are `order.placed` and `order.refunded`. What no rule names leaves scores "
        "alone.\n\n"
        "Several rules may name the same activity: they are applied in the order of their creation, and after each the "
        "score is held between 0 and 99,999,999. A rule counts for what happens from now on. Of an order conditions "
        "see `store`, `order`, `number`, `amount`, `total` and `currency`.\n\n"
        "An audience has at most 50 rules; one more is answered 409."
    ),
    "changeScoringRule": (
        "Send the fields to change. Points that the rule gave before stay as they are. `If-Match` names the version "
        "that was read: the `ETag` of that answer."
    ),
    "deleteScoringRule": "Points that the rule gave stay. The answer is the rule as it was.",
    "changeScoring": (
        "With `monthly_decay` all scores of the audience fall by so many percent at the beginning of each month (UTC). "
        "Each fall is an entry in the history."
    ),
    "getScore": (
        "The score, how many of its points came from which rule, and every change: latest causes first, corrections "
        "beside what they correct. Changes from before all scores were reset are listed too, but no longer count."
    ),
    "changeScore": (
        "Adds, subtracts, sets or removes, as one entry of the history. The score is held between 0 and 99,999,999; "
        "`given` tells what that left of `asked`: 99,999,990 and 100 more make 99,999,999, and there nothing more is "
        "gained. Subtracting from no score leaves none; adding to none starts from 0."
    ),
    "verifyScore": (
        "Every change of a score is an entry that tells the score before and after. This reads them all and answers "
        "whether they lead to the score, step by step. Unless `repair` is false, a score that differs is set to what "
        "its entries lead to."
    ),
    "findContactsByScore": (
        "Bounds may be combined; without any, everyone who has a score is found. `none=true` finds who has none. With "
        "`tag`, `none`, or bounds of a metric, one request looks at 2,000 contacts at most: a page may then be short, "
        "even empty, and `next_cursor` goes on.\n\n"
        "`Accept: text/csv` gives the page as CSV, 1,000 rows unless `limit` says otherwise, with a `Link` header to "
        "the next page."
    ),
    "countContactsByScore": (
        "Exact up to 10,000. Beyond that, and where tags or figures decide and there are more than 20,000 contacts to "
        "look at, `more` is true and `count` is the least there are."
    ),
    "resetScores": (
        "`{}` resets the whole audience: from this moment no contact has a score, however many there are, and caps "
        "begin anew. Only an owner may do that. With `contact`, one contact's score is removed. The history stays."
    ),
}

PATH_PARAMETERS = {"rule": "Id of a scoring rule of the audience."}

_RULE = {"name": "Opens a message", "activity": "email.opened", "effect": "add", "points": 5}
EXAMPLES: dict[str, dict[str, Any]] = {
    "createScoringRule": {
        "opens": {**_RULE, "frequency_cap": {"times": 1, "window": "day"}},
        "spends": {"name": "A point a euro", "activity": "order.placed", "effect": "add_per_unit", "points": 1},
        "reads": {
            "name": "Reads about laurels",
            "activity": "page.visited",
            "conditions": [{"property": "url", "operator": "contains", "value": "/laurels"}],
            "effect": "add",
            "points": 2,
            "expires_after_days": 90,
        },
        "leaves": {"name": "Leaves", "activity": "unsubscribed", "effect": "remove"},
    },
    "changeScoringRule": {"off": {"enabled": False}, "more": {"points": 10, "frequency_cap": None}},
    "changeScore": {
        "add": {"effect": "add", "points": 100, "reason": "Won the raffle"},
        "remove": {"effect": "remove", "reason": "Asked for it"},
    },
    "resetScores": {"audience": {}, "contact": {"contact": "0c7e6a405862e402eb76a70f8a26fc73"}},
    "changeScoring": {"decay": {"monthly_decay": 10}, "none": {"monthly_decay": 0}},
}
