"""Messages to a contact: tried out, sent, looked at, taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from laurel.http import messages_out
from laurel.http.app import App, lambda_handler
from laurel.http.cursor import Pages
from laurel.http.parameters import limit_parameter
from laurel.model.contact import ContactRef
from laurel.model.errors import NotFound
from laurel.model.message import Message
from laurel.settings import settings
from laurel.store.contacts import Contacts
from laurel.store.messages import Messages
from laurel.store.process import dynamodb
from laurel.store.workspace import Workspace
from laurel.telemetry import count

if TYPE_CHECKING:
    from laurel.messaging.compose import Desk, MessageWish, Writer

_PAGE = 50
_PATH = "/audiences/{audience}/contacts/{contact}"

app = App(dynamodb)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_contacts = Contacts(dynamodb(), settings().contacts_table)
_messages = Messages(dynamodb(), settings().contacts_table)


@app.post(f"{_PATH}/messages")
def send_message(audience: str, contact: str) -> dict[str, Any]:
    from laurel.messaging.compose import send  # noqa: PLC0415, it brings the template engine

    ref, wish = _ref(audience, contact), _wish()
    message = send(_desk(), _writer(), ref, wish, _key(), datetime.now(UTC))
    count("MessageAccepted")
    return messages_out.message(message)


@app.post(f"{_PATH}/messages/test")
def test_message(audience: str, contact: str) -> dict[str, Any]:
    from laurel.messaging.compose import send_test  # noqa: PLC0415, as above

    ref, wish = _ref(audience, contact), _wish()
    message = send_test(_desk(), _writer(), ref, wish, _key(), datetime.now(UTC))
    count("TestMessageAccepted")
    return messages_out.message(message)


@app.post(f"{_PATH}/messages/preview")
def preview_message(audience: str, contact: str) -> dict[str, Any]:
    from laurel.messaging.compose import preview  # noqa: PLC0415, as above

    ref, wish = _ref(audience, contact), _wish()
    return messages_out.preview(preview(_desk(), ref, wish, datetime.now(UTC)))


@app.get(f"{_PATH}/messages")
def list_messages(audience: str, contact: str) -> dict[str, Any]:
    ref = _known(audience, contact)
    pages = Pages(_workspace.cursor_key(ref.account_id), f"messages to {audience} {contact}")
    position = pages.position(app.query("cursor"))
    limit = limit_parameter(app, _PAGE)
    found = sorted(_messages.messages_of(ref.account_id, audience, contact), key=_place, reverse=True)
    if position:
        found = [it for it in found if _place(it) < (position["at"], position["id"])]
    page = found[:limit]
    last = dict(zip(("at", "id"), _place(page[-1]), strict=True)) if len(found) > limit else None
    return messages_out.messages(page, pages.cursor(last))


@app.get(f"{_PATH}/messages/{{message}}")
def get_message(audience: str, contact: str, message: str) -> dict[str, Any]:
    ref = _known(audience, contact)
    kept, said = _messages.message(ref, message), _messages.content(ref, message)
    if kept is None or said is None:
        raise NotFound("message", message)
    return messages_out.detailed(kept, said)


@app.delete(f"{_PATH}/messages/{{message}}")
def cancel_message(audience: str, contact: str, message: str) -> dict[str, Any]:
    from laurel.messaging.compose import cancel  # noqa: PLC0415, as above

    ref = _known(audience, contact)
    return messages_out.message(cancel(_messages, ref, message, datetime.now(UTC)))


@app.get(f"{_PATH}/message-gates")
def get_message_gates(audience: str, contact: str) -> dict[str, Any]:
    from laurel.messaging.survey import survey  # noqa: PLC0415, only this and what is sent need it
    from laurel.store.mail_desk import mail_sources  # noqa: PLC0415, as above

    return messages_out.gates(
        survey(mail_sources(settings()), app.caller.role, _ref(audience, contact), datetime.now(UTC))
    )


def _desk() -> Desk:
    from laurel.messaging.outbox import TEST_TOKEN  # noqa: PLC0415, as above
    from laurel.store.mail_desk import mail_desk  # noqa: PLC0415, as above

    api_url = settings().public_api_url.format(api_id=app.request.api_id, stage=app.request.stage)
    return mail_desk(settings(), f"{api_url}/unsubscribe/{TEST_TOKEN}")


def _writer() -> Writer:
    from laurel.messaging.compose import Writer  # noqa: PLC0415, as above

    claims = app.request.claims
    verified = str(claims.get("email_verified")).lower() == "true"
    return Writer(app.caller.role, claims.get("email"), email_verified=verified)


def _wish() -> MessageWish:
    from laurel.http.messages_in import MessageIn  # noqa: PLC0415, reads need no pydantic
    from laurel.http.schemas import read  # noqa: PLC0415, as above

    return read(MessageIn, app.json_body()).wish


def _key() -> str | None:
    """What makes a repetition of this request the same message, for as long as the message is kept."""
    key = app.header("idempotency-key")
    if key is None:
        return None
    path = app.request.resource.format(**{name: quote(it, safe="") for name, it in app.request.parameters.items()})
    return f"{app.caller.account_id} {path} {key}"


def _ref(audience: str, contact: str) -> ContactRef:
    return ContactRef(app.caller.account_id, audience, contact)


def _known(audience: str, contact: str) -> ContactRef:
    """A contact that there is. Raises ``NotFound``."""
    ref = _ref(audience, contact)
    _workspace.existing_audience(ref.account_id, audience)
    if _contacts.contact(ref.account_id, audience, contact) is None:
        raise NotFound("contact", contact)
    return ref


def _place(message: Message) -> tuple[str, str]:
    return message.created_at.isoformat(timespec="milliseconds"), message.id


handler = lambda_handler(app)
