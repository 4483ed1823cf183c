"""Customers who seem to slip away: why, in words; writing to them, putting them off; and what is watched for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from laurel.model.account import Role
from tests.web.texts import LANGUAGES
from tests.web.visitor import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator

    from tests.web.furnished import Furnished
    from tests.web.visitor import Visitor


@pytest.fixture
def visitor(signed_in: Visitor, account: Furnished) -> Iterator[Visitor]:
    """Somebody at the alerts of the audience with a past; all that were changed are open again afterwards."""
    signed_in.speak("en")
    signed_in.go(f"/alerts?audience={account.past.audience_id}")
    yield signed_in
    signed_in.page.keyboard.press("Escape")
    for state in ("snoozed", "resolved"):
        for alert in _alerts(account, state):
            path = {"audience": account.past.audience_id, "alert": alert["id"]}
            account.tenant.owner.ok("changeAlert", **path, body={"state": "open"})


def _alerts(account: Furnished, state: str = "open") -> Any:
    path = {"audience": account.past.audience_id}
    return account.tenant.owner.ok("listAlerts", **path, query={"state": state})["alerts"]


def _overdue(visitor: Visitor) -> Locator:
    return visitor.page.locator("li.alert").filter(has_text=visitor.says("alertKind.overdue"))


def _deed(visitor: Visitor, of: Locator, key: str) -> Locator:
    return of.get_by_text(visitor.says(key), exact=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alert_says_why_in_words(visitor: Visitor, account: Furnished, language: str) -> None:
    (alert,) = [it for it in _alerts(account) if it["kind"] == "overdue"]

    visitor.speak(language)

    shown = _overdue(visitor).inner_text()
    assert str(alert["reason"]["usual_days"]) in shown
    assert visitor.page.locator("li.alert").count() == len(_alerts(account))
    assert "{" not in visitor.page.locator("main").inner_text().replace(alert["name"], "")


def test_a_customer_is_written_to_from_the_alert(visitor: Visitor) -> None:
    visitor.click(_deed(visitor, _overdue(visitor), "compose.open"))

    dialog = visitor.page.get_by_role("dialog")
    expect(dialog.get_by_label(visitor.says("compose.subject"))).to_be_visible(timeout=PATIENCE)


def test_an_alert_is_put_off_and_that_is_taken_back(visitor: Visitor, account: Furnished) -> None:
    before = len(_alerts(account))

    visitor.click(_deed(visitor, _overdue(visitor), "alerts.snooze"))
    visitor.click(visitor.page.get_by_role("dialog").get_by_role("button", name=visitor.says("alerts.snooze")))
    expect(_overdue(visitor)).to_have_count(0, timeout=PATIENCE)
    (snoozed,) = _alerts(account, "snoozed")
    visitor.click(visitor.button("alerts.undo"))

    expect(_overdue(visitor)).to_have_count(1, timeout=PATIENCE)
    assert (snoozed["kind"], snoozed["state"]) == ("overdue", "snoozed")
    assert len(_alerts(account)) == before


def test_nothing_of_an_audience_stays_when_another_is_chosen(visitor: Visitor, account: Furnished) -> None:
    other = account.tenant.owner.ok("getAudience", audience=account.other_audience_id)["name"]
    visitor.click(_deed(visitor, _overdue(visitor), "alerts.settle"))
    with visitor.refusals(400):
        visitor.go(f"/alerts?audience={account.past.audience_id}&page=of-yesterday")
    before = visitor.button("alerts.undo").count()

    visitor.choose(visitor.says("leaderboard.audience"), other)

    assert before == 1
    assert visitor.button("alerts.undo").count() == 0
    assert visitor.page.get_by_role("heading", name=visitor.says("alerts.none")).count() == 1
    lead = visitor.page.locator("section.state").get_by_role("link", name=visitor.says("alertRules.title"))
    assert account.other_audience_id in (lead.get_attribute("href") or "")


def test_an_alert_is_settled_and_opened_again(visitor: Visitor, account: Furnished) -> None:
    visitor.click(_deed(visitor, _overdue(visitor), "alerts.settle"))
    visitor.choose(visitor.says("alerts.show"), visitor.says("alertState.resolved"))
    (settled,) = _alerts(account, "resolved")
    shown = visitor.page.locator("li.alert").inner_text()

    visitor.click(_deed(visitor, visitor.page.locator("li.alert"), "alerts.reopen"))
    expect(visitor.page.locator("li.alert")).to_have_count(0, timeout=PATIENCE)

    assert settled["resolution"] == "by_hand"
    assert visitor.says("resolution.by_hand") in shown
    assert _alerts(account, "resolved") == []


def test_what_is_watched_for_is_changed(visitor: Visitor, account: Furnished) -> None:
    visitor.go(f"/alert-rules?audience={account.past.audience_id}")

    visitor.page.get_by_label(visitor.says("alertRules.leftFirst")).fill("7")
    visitor.page.get_by_label(visitor.says("alertKind.spend_down")).uncheck()
    visitor.page.get_by_label(visitor.says("digest.often")).select_option("off")
    visitor.click(visitor.button("rules.save"))
    visitor.page.get_by_role("button", name=visitor.says("settings.saved")).wait_for()

    rules = account.tenant.owner.ok("getAlertRules", audience=account.past.audience_id)
    (store,) = rules["stores"]
    assert (store["left_first"], store["spend_down"], rules["digest"]) == (7, None, "off")
    assert store["rank_fell"] == 100


def test_rules_that_make_no_sense_are_told(visitor: Visitor, account: Furnished) -> None:
    visitor.go(f"/alert-rules?audience={account.past.audience_id}")

    visitor.page.get_by_label(visitor.says("alertRules.first"), exact=True).fill("5")
    visitor.page.get_by_label(visitor.says("alertRules.leftFirst")).fill("9")
    with visitor.refusals(400, 422):
        visitor.click(visitor.button("rules.save"))

    assert "left_first" in visitor.page.get_by_role("alert").inner_text()


def test_who_may_only_look_changes_nothing(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit("de")
    visitor.arrive(f"/alerts?audience={account.past.audience_id}")

    visitor.sign_in(account.emails[Role.VIEWER], account.password)
    alerts = visitor.page.locator("li.alert").count()
    deeds = visitor.page.locator("li.alert button").count()
    visitor.go(f"/alert-rules?audience={account.past.audience_id}")

    assert alerts
    assert deeds == 0
    assert visitor.button("rules.save").count() == 0
    assert visitor.page.locator("main input:enabled").count() == 0
