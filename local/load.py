"""Send the demo orders and activities the way a shop's own program does."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from local import demo, demo_mail, demo_scores
from local.api import Api
from local.demo_webhooks import deliveries
from local.errors import LocalError
from local.workspace import Demo, Stores

SEED = 20_261_122
BATCH = 100
LARGEST_PAGE = 1000
BOARD_PATIENCE = 180.0
BOARD_STEP = 1.0


def load(api: Api, stores: Stores, known: Demo, remember: Callable[[], None]) -> None:
    """Load the demo orders, a dot for each batch, then activities, and wait until board and scores show them.

    Raises:
        LocalError: An order was refused, or the board or the scores never showed them.
    """
    if known.until is None:
        known.until = datetime.now(UTC).isoformat(timespec="seconds")
        remember()
    until = datetime.fromisoformat(known.until)
    for number, rule in enumerate(demo_scores.RULES, 1):
        api.post(f"/audiences/{stores.audience_id}/scoring-rules", rule, key=f"demo rule {number}")
    api.post("/templates", demo_mail.TEMPLATE, key="demo template")
    orders = demo.orders(SEED, until)
    for batch in demo.batches(orders, BATCH):
        answer = api.post(f"/stores/{stores.store_id}/orders", {"orders": batch})
        refused = [result for result in answer["results"] if result.get("problem")]
        if refused:
            raise LocalError(f"The API refused demo orders: {refused[0]}")
        print(".", end="", flush=True)
    for platform, webhook in stores.webhooks.items():
        for delivery in deliveries(platform, webhook.secret, SEED, until):
            api.deliver(webhook.url, delivery.body, delivery.headers)
    for activity in demo_scores.activities(SEED, until, orders):
        api.post(f"/audiences/{stores.audience_id}/activities", activity)
    _wait_for_board(api, stores.store_id, orders)
    _wait_for_scores(api, stores.audience_id, orders)
    print(end=" ")
    known.loaded = True
    remember()


def _wait_for_board(api: Api, store_id: str, orders: list[demo.Order]) -> None:
    """Wait until every customer stands on the board with as many purchases as were sent."""
    expected = demo.purchases(orders)
    deadline = time.monotonic() + BOARD_PATIENCE
    while True:
        shown = _purchases_on_board(api, store_id)
        wrong = {email: count for email, count in expected.items() if shown.get(email) != count}
        if not wrong:
            return
        if time.monotonic() > deadline:
            email, count = next(iter(wrong.items()))
            raise LocalError(
                f"The board is wrong for {len(wrong)} of {len(expected)} demo customers: {email} has "
                f"{shown.get(email, 0)} of {count} purchases. See: python -m local logs ProjectFunction"
            )
        time.sleep(BOARD_STEP)


def _wait_for_scores(api: Api, audience_id: str, orders: list[demo.Order]) -> None:
    """Wait until everyone who bought something has a score."""
    buyers = set(demo.purchases(orders))
    deadline = time.monotonic() + BOARD_PATIENCE
    while True:
        rows = api.get(f"/audiences/{audience_id}/scores", limit=LARGEST_PAGE)["rows"]
        missing = buyers - {row["email"] for row in rows}
        if not missing:
            return
        if time.monotonic() > deadline:
            raise LocalError(
                f"{len(missing)} of {len(buyers)} demo customers have no score, {min(missing)} among them. "
                "See: python -m local logs ApplyFunction"
            )
        time.sleep(BOARD_STEP)


def _purchases_on_board(api: Api, store_id: str) -> dict[str, int]:
    board = api.get(
        f"/stores/{store_id}/leaderboard", rank_by="orders_count", time_frame="all_time", limit=LARGEST_PAGE
    )
    return {row["email"]: row["orders_count"] for row in board["rows"]}
