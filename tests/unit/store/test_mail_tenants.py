"""Accounts as tenants of SES: made once, given what they send from, and asked for as botocore knows it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from laurel.model.errors import Busy
from laurel.store.mail_identities import create_client
from laurel.store.mail_tenants import SESTenants
from tests.support.mail_service import CONFIGURATION_SET, SES_ARN, FakeSES

SET, IDENTITY = f"{SES_ARN}:configuration-set/{CONFIGURATION_SET}", f"{SES_ARN}:identity/example.com"


@pytest.fixture
def ses() -> FakeSES:
    ses = FakeSES()
    for domain in ("example.com", "example.org"):
        ses.create_email_identity(EmailIdentity=domain, DkimSigningAttributes={})
    ses.calls.clear()
    return ses


@pytest.fixture
def tenants(ses: FakeSES) -> SESTenants:
    return SESTenants(ses, SES_ARN, CONFIGURATION_SET)


def test_a_tenant_is_made_with_its_first_identity(tenants: SESTenants, ses: FakeSES) -> None:
    tenants.join("a", "example.com")
    assert ses.tenants == {"a": {SET, IDENTITY}}

    tenants.join("a", "example.org")
    tenants.join("a", "example.com")

    assert ses.tenants == {"a": {SET, IDENTITY, f"{SES_ARN}:identity/example.org"}}
    assert ses.calls.count("CreateTenant") == 1


@pytest.mark.parametrize("done", range(4))
def test_what_was_begun_is_finished(done: int, tenants: SESTenants, ses: FakeSES) -> None:
    if done > 0:
        ses.create_tenant(TenantName="a")
    for arn in (SET, IDENTITY)[: max(done - 1, 0)]:
        ses.create_tenant_resource_association(TenantName="a", ResourceArn=arn)

    tenants.join("a", "example.com")

    assert ses.tenants == {"a": {SET, IDENTITY}}


def test_what_is_left_can_be_deleted(tenants: SESTenants, ses: FakeSES) -> None:
    tenants.join("a", "example.com")
    with pytest.raises(ClientError):
        ses.delete_email_identity(EmailIdentity="example.com")

    tenants.leave("a", "example.com")
    tenants.leave("a", "example.com")
    tenants.leave("nobody", "example.com")

    ses.delete_email_identity(EmailIdentity="example.com")
    assert ses.tenants == {"a": {SET}}


def test_an_identity_that_ses_does_not_show_yet_is_asked_for_again(tenants: SESTenants) -> None:
    with pytest.raises(Busy):
        tenants.join("a", "missing.example")


@pytest.mark.parametrize(("code", "raised"), [("TooManyRequestsException", Busy), ("BadRequestException", ClientError)])
def test_what_ses_answers_else(code: str, raised: type[Exception], tenants: SESTenants, ses: FakeSES) -> None:
    ses.failures["CreateTenantResourceAssociation"] = code

    with pytest.raises(raised):
        tenants.join("a", "example.com")


def test_requests_are_botocores() -> None:
    client: Any = create_client(region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    tenants = SESTenants(client, SES_ARN, CONFIGURATION_SET)
    missing = {"service_error_code": "NotFoundException", "http_status_code": 404}
    with Stubber(client) as stub:
        stub.add_client_error("create_tenant_resource_association", **missing)
        stub.add_response("create_tenant", {"TenantName": "a"}, {"TenantName": "a"})
        for arn in (SET, IDENTITY):
            stub.add_response("create_tenant_resource_association", {}, {"TenantName": "a", "ResourceArn": arn})
        stub.add_response("delete_tenant_resource_association", {}, {"TenantName": "a", "ResourceArn": IDENTITY})

        tenants.join("a", "example.com")
        tenants.leave("a", "example.com")
        stub.assert_no_pending_responses()
