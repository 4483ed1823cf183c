"""Senders over the API: what is answered, who may, and what the mail service's answers become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from laurel.messaging.senders import NoTenants
from laurel.model.account import Role
from tests.support.mail_service import CONFIGURATION_SET, SES_ARN

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway


@pytest.fixture
def domain(tenant: Tenant) -> str:
    return f"{tenant.account_id}.example.com"


def test_a_domain_is_set_up(api: Gateway, tenant: Tenant, domain: str) -> None:
    made = tenant.owner.ok("createSender", body={"domain": domain.upper()})

    assert (made["kind"], made["identity"], made["state"], made["sandbox"]) == ("domain", domain, "pending", True)
    assert [(it["type"], it["purpose"], it["required"]) for it in made["records"]] == [
        *[("CNAME", "dkim", True)] * 3,
        ("MX", "mail_from", False),
        ("TXT", "spf", False),
        ("TXT", "dmarc", False),
    ]
    assert made["records"][0]["name"].endswith(f"._domainkey.{domain}")
    assert tenant.as_(Role.VIEWER).ok("getSender", sender=made["id"])["records"] == made["records"]


@pytest.mark.parametrize(("status", "state"), [("SUCCESS", "verified"), ("FAILED", "failed"), ("PENDING", "pending")])
def test_each_look_asks_how_far_it_is(status: str, state: str, api: Gateway, tenant: Tenant, domain: str) -> None:
    made = tenant.owner.ok("createSender", body={"domain": domain})
    api.ses.verify(domain, status)

    assert tenant.owner.ok("getSender", sender=made["id"])["state"] == state

    listed = tenant.owner.ok("listSenders")
    assert [(it["id"], it["state"]) for it in listed["senders"]] == [(made["id"], state)]
    assert listed["sandbox"] is True


def test_an_address_has_nothing_to_publish(api: Gateway, tenant: Tenant) -> None:
    made = tenant.owner.ok("createSender", body={"email": f"Shop+1@{tenant.account_id}.example"})

    assert (made["kind"], made["identity"]) == ("email", f"shop+1@{tenant.account_id}.example")
    assert made["records"] == []


@pytest.mark.parametrize("body", [
    {}, {"domain": "example.com", "email": "a@example.com"}, {"domain": None}, {"domain": "com"}, {"domain": "a b.com"},
    {"domain": "exa_mple.com"}, {"domain": "https://example.com"}, {"domain": "example.com\n"}, {"domain": "-a.com"},
    {"domain": "1.2.3.4"}, {"domain": "*.example.com"}, {"email": "example.com"}, {"email": "a@b@example.com"},
    {"email": "A <a@example.com>"}, {"email": "a\r\nBcc: b@example.com"}, {"email": "a..b@example.com"},
    {"domain": "münchen.de"}, {"domain": "a" * 64 + ".com"},
])  # fmt: skip
def test_what_is_no_domain_and_no_address_is_refused(body: Any, tenant: Tenant) -> None:
    answer = tenant.owner("createSender", body=body)

    assert (answer.status, answer.problem) == (422, "invalid-input")
    assert tenant.owner.ok("listSenders")["senders"] == []


def test_a_domain_belongs_to_one_account(api: Gateway, tenant: Tenant, domain: str) -> None:
    made = tenant.owner.ok("createSender", body={"domain": domain})
    api.ses.verify(domain)
    other = api.tenant()

    answers = [
        other.owner("createSender", body={name: value})
        for name, value in (("domain", domain), ("domain", f"mail.{domain}"), ("email", f"me@{domain}"))
    ]

    assert [(answer.status, answer.problem) for answer in answers] == [(403, "sender-taken")] * 3
    assert other.owner("getSender", sender=made["id"]).status == 404
    tenant.owner.ok("deleteSender", sender=made["id"])
    assert domain not in api.ses.identities
    assert other.owner.ok("createSender", body={"domain": domain})["state"] == "pending"


def test_an_account_is_a_tenant_of_the_mail_service(api: Gateway, tenant: Tenant, domain: str) -> None:
    made = tenant.owner.ok("createSender", body={"domain": domain})
    tenant.owner.ok("createSender", body={"domain": domain})

    configuration_set = f"{SES_ARN}:configuration-set/{CONFIGURATION_SET}"
    assert api.ses.tenants[tenant.account_id] == {configuration_set, f"{SES_ARN}:identity/{domain}"}
    tenant.owner.ok("deleteSender", sender=made["id"])
    assert api.ses.tenants[tenant.account_id] == {configuration_set}


def test_where_there_are_no_tenants(api: Gateway, tenant: Tenant, domain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.module_of("SendersFunction"), "_tenants", NoTenants())

    made = tenant.owner.ok("createSender", body={"domain": domain})
    tenant.owner.ok("deleteSender", sender=made["id"])

    assert tenant.account_id not in api.ses.tenants


def test_what_the_operator_has_set_up_is_nobody_elses(api: Gateway, tenant: Tenant, domain: str) -> None:
    api.ses.create_email_identity(EmailIdentity=domain, DkimSigningAttributes={})
    api.ses.verify(domain)

    answer = tenant.owner("createSender", body={"domain": domain})

    assert (answer.status, answer.problem) == (403, "sender-taken")
    assert tenant.owner.ok("listSenders")["senders"] == []
    assert api.ses.identities[domain]["MailFromAttributes"] == {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MARKETER])
def test_only_owners_set_up_and_give_up(role: Role, tenant: Tenant, domain: str) -> None:
    made = tenant.owner.ok("createSender", body={"domain": domain})

    assert tenant.as_(role)("createSender", body={"domain": domain}).status == 403
    assert tenant.as_(role)("deleteSender", sender=made["id"]).status == 403


@pytest.mark.parametrize(
    ("operation", "code", "status", "problem"),
    [
        ("CreateEmailIdentity", "BadRequestException", 422, "invalid-input"),
        ("CreateEmailIdentity", "LimitExceededException", 503, "busy"),
        ("GetEmailIdentity", "TooManyRequestsException", 503, "busy"),
        ("GetAccount", "TooManyRequestsException", 503, "busy"),
        ("PutEmailIdentityMailFromAttributes", "BadRequestException", 500, "internal-error"),
        ("CreateTenant", "TooManyRequestsException", 503, "busy"),
        ("CreateTenantResourceAssociation", "BadRequestException", 500, "internal-error"),
    ],
)
def test_what_the_mail_service_refuses(
    operation: str, code: str, status: int, problem: str, api: Gateway, tenant: Tenant, domain: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(api.module_of("SendersFunction")._identities, "_sandbox", None)
    api.ses.failures[operation] = code
    try:
        answer = tenant.owner("createSender", body={"domain": domain})
    finally:
        api.ses.failures.clear()

    assert (answer.status, answer.problem) == (status, problem)
    assert tenant.owner.ok("createSender", body={"domain": domain})["records"], "it can be repeated"


def test_sandbox_is_asked_for_once_a_minute(api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    identities = api.module_of("SendersFunction")._identities
    monkeypatch.setattr(identities, "_sandbox", None)
    monkeypatch.setattr(api.ses, "production", True)
    api.ses.calls.clear()

    assert [tenant.owner.ok("listSenders")["sandbox"] for _ in range(2)] == [False, False]

    assert api.ses.calls == ["GetAccount"]


def test_mail_settings_of_the_account(tenant: Tenant) -> None:
    changes = {
        "postal_address": "  Example   shop \r\n\r\n Hauptstr. 1\n10115 Berlin ",
        "sender_name": " Rosen  & Söhne ",
    }

    changed = tenant.owner.ok("changeAccount", body=changes)

    assert changed["postal_address"] == "Example shop\nHauptstr. 1\n10115 Berlin"
    assert changed["sender_name"] == "Rosen & Söhne"
    assert tenant.as_(Role.VIEWER).ok("getAccount") == changed


@pytest.mark.parametrize("body", [
    {"postal_address": ""}, {"postal_address": " \n "}, {"postal_address": "x" * 501}, {"postal_address": "a\x00b"},
    {"sender_name": ""}, {"sender_name": "x" * 101}, {"sender_name": "a\x7fb"}, {"postal_address": "\ud800"},
])  # fmt: skip
def test_mail_settings_have_limits(body: Any, tenant: Tenant) -> None:
    assert tenant.owner("changeAccount", body=body).status == 422
    assert tenant.owner.ok("getAccount")["postal_address"] is None
