from __future__ import annotations

import base64
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from laurel.ingestion import signatures, woocommerce
from laurel.model.account import Platform
from laurel.model.errors import BadSignature
from tests.support import webhook_events
from tests.support.webhook_events import SECRETS

BODY = '{"total":"59.90","name":"Zoë"}'.encode()
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OTHER = "x" * 40
VERIFY = {"shopify": signatures.verify_shopify, "woocommerce": signatures.verify_woocommerce}
HEADER = {"shopify": "x-shopify-hmac-sha256", "woocommerce": "x-wc-webhook-signature"}


def sample(platform: str, secret: str | None = None, at: datetime = NOW) -> dict[str, Any]:
    headers = {"x-wc-webhook-topic": "order.created"} if platform == "woocommerce" else {"webhook-id": "msg_1"}
    event = {"pathParameters": {"platform": platform}, "headers": headers, "body": BODY.decode()}
    headers = webhook_events.signed(event, at, secret)["headers"]
    assert isinstance(headers, dict)
    return headers


def verify(platform: str, headers: dict[str, str], secrets: list[str], raw: bytes = BODY, now: datetime = NOW) -> None:
    if platform == "generic":
        signatures.verify_standard(raw, headers, secrets, now)
    else:
        VERIFY[platform](raw, headers, secrets)


# ---- Every platform


def test_a_signature_made_with_openssl_is_accepted() -> None:
    """The digest was made with OpenSSL: printf %s hello | openssl dgst -sha256 -hmac key -binary | base64."""
    digest = "kwezuRXvtRcf8U2MtV+8x5jGwO8UVtZt7RpqpyOli3s="
    signatures.verify_shopify(b"hello", {"x-shopify-hmac-sha256": digest}, ["key"])
    signatures.verify_woocommerce(b"hello", {"x-wc-webhook-signature": digest}, ["key"])


@pytest.mark.parametrize("platform", SECRETS)
def test_a_signed_body_is_accepted(platform: str) -> None:
    verify(platform, sample(platform), [SECRETS[platform]])


@pytest.mark.parametrize("platform", SECRETS)
def test_both_secrets_are_valid_during_rotation(platform: str) -> None:
    old, new = SECRETS[platform], signatures.new_secret(Platform(platform))
    for signer in (old, new):
        verify(platform, sample(platform, signer), [new, old])
    with pytest.raises(BadSignature):
        verify(platform, sample(platform, old), [new])


@pytest.mark.parametrize("platform", SECRETS)
def test_one_changed_byte_is_refused(platform: str) -> None:
    headers = sample(platform)
    for position in range(len(BODY)):
        changed = BODY[:position] + bytes([BODY[position] ^ 1]) + BODY[position + 1 :]
        with pytest.raises(BadSignature):
            verify(platform, headers, [SECRETS[platform]], changed)


@pytest.mark.parametrize("platform", SECRETS)
def test_the_raw_bytes_are_signed_not_what_they_mean(platform: str) -> None:
    same_meaning = json.dumps(json.loads(BODY)).encode()
    with pytest.raises(BadSignature):
        verify(platform, sample(platform), [SECRETS[platform]], same_meaning)


@pytest.mark.parametrize("platform", SECRETS)
@pytest.mark.parametrize("secrets", [[], [""], [OTHER], ["whsec_"], ["whsec_!!"]])
def test_no_empty_or_foreign_secret_verifies_anything(platform: str, secrets: list[str]) -> None:
    with pytest.raises(BadSignature):
        verify(platform, sample(platform), secrets)


def test_a_body_signed_with_an_empty_key_is_refused() -> None:
    forged = base64.b64encode(hmac.digest(b"", BODY, "sha256")).decode()
    for platform, header in HEADER.items():
        with pytest.raises(BadSignature):
            verify(platform, {header: forged}, ["", SECRETS[platform]])


@pytest.mark.parametrize("platform", SECRETS)
@pytest.mark.parametrize("value", ["", " ", "Å", "v1,", "v1,Å", "v1, v1,", "=", "a" * 5000, "\udcff"])
def test_a_malformed_signature_is_refused(platform: str, value: str) -> None:
    name = HEADER.get(platform, "webhook-signature")
    with pytest.raises(BadSignature):
        verify(platform, {**sample(platform), name: value}, [SECRETS[platform]])


@pytest.mark.parametrize("platform", SECRETS)
def test_a_missing_header_is_named_and_no_secret_is(platform: str) -> None:
    name = HEADER.get(platform, "webhook-signature")
    headers = {header: value for header, value in sample(platform).items() if header != name}
    with pytest.raises(BadSignature) as refusal:
        verify(platform, headers, [SECRETS[platform]])
    assert str(refusal.value) == f"The header {name} is missing."


@pytest.mark.parametrize("platform", SECRETS)
def test_a_refusal_shows_neither_secret_nor_digest(platform: str) -> None:
    headers = sample(platform)
    with pytest.raises(BadSignature) as refusal:
        verify(platform, headers, [signatures.new_secret(Platform(platform))])
    message = str(refusal.value)
    assert message == "The signature does not match the body. Check that both sides hold the same secret."


def test_every_candidate_is_compared_with_every_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    compare = hmac.compare_digest

    def counting(mine: bytes, theirs: bytes) -> bool:
        compared.append((mine, theirs))
        return compare(mine, theirs)

    monkeypatch.setattr(hmac, "compare_digest", counting)
    headers = sample("generic")
    headers["webhook-signature"] += " v1,AAAA"

    verify("generic", headers, [SECRETS["generic"], "whsec_QUFB"])

    assert len(compared) == 4


# ---- Standard Webhooks


def test_the_reference_library_signs_what_is_accepted() -> None:
    webhook = Webhook(SECRETS["generic"])
    naive_utc = NOW.replace(tzinfo=None)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": webhook.sign("msg_1", naive_utc, BODY.decode()),
    }
    verify("generic", headers, [SECRETS["generic"]])


@given(
    secret=st.binary(min_size=1, max_size=64),
    raw=st.text(max_size=200),
    id_=st.text("abcdefghijklmnopqrstuvwxyz0123456789_-.", min_size=1, max_size=40),
    offset=st.integers(-900, 900),
    tamper=st.sampled_from(["", "body", "id", "timestamp", "signature", "version"]),
)
def test_the_reference_library_and_this_one_agree(secret: bytes, raw: str, id_: str, offset: int, tamper: str) -> None:
    """Offsets near the limit are left out: the two clocks are not read in the same instant."""
    key = "whsec_" + base64.b64encode(secret).decode()
    present = datetime.now(UTC)
    timestamp = str(int(present.timestamp()) + (offset if abs(abs(offset) - 300) > 5 else 0))
    naive_utc = datetime.fromtimestamp(int(timestamp), UTC).replace(tzinfo=None)
    body = json.dumps(raw)
    headers = {
        "webhook-id": id_ + ("x" if tamper == "id" else ""),
        "webhook-timestamp": str(int(timestamp) + (1 if tamper == "timestamp" else 0)),
        "webhook-signature": Webhook(key).sign(id_, naive_utc, body),
    }
    if tamper == "signature":
        headers["webhook-signature"] = "v1," + base64.b64encode(b"x" * 32).decode()
    if tamper == "version":
        headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", "v2,")
    delivered = body + (" " if tamper == "body" else "")

    try:
        Webhook(key).verify(delivered.encode(), headers, json_parse=False)
    except WebhookVerificationError:
        with pytest.raises(BadSignature):
            verify("generic", headers, [key], delivered.encode(), present)
    else:
        verify("generic", headers, [key], delivered.encode(), present)
        assert not tamper


def test_what_this_project_documents_is_accepted_by_the_reference_library() -> None:
    headers = sample("generic", at=datetime.fromtimestamp(time.time(), UTC))
    assert Webhook(SECRETS["generic"]).verify(BODY, headers) == json.loads(BODY)


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_five_minutes_of_clock_difference_are_allowed_both_ways(seconds: int) -> None:
    verify("generic", sample("generic"), [SECRETS["generic"]], now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_a_replay_after_five_minutes_is_refused(seconds: int) -> None:
    with pytest.raises(BadSignature, match="five minutes"):
        verify("generic", sample("generic"), [SECRETS["generic"]], now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "1e9", "1795348800.5", "٣٤٥", "9" * 13])
def test_a_timestamp_that_is_none_is_refused(timestamp: str) -> None:
    with pytest.raises(BadSignature, match="webhook-timestamp"):
        verify("generic", {**sample("generic"), "webhook-timestamp": timestamp}, [SECRETS["generic"]])


def test_one_good_signature_among_several_is_enough() -> None:
    headers = sample("generic")
    headers["webhook-signature"] = f"v1a,zzz v1,AAAA {headers['webhook-signature']} v2,BBBB"
    verify("generic", headers, [SECRETS["generic"]])


def test_a_secret_without_prefix_or_padding_is_the_same_secret() -> None:
    bare = SECRETS["generic"].removeprefix("whsec_").rstrip("=")
    verify("generic", sample("generic"), [bare])


# ---- New secrets


@pytest.mark.parametrize("platform", [Platform.SHOPIFY, Platform.WOOCOMMERCE, Platform.API])
def test_a_new_secret_holds_nothing_that_a_platform_could_decode(platform: Platform) -> None:
    secret = signatures.new_secret(platform)
    assert len(secret) == 40
    assert secret.isascii()
    assert secret.isalnum()


def test_a_new_generic_secret_has_256_bits_and_the_prefix_of_the_standard() -> None:
    secret = signatures.new_secret(Platform.GENERIC)
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32


def test_no_secret_comes_twice() -> None:
    assert len({signatures.new_secret(platform) for platform in Platform for _ in range(100)}) == 400


# ---- The samples


@pytest.mark.parametrize("name", webhook_events.names())
def test_every_sample_bears_a_valid_signature(name: str) -> None:
    event = webhook_events.load(name)
    headers, raw, platform = event["headers"], event["body"].encode(), event["pathParameters"]["platform"]
    if woocommerce.is_ping(headers, raw):
        return
    now = webhook_events.sent_at(event) if platform == "generic" else NOW
    verify(platform, headers, [SECRETS[platform]], raw, now)
    assert webhook_events.signed(event) == event


# ---- Given secrets


@pytest.mark.parametrize("platform", SECRETS)
def test_a_secret_that_laurel_makes_can_be_given_too(platform: str) -> None:
    for secret in (SECRETS[platform], signatures.new_secret(Platform(platform))):
        assert signatures.fault_of_secret(Platform(platform), secret) is None


@pytest.mark.parametrize(
    ("platform", "secret"),
    [
        ("shopify", "shpss_0123456789abcdef0123456789abcdef"),
        ("shopify", 'R&D: <every> "printable" character, süß'),
        ("woocommerce", "p7{|}~!@#$%^*()-_ []=+;:,./?"),
        ("generic", "whsec_" + base64.b64encode(bytes(16)).decode()),
        ("generic", "whsec_" + base64.b64encode(bytes(16)).decode().rstrip("=")),
    ],
)
def test_a_secret_that_can_verify_is_taken(platform: str, secret: str) -> None:
    assert signatures.fault_of_secret(Platform(platform), secret) is None
    verify(platform, sample(platform, secret if platform != "generic" else secret.ljust(30, "=")), [secret])


@pytest.mark.parametrize(
    ("platform", "secret"),
    [
        ("shopify", "0123456789abcdef\n"),
        ("shopify", "0123456789abcdef "),
        ("shopify", "0123456789\x00abcdef"),
        ("woocommerce", "0123456789abcdef\t"),
        *(("woocommerce", f"0123456789{character}abcdef") for character in "&<>\"'"),
        ("generic", base64.b64encode(bytes(16)).decode()),
        ("generic", "whsec_"),
        ("generic", "whsec_" + base64.b64encode(bytes(15)).decode()),
        ("generic", "whsec_" + base64.b64encode(bytes(32)).decode()[:-5] + "-_-_="),
        ("generic", "whsec_" + base64.b64encode(bytes(16)).decode() + "\n"),
        ("generic", "WHSEC_" + base64.b64encode(bytes(16)).decode()),
    ],
)
def test_a_secret_that_cannot_verify_is_named(platform: str, secret: str) -> None:
    assert signatures.fault_of_secret(Platform(platform), secret)
