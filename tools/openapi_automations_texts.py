"""The prose of the API's description about automations."""

from __future__ import annotations

from typing import Any

from laurel.model.automation import MOST_AUTOMATIONS, MOST_STEPS

TAGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Automations": (
        "When something happens to a contact, if conditions hold, do this and that.",
        (
            "listAutomations",
            "createAutomation",
            "startDryRun",
            "getDryRun",
            "getAutomation",
            "changeAutomation",
            "deleteAutomation",
            "listAutomationRuns",
            "listContactRuns",
            "getAutomationRun",
        ),
    ),
}

PATH_PARAMETERS = {
    "automation": "Id of an automation.",
    "run": "Id of a run of an automation.",
}

DESCRIPTIONS = {
    "listAutomations": "With the last report of each one's guard, when its last run began, and how many did of late.",
    "createAutomation": (
        f"An audience has {MOST_AUTOMATIONS} automations at most, each with {MOST_STEPS} steps at most. `trigger`, "
        "`conditions` and `steps` are of a `kind` each, which says what else they hold. What an automation names must "
        "be there: templates of the account, stores and reward programmes of the audience.\n\n"
        "It acts on what happens from now on. With `include_existing` a job also begins runs for those who meet its "
        "trigger already; `inclusion_job` names it. See them first with a dry run."
    ),
    "changeAutomation": (
        'Pause an automation with `{"enabled": false}`: it starts nothing more, and runs under way are held until it '
        "is enabled again. What it names is checked again if that is changed, and when it is enabled. Runs that have "
        "begun go on with the steps that the automation had then."
    ),
    "deleteAutomation": "Runs under way are stopped before their next step; what they did stays.",
    "startDryRun": (
        "Lists whom an automation, as it is kept or as a draft, would touch if those were included who meet its "
        "trigger now, and whom which condition keeps out. It changes nothing and tells nobody. Counts are exact, of "
        "either list the first thousand are told. Answered 202 with a job; read what it found with "
        "`GET .../dry-runs/{job}`."
    ),
    "getDryRun": "Names and addresses are those of today; of who was erased meanwhile, the id alone is left.",
    "listAutomationRuns": "Also those that a condition skipped and that the guard stopped.",
    "getAutomationRun": (
        "`log` says what came of each step as a code, such as `sent` or `not_subscribed`, with figures in `detail`; "
        "people's names are nowhere in it."
    ),
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "createAutomation": {
        "score": {
            "name": "Hello, regulars",
            "trigger": {"kind": "score_reaches", "points": 100},
            "conditions": [{"kind": "consent", "statuses": ["subscribed"]}],
            "steps": [
                {"kind": "add_tag", "tag": "regular"},
                {"kind": "send_template", "template": "k3v5m2x7q4zt", "delay": {"amount": 2, "unit": "hours"}},
            ],
        },
        "rank": {
            "name": "Left the first fifty",
            "trigger": {
                "kind": "rank_leaves",
                "store": "k3v5m2x7q4zt",
                "rank_by": "total_spent",
                "time_frame": "year_to_date",
                "first": 50,
            },
            "repeat": "every_time",
            "hysteresis": 5,
            "steps": [{"kind": "notify_team", "note": "Somebody is slipping away."}],
        },
    },
    "changeAutomation": {"pause": {"enabled": False}, "enable": {"enabled": True, "include_existing": True}},
    "startDryRun": {"kept": {"automation": "k3v5m2x7q4zt"}},
}
