"""Mail to the team: each user is told once, by the account's own address, in its language."""

from __future__ import annotations

import email
import email.policy
import itertools
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from laurel.messaging.outbox import MailBusy
from laurel.messaging.team_mail import NotTold, TeamDelivery, TeamPost
from laurel.model.account import Account, Plan, Role
from laurel.model.deliverability import Counts
from laurel.model.sender import Sender, SenderKind, SenderState
from laurel.model.user import Member
from laurel.store.deliverability import Tallies
from laurel.store.mail_service import SESMail
from laurel.store.senders import Senders
from laurel.store.team_mails import TeamMails
from laurel.store.users import Users
from tests.support.mail_service import CONFIGURATION_SET, FakeSES
from tests.support.samples import NOW

if TYPE_CHECKING:
    from email.message import EmailMessage

    from tests.support.tables import Database

SUBJECT, TEXT = "Ada is slipping away", "Ada has not bought anything for 40 days.\n"
_numbers = itertools.count()


class Killed(BaseException):
    """The worker is gone."""


class Shop:
    """An account with a verified domain and three users, of whom one is being removed."""

    def __init__(self, database: Database) -> None:
        id_ = f"team{next(_numbers)}"
        self.account = Account(id_, "Rosen", Plan.STANDARD, "de-AT", "00" * 32, NOW, sender_address=f"hi@{id_}.example")
        self.ses = FakeSES()
        self.senders = Senders(database.client, database.tables.workspace)
        self.users = Users(database.client, database.tables.workspace)
        self.tallies = Tallies(database.client, database.tables.workspace)
        book = TeamMails(database.client, database.tables.workspace)
        service = SESMail(self.ses, CONFIGURATION_SET, tenants=False)
        self.post = TeamPost(self.users, self.senders, self.tallies, book, service)
        self.sender = Sender(id_, "domain", SenderKind.DOMAIN, f"{id_}.example", SenderState.VERIFIED, NOW, NOW)
        self.senders.claim(self.sender)
        for name in ("kim", "lou", "max"):
            self.users.add(Member(id_, name, f"{name}@{id_}.example", name.title(), Role.VIEWER, "en", NOW))
        leaving = self.users.member(id_, "max")
        assert leaving
        self.users.change(leaving, replace(leaving, leaving=True), None)

    def tell(self, key: str = "digest 1") -> TeamDelivery:
        return self.post.send(self.account, key, SUBJECT, TEXT, NOW)

    def told(self) -> list[str]:
        return [mail.to.partition("@")[0] for mail in self.ses.sent]

    def mail(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.ses.sent[0].content, policy=email.policy.default)
        assert isinstance(parsed, email.message.EmailMessage)
        return parsed


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database)


def test_every_user_is_told_once_for_a_key(shop: Shop) -> None:
    assert [shop.tell(), shop.tell(), shop.tell("digest 2")] == [
        TeamDelivery(sent=2),
        TeamDelivery(before=2),
        TeamDelivery(sent=2),
    ]
    assert shop.told() == ["kim", "lou", "kim", "lou"]


def test_the_mail_comes_from_the_account_and_says_that_nobody_wrote_it(shop: Shop) -> None:
    shop.tell()

    mail = shop.mail()
    assert mail["From"] == f"Rosen <{shop.account.sender_address}>"
    assert mail["To"] == f"Kim <kim@{shop.account.id}.example>"
    assert (mail["Subject"], mail["Content-Language"]) == (SUBJECT, "de")
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert "List-Unsubscribe" not in mail
    assert mail.get_content().splitlines() == [
        "Ada has not bought anything for 40 days.",
        "",
        "---",
        "Laurel hat diese E-Mail selbsttätig an die Benutzer von Rosen gesendet.",
    ]
    assert shop.ses.sent[0].tags == {"laurel-team": shop.account.id}


def test_of_an_account_without_users_nobody_is_told(shop: Shop) -> None:
    for member in shop.users.members(shop.account.id):
        shop.users.change(member, replace(member, leaving=True), None)

    assert shop.tell() == TeamDelivery(why=NotTold.NOBODY)


@pytest.mark.parametrize("state", [SenderState.PENDING, None])
def test_without_a_verified_sender_nobody_is_told(shop: Shop, state: SenderState | None) -> None:
    shop.senders.release(shop.sender)
    if state:
        shop.senders.claim(replace(shop.sender, state=state))

    assert shop.tell() == TeamDelivery(why=NotTold.NO_SENDER)


def test_an_account_that_may_send_no_more_does_not(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    standing = shop.tallies.standing(shop.account.id, NOW)
    stopped = replace(standing, totals=Counts(sent=1000, delivered=500, bounced=500))
    assert stopped.is_stopped
    monkeypatch.setattr(Tallies, "standing", lambda *_: stopped)

    assert shop.tell() == TeamDelivery(why=NotTold.SENDING_STOPPED)


def test_who_could_not_be_told_for_a_while_is_told_later_and_nobody_twice(shop: Shop) -> None:
    def full() -> None:
        shop.ses.failures["SendEmail"] = "TooManyRequestsException"

    shop.ses.after = full
    with pytest.raises(MailBusy) as busy:
        shop.tell()
    shop.ses.after = lambda: None
    shop.ses.failures.clear()

    assert busy.value.pause == timedelta(minutes=1)
    assert shop.tell() == TeamDelivery(sent=1, before=1)
    assert shop.told() == ["kim", "lou"]


def test_who_cannot_be_mailed_keeps_nobody_from_being_told(shop: Shop) -> None:
    strange = Member(shop.account.id, "aaa", "aaa@ä.example", None, Role.VIEWER, "en", NOW - timedelta(days=1))
    shop.users.add(strange)

    assert shop.tell() == TeamDelivery(sent=2, refused=1)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_is_killed_at_a_mail_never_leads_to_a_second_one(shop: Shop, when: str) -> None:
    def die() -> None:
        raise Killed

    setattr(shop.ses, when, die)
    with pytest.raises(Killed):
        shop.tell()
    setattr(shop.ses, when, lambda: None)

    assert shop.tell() == TeamDelivery(sent=1, before=1)
    assert shop.told() == (["kim", "lou"] if when == "after" else ["lou"])
