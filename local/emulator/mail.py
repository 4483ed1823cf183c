"""Keep what was sent as it was sent, show it, and tell of what happens to it.

Why: stock MiniStack keeps subject and bodies of a mail, and drops its headers, tags, configuration set and tenant. It
looks at neither configuration set nor tenant, and publishes nothing of what becomes of a mail.

Here SendEmail fails where Amazon SES does for a set that is not there and a tenant that may not use it. Mails are kept
as they are, also over a restart, and shown under ``/_laurel/mailbox``, with buttons for what readers and mail providers
do. Each event goes where the mail's configuration set sends events of its kind, which is EventBridge, from ``aws.ses``:
PutEvents refuses that source, as on AWS, so events take the way of MiniStack's own services.
"""

# ruff: noqa: SLF001 - replaces what MiniStack keeps to itself

import asyncio
import base64
import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qs, unquote

from ministack import app
from ministack.core import responses
from ministack.services import eventbridge, ses_v2

from local.emulator import mailbox_page
from local.emulator.mail_events import KINDS, Happening, NotALinkOfThisMailError, detail
from local.emulator.mailbox import Mail
from local.emulator.web import Answer, Application, Message, Receive, Send, respond

logger = logging.getLogger("laurel.mail")

type Request = dict[str, Any]

KEY = "laurel_mails"
MOST_MAILS = 1_000
"""Mails that are kept; the oldest go first."""

_mails: dict[str, Mail] = {}
_publishing: set[asyncio.Task[None]] = set()


def apply() -> None:
    """Keep mails with SES's own data, and serve the mailbox beside the services."""
    handle, get_state, load_state = ses_v2.handle_request, ses_v2.get_state, ses_v2.load_persisted_state

    async def handle_and_keep(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Answer:
        request = _send_request(method, path, body)
        refused = _refusal(request) if request else None
        if refused:
            return refused
        answer: Answer = await handle(method, path, headers, body, query)
        if request and answer[0] == 200:  # noqa: PLR2004 - OK
            mail = _keep(json.loads(answer[2])["MessageId"], request)
            task = asyncio.create_task(_publish(mail, Happening.SEND))
            _publishing.add(task)
            task.add_done_callback(_publishing.discard)
        return answer

    def get_state_with_mails() -> dict[str, Any]:
        return {**get_state(), KEY: [mail.stored() for mail in _mails.values()]}

    def load_state_with_mails(data: dict[str, Any]) -> None:
        _mails.update((mail["id"], Mail.restored(mail)) for mail in data.pop(KEY, []))
        load_state(data)

    ses_v2.handle_request = handle_and_keep
    ses_v2.get_state = get_state_with_mails
    ses_v2.load_persisted_state = load_state_with_mails
    app.app = Mailbox(app.app)


def _send_request(method: str, path: str, body: bytes) -> Request | None:
    """What SendEmail is asked to send as raw MIME; None for everything else."""
    if method != "POST" or not path.rstrip("/").endswith("/outbound-emails"):
        return None
    request: Request = json.loads(body)
    return request if "Raw" in request.get("Content", {}) else None


def _refusal(request: Request) -> Answer | None:
    """SES's answer to a mail under a configuration set or tenant that it may not be sent under."""
    configuration_set, tenant = request.get("ConfigurationSetName"), request.get("TenantName")
    if configuration_set and configuration_set not in ses_v2._config_sets:
        return _error("NotFoundException", f"Configuration set <{configuration_set}> does not exist.", 404)
    if tenant is None:
        return None
    if tenant not in ses_v2._tenants:
        return _error("NotFoundException", f"The requested tenant <{tenant}> does not exist.", 404)
    used = ses_v2._tenant_resources[tenant]
    if not any(arn("identity", name) in used for name in identities(sender(request))):
        return _error("BadRequestException", f"The tenant <{tenant}> is not associated with the sending identity.", 400)
    if arn("configuration-set", configuration_set) not in used:
        return _error(
            "BadRequestException", f"The tenant <{tenant}> is not associated with the configuration set.", 400
        )
    return None


def sender(request: Mapping[str, Any]) -> str:
    """The address that SendEmail is to send from; none if that stands in a mail that is not raw MIME."""
    named = parseaddr(request.get("FromEmailAddress", ""))[1]
    return named or (_raw(request).sender_address if "Raw" in request.get("Content", {}) else "")


def identities(address: str) -> list[str]:
    """What may be verified for a sender: its address, its domain, and the domains around that."""
    labels = address.rpartition("@")[2].split(".")
    return [address, *(".".join(labels[start:]) for start in range(len(labels) - 1))]


def arn(kind: str, name: str | None) -> str:
    """ARN of something of SES."""
    return f"arn:aws:ses:{responses.get_region()}:{responses.get_account_id()}:{kind}/{name}"


def _error(code: str, message: str, status: int) -> Answer:
    answer: Answer = ses_v2._json_err(code, message, status)
    return answer


def _raw(request: Mapping[str, Any], mail_id: str = "") -> Mail:
    return Mail(
        id=mail_id,
        account=responses.get_account_id(),
        region=responses.get_region(),
        sent_at=datetime.now(UTC),
        recipients=tuple(request.get("Destination", {}).get("ToAddresses", ())),
        raw=base64.b64decode(request["Content"]["Raw"]["Data"]),
        tags=tuple((tag["Name"], tag["Value"]) for tag in request.get("EmailTags", ())),
        configuration_set=request.get("ConfigurationSetName", ""),
        tenant=request.get("TenantName"),
    )


def _keep(mail_id: str, request: Request) -> Mail:
    mail = _raw(request, mail_id)
    _mails[mail.id] = mail
    while len(_mails) > MOST_MAILS:
        del _mails[next(iter(_mails))]
    return mail


async def _publish(mail: Mail, happening: Happening, link: str | None = None) -> None:
    """Put an event of a mail wherever its configuration set wants events of that kind.

    Raises:
        NotALinkOfThisMailError: A click on what SES does not follow.
    """
    now = datetime.now(UTC)
    kind = KINDS[happening]
    told = detail(happening, mail, now, link)
    responses.set_request_account_id(mail.account)
    responses.set_request_region(mail.region)
    eventbridge._ensure_default_bus()
    buses = _buses(mail, kind.subscription)
    entries = [
        {
            "Source": "aws.ses",
            "DetailType": kind.detail_type,
            "Detail": json.dumps(told),
            "Resources": [arn("configuration-set", mail.configuration_set)],
            "EventBusName": bus,
        }
        for bus in buses
    ]
    eventbridge._put_events({"Entries": entries}, allow_aws_source=True)
    _mails[mail.id] = _mails.get(mail.id, mail).having(happening, now)
    logger.info("published %s of a mail to %d event buses", happening, len(entries))


def _buses(mail: Mail, subscription: str) -> list[str]:
    """Event buses to which the mail's configuration set sends events of a kind."""
    destinations = (ses_v2._config_sets.get(mail.configuration_set) or {}).get("EventDestinations") or {}
    return [
        destination["EventBridgeDestination"]["EventBusArn"]
        for destination in destinations.values()
        if destination["Enabled"]
        and subscription in destination["MatchingEventTypes"]
        and "EventBridgeDestination" in destination
    ]


class Mailbox:
    """The emulator as a web application, with the mailbox under a path of its own."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request, or hand it on."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(mailbox_page.ROOT):
            await self._application(scope, receive, send)
            return
        rest = scope.get("raw_path", path.encode()).partition(b"?")[0].decode().removeprefix(mailbox_page.ROOT)
        query = {name: values[-1] for name, values in parse_qs(scope.get("query_string", b"").decode()).items()}
        await respond(send, await _answer(scope["method"], rest, query, await _body(receive), scope["headers"]))


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _answer(
    method: str, rest: str, query: Mapping[str, str], body: bytes, headers: list[tuple[bytes, bytes]]
) -> Answer:
    """The answer to a request; ``rest`` is the path below the mailbox's own, still encoded."""
    if rest in {"", "/"}:
        return _html(mailbox_page.all_mails(_newest_first()))
    if rest == ".json":
        return _json(200, {"mails": [mail.told() for mail in _newest_first()]})
    name, _, part = rest.removeprefix("/").partition("/")
    mail = _mails.get(unquote(name))
    if mail is None:
        return _html(mailbox_page.not_found(), 404)
    if method == "POST" and part == "events":
        return await _happen(mail, body, is_form=_is_form(headers))
    return _shown(mail, part, query)


def _shown(mail: Mail, part: str, query: Mapping[str, str]) -> Answer:
    """A mail's page, or its HTML alone."""
    images = query.get("images") != "off"
    if part == "body":
        return _html(mail.html or "", policy=mailbox_page.body_policy(images=images))
    if part:
        return _html(mailbox_page.not_found(), 404)
    view, width = query.get("view"), query.get("width")
    view = view if view in mailbox_page.VIEWS else next(iter(mailbox_page.VIEWS))
    width = width if width in mailbox_page.WIDTHS else next(iter(mailbox_page.WIDTHS))
    return _html(mailbox_page.one_mail(mail, view, width, images=images))


async def _happen(mail: Mail, body: bytes, *, is_form: bool) -> Answer:
    """Publish what a button or a program asks for."""
    try:
        asked = {name: values[0] for name, values in parse_qs(body.decode()).items()} if is_form else json.loads(body)
        await _publish(mail, Happening(asked["type"]), asked.get("link"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = "not a link that is counted" if isinstance(error, NotALinkOfThisMailError) else "not an event"
        return _json(400, {"error": reason})
    if is_form:
        return 303, {"Location": mailbox_page.address(mail)}, b""
    return _json(202, _mails[mail.id].told())


def _is_form(headers: list[tuple[bytes, bytes]]) -> bool:
    return dict(headers).get(b"content-type", b"").startswith(b"application/x-www-form-urlencoded")


def _newest_first() -> list[Mail]:
    return list(reversed(_mails.values()))


def _html(page: str, status: int = 200, policy: str = mailbox_page.PAGE_POLICY) -> Answer:
    return status, {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}, page.encode()


def _json(status: int, told: Any) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(told).encode()
