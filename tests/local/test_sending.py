"""Tenants and mail against the emulator's SES."""

from __future__ import annotations

import json
import urllib.request
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from laurel.messaging.outbox import BusyReason, Mail, MailBusy
from laurel.model.contact import ContactRef
from laurel.store.mail_identities import SESIdentities
from laurel.store.mail_service import SESMail
from laurel.store.mail_tenants import SESTenants
from tests.local.world import World

pytestmark = pytest.mark.local


class Shop:
    """A domain, a configuration set, and an account that may send once it is a tenant."""

    def __init__(self, world: World) -> None:
        self.ses: Any = world.client("sesv2")
        self.name = f"x{uuid.uuid4().hex[:10]}"
        self.domain = f"{self.name}.example"
        self.ses.create_email_identity(EmailIdentity=self.domain)
        self.ses.create_configuration_set(ConfigurationSetName=self.name)
        self.tenants = SESTenants(self.ses, "arn:aws:ses:us-east-1:000000000000", self.name)
        self.mail = SESMail(self.ses, self.name, tenants=True)

    def send(self) -> str:
        content = f"From: Shop <hello@{self.domain}>\r\nTo: kim@example.com\r\nSubject: Hi\r\n\r\nHello\r\n"
        ref = ContactRef(self.name, "audience", "contact")
        return self.mail.send(Mail(ref, "0" * 24, "kim@example.com", content.encode()))


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


def test_a_tenant_sends_what_is_its_own(shop: Shop, world: World) -> None:
    with pytest.raises(MailBusy) as raised:
        shop.send()
    assert raised.value.reason is BusyReason.HELD

    for _ in range(2):
        shop.tenants.join(shop.name, shop.domain)
    sent = shop.send()

    with urllib.request.urlopen(f"{world.endpoint}/_laurel/mailbox.json") as answer:
        mails = json.load(answer)["mails"]
    (mail,) = [it for it in mails if it["id"] == sent]
    assert (mail["recipients"], mail["tenant"], mail["configuration_set"]) == (
        ["kim@example.com"],
        shop.name,
        shop.name,
    )
    assert mail["tags"] == {
        "laurel-account": shop.name,
        "laurel-audience": "audience",
        "laurel-contact": "contact",
        "laurel-message": "0" * 24,
    }


def test_an_identity_is_deleted_once_its_tenant_has_left_it(shop: Shop) -> None:
    shop.tenants.join(shop.name, shop.domain)
    identities = SESIdentities(shop.ses)
    with pytest.raises(ClientError):
        identities.delete(shop.domain)

    for _ in range(2):
        shop.tenants.leave(shop.name, shop.domain)

    identities.delete(shop.domain)
    assert identities.identity(shop.domain) is None


def test_the_rate_is_told(shop: Shop) -> None:
    assert shop.mail.rate() == 14.0
