"""Mail to the team about alerts: when it is sent, what it says, and what happens if it cannot be sent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from laurel.alerts.begin import begin_alerts
from laurel.alerts.work import SETTLES
from laurel.messaging.outbox import BusyReason, MailBusy
from laurel.messaging.team_mail import NotTold
from laurel.model.alert import AlertRules, Digest, StoreRules
from laurel.scoring.work import Chunk, Rest
from tests.support.loyalty import ADA, BOB, MONTHLY, NUMBERED, Queue, Shop, a_shop, alert_of

if TYPE_CHECKING:
    from tests.support.tables import Database


@pytest.fixture
def shop(database: Database) -> Shop:
    return a_shop(database)


def test_the_team_is_mailed_what_is_new_weekly_on_mondays(shop: Shop) -> None:
    only = {shop.store.id: StoreRules(spend_down=None)}
    assert shop.rules.save(AlertRules(shop.account.id, shop.audience.id, stores=only))
    shop.buys(ADA, *MONTHLY)
    shop.buys(BOB, 43, 73, 103, 133, 163)

    mailed = [(it.result or {})["mail"] for it in (shop.look(), *(shop.tomorrow() for _ in range(14)))]

    assert mailed == ["sent", *["not_due"] * 6, "sent", *["not_due"] * 6, "nothing_new"]
    assert [subject for _, subject, _ in shop.post.sent] == ["One customer seems to be slipping away"] * 2


@pytest.mark.parametrize(
    ("digest", "mailed"),
    [(Digest.DAILY, ["sent", "nothing_new", "nothing_new"]), (Digest.OFF, ["not_due", "not_due", "not_due"])],
)
def test_the_team_is_mailed_daily_or_not_at_all(shop: Shop, digest: Digest, mailed: list[str]) -> None:
    assert shop.rules.save(AlertRules(shop.account.id, shop.audience.id, digest=digest))
    shop.buys(ADA, *MONTHLY)

    found = [shop.look(), shop.tomorrow(), shop.tomorrow()]

    assert [(it.result or {})["mail"] for it in found] == mailed


def test_a_missed_monday_is_made_up_for(shop: Shop) -> None:
    shop.look()
    shop.buys(ADA, *MONTHLY)

    assert (shop.tomorrow(8).result or {})["mail"] == "sent"


def test_the_team_is_told_once_lists_show_what_was_opened_last(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    queue = Queue()
    begin_alerts(shop.jobs, queue, shop.audience, shop.now)

    assert shop.work(queue) == Rest(SETTLES)
    assert (len(shop.known()), shop.post.sent) == (1, [])
    assert shop.work(queue) is Chunk.FINISHED
    assert len(shop.post.sent) == 1


def test_a_busy_mail_service_is_waited_for(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.post.busy = MailBusy(BusyReason.RATE, timedelta(minutes=1))
    queue = Queue()
    begin_alerts(shop.jobs, queue, shop.audience, shop.now)

    assert [shop.work(queue), shop.work(queue)] == [Rest(SETTLES), Rest(timedelta(minutes=1))]
    shop.post.busy = None

    assert (shop.look().result or {})["mail"] == "sent"


def test_a_team_that_cannot_be_told_is_told_later(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.post.why = NotTold.NO_SENDER
    assert (shop.look().result or {})["mail"] == "no_sender"
    shop.post.why = None

    assert (shop.tomorrow(7).result or {})["mail"] == "sent"


def test_the_mail_says_who_why_and_where_to_look(shop: Shop) -> None:
    shop.buys(ADA, *MONTHLY)
    shop.buys(NUMBERED, *MONTHLY, total=100_000)

    shop.look()

    ((_, subject, text),) = shop.post.sent
    assert subject == "2 customers seem to be slipping away"
    assert (
        text.replace("\u00a0", " ")
        == f"""\
2 alerts were opened in Customers since the last mail. Who spent most in a year comes first.

Customer customer-77, 6,000.00 EUR in a year, Rosen
Overdue: usually buys every 30 days, last on 2026-09-27.

Ada, 300.00 EUR in a year, Rosen
Overdue: usually buys every 30 days, last on 2026-09-27.
https://app.example.test/#/audiences/{shop.audience.id}/contacts/{ADA}

All alerts:
https://app.example.test/#/alerts

What to watch for, and how often this mail comes:
https://app.example.test/#/alert-rules
"""
    )


def test_a_long_mail_says_how_many_more_there_are(shop: Shop) -> None:
    for number in range(23):
        alert_of(shop, f"customer-{number:02}", number)

    shop.look()

    ((_, subject, text),) = shop.post.sent
    assert subject == "23 customers seem to be slipping away"
    assert text.count("Overdue:") == 20
    assert "And 3 more." in text
