"""Demo data is plausible, repeatable, and what Laurel itself takes for orders."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from laurel.http import orders_in
from laurel.http.account_in import AccountChange
from laurel.http.automations_in import AutomationIn
from laurel.http.orders_in import order_report
from laurel.http.rewards_in import ProgrammeIn, TiersIn, tiers_of
from laurel.ingestion.events import OrderReport
from laurel.ingestion.platforms import dialects
from laurel.messaging.content import render
from laurel.messaging.fields import SAMPLE
from laurel.model.account import Platform
from laurel.model.order import Order, OrderState
from laurel.model.reward import Tiers
from laurel.model.template import Content
from local import demo, demo_mail, demo_rewards
from local.demo_webhooks import CANCELLED, ORDERS, REFUNDED, deliveries

UNTIL = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
SECRETS = {
    "shopify": "a-secret-of-a-shop-on-shopify",
    "woocommerce": "a-secret-of-a-shop-on-woocommerce",
    "generic": "whsec_TGF1cmVsIGRlbW8gc2VjcmV0IGZvciB0ZXN0cw==",
}


def is_purchase(order: Order) -> bool:
    return order.state is OrderState.PAID and not order.test and sum(order.refunds.values()) < order.total


@pytest.fixture(scope="module")
def orders() -> list[demo.Order]:
    return demo.orders(1, UNTIL)


def test_the_same_seed_and_end_give_the_same_orders(orders: list[demo.Order]):
    assert demo.orders(1, UNTIL) == orders
    assert demo.orders(2, UNTIL) != orders


def test_orders_fill_the_year_before_their_end(orders: list[demo.Order]):
    times = [datetime.fromisoformat(order["placed_at"]) for order in orders]

    assert len(orders) == len({order["id"] for order in orders}) == 2_500
    assert times == sorted(times)
    assert times[0] > UNTIL - timedelta(days=366)
    assert UNTIL - timedelta(days=1) < times[-1] < UNTIL
    assert all(datetime.fromisoformat(order["updated_at"]) <= UNTIL for order in orders)


def test_customers_seasons_and_fates_are_plausible(orders: list[demo.Order]):
    purchases = demo.purchases(orders)
    months = Counter(order["placed_at"][:7] for order in orders)
    statuses = Counter(order["status"] for order in orders)

    assert 350 <= len(purchases) <= 400
    ((_, most),) = purchases.most_common(1)
    assert 25 <= most <= 80
    assert months["2025-12"] > 1.5 * months["2026-07"]
    assert statuses["paid"] > 0.85 * len(orders)
    assert {"partially_refunded", "refunded", "cancelled", "voided", "pending"} <= statuses.keys()
    assert any(not order["customer"] for order in orders)
    assert any(order["customer"] and not order["customer"].get("email") for order in orders)


def test_laurel_reads_them_and_counts_the_same_purchases(orders: list[demo.Order]):
    reports = [order_report(order) for order in orders]

    counted = Counter(
        report.order.buyer.email for report in reports if is_purchase(report.order) and report.order.buyer.email
    )

    assert counted == demo.purchases(orders)


@pytest.mark.parametrize("platform", SECRETS)
def test_laurel_accepts_what_shops_send(platform: str):
    dialect = dialects(lambda: orders_in)[Platform(platform)]
    reports = []
    for delivery in deliveries(platform, SECRETS[platform], 1, UNTIL):
        headers = {name.lower(): value for name, value in delivery.headers.items()}
        dialect.verify(delivery.body, headers, [SECRETS[platform]], datetime.now(UTC))
        event = dialect.read(headers, json.loads(delivery.body))
        assert isinstance(event, OrderReport)
        reports.append(event)

    assert len(reports) == ORDERS
    assert [bool(sum(report.order.refunds.values())) for report in reports] == [i == REFUNDED for i in range(ORDERS)]
    assert [is_purchase(report.order) for report in reports] == [i != CANCELLED for i in range(ORDERS)]
    assert all(report.person is not None for report in reports)


def test_what_mail_says_of_the_demo_account_is_taken():
    assert AccountChange(**demo_mail.ACCOUNT).model_dump(exclude_unset=True) == demo_mail.ACCOUNT


def test_the_demo_template_says_something_to_everybody():
    content = Content(demo_mail.TEMPLATE["subject"], None, demo_mail.TEMPLATE["html"])

    assert "Ada" in render(content, SAMPLE).subject
    assert "LAUREL-10" in render(content, SAMPLE).text
    assert render(content, {}).text.startswith("Dear customer,")


def test_tiers_rewards_and_automations_of_the_demo_are_taken():
    known = Tiers()
    programme = ProgrammeIn(**demo_rewards.programme("store", "template"))

    tiers = tiers_of(TiersIn(tiers=demo_rewards.tiers("store")), known, {"store": demo.CURRENCY})
    automations = [AutomationIn(**it) for it in demo_rewards.automations("template")]

    assert [tier.name for tier in tiers] == ["Bronze", "Silver", "Gold"]
    assert programme.who.first == demo_rewards.FIRST
    assert all(automation.steps for automation in automations)
