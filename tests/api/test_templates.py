"""Message templates: written by several people, kept version by version, and looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from laurel.http.routes import ROUTES
from laurel.model.account import Role
from laurel.model.template import LONGEST_HTML, LONGEST_TEXT
from tests.support.shop import ADA, BEN, contact_id, order

if TYPE_CHECKING:
    from tests.support.client import Answer, Tenant
    from tests.support.gateway import Gateway

THANKS = {"name": "Thanks", "subject": "Thanks, {{ contact.first_name }}", "text": None, "html": "<p>{{ coupon }}</p>"}


def create(tenant: Tenant, **changes: Any) -> Answer:
    return tenant.as_(Role.MARKETER)("createTemplate", body={**THANKS, **changes})


def made(tenant: Tenant, **changes: Any) -> Any:
    answer = create(tenant, **changes)
    assert answer.status == 201, answer.text
    return answer.json


def patch(tenant: Tenant, template: Any, body: Any, version: str | None = None) -> Answer:
    headers = {"If-Match": version or f'"{template["version"]}"'}
    return tenant.as_(Role.MARKETER)("changeTemplate", template=template["id"], body=body, headers=headers)


def draft(tenant: Tenant, **body: Any) -> Answer:
    return tenant.as_(Role.MARKETER)("previewDraft", body={"subject": "x", **body})


def test_a_template_is_kept_as_it_was_sent(tenant: Tenant) -> None:
    answer = create(tenant)

    assert (answer.status, answer.headers["etag"]) == (201, '"1"')
    assert {name: answer.json[name] for name in THANKS} == THANKS
    again = tenant.as_(Role.VIEWER)("getTemplate", template=answer.json["id"])
    assert (again.json, again.headers["etag"]) == (answer.json, '"1"')
    summary = {name: value for name, value in answer.json.items() if name not in ("text", "html")}
    assert tenant.as_(Role.VIEWER).ok("listTemplates") == {"templates": [summary]}


def test_every_version_stays_readable(tenant: Tenant) -> None:
    first = made(tenant)
    second = patch(tenant, first, {"name": "Thank you", "html": None, "text": "Thanks"}).json
    third = patch(tenant, second, {"subject": "Thanks", "name": None}).json

    assert [third[name] for name in ("name", "subject", "text", "html")] == ["Thank you", "Thanks", "Thanks", None]
    path = {"template": first["id"]}
    known = [tenant.owner.ok("getTemplateVersion", version=str(number), **path) for number in (1, 2, 3)]
    assert known == [first, second, third]
    page = tenant.owner.ok("listTemplateVersions", query={"limit": 2}, **path)
    assert [it["version"] for it in page["versions"]] == [3, 2]
    rest = tenant.owner.ok("listTemplateVersions", query={"cursor": page["next_cursor"]}, **path)
    assert ([it["version"] for it in rest["versions"]], rest["next_cursor"]) == ([1], None)
    tenant.owner.ok("deleteTemplate", headers={"If-Match": '"3"'}, **path)
    assert tenant.owner("getTemplate", **path).problem == "not-found"
    assert tenant.owner.ok("getTemplateVersion", version="2", **path) == second
    assert len(tenant.owner.ok("listTemplateVersions", **path)["versions"]) == 3


@pytest.mark.parametrize("version", ["0", "2", "01", "-1", "x", "1.0", "999999999", "\u0661"])
def test_a_version_that_is_not_there_is_not_found(tenant: Tenant, version: str) -> None:
    template = made(tenant)["id"]

    assert tenant.owner("getTemplateVersion", template=template, version=version).problem == "not-found"


@pytest.mark.parametrize("operation", ["getTemplate", "listTemplateVersions"])
def test_a_template_that_is_not_there_is_not_found(tenant: Tenant, operation: str) -> None:
    assert tenant.owner(operation, template="none").problem == "not-found"
    body: dict[str, Any] = {"sample": True}
    assert tenant.owner("previewTemplate", template="none", body=body).problem == "not-found"


def test_of_two_who_read_the_same_version_one_writes(tenant: Tenant) -> None:
    template = made(tenant)
    assert patch(tenant, template, {"name": "First"}).status == 200

    assert patch(tenant, template, {"name": "Second"}).problem == "version-mismatch"
    stale = tenant.owner("deleteTemplate", template=template["id"], headers={"If-Match": '"1"'})
    assert stale.problem == "version-mismatch"
    blind = tenant.owner("changeTemplate", template=template["id"], body={"name": "Third"})
    assert blind.problem == "precondition-required"


@pytest.mark.parametrize("faster", ["save", "delete"])
def test_who_is_outrun_between_reading_and_writing_is_told(
    api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch, faster: str
) -> None:
    template = made(tenant)
    module = api.module(ROUTES["GET", "/templates"])
    monkeypatch.setattr(module._templates, faster, lambda *_: False)

    if faster == "save":
        assert patch(tenant, template, {"name": "X"}).problem == "version-mismatch"
    else:
        answer = tenant.owner("deleteTemplate", template=template["id"], headers={"If-Match": "*"})
        assert answer.problem == "version-mismatch"


def test_an_account_has_so_many_templates(api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.module(ROUTES["POST", "/templates"]), "MOST_TEMPLATES", 1)
    made(tenant)

    assert create(tenant).problem == "conflict"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"subject": ""}, "/subject"),
        ({"subject": "  "}, "/subject"),
        ({"subject": "Hi\r\nBcc: eve@example.com"}, "/subject"),
        ({"subject": "Hi\u2028there"}, "/subject"),
        ({"subject": "x" * 501}, "/subject"),
        ({"subject": "{{ contact.nam }}"}, "/subject"),
        ({"html": None}, "/text"),
        ({"html": "<p>\x00</p>"}, "/html"),
        ({"html": "{% for a in contact.tags %}{% endfor %}"}, "/html"),
        ({"html": "x" * (LONGEST_HTML + 1)}, "/html"),
        ({"html": "ü" * (LONGEST_HTML // 2 + 1)}, "/html"),
        ({"text": "x" * (LONGEST_TEXT + 1)}, "/text"),
        ({"text": "{{ ''.__class__ }}"}, "/text"),
        ({"text": "\ud800"}, "/text"),
        ({"sender": "x"}, "/sender"),
    ],
)
def test_what_cannot_be_filled_in_is_not_kept(tenant: Tenant, changes: dict[str, Any], pointer: str) -> None:
    answer = create(tenant, **changes)

    assert (answer.status, answer.pointers) == (422, [pointer]), answer.text
    template = made(tenant)
    if pointer not in ("/text", "/sender"):
        answer = patch(tenant, template, changes)
        assert answer.pointers == [pointer] or changes == {"html": None}


def test_the_largest_template_can_be_repeated(tenant: Tenant) -> None:
    body = THANKS | {"html": '"' * LONGEST_HTML, "text": "\\" * LONGEST_TEXT}
    key = {"Idempotency-Key": "largest"}

    first, again = (tenant.owner.ok("createTemplate", body=body, headers=key) for _ in range(2))

    assert first == again


@pytest.mark.parametrize(
    "operation", ["createTemplate", "changeTemplate", "deleteTemplate", "previewTemplate", "previewDraft"]
)
def test_viewers_do_not_write(tenant: Tenant, operation: str) -> None:
    path = {} if operation in ("createTemplate", "previewDraft") else {"template": made(tenant)["id"]}

    answer = tenant.as_(Role.VIEWER)(operation, body=THANKS, headers={"If-Match": "*"}, **path)

    assert answer.problem == "forbidden"


def test_a_preview_of_a_real_customer(api: Gateway, tenant: Tenant, store: Any) -> None:
    person = {"email": ADA, "first_name": "Ada", "last_name": "Lovelace", "tags": ["vip"]}
    for batch in ([order("1", total="50.00"), order("2", BEN, "70.00")], [order("3", total="9.80", customer=person)]):
        tenant.owner.ok("recordOrders", store=store["id"], body={"orders": batch})
    tenant.owner.ok(
        "changeScore", audience=tenant.audience_id, contact=contact_id(ADA), body={"effect": "add", "points": 7}
    )
    api.settle()
    html = (
        '<p onclick="x">{{ contact.name }}, {{ rank.total_spent }}, {{ rank.orders_count }}: '
        "{{ store.orders_count }} for {{ store.total_spent }} {{ store.currency }}</p>"
        '{% if "vip" in contact.tags and contact.score >= 7 %}<p>{{ coupon | default("-") }}</p>{% endif %}'
    )
    template = made(tenant, html=html)
    wish = {"audience": tenant.audience_id, "contact": ADA, "store": store["id"]}

    seen = tenant.as_(Role.MARKETER).ok("previewTemplate", template=template["id"], body=wish)

    assert seen == {
        "subject": "Thanks, Ada",
        "text": "Ada Lovelace, 2, 1: 2 for 59.80 EUR\n\n-",
        "html": "<p>Ada Lovelace, 2, 1: 2 for 59.80 EUR</p><p>-</p>",
        "missing": [],
    }
    tenant.owner.ok("resetScores", audience=tenant.audience_id, body={})
    again = draft(tenant, html=html, **wish | {"contact": contact_id(ADA), "coupon": "X"}).json
    assert (again["html"], again["missing"]) == ("<p>Ada Lovelace, 2, 1: 2 for 59.80 EUR</p>", [])
    earlier = draft(tenant, text="{{ store.total_spent }}", **wish, time_frame="last_year").json
    assert (earlier["text"], earlier["missing"]) == ("", ["store.total_spent"])


def test_a_preview_of_nobody_and_of_a_sample(tenant: Tenant) -> None:
    said = {"subject": "Hi {{ contact.first_name }}", "text": "{{ account.name }}: {{ coupon }}"}

    assert draft(tenant, **said).json == {
        "subject": "Hi",
        "text": "Shop: ",
        "html": None,
        "missing": ["contact.first_name", "coupon"],
    }
    assert draft(tenant, **said, sample=True).json == {
        "subject": "Hi Ada",
        "text": "Shop: LAUREL-10",
        "html": None,
        "missing": [],
    }


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        ({"text": "{{ x }}"}, 422, "invalid-input"),
        ({"text": None}, 422, "invalid-input"),
        ({"text": "a", "contact": ADA}, 422, "invalid-input"),
        ({"text": "a", "time_frame": "all_time"}, 422, "invalid-input"),
        ({"text": "a", "time_frame": "someday", "store": "x"}, 422, "invalid-input"),
        ({"text": "a", "contact": ADA, "audience": "none"}, 404, "not-found"),
        ({"text": "a", "store": "none"}, 409, "no-connected-store"),
        ({"text": "a", "coupon": "\ud800"}, 422, "invalid-input"),
    ],
)
def test_previews_that_make_no_sense_are_refused(tenant: Tenant, body: Any, status: int, problem: str) -> None:
    answer = draft(tenant, **body)

    assert (answer.status, answer.problem) == (status, problem)


def test_a_contact_of_nobody_is_not_found(tenant: Tenant) -> None:
    answer = draft(tenant, text="a", audience=tenant.audience_id, contact="nobody@example.com")

    assert answer.problem == "not-found"


def test_hostile_profiles_stay_text(tenant: Tenant, store: Any) -> None:
    person = {"email": ADA, "first_name": "<script>alert(1)</script>", "last_name": "Bcc: eve@example.com"}
    tenant.owner.ok("recordOrders", store=store["id"], body={"orders": [order("1", customer=person)]})

    seen = draft(
        tenant,
        subject="{{ contact.name }}",
        html="<a href='{{ contact.first_name }}'>{{ contact.first_name }}</a>",
        audience=tenant.audience_id,
        contact=ADA,
    ).json

    assert seen["subject"] == "<script>alert(1)</script> Bcc: eve@example.com"
    assert seen["html"] == "<a>&lt;script&gt;alert(1)&lt;/script&gt;</a>"
