"""The real client's requests and SES's documented answers (API v2), held against botocore's model of both."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from laurel.model.errors import Busy
from laurel.model.sender import Identity, Sender, SenderKind, SenderState
from laurel.store.mail_identities import SESIdentities, create_client

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
DOMAIN = Sender("a", "s", SenderKind.DOMAIN, "example.com", SenderState.PENDING, NOW, NOW)
ADDRESS = Sender("a", "s", SenderKind.EMAIL, "shop@example.com", SenderState.PENDING, NOW, NOW)
TAGS = [{"Key": "laurel:account", "Value": "a"}]
FOUND: dict[str, Any] = {
    "IdentityType": "DOMAIN",
    "VerifiedForSendingStatus": False,
    "VerificationStatus": "PENDING",
    "DkimAttributes": {"SigningEnabled": True, "Status": "PENDING", "Tokens": ["t1", "t2", "t3"]},
    "MailFromAttributes": {
        "MailFromDomain": "bounce.example.com",
        "MailFromDomainStatus": "PENDING",
        "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
    },
    "Tags": [{"Key": "other", "Value": "b"}, *TAGS],
}


@pytest.fixture
def stubbed() -> Iterator[tuple[SESIdentities, Stubber]]:
    client: Any = create_client(
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        endpoint_url="http://127.0.0.1:1",
    )
    with Stubber(client) as stubber:
        yield SESIdentities(client), stubber
        stubber.assert_no_pending_responses()


def test_a_domain_gets_dkim_and_a_bounce_domain(stubbed: tuple[SESIdentities, Stubber]) -> None:
    identities, ses = stubbed
    dkim = {"NextSigningKeyLength": "RSA_2048_BIT"}
    made = {"EmailIdentity": "example.com", "Tags": TAGS, "DkimSigningAttributes": dkim}
    mail_from = {"MailFromDomain": "bounce.example.com", "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}
    ses.add_response("create_email_identity", {}, made)
    without = FOUND | {"MailFromAttributes": {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}}
    without["MailFromAttributes"] |= {"MailFromDomain": "", "MailFromDomainStatus": "FAILED"}
    ses.add_response("get_email_identity", without, {"EmailIdentity": "example.com"})
    ses.add_response("put_email_identity_mail_from_attributes", {}, {"EmailIdentity": "example.com"} | mail_from)

    assert identities.create(DOMAIN) == Identity(
        SenderState.PENDING, ("t1", "t2", "t3"), "dkim.amazonses.com", "bounce.example.com", "a"
    )


def test_an_address_is_mailed_by_ses(stubbed: tuple[SESIdentities, Stubber]) -> None:
    identities, ses = stubbed
    ses.add_response("create_email_identity", {}, {"EmailIdentity": "shop@example.com", "Tags": TAGS})
    ses.add_response("get_email_identity", {"IdentityType": "EMAIL_ADDRESS", "Tags": TAGS})

    assert identities.create(ADDRESS) == Identity(SenderState.PENDING, dkim_zone="dkim.amazonses.com", owner="a")


def test_what_is_there_is_told_and_left_alone(stubbed: tuple[SESIdentities, Stubber]) -> None:
    identities, ses = stubbed
    ses.add_client_error("create_email_identity", "AlreadyExistsException")
    ses.add_response("get_email_identity", {"VerifiedForSendingStatus": True})

    assert identities.create(DOMAIN) == Identity(SenderState.VERIFIED, dkim_zone="dkim.amazonses.com")


def test_an_identity_that_goes_at_that_moment_is_busy(stubbed: tuple[SESIdentities, Stubber]) -> None:
    identities, ses = stubbed
    ses.add_response("create_email_identity", {})
    ses.add_client_error("get_email_identity", "NotFoundException")

    with pytest.raises(Busy):
        identities.create(DOMAIN)


@pytest.mark.parametrize(
    ("verified", "status", "state"),
    [
        (True, "SUCCESS", SenderState.VERIFIED),
        (True, "TEMPORARY_FAILURE", SenderState.VERIFIED),
        (False, "TEMPORARY_FAILURE", SenderState.PENDING),
        (False, "NOT_STARTED", SenderState.PENDING),
        (False, "FAILED", SenderState.FAILED),
    ],
)
def test_states(verified: bool, status: str, state: SenderState, stubbed: tuple[SESIdentities, Stubber]) -> None:
    identities, ses = stubbed
    ses.add_response("get_email_identity", FOUND | {"VerifiedForSendingStatus": verified, "VerificationStatus": status})

    found = identities.identity("example.com")

    assert found
    assert found.state is state


def test_keys_may_lie_in_a_zone_of_the_region(stubbed: tuple[SESIdentities, Stubber]) -> None:
    identities, ses = stubbed
    dkim = FOUND["DkimAttributes"] | {"SigningHostedZone": "dkim.eu-west-9.example"}
    ses.add_response("get_email_identity", FOUND | {"DkimAttributes": dkim})

    found = identities.identity("example.com")

    assert found
    assert found.dkim_zone == "dkim.eu-west-9.example"


def test_sandbox(stubbed: tuple[SESIdentities, Stubber]) -> None:
    identities, ses = stubbed
    ses.add_response("get_account", {"ProductionAccessEnabled": False})

    assert [identities.in_sandbox(), identities.in_sandbox()] == [True, True]


def test_a_deletion_that_is_refused_is_told(stubbed: tuple[SESIdentities, Stubber]) -> None:
    identities, ses = stubbed
    ses.add_client_error("delete_email_identity", "TooManyRequestsException")
    ses.add_client_error("delete_email_identity", "NotFoundException")

    with pytest.raises(Busy):
        identities.delete("example.com")
    identities.delete("example.com")
