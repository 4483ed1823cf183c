"""Two tenants, and every way one could reach for what is the other's: by ids, forged ids, cursors, keys and secrets.

Both have customers and order ids in common, so that a guess that hits something must hit one's own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from laurel.http.routes import ROUTES, Route
from tests.support import billing_events, webhook_events
from tests.support.client import OPERATIONS, Client
from tests.support.estate import Estate, user_address
from tests.support.shop import ADA, BEN, BODIES, activity, contact_id, order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tests.support.client import Answer

REFUSALS = frozenset({400, 401, 403, 404, 422})


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request of one tenant that touches on another. ``own`` ones may succeed, on what is the caller's own.

    ``refused`` is a status with which it may be refused beside the usual ones.
    """

    operation: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] | None = None
    body: Any = None
    headers: Mapping[str, str] | None = None
    own: bool = False
    refused: int = 404

    def make(self, client: Client) -> Answer:
        """Make it."""
        headers = {"If-Match": "*", **(self.headers or {})} if OPERATIONS[self.operation].if_match else self.headers
        request = {"body": self.body, "query": self.query, "headers": headers}
        return client(self.operation, **request, **self.path)

    @property
    def words(self) -> str:
        """All that the caller said; an answer may say it back."""
        return json.dumps([self.path, self.query, self.body, self.headers], ensure_ascii=False)


def attempts(route: Route, mine: Estate, theirs: Estate) -> list[Attempt]:
    """Everything ``mine`` may try with a route. Raises ``KeyError`` for a route that nobody has thought about."""
    return [*_by_path(route, mine, theirs), *_SPECIAL[route.operation](mine, theirs)]


def _by_path(route: Route, mine: Estate, theirs: Estate) -> Iterator[Attempt]:
    """The other's ids and forged ones, wherever the path takes an id, beside one's own."""
    names = [name for name in mine.path if f"{{{name}}}" in route.path and name != "platform"]
    platform = {"platform": "generic"} if "{platform}" in route.path else {}
    choices = [[mine.path[name], theirs.path[name], *_forged(name, theirs)] for name in names]
    for values in product(*choices):
        path = dict(zip(names, values, strict=True))
        foreign = [name for name in names if path[name] != mine.path[name]]
        plain = all(path[name] == theirs.path[name] for name in foreign)
        if foreign and (plain or len(foreign) == 1):
            yield Attempt(route.operation, path | platform, body=BODIES.get(route.operation))


def _forged(name: str, theirs: Estate) -> list[str]:
    """Ids that would reach into the other's partition if keys were pasted together."""
    account, id_ = theirs.tenant.account_id, theirs.path[name]
    return [
        f"{account}#{id_}",
        f"{account}%23{id_}",
        f"#{account}#{id_}",
        f"{name}#{id_}",
        f"{id_}#",
        quote(quote(f"{account}#{id_}", safe=""), safe=""),
        f"..%2F{account}%2F{id_}",
        f"{id_}\x00",
        f" {id_}",
        id_.upper(),
    ]


def _nothing(_mine: Estate, _theirs: Estate) -> list[Attempt]:
    return []


def _own(operation: str, **request: Any) -> Callable[[Estate, Estate], list[Attempt]]:
    """The route names no one: it is only asked for, and must answer of the caller."""
    return lambda _mine, _theirs: [Attempt(operation, own=True, **request)]


def _with_key(operation: str, *names: str, **changes: Any) -> Callable[[Estate, Estate], list[Attempt]]:
    """The other's key, on one's own: neither the other's answer nor word that the key is taken."""

    def made(mine: Estate, theirs: Estate) -> list[Attempt]:
        known = {**mine.path, "store": mine.expendable["id"]}
        path = {name: known[name] for name in names}
        body = BODIES.get(operation)
        return [
            Attempt(operation, path, body=None if body is None else {**body, **changes}, headers=theirs.key, own=True)
        ]

    return made


def _connect(mine: Estate, theirs: Estate) -> list[Attempt]:
    plan, audience = BODIES["connectStore"], theirs.tenant.audience_id
    foreign = [audience, f"{theirs.tenant.account_id}#audience#{audience}", f"{audience}#", f"../{audience}"]
    own = {"audience_id": mine.tenant.audience_id}
    return [
        *(Attempt("connectStore", body=plan | {"audience_id": it}) for it in foreign),
        *_with_key("connectStore", **own)(mine, theirs),
    ]


def _change_store(mine: Estate, theirs: Estate) -> list[Attempt]:
    move = {"audience_id": theirs.tenant.audience_id}
    return [
        Attempt("changeStore", {"store": mine.spare["id"]}, body=move),
        *_with_key("changeStore", "store", name="Mine")(mine, theirs),
    ]


def _shop_credentials(operation: str) -> Callable[[Estate, Estate], list[Attempt]]:
    """What the other's shop may be read with, and one's own by the other's key; the one in the body does not answer."""

    def made(mine: Estate, theirs: Estate) -> list[Attempt]:
        own, foreign = mine.stores["woocommerce"]["id"], theirs.stores["woocommerce"]["id"]
        body = BODIES.get(operation)
        return [
            Attempt(operation, {"store": foreign}, body=body),
            Attempt(operation, {"store": own}, body=body, headers=theirs.key, own=body is None, refused=424),
        ]

    return made


def _orders(mine: Estate, theirs: Estate) -> list[Attempt]:
    """Orders of both have the same ids, and one's own store must never find the other's."""
    path, tenant = {"store": mine.spare["id"]}, theirs.tenant
    reaching = [
        order(f"{tenant.account_id}#{theirs.stores['generic']['id']}#1", customer={"id": f"{tenant.account_id}#x"}),
        order("1", customer={"email": BEN}, updated_at="2199-01-01T00:00:00Z"),
        order("1", None, customer={"id": f"customer-{theirs.customer}"}, status="cancelled"),
    ]
    return [
        *(Attempt("recordOrders", path, body=it, own=True) for it in reaching),
        Attempt("recordOrders", path, body=order("5") | {"store_id": theirs.stores["generic"]["id"]}),
        Attempt("recordOrders", path, body=order("6"), headers=theirs.key, own=True),
    ]


def _activities(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"audience": mine.tenant.audience_id}
    return [
        Attempt("recordActivity", path, body=activity("v2", properties={"mine": True}), own=True),
        Attempt("recordActivity", path, body=activity("x") | {"account_id": theirs.tenant.account_id}),
        *_with_key("recordActivity", "audience")(mine, theirs),
    ]


def _judgements(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"audience": mine.tenant.audience_id, "contact": mine.customer, "activity": "v2"}
    return [
        Attempt("judgeActivity", path, body=BODIES["judgeActivity"], own=True),
        Attempt("judgeActivity", path, body={"machine": True, "contact": theirs.customer}),
        Attempt("judgeActivity", path, body=BODIES["judgeActivity"], headers=theirs.key, own=True),
    ]


def _board(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"store": mine.stores["generic"]["id"]}
    reaching = f"all#{theirs.tenant.account_id}"
    return [
        Attempt("getLeaderboard", path, {"cursor": theirs.board_cursor, "limit": "1"}),
        Attempt("getLeaderboard", path, {"cursor": theirs.timeline_cursor}),
        Attempt("getLeaderboard", path, {"period": reaching}),
        Attempt("getLeaderboard", path, {"period": f"../{theirs.tenant.account_id}/all"}),
        Attempt("getLeaderboard", {"store": theirs.stores["generic"]["id"]}, {"cursor": theirs.board_cursor}),
        Attempt("getLeaderboard", path, {"period": "all"}, headers={"Accept": "text/csv"}, own=True),
    ]


def _place(mine: Estate, _theirs: Estate) -> list[Attempt]:
    """A customer of both: one's own figures."""
    path = {"store": mine.stores["generic"]["id"], "customer": contact_id(ADA)}
    return [Attempt("getPlace", path, {"period": "all"}, own=True)]


def _explanation(mine: Estate, _theirs: Estate) -> list[Attempt]:
    path = {"store": mine.stores["generic"]["id"], "customer": contact_id(ADA)}
    return [Attempt("explainRank", path, {"period": "all"}, own=True)]


def _changes(mine: Estate, theirs: Estate) -> list[Attempt]:
    """No period of either was closed."""
    path, operation = {"store": mine.stores["generic"]["id"]}, "getLeaderboardChanges"
    return [
        Attempt(operation, path, {"period": "2026-10"}),
        Attempt(operation, path, {"period": "2026-10", "cursor": theirs.board_cursor}),
        Attempt(operation, path, {"period": f"../{theirs.tenant.account_id}/all"}),
    ]


def _snapshots(mine: Estate, theirs: Estate) -> list[Attempt]:
    path, operation = {"store": mine.stores["generic"]["id"]}, "listBoardSnapshots"
    return [
        Attempt(operation, path, own=True),
        Attempt(operation, path, {"kind": "running"}, own=True),
        Attempt(operation, path, {"cursor": theirs.board_cursor}),
    ]


def _person(operation: str) -> Callable[[Estate, Estate], list[Attempt]]:
    def made(mine: Estate, theirs: Estate) -> list[Attempt]:
        path = {"audience": mine.tenant.audience_id, "contact": contact_id(ADA)}
        shared = [Attempt(operation, path, own=True)]
        if operation == "getTimeline":
            shared += [
                Attempt(operation, path, {"cursor": cursor}) for cursor in (theirs.timeline_cursor, theirs.board_cursor)
            ]
        return shared

    return made


def _search(mine: Estate, theirs: Estate) -> list[Attempt]:
    path, operation = {"audience": mine.tenant.audience_id}, "findContactsByScore"
    return [
        Attempt(operation, path, own=True),
        Attempt(operation, path, {"store": theirs.stores["generic"]["id"]}),
        Attempt(operation, path, {"tag": f"tag-{theirs.mark}"}, own=True),
        *(Attempt(operation, path, {"cursor": it}) for it in (theirs.scores_cursor, theirs.history_cursor)),
        Attempt(operation, {"audience": theirs.tenant.audience_id}, {"cursor": theirs.scores_cursor}),
        Attempt(operation, path, {"none": "true"}, headers={"Accept": "text/csv"}, own=True),
    ]


def _score_count(mine: Estate, theirs: Estate) -> list[Attempt]:
    path, operation = {"audience": mine.tenant.audience_id}, "countContactsByScore"
    return [
        Attempt(operation, path, own=True),
        Attempt(operation, path, {"store": theirs.stores["generic"]["id"], "metric_at_least": "1"}),
    ]


def _history(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"audience": mine.tenant.audience_id, "contact": mine.customer}
    return [
        Attempt("getScore", path, own=True),
        *(Attempt("getScore", path, {"cursor": it}) for it in (theirs.history_cursor, theirs.scores_cursor)),
    ]


def _reset(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"audience": mine.tenant.audience_id}
    foreign = [theirs.customer, f"{theirs.tenant.audience_id}#{theirs.customer}", f"../{theirs.customer}"]
    return [
        *(Attempt("resetScores", path, body={"contact": it}) for it in foreign),
        *_with_key("resetScores", "audience")(mine, theirs),
    ]


def _bulk(mine: Estate, theirs: Estate) -> list[Attempt]:
    """The other's contacts are nobody's here; a query about the other's store is refused."""
    path, operation = {"audience": mine.tenant.audience_id}, "changeScoresInBulk"
    change = {"effect": "add", "points": 1}
    return [
        Attempt(operation, path, body=change | {"contacts": [ADA, theirs.customer]}, own=True),
        Attempt(operation, path, body=change | {"query": {"store": theirs.stores["generic"]["id"]}}),
        Attempt(operation, path, body=change | {"contacts": [f"{theirs.tenant.audience_id}#{theirs.customer}"]}),
        *_with_key(operation, "audience")(mine, theirs),
    ]


def _job_list(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"audience": mine.tenant.audience_id}
    foreign = (theirs.jobs_cursor, theirs.scores_cursor)
    return [
        Attempt("listJobs", path, own=True),
        *(Attempt("listJobs", path, {"cursor": it}) for it in foreign),
        Attempt("listJobs", {"audience": theirs.tenant.audience_id}, {"cursor": theirs.jobs_cursor}),
    ]


def _automations(mine: Estate, theirs: Estate) -> list[Attempt]:
    """Automations that name what is the other's."""
    path, operation = {"audience": mine.tenant.audience_id}, "createAutomation"
    store, body = theirs.stores["generic"]["id"], BODIES[operation]
    board = {"store": store, "rank_by": "total_spent", "time_frame": "all_time"}
    reaching: list[dict[str, Any]] = [
        {"trigger": {"kind": "rank_enters", **board, "first": 10}},
        {"conditions": [{"kind": "metric", **board, "least": "1"}]},
        {"steps": [{"kind": "send_template", "template": theirs.template}]},
        {"steps": [{"kind": "send_template", "template": mine.template, "store": store}]},
    ]
    return [
        *(Attempt(operation, path, body=body | it) for it in reaching),
        *_with_key(operation, "audience")(mine, theirs),
    ]


def _dry_runs(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"audience": mine.tenant.audience_id}
    return [
        Attempt("startDryRun", path, body={"automation": theirs.automation}),
        Attempt("startDryRun", path, body={"automation": f"{theirs.tenant.audience_id}#{theirs.automation}"}),
        *_with_key("startDryRun", "audience")(mine, theirs),
    ]


def _runs(operation: str, name: str) -> Callable[[Estate, Estate], list[Attempt]]:
    """Runs of one's own, by the other's cursors."""

    def made(mine: Estate, theirs: Estate) -> list[Attempt]:
        path = {part: mine.path[part] for part in ("audience", name)}
        foreign = (theirs.jobs_cursor, theirs.timeline_cursor)
        return [Attempt(operation, path, own=True), *(Attempt(operation, path, {"cursor": it}) for it in foreign)]

    return made


def _programmes(operation: str, *names: str) -> Callable[[Estate, Estate], list[Attempt]]:
    """Programmes about the other's store, in its tier, with its template."""

    def made(mine: Estate, theirs: Estate) -> list[Attempt]:
        path = {name: mine.path[name] for name in names}
        reaching = [
            {"store": theirs.stores["generic"]["id"]},
            {"store": f"{theirs.tenant.account_id}#{theirs.stores['generic']['id']}"},
            {"template": theirs.template},
            {"who": {"kind": "tier", "tier": theirs.mark}},
        ]
        body = BODIES[operation]
        return [
            *(Attempt(operation, path, body=body | it) for it in reaching),
            *_with_key(operation, *names)(mine, theirs),
        ]

    return made


def _awards(mine: Estate, theirs: Estate) -> list[Attempt]:
    """The other's board, and one's own contacts with the other's key."""
    path = {name: mine.path[name] for name in ("audience", "programme")}
    stores = [theirs.stores["generic"]["id"], f"{theirs.tenant.account_id}#{theirs.stores['generic']['id']}"]
    return [
        *(Attempt("giveAwards", path, body={"board": {"store": it, "first": 3}}) for it in stores),
        *_with_key("giveAwards", "audience", "programme")(mine, theirs),
    ]


def _coupons(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {name: mine.path[name] for name in ("audience", "programme")}
    foreign = (theirs.coupons_cursor, theirs.jobs_cursor)
    return [
        Attempt("listCoupons", path, own=True),
        *(Attempt("listCoupons", path, {"cursor": it}) for it in foreign),
    ]


def _tiers(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"audience": mine.tenant.audience_id}
    needs = {"kind": "spent", "store": theirs.stores["generic"]["id"], "time_frame": "all_time", "amount": "1"}
    return [
        Attempt("replaceTiers", path, body={"tiers": [{"name": "Silver", "needs": needs}]}),
        *_with_key("replaceTiers", "audience")(mine, theirs),
    ]


def _import_list(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"store": mine.stores["generic"]["id"]}
    foreign = (theirs.imports_cursor, theirs.jobs_cursor)
    return [
        Attempt("listImports", path, own=True),
        *(Attempt("listImports", path, {"cursor": it}) for it in foreign),
        Attempt("listImports", {"store": theirs.stores["generic"]["id"]}, {"cursor": theirs.imports_cursor}),
    ]


def _alert_rules(mine: Estate, theirs: Estate) -> list[Attempt]:
    path, foreign = {"audience": mine.tenant.audience_id}, theirs.stores["generic"]["id"]
    forged = [foreign, f"{theirs.tenant.account_id}#{foreign}", f"{foreign}#"]
    return [
        *(Attempt("replaceAlertRules", path, body={"stores": [{"store_id": it}]}) for it in forged),
        *_with_key("replaceAlertRules", "audience")(mine, theirs),
    ]


def _cancel_import(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {name: mine.path[name] for name in ("store", "import_id")}
    return [Attempt("cancelImport", path, headers=theirs.key, own=True)]


def _versions(mine: Estate, theirs: Estate) -> list[Attempt]:
    path, operation = {"template": mine.template}, "listTemplateVersions"
    return [
        Attempt(operation, path, own=True),
        *(Attempt(operation, path, {"cursor": it}) for it in (theirs.versions_cursor, theirs.jobs_cursor)),
        Attempt(operation, {"template": theirs.template}, {"cursor": theirs.versions_cursor}),
    ]


def _invitations(mine: Estate, theirs: Estate) -> list[Attempt]:
    """An address that somebody of the other's has: nobody is told whose it is."""
    body = BODIES["inviteUser"]
    own = body | {"email": f"lee@{mine.tenant.account_id}.example.com"}
    return [
        Attempt("inviteUser", body=body | {"email": user_address(theirs.tenant, theirs.mark)}, refused=409),
        Attempt("inviteUser", body=own | {"account_id": theirs.tenant.account_id}),
        Attempt("inviteUser", body=own, headers=theirs.key, own=True),
    ]


def _of_user(operation: str) -> Callable[[Estate, Estate], list[Attempt]]:
    """One's own, with the other's key."""
    return lambda mine, theirs: [
        Attempt(operation, {"user": mine.user}, body=BODIES.get(operation), headers=theirs.key, own=True)
    ]


def _wishes(mine: Estate, theirs: Estate) -> Iterator[tuple[dict[str, Any], bool]]:
    """Previews about the other's people and shop, and about one's own."""
    ours, others = mine.tenant.audience_id, theirs.tenant.audience_id
    for audience, contact, own in (
        (ours, mine.customer, True),
        (ours, theirs.customer, False),
        (others, theirs.customer, False),
        (others, mine.customer, False),
        (f"{theirs.tenant.account_id}#{others}", ADA, False),
        (others, ADA, False),
    ):
        yield {"audience": audience, "contact": contact}, own
    yield {"sample": True, "store": theirs.stores["generic"]["id"]}, False
    yield {"audience": ours, "contact": ADA, "store": theirs.stores["generic"]["id"]}, False
    yield {"audience": ours, "contact": ADA, "store": mine.stores["generic"]["id"]}, True


def _preview(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"template": mine.template}
    return [Attempt("previewTemplate", path, body=wish, own=own) for wish, own in _wishes(mine, theirs)]


def _draft(mine: Estate, theirs: Estate) -> list[Attempt]:
    said = {"subject": "{{ contact.name }}", "text": "{{ store.name }} {{ contact.tags }} {{ account.name }}"}
    return [Attempt("previewDraft", body=wish | said, own=own) for wish, own in _wishes(mine, theirs)]


def _webhooks(mine: Estate, theirs: Estate) -> list[Attempt]:
    """Deliveries to the other's stores, signed with one's own secrets, and to mixed-up addresses."""
    made = []
    for platform in ("shopify", "woocommerce", "generic"):
        ours, others = mine.stores[platform], theirs.stores[platform]
        for account, store in (
            (theirs.tenant.account_id, others["id"]),
            (theirs.tenant.account_id, ours["id"]),
            (mine.tenant.account_id, others["id"]),
            (f"{mine.tenant.account_id}#", f"{theirs.tenant.account_id}#{others['id']}"),
        ):
            path = {"account": account, "store": store, "platform": platform}
            made.append(_delivery(path, ours["webhook_secret"]))
        for other in ("shopify", "woocommerce", "generic", "api"):
            if other != platform:
                path = {"account": theirs.tenant.account_id, "store": others["id"], "platform": other}
                made.append(_delivery(path, mine.stores["generic"]["webhook_secret"]))
    return made


def _delivery(path: dict[str, str], secret: str) -> Attempt:
    body = json.dumps(BODIES["receiveWebhook"])
    headers = {
        "generic": {"webhook-id": "delivery-1"},
        "woocommerce": {"x-wc-webhook-topic": "order.created"},
    }.get(path["platform"], {"x-shopify-topic": "orders/create"})
    event = {"pathParameters": path, "body": body, "headers": headers}
    platform = path["platform"] if path["platform"] != "api" else "shopify"
    signed = webhook_events.signed(event | {"pathParameters": {"platform": platform}}, datetime.now(UTC), secret)
    return Attempt("receiveWebhook", path, body=body, headers=signed["headers"])


def _billing(mine: Estate, theirs: Estate) -> list[Attempt]:
    """Events about the other's account, signed with one's own secrets, with none, or before it was forged."""
    body = json.dumps(billing_events.event(theirs.tenant.account_id, plan="premium"))
    own = json.dumps(billing_events.event(mine.tenant.account_id, plan="premium"))
    now = datetime.now(UTC).timestamp()
    headers = [
        {},
        {"Stripe-Signature": f"t={int(now)},v1="},
        {"Stripe-Signature": billing_events.signature(body, now, mine.stores["generic"]["webhook_secret"])},
        {"Stripe-Signature": billing_events.signature(own, now)},
        {"Stripe-Signature": billing_events.signature(body, now - 301)},
    ]
    return [Attempt("receiveBilling", body=body, headers=it) for it in headers]


def _senders(mine: Estate, theirs: Estate) -> list[Attempt]:
    """The other's domain, and an address in it once it is verified, are nobody else's."""
    domain = f"{theirs.mark}-{theirs.tenant.account_id}.example.com"
    return [
        Attempt("createSender", body={"domain": domain}),
        Attempt("createSender", body={"domain": domain.upper()}),
        *_with_key("createSender", domain=f"{mine.tenant.account_id}.example.org")(mine, theirs),
    ]


def _links(operation: str) -> Callable[[Estate, Estate], list[Attempt]]:
    """Links of the other with parts of one's own, and one's own with parts of the other's."""

    def made(mine: Estate, theirs: Estate) -> list[Attempt]:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        ours, others = mine.unsubscribe_token, theirs.unsubscribe_token
        forged = [
            ours[:75] + others[75:],
            others[:75] + ours[75:],
            others[:-1],
            f"{others}=",
            f"{others}A",
            others.swapcase(),
        ]
        said: dict[str, Any] = {"body": "List-Unsubscribe=One-Click", "headers": form}
        if operation == "showUnsubscribe":
            said = {}
        return [
            *(Attempt(operation, {"token": it}, **said) for it in forged),
            Attempt(operation, {"token": ours}, own=True, **said),
        ]

    return made


def _messages(operation: str) -> Callable[[Estate, Estate], list[Attempt]]:
    """Messages to one's own contact that the other's template says, about the other's store, from its domain."""

    def made(mine: Estate, theirs: Estate) -> list[Attempt]:
        path = {"audience": mine.tenant.audience_id, "contact": mine.customer}
        body = BODIES[operation]
        sender = {"from": f"hello@{theirs.mark}-{theirs.tenant.account_id}.example.com"}
        attempts = [
            Attempt(operation, path, body={"template": theirs.template}),
            Attempt(operation, path, body={"template": f"{theirs.tenant.account_id}#template#{theirs.template}"}),
            Attempt(operation, path, body=body | {"store": theirs.stores["generic"]["id"]}),
            *_with_key(operation, "audience", "contact")(mine, theirs),
        ]
        if operation != "previewMessage":
            attempts.append(Attempt(operation, path, body=body | sender, refused=409))
        return attempts

    return made


def _message_list(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"audience": mine.tenant.audience_id, "contact": mine.customer}
    foreign = (theirs.messages_cursor, theirs.timeline_cursor)
    return [
        Attempt("listMessages", path, own=True),
        *(Attempt("listMessages", path, {"cursor": it}) for it in foreign),
    ]


def _suppression_list(_mine: Estate, theirs: Estate) -> list[Attempt]:
    foreign = (theirs.suppressions_cursor, theirs.messages_cursor)
    return [
        Attempt("listSuppressions", own=True),
        *(Attempt("listSuppressions", query={"cursor": it}) for it in foreign),
    ]


def _export(mine: Estate, theirs: Estate) -> list[Attempt]:
    path, operation = {"audience": mine.tenant.audience_id, "contact": mine.customer}, "exportPerson"
    foreign = (theirs.erasures_cursor, theirs.history_cursor, mine.erasures_cursor)
    return [
        Attempt(operation, path, own=True),
        *(Attempt(operation, path, {"cursor": it}) for it in foreign),
        Attempt(operation, path | {"contact": f"{theirs.tenant.audience_id}#{theirs.customer}"}),
    ]


def _erasure_of(operation: str, *names: str) -> Callable[[Estate, Estate], list[Attempt]]:
    """One's own, with the other's key."""

    def made(mine: Estate, theirs: Estate) -> list[Attempt]:
        known = {"audience": mine.tenant.audience_id, "contact": mine.leaver, "store": mine.left}
        path = {name: known[name] for name in names}
        return [Attempt(operation, path, headers=theirs.key, own=True)]

    return made


def _erasures(mine: Estate, theirs: Estate) -> list[Attempt]:
    foreign = (theirs.erasures_cursor, theirs.jobs_cursor)
    return [
        Attempt("listErasures", own=True),
        *(Attempt("listErasures", query={"cursor": it}) for it in foreign),
    ]


_SPECIAL: dict[str, Callable[[Estate, Estate], Iterable[Attempt]]] = {
    "getAccount": _own("getAccount"),
    "changeAccount": _with_key("changeAccount"),
    "getSigningSecret": _own("getSigningSecret"),
    "rotateSigningSecret": _with_key("rotateSigningSecret"),
    "listAudiences": _own("listAudiences"),
    "createAudience": _with_key("createAudience"),
    "getAudience": _nothing,
    "changeAudience": _with_key("changeAudience", "audience"),
    "listStores": _own("listStores"),
    "connectStore": _connect,
    "getStore": _nothing,
    "changeStore": _change_store,
    "disconnectStore": _with_key("disconnectStore", "store"),
    "rotateSecret": _with_key("rotateSecret", "store"),
    "rebuildStore": _with_key("rebuildStore", "store"),
    "reconcileStore": lambda mine, theirs: [
        Attempt("reconcileStore", {"store": mine.stores["generic"]["id"]}, headers=theirs.key, own=True)
    ],
    "getReconciliation": lambda mine, _: [Attempt("getReconciliation", {"store": mine.expendable["id"]}, own=True)],
    "getRates": lambda mine, _: [Attempt("getRates", {"store": mine.expendable["id"]}, own=True)],
    "replaceRates": _with_key("replaceRates", "store"),
    "getShopCredentials": _shop_credentials("getShopCredentials"),
    "replaceShopCredentials": _shop_credentials("replaceShopCredentials"),
    "deleteShopCredentials": _shop_credentials("deleteShopCredentials"),
    "listSetAside": lambda mine, _: [Attempt("listSetAside", {"store": mine.stores["generic"]["id"]}, own=True)],
    "getContact": _person("getContact"),
    "getTimeline": _person("getTimeline"),
    "getOpenApi": _own("getOpenApi"),
    "receiveWebhook": _webhooks,
    "receiveBilling": _billing,
    "recordOrders": _orders,
    "recordActivity": _activities,
    "judgeActivity": _judgements,
    "listScoringRules": lambda mine, _: [Attempt("listScoringRules", {"audience": mine.tenant.audience_id}, own=True)],
    "createScoringRule": _with_key("createScoringRule", "audience"),
    "listUsers": _own("listUsers"),
    "inviteUser": _invitations,
    "changeUser": _of_user("changeUser"),
    "removeUser": _of_user("removeUser"),
    "getScoringRule": _nothing,
    "changeScoringRule": _with_key("changeScoringRule", "audience", "rule"),
    "deleteScoringRule": _with_key("deleteScoringRule", "audience", "rule"),
    "listAutomations": lambda mine, _: [Attempt("listAutomations", {"audience": mine.tenant.audience_id}, own=True)],
    "createAutomation": _automations,
    "startDryRun": _dry_runs,
    "getDryRun": lambda mine, theirs: [
        Attempt("getDryRun", {"audience": mine.tenant.audience_id, "job": mine.dry_run}, own=True),
        Attempt("getDryRun", {"audience": mine.tenant.audience_id, "job": theirs.dry_run}),
    ],
    "getAutomation": lambda mine, _: [
        Attempt("getAutomation", {name: mine.path[name] for name in ("audience", "automation")}, own=True)
    ],
    "changeAutomation": _with_key("changeAutomation", "audience", "automation"),
    "deleteAutomation": _nothing,
    "listAutomationRuns": _runs("listAutomationRuns", "automation"),
    "listContactRuns": _runs("listContactRuns", "contact"),
    "getAutomationRun": _nothing,
    "listAlerts": lambda mine, _: [Attempt("listAlerts", {"audience": mine.tenant.audience_id}, own=True)],
    "changeAlert": _nothing,
    "getAlertRules": lambda mine, _: [Attempt("getAlertRules", {"audience": mine.tenant.audience_id}, own=True)],
    "replaceAlertRules": _alert_rules,
    "getScore": _history,
    "changeScore": _with_key("changeScore", "audience", "contact"),
    "verifyScore": _with_key("verifyScore", "audience", "contact"),
    "findContactsByScore": _search,
    "countContactsByScore": _score_count,
    "resetScores": _reset,
    "getScoring": _nothing,
    "changeScoring": _with_key("changeScoring", "audience"),
    "changeScoresInBulk": _bulk,
    "verifyScores": _with_key("verifyScores", "audience"),
    "backTestRules": _with_key("backTestRules", "audience"),
    "listJobs": _job_list,
    "getJob": lambda mine, _: [Attempt("getJob", {name: mine.path[name] for name in ("audience", "job")}, own=True)],
    "getDistribution": lambda mine, _: [Attempt("getDistribution", {"audience": mine.tenant.audience_id}, own=True)],
    "listSnapshots": lambda mine, _: [Attempt("listSnapshots", {"audience": mine.tenant.audience_id}, own=True)],
    "listApiKeys": _own("listApiKeys"),
    "createApiKey": _with_key("createApiKey"),
    "revokeApiKey": _nothing,
    "startImport": lambda mine, theirs: [
        Attempt(
            "startImport",
            {"store": mine.stores["generic"]["id"]},
            body=BODIES["startImport"],
            headers=theirs.key,
            own=True,
        )
    ],
    "listImports": _import_list,
    "getImport": lambda mine, _: [
        Attempt("getImport", {name: mine.path[name] for name in ("store", "import_id")}, own=True)
    ],
    "cancelImport": _cancel_import,
    "listSenders": _own("listSenders"),
    "createSender": _senders,
    "getSender": _nothing,
    "getDeliverability": _own("getDeliverability"),
    "listSuppressions": _suppression_list,
    "suppressAddress": _with_key("suppressAddress"),
    "releaseAddress": _nothing,
    "deleteSender": _nothing,
    "showUnsubscribe": _links("showUnsubscribe"),
    "unsubscribeContact": _links("unsubscribeContact"),
    "listTemplates": _own("listTemplates"),
    "createTemplate": _with_key("createTemplate"),
    "getTemplate": _nothing,
    "changeTemplate": _with_key("changeTemplate", "template"),
    "deleteTemplate": _nothing,
    "listTemplateVersions": _versions,
    "getTemplateVersion": lambda mine, _: [
        Attempt("getTemplateVersion", {name: mine.path[name] for name in ("template", "version")}, own=True)
    ],
    "previewTemplate": _preview,
    "previewDraft": _draft,
    "sendMessage": _messages("sendMessage"),
    "previewMessage": _messages("previewMessage"),
    "testMessage": _messages("testMessage"),
    "listMessages": _message_list,
    "getMessage": _nothing,
    "cancelMessage": _nothing,
    "getMessageGates": _person("getMessageGates"),
    "exportPerson": _export,
    "erasePerson": _erasure_of("erasePerson", "audience", "contact"),
    "eraseStore": _erasure_of("eraseStore", "store"),
    "listErasures": _erasures,
    "getErasure": lambda mine, _: [Attempt("getErasure", {"erasure": mine.erasure}, own=True)],
    "listProgrammes": lambda mine, _: [Attempt("listProgrammes", {"audience": mine.tenant.audience_id}, own=True)],
    "createProgramme": _programmes("createProgramme", "audience"),
    "getProgramme": _nothing,
    "changeProgramme": _programmes("changeProgramme", "audience", "programme"),
    "addCoupons": _with_key("addCoupons", "audience", "programme"),
    "listCoupons": _coupons,
    "giveAwards": _awards,
    "listAwards": lambda mine, theirs: [
        Attempt("listAwards", {name: mine.path[name] for name in ("audience", "programme")}, own=True),
        Attempt(
            "listAwards",
            {name: mine.path[name] for name in ("audience", "programme")},
            {"cursor": theirs.coupons_cursor},
        ),
    ],
    "revokeAward": _nothing,
    "getLift": lambda mine, _: [
        Attempt("getLift", {name: mine.path[name] for name in ("audience", "programme")}, own=True)
    ],
    "listContactAwards": _person("listContactAwards"),
    "getTiers": lambda mine, _: [Attempt("getTiers", {"audience": mine.tenant.audience_id}, own=True)],
    "replaceTiers": _tiers,
    "getLeaderboard": _board,
    "getPlace": _place,
    "explainRank": _explanation,
    "getLeaderboardChanges": _changes,
    "listBoardSnapshots": _snapshots,
}
"""Of every route, what can be tried besides its path; a new route needs an entry."""


def check(route: Route, mine: Estate, theirs: Estate, items_of: Callable[[str], Any]) -> int:
    """Make every attempt of a route; fail if anything of ``theirs`` was read or written. Returns how many were made.

    ``items_of(account_id)`` gives all items of an account, of all tables.
    """
    before = items_of(theirs.tenant.account_id)
    assert before
    tried = attempts(route, mine, theirs)
    for attempt in tried:
        answer = attempt.make(mine.tenant.owner)
        said = json.dumps([answer.text, dict(answer.headers)], ensure_ascii=False)
        shown = {mark for mark in theirs.marks if mark in said and mark not in attempt.words}
        assert not shown, (attempt, answer)
        refusals = REFUSALS | {attempt.refused}
        assert answer.status < 300 if attempt.own else answer.status in refusals, (attempt, answer)
    assert items_of(theirs.tenant.account_id) == before
    kept = json.dumps(items_of(mine.tenant.account_id), ensure_ascii=False)
    assert not {word for word in theirs.secrets if word in kept}
    return len(tried)


def routes() -> list[Route]:
    """All of them."""
    assert set(OPERATIONS) == {route.operation for route in ROUTES.values()}
    return list(ROUTES.values())
