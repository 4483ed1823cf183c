"""Unsubscribing as a person or a mail program does it: no sign-in, once, and never by a scanner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from laurel.messaging.unsubscribe_page import HEADERS
from laurel.model.account import Role
from tests.support.client import Client
from tests.support.shop import ADA, activity, contact_id

if TYPE_CHECKING:
    from tests.support.client import Answer, Tenant
    from tests.support.gateway import Gateway

FORM = "application/x-www-form-urlencoded"
ONE_CLICK = "List-Unsubscribe=One-Click"
MULTIPART = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'


class Reader:
    """A contact, and what they can do without signing in."""

    def __init__(self, api: Gateway, tenant: Tenant, locale: str = "en") -> None:
        self.tenant = tenant
        at = "2026-01-01T00:00:00Z"
        subscribed = {"email": ADA, "locale": locale, "consent": {"status": "subscribed", "at": at}}
        tenant.owner.ok("recordActivity", audience=tenant.audience_id, body=activity("a1", contact=subscribed))
        self.path = {"audience": tenant.audience_id, "contact": contact_id(ADA)}
        self.token = self.profile["unsubscribe_url"].rpartition("/")[2]
        self._client = Client(api.send)

    @property
    def profile(self) -> Any:
        return self.tenant.owner.ok("getContact", **self.path)

    @property
    def activities(self) -> list[str]:
        entries = self.tenant.owner.ok("getTimeline", **self.path)["entries"]
        return [it["activity"]["name"] for it in entries if it["kind"] == "activity"]

    def looks(self) -> Answer:
        return self._client("showUnsubscribe", token=self.token)

    def posts(self, body: str = ONE_CLICK, content_type: str = FORM, token: str | None = None) -> Answer:
        headers = {"Content-Type": content_type}
        return self._client("unsubscribeContact", token=token or self.token, body=body, headers=headers)


@pytest.fixture
def reader(api: Gateway, tenant: Tenant) -> Reader:
    return Reader(api, tenant)


def everything(api: Gateway) -> Any:
    return [api.items(table) for table in api.database.tables._fields]


def test_looking_changes_nothing(api: Gateway, reader: Reader) -> None:
    before = everything(api)

    answer = reader.looks()

    assert (answer.status, answer.content_type) == (200, "text/html")
    assert "Unsubscribe?" in answer.text
    assert {name: answer.headers.get(name.lower()) for name in HEADERS} == HEADERS
    head = api.send("HEAD", f"/unsubscribe/{reader.token}", headers={})
    assert head.status == 404
    assert everything(api) == before


@pytest.mark.parametrize(
    ("content_type", "body"),
    [(FORM, ONE_CLICK), ("multipart/form-data; boundary=b", MULTIPART), (FORM, "decision=unsubscribe")],
)
def test_a_post_unsubscribes_once(api: Gateway, reader: Reader, content_type: str, body: str) -> None:
    answers = [reader.posts(body, content_type)]
    after = everything(api)
    answers += [reader.posts(body, content_type), reader.posts()]

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert not {name for answer in answers for name in answer.headers} & {"location", "set-cookie"}
    assert reader.profile["status"] == "unsubscribed"
    assert reader.activities.count("unsubscribed") == 1
    assert everything(api) == after
    assert "You are unsubscribed" in reader.looks().text


def test_rules_see_it(api: Gateway, reader: Reader) -> None:
    rule = {"name": "Leaves", "activity": "unsubscribed", "effect": "set", "points": 7}
    reader.tenant.owner.ok("createScoringRule", audience=reader.tenant.audience_id, body=rule)
    for _ in range(2):
        reader.posts()
        api.settle()

    assert reader.profile["score"] == 7


def test_only_the_person_takes_it_back(reader: Reader) -> None:
    reader.posts()
    order = {"email": ADA, "consent": {"status": "subscribed", "at": "2026-02-01T00:00:00Z"}}
    reader.tenant.owner.ok("recordActivity", audience=reader.tenant.audience_id, body=activity("a2", contact=order))
    assert reader.profile["status"] == "unsubscribed", "an older consent"

    answer = reader.posts("decision=subscribe")

    assert "subscribed again" in answer.text
    assert reader.profile["status"] == "subscribed"
    reader.posts()
    assert reader.activities.count("unsubscribed") == 2


@pytest.mark.parametrize("body", ["", "List-Unsubscribe=", "decision=", "decision=delete", "one-click", "{}"])
def test_another_form_changes_nothing(body: str, api: Gateway, reader: Reader) -> None:
    before = everything(api)

    answer = reader.posts(body)

    assert (answer.status, answer.content_type) == (400, "text/html")
    assert everything(api) == before


def test_a_bad_link_says_nothing_and_changes_nothing(api: Gateway, reader: Reader) -> None:
    before = everything(api)
    client = Client(api.send)
    tokens = [f"{reader.token}A", reader.token[:-1], f"{reader.token}=", "x", "%00", "é", reader.token.swapcase()]

    for token in tokens:
        shown = client("showUnsubscribe", token=token, headers={"Accept-Language": "de-AT,de;q=0.9"})
        posted = reader.posts(token=token)
        assert (shown.status, posted.status) == (404, 404)
        assert "Dieser Link funktioniert nicht" in shown.text
        assert "This link does not work" in posted.text
    assert everything(api) == before


def test_a_link_of_nobody_is_bad(api: Gateway, reader: Reader) -> None:
    contacts = api.database.tables.contacts
    for item in api.items("contacts"):
        if item["sk"] == {"S": "profile"}:
            api.database.client.delete_item(TableName=contacts, Key={name: item[name] for name in ("pk", "sk")})

    assert (reader.looks().status, reader.posts().status) == (404, 404)


def test_pages_are_in_the_contacts_language_and_name_the_sender(api: Gateway, tenant: Tenant) -> None:
    tenant.owner.ok("changeAccount", body={"sender_name": "Rosen & Söhne"})

    page = Reader(api, tenant, "fr-FR").looks().text

    assert '<html lang="fr">' in page
    assert "Rosen &amp; Söhne" in page


def test_links_are_for_those_who_write(reader: Reader) -> None:
    roles = {role: reader.tenant.as_(role).ok("getContact", **reader.path)["unsubscribe_url"] for role in Role}

    assert roles[Role.VIEWER] is None
    assert roles[Role.MARKETER] == roles[Role.OWNER] == f"https://api.example.test/v1/unsubscribe/{reader.token}"


def test_accounts_sign_with_keys_of_their_own(api: Gateway, reader: Reader) -> None:
    other = Reader(api, api.tenant())

    assert other.token[-40:] != reader.token[-40:]
    reader.posts()
    assert other.profile["status"] == "subscribed"
