"""What stands in the way of a message over the API: each gate, what opens it, and what it tells."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from laurel.model.account import Role
from laurel.model.deliverability import Counts
from laurel.store.deliverability import counted
from tests.support.sending import HELLO, a_writer, subscribe
from tests.support.shop import ADA, BEN, activity, contact_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.client import Tenant
    from tests.support.gateway import Gateway


@pytest.fixture
def tenant(api: Gateway) -> Tenant:
    return a_writer(api)


@pytest.fixture
def ada(tenant: Tenant) -> Mapping[str, str]:
    return subscribe(tenant, ADA, first_name="Ada", last_name="Lovelace")


class TestGates:
    def test_they_are_told_all_at_once(self, api: Gateway) -> None:
        bare = api.tenant()
        ben = subscribe(bare, BEN, "unsubscribed")

        told = bare.as_(Role.VIEWER).ok("getMessageGates", **ben)

        assert told["open"] is False
        assert {it["gate"]: (it["problem"] or {}).get("type", "").rpartition(":")[2] for it in told["gates"]} == {
            "role": "forbidden",
            "plan": "plan-required",
            "store": "no-connected-store",
            "sender": "sender-not-verified",
            "postal_address": "no-postal-address",
            "standing": "",
            "email_address": "",
            "consent": "not-subscribed",
            "suppression": "",
            "allowance": "allowance-used",
            "daily_ceiling": "daily-ceiling-reached",
        }
        assert (told["from"], told["store"], told["month"]) == (None, None, {"limit": 0, "used": 0, "left": 0})

    def test_each_is_opened_in_turn(self, api: Gateway) -> None:
        bare = api.tenant()
        bare.owner.ok("recordActivity", audience=bare.audience_id, body=activity("visit", BEN))
        ben = {"audience": bare.audience_id, "contact": contact_id(BEN)}

        def problem() -> str:
            answer = bare.as_(Role.MARKETER)("sendMessage", body=HELLO, **ben)
            return answer.problem if answer.status >= 400 else ""

        assert bare.as_(Role.VIEWER)("sendMessage", body=HELLO, **ben).problem == "forbidden"
        assert problem() == "plan-required"
        domain = f"{bare.account_id}.example.com"
        bare.owner.ok("createSender", body={"domain": domain})
        api.allow(bare, domain)
        assert problem() == "no-connected-store"
        store = bare.connect()
        bare.owner.ok("disconnectStore", store=store["id"])
        answer = bare.owner("sendMessage", body=HELLO | {"store": store["id"]}, **ben)
        assert answer.problem == "store-disconnected"
        bare.owner.ok("changeStore", store=store["id"], body={"state": "connected"})
        assert problem() == "sender-not-verified"
        bare.owner.ok("changeAccount", body={"sender_address": f"hello@{domain}"})
        assert problem() == "no-postal-address"
        bare.owner.ok("changeAccount", body={"postal_address": "Berlin"})
        assert problem() == "not-subscribed"
        subscribe(bare, BEN)
        assert problem() == ""
        assert bare.owner.ok("getMessageGates", **ben)["open"] is True

    def test_the_plan_says_what_to_upgrade_to(self, api: Gateway) -> None:
        bare = api.tenant()

        answer = bare.owner("sendMessage", body=HELLO, **subscribe(bare))

        assert answer.status == 402
        assert answer.json["upgrade_to"] == ["essentials", "standard", "premium"]

    def test_a_ceiling_says_when_to_come_again(self, tenant: Tenant, ada: Mapping[str, str]) -> None:
        tenant.owner.ok("changeAccount", body={"daily_messages": 1})
        tenant.owner.ok("sendMessage", body=HELLO, **ada)

        answer = tenant.owner("sendMessage", body=HELLO, **ada)

        assert (answer.status, answer.problem) == (429, "daily-ceiling-reached")
        assert 0 < int(answer.headers["retry-after"]) <= 86_400
        told = tenant.owner.ok("getMessageGates", **ada)
        assert told["day"] == {"limit": 1, "used": 1, "left": 0}

    def test_a_suppressed_address_is_not_written_to_until_it_is_released(
        self, tenant: Tenant, ada: Mapping[str, str]
    ) -> None:
        tenant.owner.ok("suppressAddress", body={"email": ADA})

        answer = tenant.owner("sendMessage", body=HELLO, **ada)

        assert (answer.status, answer.problem) == (409, "suppressed")
        tenant.owner.ok("releaseAddress", address=ada["contact"])
        assert tenant.owner.ok("sendMessage", body=HELLO, **ada)["state"] == "queued"

    def test_too_many_bounces_stop_an_account(self, api: Gateway, tenant: Tenant, ada: Mapping[str, str]) -> None:
        table = api.database.tables.workspace
        today = datetime.now(UTC).date()
        tally = counted(table, tenant.account_id, today, "0" * 24, Counts(sent=100, bounced=5))
        api.database.client.transact_write_items(TransactItems=[tally])

        answer = tenant.owner("sendMessage", body=HELLO, **ada)

        assert (answer.status, answer.problem) == (409, "sending-stopped")
        assert "Of 100 messages" in answer.json["detail"]

    def test_who_is_known_by_number_cannot_be_written_to(self, tenant: Tenant) -> None:
        nobody = {"audience": tenant.audience_id, "contact": "customer-17"}

        answer = tenant.owner("sendMessage", body=HELLO, **nobody)

        assert (answer.status, answer.problem) == (409, "no-email-address")
        assert tenant.owner.ok("previewMessage", body=HELLO, **nobody)["to"] is None
        for operation in ("listMessages", "getMessage", "cancelMessage"):
            assert tenant.owner(operation, message="0" * 24, **nobody).status == 404

    def test_a_mail_service_that_is_busy_is_asked_again_later(
        self, api: Gateway, tenant: Tenant, ada: Mapping[str, str]
    ) -> None:
        tenant.owner.ok("createSender", body={"domain": f"new-{tenant.account_id}.example.com"})
        api.ses.failures["GetEmailIdentity"] = "TooManyRequestsException"
        sender = {"from": f"a@new-{tenant.account_id}.example.com"}
        try:
            answer = tenant.owner("sendMessage", body=HELLO | sender, **ada)
        finally:
            api.ses.failures.clear()

        assert (answer.status, answer.problem) == (503, "busy")
