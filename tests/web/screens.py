"""Every screen of the dashboard, and how one gets there once signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.furnished import Furnished
    from tests.web.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Screen:
    """Where it is, and what has to be done there before it shows all it can."""

    name: str
    path: Callable[[Furnished], str]
    unfold: Callable[[Visitor], None] = lambda _: None

    def open(self, visitor: Visitor, account: Furnished) -> None:
        """Show it."""
        visitor.go(self.path(account))
        self.unfold(visitor)
        visitor.settle()


def _compose(visitor: Visitor) -> None:
    visitor.click(visitor.button("compose.open").first)
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_label(visitor.says("compose.subject")).fill("{{ contact.name }}")
    dialog.get_by_label(visitor.says("compose.text")).fill("{{ contact.name }}")
    visitor.click(visitor.button("compose.preview"))


def _rule(visitor: Visitor) -> None:
    visitor.click(visitor.button("rules.new"))
    visitor.click(visitor.button("rules.addCondition"))


def _left_out(visitor: Visitor) -> None:
    for button in visitor.page.locator("ul.plain button:enabled").all():
        visitor.click(button)


def _details(visitor: Visitor) -> None:
    for summary in visitor.page.locator("main summary").all():
        visitor.click(summary)


def _automation(visitor: Visitor) -> None:
    for key in ("automations.addCondition", "automations.addStep", "runs.show"):
        visitor.click(visitor.page.get_by_role("button", name=visitor.says(key)).first)


def _programme(visitor: Visitor) -> None:
    visitor.click(visitor.button("rewards.change"))


def _tiers(visitor: Visitor) -> None:
    visitor.click(visitor.button("tiers.add"))


def _explained(visitor: Visitor) -> None:
    visitor.click(visitor.page.locator("table.board").get_by_text(visitor.says("why.open"), exact=True).first)
    visitor.page.get_by_role("dialog").locator("dl").wait_for()


def _awarded(visitor: Visitor) -> None:
    visitor.click(visitor.page.locator(".board-head button").first)
    visitor.page.get_by_role("dialog").locator("select").first.wait_for()


def _snoozed(visitor: Visitor) -> None:
    visitor.click(visitor.page.locator("li.alert").get_by_text(visitor.says("alerts.snooze"), exact=True).first)


def _sender(visitor: Visitor) -> None:
    visitor.click(visitor.page.locator("ul.plain button[aria-expanded]").first)


SCREENS = (
    Screen("board", lambda it: f"/leaderboard?store={it.store_id}&in=all_time"),
    Screen("moved-board", lambda it: f"/leaderboard?store={it.past.store_id}&in=last_month"),
    Screen("closed-board", lambda it: f"/leaderboard?store={it.past.store_id}&in=last_month&view=closed", _details),
    Screen("explained-rank", lambda it: f"/leaderboard?store={it.past.store_id}&in=last_month", _explained),
    Screen("award", lambda it: f"/leaderboard?store={it.past.store_id}&in=last_month", _awarded),
    Screen("alerts", lambda it: f"/alerts?audience={it.past.audience_id}"),
    Screen("snooze", lambda it: f"/alerts?audience={it.past.audience_id}", _snoozed),
    Screen("no-alerts", lambda it: f"/alerts?audience={it.other_audience_id}"),
    Screen("alert-rules", lambda it: f"/alert-rules?audience={it.past.audience_id}"),
    Screen("empty-board", lambda it: f"/leaderboard?store={it.store_id}&in=last_year"),
    Screen("contact", lambda it: it.profile("Ada")),
    Screen("hostile-contact", lambda it: it.profile("script")),
    Screen("long-contact", lambda it: it.profile("long")),
    Screen("compose", lambda it: it.profile("long"), _compose),
    Screen("scores", lambda it: f"/scores?audience={it.audience_id}"),
    Screen("nobody-found", lambda it: f"/scores?audience={it.audience_id}&least=999"),
    Screen("rules", lambda it: f"/rules?audience={it.audience_id}"),
    Screen("rule", lambda it: f"/rules?audience={it.audience_id}", _rule),
    Screen("automations", lambda it: f"/automations?audience={it.audience_id}"),
    Screen("no-automations", lambda it: f"/automations?audience={it.other_audience_id}"),
    Screen("new-automation", lambda it: f"/automations/new?audience={it.audience_id}"),
    Screen(
        "automation",
        lambda it: f"/automations/{it.rewarded.automation_id}?audience={it.audience_id}",
        _automation,
    ),
    Screen("rewards", lambda it: f"/rewards?audience={it.audience_id}"),
    Screen("new-programme", lambda it: f"/rewards/new?audience={it.audience_id}"),
    Screen("programme", lambda it: f"/rewards/{it.rewarded.programme_id}?audience={it.audience_id}"),
    Screen(
        "programme-changed",
        lambda it: f"/rewards/{it.rewarded.programme_id}?audience={it.audience_id}",
        _programme,
    ),
    Screen("tiers", lambda it: f"/tiers?audience={it.audience_id}", _tiers),
    Screen("stores", lambda _: "/stores"),
    Screen("store", lambda it: f"/stores/{it.store_id}", _left_out),
    Screen("store-unfolded", lambda it: f"/stores/{it.store_id}", _details),
    Screen("shop-access", lambda it: f"/stores/{it.webhook_store_id}", _details),
    Screen("back-test", lambda it: f"/back-test?audience={it.audience_id}"),
    Screen("imports", lambda it: f"/stores/{it.store_id}/imports", _details),
    Screen("templates", lambda _: "/templates"),
    Screen("template", lambda it: f"/templates/{it.template_id}"),
    Screen("deliverability", lambda _: "/deliverability"),
    Screen("users", lambda _: "/users"),
    Screen("api-keys", lambda _: "/api-keys"),
    Screen("erasures", lambda _: "/erasures"),
    Screen("settings", lambda _: "/settings", _sender),
)
