"""Senders: who may have which domain, and what has to be published for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from laurel.messaging.senders import MOST_SENDERS, NoTenants, dns_records, give_up, look_at, set_up
from laurel.model.errors import Conflict, InvalidInput, NotFound, SenderTaken
from laurel.model.sender import Identity, Sender, SenderKind, SenderState, encompassing_domains

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
DOMAIN, EMAIL = SenderKind.DOMAIN, SenderKind.EMAIL


class Book:
    """Senders of all accounts."""

    def __init__(self) -> None:
        self.kept: dict[str, Sender] = {}

    def senders(self, account_id: str) -> list[Sender]:
        return [it for it in self.kept.values() if it.account_id == account_id]

    def sender(self, account_id: str, sender_id: str) -> Sender | None:
        return next((it for it in self.senders(account_id) if it.id == sender_id), None)

    def holder(self, identity: str) -> str | None:
        return self.kept[identity].account_id if identity in self.kept else None

    def claim(self, sender: Sender) -> Sender:
        held = self.kept.setdefault(sender.identity, sender)
        if held.account_id != sender.account_id:
            raise SenderTaken
        return held

    def release(self, sender: Sender) -> None:
        del self.kept[sender.identity]

    def save_state(self, sender: Sender) -> None:
        self.kept[sender.identity] = sender


class Service:
    """The mail service; ``foreign`` identities were not made here."""

    def __init__(self) -> None:
        self.kept: dict[str, Identity] = {}
        self.refuses = False

    def create(self, sender: Sender) -> Identity:
        if self.refuses:
            raise InvalidInput("no sender")
        made = Identity(SenderState.PENDING, ("t1", "t2"), "dkim.amazonses.com", None, sender.account_id)
        return self.kept.setdefault(sender.identity, made)

    def identity(self, identity: str) -> Identity | None:
        return self.kept.get(identity)

    def delete(self, identity: str) -> None:
        self.kept.pop(identity, None)

    def verify(self, identity: str) -> None:
        self.kept[identity] = replace(self.kept[identity], state=SenderState.VERIFIED)


class Tenants:
    """Keeps accounts apart in the mail service, which has to know an identity that a tenant has."""

    def __init__(self, service: Service) -> None:
        self.kept: set[tuple[str, str]] = set()
        self._service = service

    def join(self, account_id: str, identity: str) -> None:
        assert identity in self._service.kept
        self.kept.add((account_id, identity))

    def leave(self, account_id: str, identity: str) -> None:
        assert identity in self._service.kept
        self.kept.discard((account_id, identity))


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def service() -> Service:
    return Service()


def test_doing_it_again_changes_nothing(book: Book, service: Service) -> None:
    first, _ = set_up(book, service, NoTenants(), "a", DOMAIN, "example.com", NOW)
    service.verify("example.com")

    again, _ = set_up(book, service, NoTenants(), "a", DOMAIN, "example.com", NOW)

    assert again == replace(first, state=SenderState.VERIFIED)
    assert list(book.kept.values()) == [again]


def test_it_is_made_again_where_it_got_lost(book: Book, service: Service) -> None:
    sender, _ = set_up(book, service, NoTenants(), "a", DOMAIN, "example.com", NOW)
    service.kept.clear()

    assert look_at(book, service, "a", sender.id, NOW)[0].state is SenderState.FAILED
    assert set_up(book, service, NoTenants(), "a", DOMAIN, "example.com", NOW)[0] == sender


def test_a_domain_belongs_to_one_account(book: Book, service: Service) -> None:
    set_up(book, service, NoTenants(), "a", DOMAIN, "example.com", NOW)

    with pytest.raises(SenderTaken):
        set_up(book, service, NoTenants(), "b", DOMAIN, "example.com", NOW)


@pytest.mark.parametrize(
    ("kind", "inside"), [(EMAIL, "me@example.com"), (DOMAIN, "shop.example.com"), (EMAIL, "me@a.b.example.com")]
)
def test_what_lies_in_a_verified_domain_is_its_accounts(
    kind: SenderKind, inside: str, book: Book, service: Service
) -> None:
    set_up(book, service, NoTenants(), "a", DOMAIN, "example.com", NOW)
    service.verify("example.com")

    with pytest.raises(SenderTaken):
        set_up(book, service, NoTenants(), "b", kind, inside, NOW)
    assert set_up(book, service, NoTenants(), "a", kind, inside, NOW)[0].identity == inside


def test_a_domain_that_is_only_asked_for_keeps_nobody_from_an_address_in_it(book: Book, service: Service) -> None:
    set_up(book, service, NoTenants(), "a", DOMAIN, "example.com", NOW)

    assert set_up(book, service, NoTenants(), "b", EMAIL, "me@example.com", NOW)[0].account_id == "b"


def test_what_was_set_up_elsewhere_is_nobodys(book: Book, service: Service) -> None:
    service.kept["operator.example"] = Identity(SenderState.VERIFIED)

    with pytest.raises(SenderTaken):
        set_up(book, service, NoTenants(), "a", DOMAIN, "operator.example", NOW)
    assert not book.kept


def test_what_the_service_does_not_take_is_not_kept(book: Book, service: Service) -> None:
    service.refuses = True

    with pytest.raises(InvalidInput):
        set_up(book, service, NoTenants(), "a", DOMAIN, "example.com", NOW)
    assert not book.kept


def test_there_is_a_limit(book: Book, service: Service) -> None:
    for number in range(MOST_SENDERS):
        set_up(book, service, NoTenants(), "a", DOMAIN, f"{number}.example", NOW)

    with pytest.raises(Conflict):
        set_up(book, service, NoTenants(), "a", DOMAIN, "more.example", NOW)
    set_up(book, service, NoTenants(), "a", DOMAIN, "0.example", NOW)


def test_what_is_given_up_is_free(book: Book, service: Service) -> None:
    sender, _ = set_up(book, service, NoTenants(), "a", DOMAIN, "example.com", NOW)

    assert give_up(book, service, NoTenants(), "a", sender.id) == sender

    assert set_up(book, service, NoTenants(), "b", DOMAIN, "example.com", NOW)[0].account_id == "b"
    with pytest.raises(NotFound):
        give_up(book, service, NoTenants(), "a", sender.id)


def test_a_tenant_has_the_identities_of_its_account(book: Book, service: Service) -> None:
    tenants = Tenants(service)
    service.kept["operator.example"] = Identity(SenderState.VERIFIED)
    sender, _ = set_up(book, service, tenants, "a", DOMAIN, "example.com", NOW)
    set_up(book, service, tenants, "a", DOMAIN, "example.com", NOW)
    with pytest.raises(SenderTaken):
        set_up(book, service, tenants, "a", DOMAIN, "operator.example", NOW)

    assert tenants.kept == {("a", "example.com")}
    give_up(book, service, tenants, "a", sender.id)
    assert tenants.kept == set()


def test_records_of_a_domain() -> None:
    sender = Sender("a", "s", DOMAIN, "example.com", SenderState.PENDING, NOW, NOW)
    identity = Identity(SenderState.PENDING, ("t1",), "dkim.amazonses.com", "bounce.example.com")

    found = [(it.type, it.name, it.value, it.required) for it in dns_records(sender, identity, "eu-west-1")]

    assert found == [
        ("CNAME", "t1._domainkey.example.com", "t1.dkim.amazonses.com", True),
        ("MX", "bounce.example.com", "10 feedback-smtp.eu-west-1.amazonses.com", False),
        ("TXT", "bounce.example.com", "v=spf1 include:amazonses.com ~all", False),
        ("TXT", "_dmarc.example.com", "v=DMARC1; p=none;", False),
    ]


def test_an_address_has_no_records() -> None:
    sender = Sender("a", "s", EMAIL, "me@example.com", SenderState.PENDING, NOW, NOW)

    assert dns_records(sender, Identity(SenderState.PENDING), "eu-west-1") == []
    assert sender.domain == "example.com"


@pytest.mark.parametrize(
    ("identity", "domains"),
    [
        ("example.com", ()),
        ("a.b.example.com", ("b.example.com", "example.com")),
        ("me@example.com", ("example.com",)),
        ("me@shop.example.com", ("shop.example.com", "example.com")),
    ],
)
def test_domains_around_an_identity(identity: str, domains: tuple[str, ...]) -> None:
    assert encompassing_domains(identity) == domains
