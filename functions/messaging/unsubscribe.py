"""The link in every mail by which people stop, and resume, mail. No sign-in: the link's signature says whose it is.

Only a POST changes anything: programs that scan mails open every link.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from laurel.http.app import App, lambda_handler
from laurel.http.exchange import Response
from laurel.http.forms import form
from laurel.messaging import unsubscribe, unsubscribe_page
from laurel.messaging.languages import language
from laurel.messaging.unsubscribe import Decision
from laurel.model.account import Account
from laurel.model.contact import ConsentStatus, Contact, ContactRef
from laurel.settings import settings
from laurel.store.contacts import Contacts
from laurel.store.ledger import Ledger
from laurel.store.link_keys import LinkKeys
from laurel.store.process import dynamodb
from laurel.store.workspace import Workspace
from laurel.telemetry import count

_HTML = "text/html; charset=utf-8"

app = App()
_workspace = Workspace(dynamodb(), settings().workspace_table)
_link_keys = LinkKeys(dynamodb(), settings().workspace_table)
_ledger = Ledger(dynamodb(), settings().ledger_table)
_contacts = Contacts(dynamodb(), settings().contacts_table)


@dataclass(frozen=True, slots=True)
class _Link:
    """A link that proved to be one of ours, and whom it is about."""

    ref: ContactRef
    account: Account
    contact: Contact

    @property
    def language(self) -> str:
        return language(self.contact.locale, self.account.locale)

    @property
    def sender(self) -> str:
        return self.account.sender_name or self.account.name


@app.get("/unsubscribe/{token}")
def show_unsubscribe(token: str) -> Response:
    link = _link(token)
    if link is None:
        return _refused(404)
    page = unsubscribe_page.ask
    if link.contact.status is ConsentStatus.UNSUBSCRIBED:
        page = unsubscribe_page.unsubscribed
    return _answer(200, page(link.language, link.sender))


@app.post("/unsubscribe/{token}")
def unsubscribe_contact(token: str) -> Response:
    link = _link(token)
    if link is None:
        return _refused(404)
    decision = _decision()
    if decision is None:
        return _refused(400)
    changed = unsubscribe.decide(_contacts, _ledger, link.ref, link.contact, decision, datetime.now(UTC))
    if changed:
        count("Unsubscribed" if decision is Decision.UNSUBSCRIBE else "Resubscribed")
    took = decision is Decision.UNSUBSCRIBE
    page = unsubscribe_page.unsubscribed if took else unsubscribe_page.subscribed
    return _answer(200, page(link.language, link.sender))


def _link(token: str) -> _Link | None:
    said = unsubscribe.read(token)
    key = _link_keys.known(said.ref.account_id) if said else None
    if said is None or key is None or not said.proven_by(key):
        return None
    account = _workspace.account(said.ref.account_id)
    contact = _contacts.contact(said.ref.account_id, said.ref.audience_id, said.ref.contact)
    return _Link(said.ref, account, contact) if account and contact else None


def _decision() -> Decision | None:
    sent = form(app.header("content-type"), app.request.body())
    name, value = unsubscribe_page.ONE_CLICK
    if sent.get(name) == value:
        return Decision.UNSUBSCRIBE
    try:
        return Decision(sent.get(unsubscribe_page.DECISION_FIELD, ""))
    except ValueError:
        return None


def _refused(status: int) -> Response:
    count("UnsubscribeRefused")
    spoken = (app.header("accept-language") or "").split(",")[0].partition(";")[0].strip()
    return _answer(status, unsubscribe_page.invalid(language(spoken)))


def _answer(status: int, page: str) -> Response:
    return Response(status, _HTML, page, headers=unsubscribe_page.HEADERS)


handler = lambda_handler(app)
