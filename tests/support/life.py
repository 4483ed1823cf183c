"""One person who leaves a trace wherever anybody can: what happens to them, and where they are named."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from laurel.model.account import Platform
from laurel.model.automation import Run
from laurel.model.automation_state import AutomationState
from laurel.model.contact import ContactRef
from laurel.store import import_files, queue
from laurel.store.automations import Automations
from laurel.store.messages import Messages
from laurel.store.queue import AutomationQueue
from laurel.store.runs import Runs
from tests.support import mail_events, mailchimp, webhook_events
from tests.support.alerts import raised
from tests.support.api import Context
from tests.support.functions import AUTOMATIONS_QUEUE_URL, IMPORTS_BUCKET
from tests.support.search import Search, items_with
from tests.support.sending import equip, subscribe
from tests.support.shop import BEN, BODIES, activity, contact_id, order
from tests.support.shop_server import ShopServer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from laurel.model.message import Message
    from tests.support.gateway import Gateway

FIRST, LAST = "Philippina", "Zwölfnagel"
EMAIL = "Philippina.Zwoelfnagel@Posteo.example"
PERSON = {"contact": contact_id(EMAIL)}
SEARCH = Search(EMAIL, f"{FIRST} {LAST}", but=("example",))
KEY = "Idempotency-Key"
ADDRESS = {"first_name": FIRST, "last_name": LAST, "email": EMAIL, "phone": "+49 30 123456"}


class Life:
    """A tenant with shops of every kind, and what happens there."""

    def __init__(self, api: Gateway, address: str) -> None:
        self.api = api
        self.tenant = api.tenant(email="kim@shop.example")
        self.owner = self.tenant.owner
        self.audience = {"audience": self.tenant.audience_id}
        self.path = {**self.audience, **PERSON}
        self.stores = {name: self.tenant.connect(name) for name in ("shopify", "woocommerce", "generic", "api")}
        self.plugin = mailchimp.client(address, api_key=mailchimp.api_key(self.tenant))
        self.plugin.ecommerce.add_store(mailchimp.store(self.tenant))
        equip(self.tenant, api.allow)
        rule = {"name": "Visits", "activity": "page.visited", "effect": "add", "points": 5}
        self.owner.ok("createScoringRule", **self.audience, body=rule)
        self.message: Message | None = None
        self.delivered: list[tuple[str, Any, dict[str, str]]] = []

    # ---- What happens ------------------------------------------------------------------------------------------------

    def deliver(self, platform: str, body: Any, **headers: str) -> str:
        """A signed delivery of a shop's; its outcome."""
        self.delivered.append((platform, body, headers))
        store = self.stores[platform]
        path = {"account": self.tenant.account_id, "store": store["id"], "platform": platform}
        event = {"pathParameters": path, "body": json.dumps(body), "headers": headers}
        signed = webhook_events.signed(event, datetime.now(UTC), store["webhook_secret"])
        answer = self.owner("receiveWebhook", body=event["body"], headers=signed["headers"], **path)
        assert answer.status == 200, answer.text
        return str(answer.json["outcome"])

    def webhooks(self) -> list[str]:
        """Orders of each platform, read or not; and one that another buyer has in the end."""
        outcomes = [
            self.deliver("shopify", shopify("1"), **{"x-shopify-topic": "orders/create"}),
            self.deliver("shopify", shopify("2", total_price=LAST), **{"x-shopify-topic": "orders/create"}),
            self.deliver("woocommerce", woocommerce(1), **WOOCOMMERCE),
            self.deliver("woocommerce", woocommerce(2, currency=FIRST), **WOOCOMMERCE),
            self.deliver("woocommerce", woocommerce(3, currency="USD"), **WOOCOMMERCE),
        ]
        person = {"id": EMAIL, "first_name": FIRST, "last_name": LAST}
        for id_, customer in (
            ("g1", {**person, "email": EMAIL.upper()}),
            ("g2", person),
            ("g3", {"first_name": FIRST, "last_name": LAST}),
        ):
            outcomes.append(self.generic(order(id_, customer=customer)))
        outcomes.append(self.generic(order("g4", customer={**person, "email": EMAIL}), at=-60))
        outcomes.append(self.generic(order("g4", BEN, updated_at=written(60))))
        return outcomes

    def again(self, later: int = 0) -> set[tuple[str, str]]:
        """All deliveries once more, so many seconds newer; the outcome of each order."""
        now, outcomes = written(later), set[tuple[str, str]]()
        for platform, body, headers in list(self.delivered):
            told = {**body, "updated_at": now, "date_modified_gmt": now.partition("+")[0]} if later else body
            if platform == "generic":
                told = {**body, "data": {**body["data"], "updated_at": now}} if later else body
            named = {"webhook-id": str(later)} if platform == "generic" else headers
            outcomes.add((str(told.get("id") or told["data"]["id"]), self.deliver(platform, told, **named)))
        return outcomes

    def generic(self, body: Any, at: int = 0) -> str:
        envelope = {"type": "order.created", "timestamp": written(at), "data": body}
        return self.deliver("generic", envelope, **{"webhook-id": f"{body['id']}-{at}"})

    def mailchimp(self) -> None:
        """Customers and orders of a plugin that takes the address for an id."""
        person = mailchimp.customer(EMAIL, email_address=EMAIL, first_name=FIRST, last_name=LAST)
        self.plugin.ecommerce.add_store_customer(mailchimp.SHOP, person)
        self.plugin.ecommerce.add_store_order(mailchimp.SHOP, mailchimp.order("m1", customer={"id": EMAIL}))
        other = mailchimp.customer("c2", email_address=EMAIL, first_name=FIRST, last_name=LAST)
        self.plugin.ecommerce.add_store_order(mailchimp.SHOP, mailchimp.order("m2", customer=other))
        mailchimp.refusal(
            lambda: self.plugin.ecommerce.add_store_order(
                mailchimp.SHOP, mailchimp.order("m3", customer=other, lines=0)
            )
        )

    def mailchimp_again(self) -> None:
        person = mailchimp.customer(EMAIL, email_address=EMAIL, first_name=FIRST, last_name=LAST)
        self.plugin.ecommerce.add_store_customer(mailchimp.SHOP, person)
        for number in ("m1", "m9"):
            late = mailchimp.order(number, customer={"id": EMAIL})
            mailchimp.put_order(self.plugin, mailchimp.SHOP, late)

    def orders_and_activities(self) -> None:
        """What signed-in clients tell; answers are kept for their keys, and some are refusals."""
        store, key = self.stores["api"]["id"], {KEY: "orders"}
        customer = {"customer": {"email": EMAIL, "first_name": FIRST, "last_name": LAST, "tags": [f"vip {FIRST}"]}}
        batch = [order("a1", **customer, number=f"#{LAST}"), order("a2", BEN), order("a3", **customer, total=FIRST)]
        self.owner.ok("recordOrders", store=store, body={"orders": batch}, headers=key)
        for number, said in enumerate(({"page": f"/hello?{EMAIL}"}, {"note": f"{FIRST} {LAST}"})):
            self.owner.ok("recordActivity", **self.audience, body=activity(f"v{number}", EMAIL, properties=said))
        assert self.owner("recordActivity", **self.audience, body={"id": FIRST, "contact": EMAIL}).status == 422
        assert self.owner("recordActivity", **self.audience, body=f"{{{EMAIL}").status == 400

    def scores(self) -> None:
        reason = {"effect": "add", "points": 7, "reason": f"{FIRST} won the raffle"}
        self.owner.ok("changeScore", **self.path, body=reason, headers={KEY: "score"})
        bulk = {"effect": "add", "points": 5, "contacts": [EMAIL, BEN]}
        self.owner.ok("changeScoresInBulk", **self.audience, body=bulk, headers={KEY: "bulk"})
        rules = [{"name": "Visits", "activity": "page.visited", "effect": "add", "points": 90}]
        trial = {"rules": rules, "threshold": 50}
        self.owner.ok("backTestRules", **self.audience, body=trial, headers={KEY: "trial"})
        self.owner.ok("verifyScores", **self.audience, body={"repair": True})
        self.api.work()

    def files(self) -> None:
        """Imports of orders and contacts with rows at fault, tried first; and files of imports that are over."""
        row = f"{LAST};2026-11-20;much;{EMAIL};{FIRST} {LAST}"
        good = f"i1;2026-11-20;1,00;{EMAIL};{FIRST} {LAST}"
        orders = f"id;placed_at;total;email;name\n{row}\n{good}\n".encode("cp1252")
        contacts = json.dumps({"email": EMAIL, "first_name": FIRST, "tags": [LAST], "consent": {"status": FIRST}})
        for kind, content, dry_run in (
            ("orders", orders, True),
            ("orders", orders, False),
            ("contacts", contacts.encode(), False),
            ("contacts", f"{EMAIL};{FIRST};{LAST}\n".encode(), False),
        ):
            made = self.start_import(kind, dry_run=dry_run)
            self.api.upload(made["upload"]["url"], content)
            running = [key for key, content in files() if key.endswith(made["id"]) and SEARCH.found_in(content)]
            self.api.work_on_imports()
            done = self.owner.ok("getImport", store=self.stores["api"]["id"], import_id=made["id"])
            assert done["state"] == ("done" if running else "failed")
            # Whoever still has the address sends the file once more.
            self.api.upload(made["upload"]["url"], content)
        made = self.start_import("contacts")
        self.owner.ok("cancelImport", store=self.stores["api"]["id"], import_id=made["id"])
        self.api.upload(made["upload"]["url"], contacts.encode())
        self.api.work_on_imports()

    def start_import(self, kind: str, *, dry_run: bool = False) -> Any:
        body = {"kind": kind, "file_name": "history.csv", "dry_run": dry_run}
        return self.owner.ok("startImport", store=self.stores["api"]["id"], body=body)

    def messages(self) -> None:
        """Messages to the person and, tried out, to who writes them; the last one comes back."""
        subscribe(self.tenant, EMAIL, first_name=FIRST, last_name=LAST)
        said = {"subject": "Hello {{ contact.first_name }}", "html": "<b>{{ contact.name }}</b> {{ contact.email }}"}
        template = self.owner.ok("createTemplate", body={"name": "Hello", **said})["id"]
        made = list[str]()
        for number, operation in enumerate(("sendMessage", "testMessage", "sendMessage")):
            body = {"template": template} if number else said
            answer = self.owner.ok(operation, body=body, headers={KEY: f"message {number}"}, **self.path)
            made.append(answer["id"])
        self.owner.ok("previewTemplate", template=template, body={**self.audience, "contact": EMAIL})
        self.api.send_mail()
        (self.mail,) = (mail for mail in self.api.ses.sent if mail.tags["laurel-message"] == made[0])
        database = self.api.database
        ref = ContactRef(self.tenant.account_id, self.tenant.audience_id, PERSON["contact"])
        self.message = Messages(database.client, database.tables.contacts).message(ref, made[0])
        for kind in ("delivery", "open", "click", "click-honeypot", "bounce-permanent"):
            self.hear(kind)
        self.owner.ok("suppressAddress", body={"email": EMAIL}, headers={KEY: "suppress"})

    def hear(self, kind: str) -> None:
        """What SES tells of the first message's mail."""
        assert self.message
        event = mail_events.event_about(self.message, kind, self.message.created_at, mail_id=self.mail.id)
        event["detail"]["mail"]["commonHeaders"] = {"to": [f"{FIRST} {LAST} <{EMAIL}>"], "subject": f"Hello {FIRST}"}
        assert self.api.handler("FeedbackFunction")(event, Context()) is None

    def automations(self) -> None:
        """A run for the person that tells the team of them, one that is held, and one for all, tried out first."""
        steps = [{"kind": "add_tag", "tag": "told"}, {"kind": "notify_team", "note": "Call them."}]
        wanted = {"name": "Tell", "trigger": {"kind": "tag_added", "tag": "vip"}, "steps": steps}
        for enabled in (True, False):
            made = self.owner.ok("createAutomation", **self.audience, body=wanted | {"enabled": enabled})["id"]
            database, (account, audience) = self.api.database, (self.tenant.account_id, self.tenant.audience_id)
            ref = ContactRef(account, audience, PERSON["contact"])
            kept = Automations(database.client, database.tables.workspace).automation(account, audience, made)
            assert kept
            now = datetime.now(UTC)
            run = Run(ref, f"run{enabled}", made, "Tell", 1, kept.steps, now, {"kind": "tag", "tag": "vip"}, (made,))
            assert Runs(database.client, database.tables.contacts).begin(run, AutomationState(made))
            AutomationQueue(queue.sqs(), AUTOMATIONS_QUEUE_URL).send(ref, run.id)
        all_of_them = wanted | {"trigger": {"kind": "score_falls_under", "points": 99_999_999}}
        tried = self.owner.ok("startDryRun", **self.audience, body={"draft": all_of_them})["id"]
        self.owner.ok("createAutomation", **self.audience, body=all_of_them | {"include_existing": True})
        self.api.work()
        found = self.owner.ok("getDryRun", **self.audience, job=tried)["result"]["touched_contacts"]
        assert PERSON["contact"] in [contact["id"] for contact in found]
        self.api.work_on_runs()

    def rewards(self) -> None:
        """A reward that the person is told of by mail."""
        said = {"name": "Reward", "subject": "For {{ contact.name }}", "text": "{{ coupon }}"}
        wanted = BODIES["createProgramme"] | {"template": self.owner.ok("createTemplate", body=said)["id"]}
        programme = self.owner.ok("createProgramme", **self.audience, body=wanted)["id"]
        self.programme = {**self.audience, "programme": programme}
        self.owner.ok("addCoupons", **self.programme, body={"generate": 5})
        self.reward("first")

    def reward(self, occasion: str) -> str:
        """What came of a reward for the person."""
        body = {"contacts": [EMAIL], "occasion": occasion}
        job = self.owner.ok("giveAwards", **self.programme, body=body, headers={KEY: f"reward {occasion}"})
        self.api.work()
        done = self.owner.ok("getJob", **self.audience, job=job["id"])
        return str(done["result"]["contacts"][0]["outcome"])

    def reconciled(self) -> Any:
        """The store held against its shop, which still has the orders, and others that it never told of."""
        store = self.stores["woocommerce"]["id"]
        past = (datetime.now(UTC) - timedelta(hours=2)).replace(tzinfo=None).isoformat(timespec="seconds")
        dates = dict.fromkeys(("date_created_gmt", "date_modified_gmt", "date_paid_gmt"), past)
        bodies = [woocommerce(id_, **dates) for id_ in (1, 3, 98)] + [woocommerce(99, **dates, currency=FIRST)]
        self.api.age(self.tenant, self.stores["woocommerce"])
        with serving(ShopServer(*bodies)) as shop:
            self.owner.ok("replaceShopCredentials", store=store, body=shop.body(Platform.WOOCOMMERCE))
            self.owner.ok("reconcileStore", store=store)
            self.api.work()
        return self.owner.ok("getReconciliation", store=store, query={"limit": 1})["runs"][0]

    def alerts(self) -> None:
        """An alert that somebody put off, with a key under which the answer is kept."""
        alert = raised(self.api, self.tenant, self.stores["api"]["id"], EMAIL).id
        body = {"state": "snoozed", "snoozed_until": written(3600)}
        self.owner.ok("changeAlert", **self.audience, alert=alert, body=body, headers={KEY: "snooze"})

    # ---- What is left ------------------------------------------------------------------------------------------------

    def forget(self) -> Any:
        erasure = self.owner.ok("erasePerson", **self.path, headers={KEY: "erasure"})
        self.api.work_on_erasures()
        self.api.settle()
        return self.owner.ok("getErasure", erasure=erasure["id"])

    def boards(self) -> dict[str, dict[str, str]]:
        """What everybody spent, store by store."""
        stores = [*(store["id"] for store in self.stores.values()), mailchimp.SHOP]
        boards = {it: self.owner.ok("getLeaderboard", store=it, query={"period": "all"})["rows"] for it in stores}
        return {it: {row["email"]: row["total_spent"] for row in rows} for it, rows in boards.items()}

    def runs(self) -> list[str]:
        """What is kept of automations' runs for the person, whom they know by their id, and of rewards."""
        kinds = [it["sk"]["S"].split("#")[0] for it in self.api.items("contacts") if PERSON["contact"] in it["pk"]["S"]]
        return sorted(kind for kind in kinds if kind in ("run", "held", "reward"))

    def traces(self) -> list[str]:
        """Where the person is named: items, files, messages in queues."""
        found = []
        for table in self.api.database.tables._fields:
            found += items_with(SEARCH, self.api.items(table))
        for key, content in files():
            if words := SEARCH.found_in([key, content]):
                found.append(f"{key}: {words}")
        client: Any = queue.sqs()
        for url in client.list_queues().get("QueueUrls", []):
            waiting = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
            if words := SEARCH.found_in(waiting.get("Messages", [])):
                found.append(f"{url}: {words}")
        return found


WOOCOMMERCE = {"x-wc-webhook-topic": "order.updated", "x-wc-webhook-resource": "order", "x-wc-webhook-id": "1"}


def written(seconds: int = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="seconds")


def shopify(id_: str, **more: Any) -> dict[str, Any]:
    now = written()
    return {
        "id": int(id_),
        "email": EMAIL,
        "created_at": now,
        "processed_at": now,
        "updated_at": now,
        "currency": "EUR",
        "total_price": "10.00",
        "financial_status": "paid",
        "customer": {"id": 77, **ADDRESS},
        "billing_address": {**ADDRESS, "name": f"{FIRST} {LAST}"},
        "note": f"For {FIRST}",
        "refunds": [],
        **more,
    }


def woocommerce(id_: int, **more: Any) -> dict[str, Any]:
    now = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    return {
        **webhook_events.body_of("webhooks-woocommerce-order-created"),
        "id": id_,
        "status": "completed",
        "currency": "EUR",
        "date_created_gmt": now,
        "date_modified_gmt": now,
        "date_paid_gmt": now,
        "total": "10.00",
        "customer_id": 7,
        "customer_note": f"For {FIRST}",
        "billing": ADDRESS,
        "shipping": ADDRESS,
        "refunds": [],
        **more,
    }


def files() -> Iterator[tuple[str, bytes]]:
    """Every file in the bucket of imports."""
    client = import_files.s3()
    for entry in client.list_objects_v2(Bucket=IMPORTS_BUCKET).get("Contents", []):
        yield entry["Key"], client.get_object(Bucket=IMPORTS_BUCKET, Key=entry["Key"])["Body"].read()
