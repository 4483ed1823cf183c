"""Mail that is sent in the emulator: kept as it is, shown as its reader sees it, and told of as Amazon SES tells."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from laurel.messaging.foot import Foot, complete
from laurel.messaging.mail import Letter, mime
from laurel.model.message import MessageContent
from local.process import Emulator
from tests.local.conftest import stopped_at_the_end
from tests.local.world import World, eventually

pytestmark = pytest.mark.local

UNSUBSCRIBE = "https://api.example/v1/unsubscribe/token"
SHOP = "https://shop.example/spring?a=1&b=2"
HTML = f'<p>Hello</p><img src="https://shop.example/a.png" alt="A"><a href="{SHOP.replace("&", "&amp;")}">Shop</a>'


@dataclass(frozen=True, slots=True)
class Post:
    """A verified sender, a configuration set whose events go to a queue, and a tenant that may use both."""

    world: World
    sender: str
    configuration_set: str
    tenant: str
    queue: str

    def send(self, **changed: Any) -> str:
        """The mail service's id of a mail."""
        request: dict[str, Any] = {
            "FromEmailAddress": f"Rosen <{self.sender}>",
            "Destination": {"ToAddresses": ["ada@example.com"]},
            "Content": {"Raw": {"Data": self.raw()}},
            "ConfigurationSetName": self.configuration_set,
            "EmailTags": [{"Name": "laurel-message", "Value": "m1"}, {"Name": "laurel-account", "Value": "a1"}],
            "TenantName": self.tenant,
        }
        request = {name: value for name, value in (request | changed).items() if value is not None}
        return str(self.world.client("sesv2").send_email(**request)["MessageId"])

    def raw(self, html: str | None = HTML) -> bytes:
        content = complete(MessageContent("Grüße", "Hello\n", html), Foot("de", "Rosen", "Weg 1", UNSUBSCRIBE))
        return mime(Letter("Rosen", self.sender, "Ada", "ada@example.com", content, "de", UNSUBSCRIBE, "0" * 24))

    def told(self) -> list[dict[str, Any]]:
        """The events that have come since this was asked last."""
        sqs = self.world.client("sqs")
        received = sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in received:
            sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in received]

    def forget(self) -> None:
        """Pass over the events that have come up to here."""
        assert eventually(self.told)


@pytest.fixture
def post(world: World) -> Post:
    ses, name = world.client("sesv2"), f"x{uuid.uuid4().hex[:10]}"
    ses.create_email_identity(EmailIdentity=f"{name}.example")
    ses.create_configuration_set(ConfigurationSetName=name)
    ses.create_configuration_set_event_destination(
        ConfigurationSetName=name,
        EventDestinationName="bus",
        EventDestination={
            "Enabled": True,
            "MatchingEventTypes": ["SEND", "DELIVERY", "OPEN", "CLICK", "BOUNCE", "COMPLAINT"],
            "EventBridgeDestination": {"EventBusArn": "arn:aws:events:us-east-1:000000000000:event-bus/default"},
        },
    )
    ses.create_tenant(TenantName=name)
    for resource in (f"identity/{name}.example", f"configuration-set/{name}"):
        ses.create_tenant_resource_association(
            TenantName=name, ResourceArn=f"arn:aws:ses:us-east-1:000000000000:{resource}"
        )
    queue = world.queue()
    pattern = {"source": ["aws.ses"], "detail": {"mail": {"tags": {"ses:configuration-set": [name]}}}}
    events = world.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps(pattern), State="ENABLED")
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": world.queue_arn(queue)}])
    return Post(world, f"news@{name}.example", name, name, queue)


def ask(post: Post, path: str, body: bytes | None = None, kind: str = "application/json") -> tuple[int, str, Any]:
    """Status, content and headers of an answer; redirections are not followed."""
    request = urllib.request.Request(f"{post.world.endpoint}/_laurel/mailbox{path}", data=body)
    if body is not None:
        request.add_header("Content-Type", kind)
    try:
        with urllib.request.build_opener(_Stay).open(request) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def mail_of(post: Post, mail_id: str) -> dict[str, Any]:
    _, body, _ = ask(post, ".json")
    (found,) = [mail for mail in json.loads(body)["mails"] if mail["id"] == mail_id]
    return dict(found)


def happen(post: Post, mail_id: str, **asked: str) -> tuple[int, Any]:
    status, body, _ = ask(post, f"/{urllib.parse.quote(mail_id)}/events", json.dumps(asked).encode())
    return status, json.loads(body)


def test_a_mail_is_kept_as_it_was_sent(post: Post) -> None:
    mail = mail_of(post, post.send())

    headers = dict(mail["headers"])
    assert headers["From"] == f"Rosen <{post.sender}>"
    assert headers["Subject"] == "Grüße"
    assert headers["List-Unsubscribe"] == f"<{UNSUBSCRIBE}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["X-Laurel-Message"] == "0" * 24
    assert mail["recipients"] == ["ada@example.com"]
    assert mail["tags"] == {"laurel-message": "m1", "laurel-account": "a1"}
    assert (mail["configuration_set"], mail["tenant"]) == (post.configuration_set, post.tenant)
    assert mail["text"].startswith("Hello\n")
    assert "<p>Hello</p>" in mail["html"]
    assert mail["links"] == [{"href": SHOP, "tracked": True}, {"href": UNSUBSCRIBE, "tracked": False}]


def test_ses_tells_that_it_has_sent(post: Post) -> None:
    mail_id = post.send()

    (event,) = eventually(post.told)

    assert (event["source"], event["detail-type"]) == ("aws.ses", "Email Sent")
    assert event["resources"] == [f"arn:aws:ses:us-east-1:000000000000:configuration-set/{post.configuration_set}"]
    assert event["detail"]["eventType"] == "Send"
    assert event["detail"]["send"] == {}
    mail = event["detail"]["mail"]
    assert mail["messageId"] == mail_id
    assert mail["destination"] == ["ada@example.com"]
    assert mail["tags"]["laurel-message"] == ["m1"]
    assert {"name": "X-Laurel-Message", "value": "0" * 24} in mail["headers"]
    assert mail["commonHeaders"]["subject"] == "Grüße"


@pytest.mark.parametrize(
    ("asked", "detail_type", "part", "told"),
    [
        ({"type": "deliver"}, "Email Delivered", "delivery", {"recipients": ["ada@example.com"]}),
        ({"type": "open"}, "Email Opened", "open", {"ipAddress": "198.51.100.7"}),
        ({"type": "click", "link": SHOP}, "Email Clicked", "click", {"link": SHOP, "linkTags": None}),
        ({"type": "bounce"}, "Email Bounced", "bounce", {"bounceType": "Permanent", "bounceSubType": "General"}),
        (
            {"type": "bounce_transient"},
            "Email Bounced",
            "bounce",
            {"bounceType": "Transient", "bounceSubType": "MailboxFull"},
        ),
        (
            {"type": "complaint"},
            "Email Complaint Received",
            "complaint",
            {"complaintFeedbackType": "abuse", "complainedRecipients": [{"emailAddress": "ada@example.com"}]},
        ),
    ],
)
def test_what_happens_to_a_mail_is_told_as_ses_tells_it(
    asked: dict[str, str], detail_type: str, part: str, told: Mapping[str, Any], post: Post
) -> None:
    mail_id = post.send()
    post.forget()

    status, mail = happen(post, mail_id, **asked)

    (event,) = eventually(post.told)
    assert status == 202
    assert event["detail-type"] == detail_type
    assert event["detail"]["mail"]["messageId"] == mail_id
    assert event["detail"]["eventType"].lower() == part
    assert dict(told).items() <= event["detail"][part].items()
    assert event["detail"][part]["timestamp"].endswith("Z")
    assert [it["type"] for it in mail["happened"]] == ["send", asked["type"]]


@pytest.mark.parametrize(
    "asked",
    [
        {"type": "click", "link": UNSUBSCRIBE},
        {"type": "click", "link": "https://elsewhere.example"},
        {"type": "click"},
        {"type": "explode"},
        {},
    ],
)
def test_what_ses_would_not_know_of_is_refused(asked: dict[str, str], post: Post) -> None:
    mail_id = post.send()
    post.forget()

    assert happen(post, mail_id, **asked)[0] == 400
    assert not post.told()


def test_only_events_that_a_configuration_set_asks_for_are_published(post: Post) -> None:
    ses = post.world.client("sesv2")
    ses.update_configuration_set_event_destination(
        ConfigurationSetName=post.configuration_set,
        EventDestinationName="bus",
        EventDestination={
            "Enabled": True,
            "MatchingEventTypes": ["CLICK"],
            "EventBridgeDestination": {"EventBusArn": "arn:aws:events:us-east-1:000000000000:event-bus/default"},
        },
    )
    mail_id = post.send()
    happen(post, mail_id, type="open")
    happen(post, mail_id, type="click", link=SHOP)

    assert [event["detail-type"] for event in eventually(post.told)] == ["Email Clicked"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ConfigurationSetName": "nowhere"}, "NotFoundException"),
        ({"TenantName": "nobody"}, "NotFoundException"),
        ({"FromEmailAddress": "news@elsewhere.example"}, "BadRequestException"),
        ({"ConfigurationSetName": None}, "BadRequestException"),
        ({"TenantName": None, "FromEmailAddress": "news@elsewhere.example"}, "MessageRejected"),
    ],
)
def test_mail_that_ses_would_not_take_is_refused(changed: dict[str, Any], code: str, post: Post) -> None:
    with pytest.raises(ClientError) as raised:
        post.send(**changed)

    assert raised.value.response["Error"]["Code"] == code


def test_the_sender_may_stand_in_the_mail_alone_under_any_name(post: Post) -> None:
    content = MessageContent("Hello", "Hello", None)
    name = "Rosen, Söhne & Töchter, Gesellschaft für sehr lange Namen"
    letter = Letter(name, post.sender, None, "ada@example.com", content, "de", UNSUBSCRIBE, "0" * 24)

    mail = mail_of(post, post.send(FromEmailAddress=None, Content={"Raw": {"Data": mime(letter)}}))

    assert dict(mail["headers"])["From"] == f"{name} <{post.sender}>"


def as_role(post: Post, *statements: dict[str, Any]) -> Any:
    """A client of SES that may do only what statements say."""
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    iam, name = post.world.client("iam"), f"role-{uuid.uuid4().hex[:8]}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
    allowed = [{"Effect": "Allow", **statement} for statement in statements]
    policy = {"Version": "2012-10-17", "Statement": allowed}
    iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=json.dumps(policy))
    assumed = post.world.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
    return boto3.client(
        "sesv2",
        endpoint_url=post.world.endpoint,
        region_name="us-east-1",
        aws_access_key_id=assumed["AccessKeyId"],
        aws_secret_access_key=assumed["SecretAccessKey"],
        aws_session_token=assumed["SessionToken"],
    )


def test_a_mail_needs_permission_for_its_sender_and_its_configuration_set(post: Post) -> None:
    ses = "arn:aws:ses:us-east-1:000000000000"
    own = [f"{ses}:identity/{post.configuration_set}.example", f"{ses}:configuration-set/{post.configuration_set}"]
    request = {"Content": {"Raw": {"Data": post.raw()}}, "ConfigurationSetName": post.configuration_set}

    for resources in (own, [own[0]], [own[1]]):
        client = as_role(post, {"Action": "ses:SendEmail", "Resource": resources})
        if resources == own:
            assert client.send_email(**request)["MessageId"]
        else:
            with pytest.raises(ClientError, match="not authorized to perform: ses:SendEmail"):
                client.send_email(**request)


def test_a_tenant_is_given_only_what_may_be_given(post: Post) -> None:
    ses, name = "arn:aws:ses:us-east-1:000000000000", f"x{uuid.uuid4().hex[:10]}"
    associate = ["ses:CreateTenantResourceAssociation", "ses:DeleteTenantResourceAssociation"]
    client = as_role(
        post,
        {"Action": ["ses:CreateTenant", *associate], "Resource": f"{ses}:tenant/*"},
        {"Action": associate, "Resource": f"{ses}:identity/*"},
    )

    client.create_tenant(TenantName=name)
    for resource, may in (("identity", True), ("configuration-set", False)):
        domain = ".example" if resource == "identity" else ""
        arn = f"{ses}:{resource}/{post.configuration_set}{domain}"
        for operation in (client.create_tenant_resource_association, client.delete_tenant_resource_association):
            if may:
                operation(TenantName=name, ResourceArn=arn)
            else:
                with pytest.raises(ClientError, match="not authorized"):
                    operation(TenantName=name, ResourceArn=arn)


def test_a_mail_may_be_of_no_tenant(post: Post) -> None:
    assert mail_of(post, post.send(TenantName=None))["tenant"] is None


def test_pages_show_a_mail_in_a_frame_that_runs_nothing(post: Post) -> None:
    mail_id = post.send()
    path = f"/{urllib.parse.quote(mail_id, safe='')}"

    status, page, headers = ask(post, "")
    assert (status, "Grüße" in page) == (200, True)
    assert path in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script" not in headers["Content-Security-Policy"]

    _, page, _ = ask(post, path)
    assert f'<iframe class="w600" sandbox title="The mail" src="/_laurel/mailbox{path}/body?images=on">' in page
    assert page.count('value="click"') == 1
    _, page, _ = ask(post, f"{path}?images=off&width=360")
    assert f'<iframe class="w360" sandbox title="The mail" src="/_laurel/mailbox{path}/body?images=off">' in page
    for view, said in (("text", "Hello"), ("headers", "X-Laurel-Message: 0000"), ("source", "Content-Type: multipart")):
        _, page, _ = ask(post, f"{path}?view={view}")
        assert said in page
        assert "<iframe" not in page

    _, body, headers = ask(post, f"{path}/body?images=off")
    assert body.startswith("<!DOCTYPE html>")
    policy = headers["Content-Security-Policy"]
    assert "img-src 'none'" in policy
    assert "sandbox" in policy
    assert "img-src http: https: data:" in ask(post, f"{path}/body")[2]["Content-Security-Policy"]


def test_what_a_mail_says_is_text_on_the_pages(post: Post) -> None:
    content = MessageContent("<script>alert(1)</script>", "<b>", '<a href="https://x.example/&quot;&gt;">x</a>')
    hostile = mime(Letter("<i>", post.sender, '"><u>', "ada@example.com", content, "en", UNSUBSCRIBE, "0" * 24))
    mail_id = post.send(Content={"Raw": {"Data": hostile}})
    path = f"/{urllib.parse.quote(mail_id, safe='')}"

    for page in ("", *(f"{path}?view={view}" for view in ("html", "text", "headers", "source"))):
        _, shown, _ = ask(post, page)
        assert not any(tag in shown for tag in ("<script>", "<i>", "<u>", '"https://x.example/">'))


def test_a_button_comes_back_to_the_mail(post: Post) -> None:
    mail_id = post.send()
    path = f"/{urllib.parse.quote(mail_id, safe='')}"

    pressed = urllib.parse.urlencode({"type": "click", "link": SHOP}).encode()
    status, _, headers = ask(post, f"{path}/events", pressed, "application/x-www-form-urlencoded")

    assert (status, headers["Location"]) == (303, f"/_laurel/mailbox{path}")
    assert [it["type"] for it in mail_of(post, mail_id)["happened"]] == ["send", "click"]


@pytest.mark.parametrize("path", ["/nothing", "/nothing/events", "/../x"])
def test_there_is_nothing_else(path: str, post: Post) -> None:
    assert ask(post, path)[0] == 404


@pytest.fixture
def other(new_emulator: Callable[[], Emulator], start: Callable[..., None]) -> Iterator[Emulator]:
    with stopped_at_the_end(new_emulator()) as emulator:
        start(emulator)
        yield emulator


@pytest.mark.slow
def test_mails_survive_a_restart(other: Emulator, start: Callable[..., None], tmp_path: Any) -> None:
    world = World(other.endpoint, tmp_path)
    world.client("sesv2").create_email_identity(EmailIdentity="news@rosen.example")
    post = Post(world, "news@rosen.example", "", "", "")
    mail_id = post.send(ConfigurationSetName=None, TenantName=None)
    before = mail_of(post, mail_id)

    other.stop()
    start(other)

    assert mail_of(post, mail_id) == before
