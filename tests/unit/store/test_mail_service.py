"""Mail handed to SES: the request as botocore knows it, what each answer means, and that nothing is asked twice."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.stub import Stubber

from laurel.messaging.outbox import BusyReason, Mail, MailBusy, MailRefused
from laurel.model.contact import ContactRef
from laurel.store.mail_service import SESMail, create_client

MAIL = Mail(ContactRef("account", "audience", "contact"), "message", "reader@example.com", b"Subject: Hi\r\n\r\nHi\r\n")
TAGS = [
    {"Name": "laurel-account", "Value": "account"},
    {"Name": "laurel-audience", "Value": "audience"},
    {"Name": "laurel-contact", "Value": "contact"},
    {"Name": "laurel-message", "Value": "message"},
]
REQUEST = {
    "Destination": {"ToAddresses": ["reader@example.com"]},
    "Content": {"Raw": {"Data": MAIL.content}},
    "ConfigurationSetName": "laurel-mail",
    "EmailTags": TAGS,
}


def client_of(endpoint: str = "http://127.0.0.1:1") -> Any:
    return create_client(
        region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test", endpoint_url=endpoint
    )


@pytest.mark.parametrize("tenants", [False, True])
def test_a_mail_is_sent_as_it_is(tenants: bool) -> None:
    client = client_of()
    with Stubber(client) as ses:
        wanted = REQUEST | ({"TenantName": "account"} if tenants else {})
        ses.add_response("send_email", {"MessageId": "0100-1"}, wanted)

        assert SESMail(client, "laurel-mail", tenants=tenants).send(MAIL) == "0100-1"


@pytest.mark.parametrize("code", ["MessageRejected", "MailFromDomainNotVerifiedException", "BadRequestException"])
def test_what_ses_refuses(code: str) -> None:
    client = client_of()
    with Stubber(client) as ses:
        ses.add_client_error("send_email", code, "Email address is not verified.", 400)

        with pytest.raises(MailRefused, match=r"^Email address is not verified\.$"):
            SESMail(client, "laurel-mail", tenants=True).send(MAIL)


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("code", "said", "status", "reason", "pause"),
    [
        ("TooManyRequestsException", "Maximum sending rate exceeded.", 429, BusyReason.RATE, MINUTE),
        ("ThrottlingException", "Rate exceeded", 400, BusyReason.RATE, MINUTE),
        ("TooManyRequestsException", "Daily message quota exceeded.", 429, BusyReason.QUOTA, HOUR),
        ("LimitExceededException", "Daily message quota exceeded.", 400, BusyReason.QUOTA, HOUR),
        ("SendingPausedException", "Sending paused", 400, BusyReason.HELD, HOUR),
        ("AccountSuspendedException", "Suspended", 400, BusyReason.HELD, HOUR),
        ("NotFoundException", "Configuration set <laurel-mail> does not exist.", 404, BusyReason.HELD, HOUR),
        ("AccessDeniedException", "not authorized to perform ses:SendRawEmail", 403, BusyReason.HELD, HOUR),
        ("ExpiredTokenException", "The security token is expired", 403, BusyReason.HELD, HOUR),
    ],
)
def test_what_ses_takes_later(code: str, said: str, status: int, reason: BusyReason, pause: timedelta) -> None:
    client = client_of()
    with Stubber(client) as ses:
        ses.add_client_error("send_email", code, said, status)

        with pytest.raises(MailBusy) as raised:
            SESMail(client, "laurel-mail", tenants=True).send(MAIL)

    assert (raised.value.reason, raised.value.pause) == (reason, pause)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_error_of_ses_itself_says_nothing_of_the_mail(status: int) -> None:
    client = client_of()
    with Stubber(client) as ses:
        ses.add_client_error("send_email", "InternalFailure", "", status)

        with pytest.raises(ClientError):
            SESMail(client, "laurel-mail", tenants=True).send(MAIL)


def test_the_rate_is_what_ses_says_last() -> None:
    client = client_of()
    mail = SESMail(client, "laurel-mail", tenants=True)
    with Stubber(client) as ses:
        ses.add_client_error("get_account", "TooManyRequestsException", "", 429)
        ses.add_response("get_account", {"SendQuota": {"Max24HourSend": 200.0, "MaxSendRate": 14.0}})
        ses.add_client_error("get_account", "TooManyRequestsException", "", 429)
        ses.add_client_error("get_account", "AccessDeniedException", "", 403)

        assert [mail.rate() for _ in range(3)] == [1.0, 14.0, 14.0]
        with pytest.raises(ClientError):
            mail.rate()


class Ses(ThreadingHTTPServer):
    """Takes requests and does with them what ``answer`` says: a status, or None to hang up without a word."""

    daemon_threads = True

    def __init__(self, answer: int | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.connections = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Ses

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.headers["Connection"], body))
        if self.server.answer is None:
            self.close_connection = True
            return
        content = json.dumps({"MessageId": "0100-1"}).encode()
        self.send_response(self.server.answer)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None: ...


@contextmanager
def ses_that(answer: int | None) -> Iterator[tuple[Ses, SESMail]]:
    server = Ses(answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    client = client_of(f"http://127.0.0.1:{server.server_address[1]}")
    try:
        yield server, SESMail(client, "laurel-mail", tenants=True)
    finally:
        client.close()
        server.shutdown()
        thread.join()
        server.server_close()


def test_each_mail_has_a_connection_of_its_own() -> None:
    with ses_that(200) as (server, mail):
        assert [mail.send(MAIL) for _ in range(3)] == ["0100-1"] * 3

    assert server.connections == 3
    assert [connection for connection, _ in server.requests] == ["close"] * 3
    assert base64.b64decode(server.requests[0][1]["Content"]["Raw"]["Data"]) == MAIL.content


@pytest.mark.parametrize("answer", [None, 500, 503, 429])
def test_nothing_is_asked_twice(answer: int | None) -> None:
    with ses_that(answer) as (server, mail), pytest.raises((BotoCoreError, ClientError, MailBusy)) as raised:
        mail.send(MAIL)

    assert len(server.requests) == 1
    assert isinstance(raised.value, MailBusy) == (answer == 429)


def test_where_nobody_listens_nothing_was_sent() -> None:
    with ses_that(200) as (server, _):
        port = server.server_address[1]

    with pytest.raises(MailBusy) as raised:
        SESMail(client_of(f"http://127.0.0.1:{port}"), "laurel-mail", tenants=True).send(MAIL)

    assert (raised.value.reason, raised.value.pause) == (BusyReason.UNREACHABLE, MINUTE)
