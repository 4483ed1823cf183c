"""A tenant with one of everything, to be kept apart from another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from laurel.model.account import Platform
from tests.support.sending import equip, subscribe
from tests.support.shop import ADA, BEN, BODIES, activity, contact_id, order
from tests.support.shop_server import ShopServer, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.support.client import Tenant
    from tests.support.sending import Allow

_NO_RUN = "0" * 24
"""Id of a run, and of an alert, that nobody has."""

PLATFORMS = ("api", "generic", "woocommerce", "shopify")


@dataclass(frozen=True, slots=True)
class Estate:
    """A tenant and what it has. ``marks`` are words that nobody else may ever see."""

    tenant: Tenant
    mark: str
    stores: Mapping[str, Any]
    spare: Any
    expendable: Any
    friends: str
    customer: str
    board_cursor: str
    timeline_cursor: str
    rule: str
    scores_cursor: str
    history_cursor: str
    job: str
    jobs_cursor: str
    sender: str
    unsubscribe_token: str
    template: str
    versions_cursor: str
    message: str
    messages_cursor: str
    address: str
    suppressions_cursor: str
    api_key: str
    api_secret: str
    user: str
    import_id: str
    imports_cursor: str
    erasure: str
    erasures_cursor: str
    leaver: str
    left: str
    automation: str
    dry_run: str
    programme: str
    coupons_cursor: str

    @property
    def secrets(self) -> frozenset[str]:
        """Private words that nobody can guess."""
        stores = (*self.stores.values(), self.spare, self.expendable)
        return frozenset(
            {
                self.mark,
                self.api_secret,
                _shop_secret(self.mark),
                *(store["webhook_secret"] for store in stores if store["webhook_secret"]),
            }
        )

    @property
    def marks(self) -> frozenset[str]:
        """All private words, ids too."""
        stores = (*self.stores.values(), self.spare, self.expendable)
        own = {
            self.tenant.account_id,
            self.tenant.audience_id,
            self.friends,
            self.customer,
            self.rule,
            self.job,
            self.sender,
            self.message,
            self.address,
            self.api_key,
            self.user,
            self.import_id,
            self.erasure,
            self.leaver,
            self.left,
            self.automation,
            self.dry_run,
            self.programme,
        }
        own.add(self.template)
        return self.secrets | own | {store["id"] for store in stores}

    @property
    def key(self) -> dict[str, str]:
        """The key of whatever it wrote."""
        return {"Idempotency-Key": f"key-{contact_id(self.mark)[:8]}"}

    @property
    def path(self) -> dict[str, str]:
        """A value of every path parameter."""
        return {
            "account": self.tenant.account_id,
            "audience": self.tenant.audience_id,
            "store": self.stores["generic"]["id"],
            "platform": "generic",
            "contact": self.customer,
            "activity": "v2",
            "customer": self.customer,
            "rule": self.rule,
            "job": self.job,
            "template": self.template,
            "version": "1",
            "sender": self.sender,
            "message": self.message,
            "address": self.address,
            "api_key": self.api_key,
            "user": self.user,
            "import_id": self.import_id,
            "erasure": self.erasure,
            "automation": self.automation,
            "programme": self.programme,
            "occasion": "2026-01-01",
            "run": _NO_RUN,
            "alert": _NO_RUN,
        }


def furnish(tenant: Tenant, mark: str, project: Callable[[Tenant, Any, int], None], allow: Allow) -> Estate:
    """Give a tenant one of everything. ``project(tenant, store, rows)`` waits until a board has so many rows."""
    owner = tenant.owner
    key = {"Idempotency-Key": f"key-{contact_id(mark)[:8]}"}
    named = {"name": f"Company {mark}"}
    owner.ok("changeAccount", body=named, headers=key)
    owner.ok("changeAudience", audience=tenant.audience_id, body=named, headers=key)
    jobs = _jobs(tenant, key)
    stores = {platform: tenant.connect(platform, name=f"{platform} {mark}") for platform in PLATFORMS}
    expendable = tenant.connect("generic", name=mark)
    plan = BODIES["connectStore"] | {"name": mark, "audience_id": tenant.audience_id}
    _shop(tenant, mark, stores["woocommerce"]["id"])
    spare = owner.ok("connectStore", body=plan, headers=key)
    friends = owner.ok("createAudience", body=BODIES["createAudience"], headers=key)["id"]
    own = f"only-{mark}@example.com"
    person = {"first_name": mark, "last_name": "Private", "tags": [f"tag-{mark}"]}
    batch = [
        order("1", customer={"email": ADA, **person}),
        order("2", customer={"email": BEN, **person}),
        order("3", customer={"email": own, **person}, number=f"#{mark}"),
        order("4", None),
    ]
    for platform in ("api", "generic"):
        store = stores[platform]
        owner.ok("recordOrders", store=store["id"], body={"orders": batch}, headers=key)
        project(tenant, store, 3)
    for id_, email in (("v1", ADA), ("v1", own), ("v2", own)):
        visit = activity(id_, email, properties={"secret": mark})
        owner.ok("recordActivity", audience=tenant.audience_id, body=visit)
    board = owner.ok("getLeaderboard", store=stores["generic"]["id"], query={"limit": 1})
    person_path = {"audience": tenant.audience_id, "contact": contact_id(own)}
    timeline = owner.ok("getTimeline", **person_path, query={"limit": 1})
    cursors = board["next_cursor"], timeline["next_cursor"]
    scoring = _score(tenant, mark, own)
    mail = _mail(tenant, mark, own, allow) + _template(tenant, mark) + _messages(tenant, mark, own)
    mail += _suppressions(tenant, mark) + _api_key(tenant, mark)
    mail += (_user(tenant, mark),)
    mail += _imports(tenant, mark, stores["generic"]["id"])
    mail += _privacy(tenant, mark)
    mail += _automation(tenant, mark)
    mail += _programme(tenant, mark)
    return Estate(tenant, mark, stores, spare, expendable, friends, contact_id(own), *cursors, *scoring, *jobs, *mail)


def _shop(tenant: Tenant, mark: str, store: str) -> None:
    """Let Laurel read from a shop, by a secret that nobody else may see."""
    with serving(ShopServer(secret=_shop_secret(mark))) as shop:
        tenant.owner.ok("replaceShopCredentials", store=store, body=shop.body(Platform.WOOCOMMERCE))


def _shop_secret(mark: str) -> str:
    return f"cs_secret_{mark}_of_shop"


def _privacy(tenant: Tenant, mark: str) -> tuple[str, str, str, str]:
    """Have a tenant forget two people: an erasure, a cursor of such, who may go next, and a store that left."""
    owner, audience = tenant.owner, tenant.audience_id
    for who in ("gone", "away", "leaver"):
        owner.ok("recordActivity", audience=audience, body=activity(f"{who}-1", f"{who}-{mark}@example.com"))
    for who in ("gone", "away"):
        erasure = owner.ok("erasePerson", audience=audience, contact=contact_id(f"{who}-{mark}@example.com"))["id"]
    listed = owner.ok("listErasures", query={"limit": 1})
    left = tenant.connect("api", name=f"left {mark}")["id"]
    owner.ok("disconnectStore", store=left)
    return erasure, listed["next_cursor"], contact_id(f"leaver-{mark}@example.com"), left


def _score(tenant: Tenant, mark: str, own: str) -> tuple[str, str, str]:
    """Give a tenant a rule and two contacts scores; its id, and cursors of a search and of a history."""
    owner, audience = tenant.owner, tenant.audience_id
    rule = BODIES["createScoringRule"] | {"name": f"Rule {mark}"}
    made = owner.ok("createScoringRule", audience=audience, body=rule)["id"]
    for email in (ADA, own, own):
        change = BODIES["changeScore"] | {"reason": mark}
        owner.ok("changeScore", audience=audience, contact=contact_id(email), body=change)
    found = owner.ok("findContactsByScore", audience=audience, query={"limit": 1})
    explained = owner.ok("getScore", audience=audience, contact=contact_id(own), query={"limit": 1})
    return made, found["next_cursor"], explained["next_cursor"]


def _template(tenant: Tenant, mark: str) -> tuple[str, str]:
    """Give a tenant a message template in two versions; its id, and a cursor of its versions."""
    owner = tenant.owner
    made = owner.ok("createTemplate", body=BODIES["createTemplate"] | {"name": f"Template {mark}"})["id"]
    changed = BODIES["changeTemplate"] | {"text": mark}
    owner.ok("changeTemplate", template=made, body=changed, headers={"If-Match": "*"})
    return made, owner.ok("listTemplateVersions", template=made, query={"limit": 1})["next_cursor"]


def _jobs(tenant: Tenant, key: Mapping[str, str]) -> tuple[str, str]:
    """Start jobs, first of all, so that they are done when somebody looks; the id of one, and a cursor."""
    owner, audience = tenant.owner, tenant.audience_id
    for operation in ("backTestRules", "changeScoresInBulk"):
        owner.ok(operation, audience=audience, body=BODIES[operation], headers=key)
    job = owner.ok("verifyScores", audience=audience, body=BODIES["verifyScores"], headers=key)["id"]
    return job, owner.ok("listJobs", audience=audience, query={"limit": 1})["next_cursor"]


def _mail(tenant: Tenant, mark: str, own: str, allow: Allow) -> tuple[str, str]:
    """Give a tenant a sender; its id, and the token of a contact's unsubscribe link."""
    sender = equip(tenant, allow, f"{mark}-{tenant.account_id}.example.com")
    profile = tenant.owner.ok("getContact", audience=tenant.audience_id, contact=contact_id(own))
    return sender, profile["unsubscribe_url"].rpartition("/")[2]


def _messages(tenant: Tenant, mark: str, own: str) -> tuple[str, str]:
    """Have messages wait for the end of quiet hours; the id of one, and a cursor."""
    hour = datetime.now(UTC).hour
    quiet = {"start": f"{hour:02}:00", "end": f"{(hour + 12) % 24:02}:00", "time_zone": "UTC"}
    tenant.owner.ok("changeAccount", body={"quiet_hours": quiet})
    person = subscribe(tenant, own)
    said = BODIES["sendMessage"] | {"text": mark}
    sent = [tenant.owner.ok("sendMessage", body=said, **person) for _ in range(2)]
    assert {message["state"] for message in sent} == {"scheduled"}
    return sent[0]["id"], tenant.owner.ok("listMessages", **person, query={"limit": 1})["next_cursor"]


def _suppressions(tenant: Tenant, mark: str) -> tuple[str, str]:
    """Have addresses that the tenant does not write to; the id of one, and a cursor."""
    made = [
        tenant.owner.ok("suppressAddress", body={"email": f"{who}-{mark}@example.com"}) for who in ("nobody", "no-one")
    ]
    return made[0]["id"], tenant.owner.ok("listSuppressions", query={"limit": 1})["next_cursor"]


def _api_key(tenant: Tenant, mark: str) -> tuple[str, str]:
    """Give a tenant an API key; its id, and the key itself."""
    made = tenant.owner.ok("createApiKey", body={"name": f"Key {mark}"})
    return made["id"], made["key"]


def _user(tenant: Tenant, mark: str) -> str:
    """Invite somebody; their id."""
    body = BODIES["inviteUser"] | {"email": user_address(tenant, mark), "name": f"User {mark}"}
    invited: str = tenant.owner.ok("inviteUser", body=body)["id"]
    return invited


def user_address(tenant: Tenant, mark: str) -> str:
    """Where somebody of a tenant gets mail."""
    return f"user-{mark}@{tenant.account_id}.example.com"


def _automation(tenant: Tenant, mark: str) -> tuple[str, str]:
    """Give a tenant an automation and try it out; its id, and that of the dry run."""
    owner, audience = tenant.owner, tenant.audience_id
    body = BODIES["createAutomation"] | {"name": f"Automation {mark}"}
    made = owner.ok("createAutomation", audience=audience, body=body)["id"]
    tried = owner.ok("startDryRun", audience=audience, body={"automation": made})["id"]
    return made, tried


def _programme(tenant: Tenant, mark: str) -> tuple[str, str]:
    """Give a tenant a programme of rewards with coupons; its id, and a cursor of them."""
    owner, audience = tenant.owner, tenant.audience_id
    body = BODIES["createProgramme"] | {"name": f"Programme {mark}"}
    made = owner.ok("createProgramme", audience=audience, body=body)["id"]
    path = {"audience": audience, "programme": made}
    owner.ok("addCoupons", body=BODIES["addCoupons"], **path)
    return made, owner.ok("listCoupons", query={"limit": 1}, **path)["next_cursor"]


def _imports(tenant: Tenant, mark: str, store: str) -> tuple[str, str]:
    """Start two imports, whose files never come; the id of one, and a cursor."""
    for kind in ("contacts", "orders"):
        body = {"kind": kind, "file_name": f"{mark}.csv"}
        made = tenant.owner.ok("startImport", store=store, body=body)["id"]
    return made, tenant.owner.ok("listImports", store=store, query={"limit": 1})["next_cursor"]
