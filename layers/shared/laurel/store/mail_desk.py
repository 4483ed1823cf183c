"""What it takes to write mail, made of a function's settings. Few requests, jobs and steps write any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from laurel.messaging.survey import Sources
from laurel.store.allowances import Allowances
from laurel.store.contacts import Contacts
from laurel.store.deliverability import Tallies
from laurel.store.mail_identities import SESIdentities, ses
from laurel.store.process import dynamodb
from laurel.store.senders import Senders
from laurel.store.suppressions import Suppressions
from laurel.store.workspace import Workspace

if TYPE_CHECKING:
    from laurel.messaging.compose import Desk
    from laurel.messaging.team_mail import TeamPost
    from laurel.settings import Settings


def mail_sources(settings: Settings) -> Sources:
    """Where the circumstances of a message are looked up."""
    client, table = dynamodb(), settings.workspace_table
    return Sources(
        Workspace(client, table),
        Contacts(client, settings.contacts_table),
        Senders(client, table),
        SESIdentities(ses()),
        Suppressions(client, table),
        Tallies(client, table),
        Allowances(client, table),
    )


def mail_desk(settings: Settings, unsubscribe_url: str = "") -> Desk:
    """What messages are written at; only previews need the link."""
    from laurel.messaging.compose import Desk  # noqa: PLC0415, it brings the template engine
    from laurel.store.messages import Messages  # noqa: PLC0415, as above
    from laurel.store.queue import MailQueue, sqs  # noqa: PLC0415, as above
    from laurel.store.rankings import Rankings  # noqa: PLC0415, as above
    from laurel.store.templates import Templates  # noqa: PLC0415, as above

    client, table = dynamodb(), settings.workspace_table
    return Desk(
        mail_sources(settings),
        Templates(client, table),
        Rankings(client, settings.rankings_table),
        Allowances(client, table),
        Messages(client, settings.contacts_table),
        MailQueue(sqs(), settings.mail_queue_url),
        unsubscribe_url,
    )


def team_post(settings: Settings) -> TeamPost:
    """What mail to teams is sent with."""
    from laurel.messaging.team_mail import TeamPost  # noqa: PLC0415, it brings the template engine
    from laurel.store import mail_service  # noqa: PLC0415, as above
    from laurel.store.team_mails import TeamMails  # noqa: PLC0415, as above
    from laurel.store.users import Users  # noqa: PLC0415, as above

    client, table = dynamodb(), settings.workspace_table
    service = mail_service.SESMail(mail_service.ses(), settings.mail_configuration_set, tenants=settings.mail_tenants)
    return TeamPost(
        Users(client, table), Senders(client, table), Tallies(client, table), TeamMails(client, table), service
    )
