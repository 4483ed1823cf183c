"""A machine's opens and clicks are told from a person's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from laurel.ingestion.machines import MessageTrace, is_delivery, is_hit, judged, message_of
from laurel.model.activity import Activity
from tests.support.samples import NOW

SECOND = timedelta(seconds=1)


def hit(name: str = "email.opened", **properties: Any) -> Activity:
    return Activity("a1", name, NOW, properties)


MACHINES = [
    "Barracuda Sentinel (EE)",
    "Mozilla/5.0 (compatible; Proofpoint URL Defense)",
    "Mimecast URL Protect",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) SafeLinks",
    "Microsoft Defender for Office 365",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "AdsBot-Google (+http://www.google.com/adsbot.html)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/119.0.0.0 Safari/537.36",
    "curl/8.5.0",
    "python-requests/2.32.3",
    "Python-urllib/3.12",
    "Go-http-client/2.0",
    "Java/17.0.2",
    "Apache-HttpClient/4.5.13 (Java/11.0.16)",
]
PEOPLE = [
    "",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Thunderbird/133.0",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)",
    "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/AP1A.240505.005)",
    "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
    "okhttp/4.12.0",
]


@pytest.mark.parametrize("agent", MACHINES)
@pytest.mark.parametrize("name", ["email.opened", "email.clicked"])
def test_a_known_machine_is_told_by_its_user_agent(name: str, agent: str) -> None:
    assert judged(hit(name, user_agent=agent)) == "link_scanner"
    assert judged(hit(name, user_agent=f" {agent.upper()} ")) == "link_scanner"


@pytest.mark.parametrize("agent", PEOPLE)
def test_a_person_passes_and_so_does_the_proxy_that_fetches_when_they_look(agent: str) -> None:
    assert judged(hit(user_agent=agent)) is None


def test_apples_privacy_opens_and_never_clicks() -> None:
    assert judged(hit(user_agent="Mozilla/5.0")) == "apple_mail_privacy"
    assert judged(hit("email.clicked", user_agent="Mozilla/5.0")) == "link_scanner"


@pytest.mark.parametrize("trapped", [True, False, 1, "true"])
def test_a_honeypot_is_one_if_it_says_so(trapped: Any) -> None:
    assert judged(hit("email.clicked", honeypot=trapped)) == ("honeypot" if trapped is True else None)


@pytest.mark.parametrize("name", ["page.visited", "email.delivered", "email.bounced", "unsubscribed"])
def test_nothing_but_opens_and_clicks_is_judged(name: str) -> None:
    activity = hit(name, user_agent="curl/8.5.0", honeypot=True)

    assert judged(activity) is None
    assert not is_hit(activity)
    assert is_delivery(activity) == (name == "email.delivered")


@pytest.mark.parametrize(
    ("sent", "followed"),
    [("m1", "m1"), (7, "7"), ("", None), (True, None), ("x" * 300, "x" * 300), ("x" * 301, None), ("ü" * 151, None)],
)
def test_a_message_is_followed_by_an_id_that_a_key_can_hold(sent: Any, followed: str | None) -> None:
    assert message_of(hit(message=sent)) == followed
    assert message_of(hit("page.visited", message=sent)) is None


def test_a_trace_of_nothing_accuses_nobody() -> None:
    assert MessageTrace().judged(NOW) is None


@pytest.mark.parametrize(
    ("seconds", "reason"), [(-3, None), (-2, "too_fast"), (0, "too_fast"), (2, "too_fast"), (2.001, None)]
)
def test_two_seconds_around_a_delivery_are_too_fast(seconds: float, reason: str | None) -> None:
    assert MessageTrace(delivered_at=NOW).judged(NOW + seconds * SECOND) == reason


@pytest.mark.parametrize(
    ("seconds", "reason"), [(-11, None), (-10, "honeypot"), (10, "honeypot"), (10.001, None), (109, "honeypot")]
)
def test_ten_seconds_around_any_honeypot_click_are_the_scanners(seconds: float, reason: str | None) -> None:
    trace = MessageTrace(honeypots=(NOW, NOW + 100 * SECOND))

    assert trace.judged(NOW + seconds * SECOND) == reason
