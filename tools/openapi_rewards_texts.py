"""The prose of the API's description about rewards and tiers."""

from __future__ import annotations

from typing import Any

from laurel.model.reward import MOST_COUPONS, MOST_PROGRAMMES

TAGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Rewards": (
        "Programmes for the most valuable customers: who gets what, with coupons, a budget and a measured effect.",
        (
            "listProgrammes",
            "createProgramme",
            "getProgramme",
            "changeProgramme",
            "addCoupons",
            "listCoupons",
            "giveAwards",
            "listAwards",
            "revokeAward",
            "getLift",
            "listContactAwards",
        ),
    ),
    "Tiers": ("Names and benefits of how far a contact has come.", ("getTiers", "replaceTiers")),
}

_TEMPLATE = "k3v5m2x7q4zt"

DESCRIPTIONS = {
    "createProgramme": (
        f"An audience has at most {MOST_PROGRAMMES} programmes that have not ended. Awards of a board are given when "
        "its closing snapshot is taken, those of a score or a tier once a day, each once: a contact gets a programme's "
        "reward once for each period of a board, and otherwise once for good. A score or tier programme begins with "
        "those who have the score or are in the tier already.\n\n"
        "`hold_out` percent of those who would get the reward get nothing, always the same contacts; `GET .../lift` "
        "compares them with the others."
    ),
    "changeProgramme": (
        "Send the fields to change; those that may be null are cleared by null. Once anybody was awarded or held out, "
        "`who`, `store`, `currency`, `hold_out` and the source of coupons stay as they are (409): what came before and "
        "after could not be compared. A programme that has ended stays ended."
    ),
    "addCoupons": (
        f"Adds up to {MOST_COUPONS:,} codes to the pool of a programme: as JSON, as `text/csv` with the codes in the "
        "first column, or made by Laurel with `generate`. A code must exist in the shop to be worth anything there: "
        "download generated ones with `GET .../coupons` as `text/csv` and enter them in the shop. Codes that the "
        "programme has, or has given, are left out."
    ),
    "listCoupons": (
        "Those still to be given first. With `Accept: text/csv` the page is answered as CSV, and `Link` names the next."
    ),
    "giveAwards": (
        "Gives the reward to the first of a `board`, or to `contacts`, up to 100 at once, and sends the programme's "
        "template. Answered 202 with a job; its `result` tells for each contact whether they got it, or why not. "
        "Whoever got it on the same occasion before does not get it again: the awards of a board by hand and those at "
        "its close are the same occasion."
    ),
    "listAwards": "Also those of whom nothing was given because they were held out. `text/csv` is answered on request.",
    "revokeAward": (
        "The award is to be used no more; it stays listed as `revoked`, and its coupon is not given again. What the "
        "shop does with the coupon is the shop's affair: delete it there."
    ),
    "getLift": (
        "Compares purchases in the `days` after the award of those who got the reward with those of who was held out. "
        "Each contact counts once, from their first award of the programme on, and only when their days are over; "
        "revoked awards count, as those who were awarded were chosen. Money is of the programme's store, or of all "
        "stores of the audience if they sell in one currency."
    ),
    "getTiers": "A contact is in the last tier whose needs are met; it is computed whenever it is shown.",
    "replaceTiers": (
        "Send all tiers, lowest first; those with the `id` of one that there is stay the same to programmes. "
        '`If-Match` names the version that was read, `"0"` before there were any.'
    ),
}

PATH_PARAMETERS = {
    "programme": "Id of a programme of the audience.",
    "occasion": "The award's `occasion`.",
}

_PERCENT = {"kind": "percent_off", "percent": 10}
EXAMPLES: dict[str, dict[str, Any]] = {
    "createProgramme": {
        "board": {
            "name": "Best of the month",
            "who": {"kind": "board", "metric": "total_spent", "time_frame": "last_month", "first": 10},
            "benefit": _PERCENT,
            "coupon": {"source": "generated", "prefix": "VIP-"},
            "store": "m4x7q2k3v5zt",
            "valid_days": 60,
            "budget": {"awards": 120},
            "template": _TEMPLATE,
        },
        "score": {
            "name": "A thousand points",
            "who": {"kind": "score", "points": 1000},
            "benefit": {"kind": "amount_off", "amount": "15.00"},
            "currency": "EUR",
            "coupon": {"source": "one_code", "code": "THANKYOU15"},
            "budget": {"value": "3000.00"},
            "hold_out": 10,
        },
    },
    "changeProgramme": {"pause": {"state": "paused"}, "budget": {"budget": {"awards": 200}}},
    "addCoupons": {"upload": {"codes": ["SPRING-1", "SPRING-2"]}, "generate": {"generate": 500}},
    "giveAwards": {
        "board": {"board": {"store": "m4x7q2k3v5zt", "rank_by": "total_spent", "period": "2026-11", "first": 10}},
        "contacts": {"contacts": ["ada@example.com"], "occasion": "fair-in-lyon"},
    },
    "replaceTiers": {
        "tiers": {
            "tiers": [
                {"name": "Silver", "benefits": ["Free shipping"], "needs": {"kind": "score", "points": 100}},
                {
                    "name": "Gold",
                    "benefits": ["Free shipping", "Early access"],
                    "needs": {"kind": "spent", "store": "m4x7q2k3v5zt", "time_frame": "year_to_date", "amount": "500"},
                },
            ]
        }
    },
}

CSV_BODIES = ("CouponsIn",)
"""Requests that may be sent as CSV."""
