"""The prose of the API's description about jobs and the spread of scores."""

from __future__ import annotations

from typing import Any

TAGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Jobs": (
        "Work on many contacts, done in the background and followed by its progress.",
        ("changeScoresInBulk", "verifyScores", "backTestRules", "listJobs", "getJob"),
    ),
    "Distribution": (
        "How the scores of an audience are spread, now and day by day.",
        ("getDistribution", "listSnapshots"),
    ),
}

_FOLLOW = "Answered 202 with the job; `location` tells where to follow it."

DESCRIPTIONS = {
    "changeScoresInBulk": (
        "Applies one effect to up to 10,000 contacts: those in `contacts`, by id or e-mail address, or those that a "
        "`query` finds when the job begins. A query that finds more fails before anything is changed. Each contact is "
        "changed once, as one entry of the history, whatever happens to the job meanwhile.\n\n" + _FOLLOW
    ),
    "verifyScores": (
        "Holds the score of every contact against its entries, as `POST .../score/verify` does for one, and unless "
        "`repair` is false puts right what differs.\n\n" + _FOLLOW
    ),
    "backTestRules": (
        "Replays the activities and orders of the last days through draft rules, from no score on, and sets what comes "
        "of it beside today's scores. Nothing is written. Orders count as they stand today, at the time they were "
        "placed: refunds lower their amount, but rules on `order.refunded` find nothing. Expiry, decay and changes by "
        "hand are not replayed.\n\n" + _FOLLOW
    ),
    "listJobs": (
        "Without results. Beside those that people start there are daily ones, `snapshot`, `expiry`, `decay`, "
        "`silence`, `alerts` and `award`, and those of its stores, `rebuild` and `reconciliation`."
    ),
    "getJob": "A job is `queued`, `running`, and at last `done` with a `result`, or `failed` with an `error`.",
    "getDistribution": (
        "Counted live for up to 20,000 contacts with a score; of more, the last daily snapshot. Before the first "
        "snapshot such an audience is answered 409."
    ),
    "listSnapshots": "Snapshots are taken half an hour after midnight (UTC) and kept for good.",
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "changeScoresInBulk": {
        "named": {"effect": "add", "points": 50, "reason": "Fair in Lyon", "contacts": ["ada@example.com"]},
        "found": {"effect": "subtract", "points": 10, "query": {"at_least": 100, "tag": "sleeping"}},
    },
    "backTestRules": {
        "clicks": {
            "rules": [{"name": "Clicks", "activity": "email.clicked", "effect": "add", "points": 5}],
            "threshold": 100,
        }
    },
}
