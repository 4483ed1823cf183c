"""Programmes of rewards, coupons, awards and their effect, through the API and the queue of jobs."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.leaderboard.snapshot import take
from laurel.model.account import Role
from laurel.model.period import TimeFrame
from laurel.model.reward import MOST_PROGRAMMES
from tests.support.programmes import HAND, PEOPLE, create, faults, given, made, meet, outcomes, patch, path
from tests.support.sending import equip, subscribe
from tests.support.shop import ADA, BEN, BODIES, CLEO, activity, contact_id, order

if TYPE_CHECKING:
    from tests.support.client import Answer, Tenant
    from tests.support.gateway import Gateway


@pytest.fixture
def audience(api: Gateway, tenant: Tenant) -> dict[str, str]:
    return meet(api, tenant)


def test_a_programme_is_kept_as_it_was_sent(tenant: Tenant) -> None:
    answer = create(tenant, budget={"awards": 5}, valid_days=30, hold_out=10)

    assert (answer.status, answer.headers["etag"]) == (201, '"1"')
    shown = answer.json
    assert (shown["budget"], shown["valid_days"], shown["hold_out"]) == ({"awards": 5, "value": None}, 30, 10)
    assert shown["tally"] == {
        "awards": 0, "value": None, "held_out": 0, "revoked": 0, "coupons_left": None, "coupons_given": None,
    }  # fmt: skip
    viewer = tenant.as_(Role.VIEWER)
    assert viewer.ok("getProgramme", **path(shown)) == shown
    assert viewer.ok("listProgrammes", audience=tenant.audience_id) == {"programmes": [shown]}


def test_money_is_in_the_currency_of_the_store(tenant: Tenant, store: Any) -> None:
    benefit = {"kind": "amount_off", "amount": "15.5"}

    shown = made(tenant, benefit=benefit, store=store["id"], budget={"value": "31"})

    assert (shown["currency"], shown["benefit"]["amount"], shown["budget"]["value"]) == ("EUR", "15.50", "31.00")
    assert faults(create(tenant, benefit=benefit)) == ["/currency"]
    assert faults(create(tenant, benefit=benefit, store=store["id"], currency="USD")) == ["/currency"]
    assert made(tenant, benefit=benefit, currency="usd")["currency"] == "USD"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"who": {"kind": "board", "metric": "total_spent", "time_frame": "last_month"}}, "/who"),
        (
            {"who": {"kind": "board", "metric": "total_spent", "time_frame": "last_month", "first": 3}},
            "/store",
        ),
        ({"who": {"kind": "board", "metric": "total_spent", "time_frame": "month_to_date"}}, "/who/time_frame"),
        ({"who": {"kind": "score"}}, "/who/points"),
        ({"who": {"kind": "score", "points": 0}}, "/who/points"),
        ({"who": {"kind": "score", "points": 3, "first": 2}}, "/who/first"),
        ({"who": {"kind": "tier"}}, "/who/tier"),
        ({"who": {"kind": "tier", "tier": {}}}, "/who/tier"),
        ({"who": {"kind": "tier", "tier": "nosuchtier22"}}, "/who/tier"),
        ({"who": {"kind": "hand", "tier": "nosuchtier22"}}, "/who/tier"),
        ({"benefit": {"kind": "percent_off"}}, "/benefit/percent"),
        ({"benefit": {"kind": "amount_off"}, "currency": "EUR"}, "/benefit/amount"),
        ({"benefit": {"kind": "amount_off", "amount": "0"}, "currency": "EUR"}, "/benefit/amount"),
        ({"benefit": {"kind": "amount_off", "amount": "1.001"}, "currency": "EUR"}, "/benefit/amount"),
        ({"benefit": {"kind": "free_product"}}, "/benefit/text"),
        ({"benefit": {"kind": "percent_off", "percent": 10, "amount": "5"}, "currency": "EUR"}, "/benefit/amount"),
        ({"benefit": {"kind": "percent_off", "percent": 101}}, "/benefit/percent"),
        ({"budget": {"value": "100"}, "currency": "EUR"}, "/budget/value"),
        ({"coupon": {"source": "one_code"}}, "/coupon/code"),
        ({"coupon": {"source": "pool", "code": "X"}}, "/coupon/code"),
        ({"coupon": {"source": "pool", "prefix": "X"}}, "/coupon/prefix"),
        ({"coupon": {"source": "one_code", "code": "two words"}}, "/coupon/code"),
        ({"currency": "XXX"}, "/currency"),
        ({"store": "nosuchstore2"}, "/store"),
        ({"template": "nosuchthing2"}, "/template"),
        ({"hold_out": 51}, "/hold_out"),
        ({"colour": "red"}, "/colour"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told_where(changes: dict[str, Any], pointer: str, tenant: Tenant) -> None:
    assert faults(create(tenant, **changes)) == [pointer]


def test_several_people_change_a_programme_one_after_another(tenant: Tenant) -> None:
    shown = made(tenant)
    marketer = tenant.as_(Role.MARKETER)

    first = marketer("changeProgramme", body={"name": "Best"}, headers={"If-Match": '"1"'}, **path(shown))
    late = marketer("changeProgramme", body={"name": "Other"}, headers={"If-Match": '"1"'}, **path(shown))
    blind = marketer("changeProgramme", body={"name": "Other"}, **path(shown))

    assert (first.status, first.headers["etag"], first.json["name"]) == (200, '"2"', "Best")
    assert (late.status, blind.status) == (412, 428)
    assert tenant.as_(Role.VIEWER)("createProgramme", audience=tenant.audience_id, body=HAND).status == 403


def test_what_was_given_must_stay_comparable(api: Gateway, tenant: Tenant, audience: Any, store: Any) -> None:
    shown = made(tenant, hold_out=0, valid_days=5)
    assert patch(tenant, shown, {"hold_out": 10}).json["hold_out"] == 10
    assert patch(tenant, shown, {"hold_out": 0, "store": store["id"]}).json["currency"] == "EUR"
    assert patch(tenant, shown, {"store": None}).json["currency"] is None
    given(api, tenant, shown, PEOPLE)

    fixed = [{"hold_out": 20}, {"store": store["id"]}, {"who": {"kind": "score", "points": 3}},
             {"coupon": {"source": "pool"}}, {"currency": "EUR"}]  # fmt: skip
    assert [patch(tenant, shown, it).status for it in fixed] == [409] * 5

    changed = patch(tenant, shown, {"name": "Best", "valid_days": None, "state": "ended"})
    assert (changed.status, changed.json["valid_days"], changed.json["tally"]["awards"]) == (200, None, 3)
    assert patch(tenant, shown, {"state": "active"}).status == 409
    assert tenant.owner("giveAwards", body=PEOPLE, **path(shown)).status == 409


def test_an_audience_has_so_many_programmes(tenant: Tenant, monkeypatch: pytest.MonkeyPatch, api: Gateway) -> None:
    assert MOST_PROGRAMMES == 100
    monkeypatch.setattr(api.module_of("RewardsFunction"), "MOST_PROGRAMMES", 1)
    shown = made(tenant)

    assert create(tenant).status == 409
    patch(tenant, shown, {"state": "ended"})
    assert create(tenant).status == 201


def test_the_named_are_awarded_once_an_occasion(api: Gateway, tenant: Tenant, audience: Any) -> None:
    shown = made(tenant, coupon={"source": "one_code", "code": "THANKS"}, budget={"awards": 4}, valid_days=10)

    first = given(api, tenant, shown, {"contacts": [ADA, BEN.upper(), "nobody@example.com"]})
    again = given(api, tenant, shown, PEOPLE)
    other = given(api, tenant, shown, {**PEOPLE, "occasion": "fair"})

    assert first["given"] == 2
    assert outcomes(first) == {ADA: "given", BEN: "given", contact_id("nobody@example.com"): "no_contact"}
    assert outcomes(again) == {ADA: "already_given", BEN: "already_given", CLEO: "given"}
    assert other["refused"] == {"budget_used": 2}
    listed = tenant.owner.ok("listAwards", **path(shown))["awards"]
    assert len(listed) == 4
    assert {it["email"] for it in listed} == {ADA, BEN, CLEO}
    assert {(it["coupon"], it["programme_name"], it["state"]) for it in listed} == {("THANKS", "Regulars", "given")}
    today = datetime.now(UTC).date().isoformat()
    own = tenant.owner.ok("listContactAwards", contact=contact_id(ADA), **audience)["awards"]
    assert [it["occasion"] for it in own] == ["fair", today]
    assert all(datetime.fromisoformat(it["valid_until"]) > datetime.now(UTC) + timedelta(days=9) for it in own)


def test_the_first_of_a_board_get_it(api: Gateway, tenant: Tenant, audience: Any, store: Any) -> None:
    orders = [order("1", ADA, "30.00"), order("2", BEN, "20.00"), order("3", CLEO, "10.00"),
              order("4", None, "25.00", customer={"id": "77"})]  # fmt: skip
    tenant.owner.ok("recordOrders", store=store["id"], body={"orders": orders})
    api.settle()
    shown = made(tenant)
    board = {"store": store["id"], "rank_by": "total_spent", "period": "all", "first": 3}

    found = given(api, tenant, shown, {"board": board})

    assert outcomes(found) == {ADA: "given", "customer-77": "no_contact", BEN: "given"}
    (award, _) = tenant.owner.ok("listAwards", **path(shown))["awards"]
    assert award["occasion"] == f"{store['id']}:total_spent:all"
    ranks = {it["email"]: it["rank"] for it in tenant.owner.ok("listAwards", **path(shown))["awards"]}
    assert ranks == {ADA: 1, BEN: 3}
    assert outcomes(given(api, tenant, shown, {"board": board}))[ADA] == "already_given"
    marketer = tenant.as_(Role.MARKETER)
    both = marketer("giveAwards", body={"board": board, **PEOPLE}, **path(shown))
    assert faults(both) == ["/board"]
    twice = marketer("giveAwards", body={"board": board | {"time_frame": "last_month"}}, **path(shown))
    assert faults(twice) == ["/board/period"]
    friends = tenant.owner.ok("createAudience", body=BODIES["createAudience"])["id"]
    foreign = tenant.owner.ok("createProgramme", audience=friends, body=HAND)
    assert faults(marketer("giveAwards", body={"board": board}, **path(foreign))) == ["/board/store"]


def test_a_board_as_closed_needs_its_snapshot(api: Gateway, tenant: Tenant, audience: Any, store: Any) -> None:
    shown = made(tenant)
    board = {"store": store["id"], "time_frame": "last_month", "view": "closed", "first": 10}

    job = tenant.owner.ok("giveAwards", body={"board": board}, **path(shown))
    api.work()

    failed = tenant.owner.ok("getJob", job=job["id"], **audience)
    assert (failed["state"], failed["error"]) == ("failed", "There is no closing snapshot of this period.")


def test_the_first_of_a_board_that_closed_get_it_once(api: Gateway, tenant: Tenant, audience: Any, store: Any) -> None:
    tenant.owner.ok("recordOrders", store=store["id"], body={"orders": [order("1", ADA, "30.00"), order("2", BEN)]})
    api.settle()
    who = {"kind": "board", "metric": "total_spent", "time_frame": "last_week", "first": 1}
    shown, other = (made(tenant, who=who | {"time_frame": it}, store=store["id"]) for it in ("last_week", "last_month"))
    worker = api.module_of("SnapshotFunction")
    kept = worker._refresher.stores.store(tenant.account_id, store["id"])
    period = kept.calendar.period_of_frame(TimeFrame.WEEK_TO_DATE, datetime.now(UTC))
    rows = worker._refresher.rows.all_figures(kept, period.id)
    snapshot = take(kept, period.id, rows, datetime.now(UTC), period.end, closed=True)
    assert worker._refresher.shelf.keep(snapshot)

    for _ in range(3):
        for follow in worker._refresher.followers:
            follow(kept, None, snapshot)
        api.work()

    (award,) = tenant.owner.ok("listAwards", **path(shown))["awards"]
    assert (award["email"], award["rank"], award["occasion"]) == (ADA, 1, f"{store['id']}:total_spent:{period.id}")
    assert tenant.owner.ok("listAwards", **path(other))["awards"] == []
    board = {"store": store["id"], "period": period.id, "view": "closed", "first": 2}
    assert outcomes(given(api, tenant, shown, {"board": board})) == {ADA: "already_given", BEN: "given"}


def test_coupons_are_uploaded_generated_given_and_downloaded(api: Gateway, tenant: Tenant, audience: Any) -> None:
    pool, own = made(tenant, coupon={"source": "pool"}), made(tenant, coupon={"source": "generated", "prefix": "VIP-"})
    marketer = tenant.as_(Role.MARKETER)

    text = "﻿code;note\nSPRING-1;first\n\nSPRING-2;\n=1+1;\nSPRING-1;again\n"
    sent = marketer("addCoupons", body=text, headers={"Content-Type": "text/csv"}, **path(pool))
    more = marketer.ok("addCoupons", body={"codes": ["SPRING-2", "SPRING-3"]}, **path(pool))
    generated = marketer.ok("addCoupons", body={"generate": 60}, **path(own))

    assert (sent.status, sent.json) == (201, {"added": 3, "known": 1, "left": 3})
    assert more == {"added": 1, "known": 1, "left": 4}
    assert generated == {"added": 60, "known": 0, "left": 60}
    assert given(api, tenant, pool, PEOPLE)["given"] == 3
    shown = marketer.ok("listCoupons", **path(pool))
    assert [it["state"] for it in shown["coupons"]] == ["free", "given", "given", "given"]
    assert (shown["left"], shown["given"]) == (1, 3)
    assert marketer.ok("getProgramme", **path(pool))["tally"]["coupons_left"] == 1
    answer = marketer("listCoupons", query={"limit": 40}, headers={"Accept": "text/csv"}, **path(own))
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 40
    assert {it["state"] for it in rows} == {"free"}
    codes = {it["code"] for it in rows}
    assert len(codes) == 40
    assert all(it.startswith("VIP-") and len(it) == 14 and not set(it[4:]) & set("01OIL") for it in codes)
    following = answer.headers["link"]
    assert 'rel="next"' in following
    assert tenant.as_(Role.VIEWER)("listCoupons", **path(own)).status == 403


def test_codes_that_make_no_sense_are_refused(tenant: Tenant) -> None:
    plain, pool = made(tenant), made(tenant, coupon={"source": "pool"})
    marketer = tenant.as_(Role.MARKETER)

    def add(programme: Any, body: Any, **headers: str) -> Answer:
        return marketer("addCoupons", body=body, headers=headers, **path(programme))

    assert add(plain, {"codes": ["A"]}).status == 409
    assert add(pool, {"generate": 3}).status == 409
    assert faults(add(pool, {"codes": ["A", "two words"]})) == ["/codes/1"]
    assert faults(add(pool, {})) == ["/codes"]
    assert faults(add(pool, {"codes": ["A"], "generate": 3})) == ["/codes"]
    assert faults(add(pool, {"codes": [f"C{number}" for number in range(10_001)]})) == ["/codes"]
    assert add(pool, 'a"b\n"', **{"Content-Type": "text/csv"}).status == 400


def test_awards_are_downloaded_and_no_spreadsheet_runs_them(api: Gateway, tenant: Tenant, audience: Any) -> None:
    shown = made(tenant, coupon={"source": "pool"})
    tenant.owner.ok("addCoupons", body={"codes": ["=1+1"]}, **path(shown))
    given(api, tenant, shown, PEOPLE)

    answer = tenant.owner("listAwards", headers={"Accept": "text/csv"}, **path(shown))

    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["coupon"], row["state"], row["email"]) == ("'=1+1", "given", ADA)


def test_an_award_is_revoked_and_not_given_again(api: Gateway, tenant: Tenant, audience: Any) -> None:
    shown = made(tenant, coupon={"source": "pool"})
    tenant.owner.ok("addCoupons", body={"codes": ["A", "B"]}, **path(shown))
    given(api, tenant, shown, {"contacts": [ADA], "occasion": "fair"})
    award = {"contact": contact_id(ADA), "occasion": "fair", **path(shown)}

    revoked = tenant.as_(Role.MARKETER).ok("revokeAward", **award)
    again = tenant.as_(Role.MARKETER).ok("revokeAward", **award)

    assert (revoked["state"], again) == ("revoked", revoked)
    found = given(api, tenant, shown, {"contacts": [ADA, BEN, CLEO], "occasion": "fair"})
    assert outcomes(found) == {ADA: "revoked", BEN: "given", CLEO: "pool_empty"}
    assert tenant.owner("revokeAward", **award | {"occasion": "none"}).status == 404


def test_awards_are_in_their_contacts_timeline(api: Gateway, tenant: Tenant, audience: Any) -> None:
    # Given two rewards, of which one was revoked
    pool, plain = made(tenant, coupon={"source": "pool"}), made(tenant, name="Friends")
    tenant.owner.ok("addCoupons", body={"codes": ["A"]}, **path(pool))
    given(api, tenant, pool, {"contacts": [ADA], "occasion": "fair"})
    given(api, tenant, plain, {"contacts": [ADA]})
    person = {"contact": contact_id(ADA), **audience}
    tenant.owner.ok("revokeAward", occasion="fair", **person, programme=pool["id"])

    # When the timeline is read page by page
    entries, query = [], {"limit": 2}
    while True:
        page = tenant.as_(Role.VIEWER).ok("getTimeline", query=query, **person)
        entries += page["entries"]
        if page["next_cursor"] is None:
            break
        query = {"limit": 2, "cursor": page["next_cursor"]}

    # Then it tells of both as the profile does, and when the one was revoked
    assert [it["kind"] for it in entries] == ["reward", "reward", "reward", "activity"]
    friends, regulars = tenant.owner.ok("listContactAwards", **person)["awards"]
    revoked, *others = (it["reward"] for it in entries[:3])
    assert [it["at"] for it in entries[:3]] == [regulars["revoked_at"], friends["at"], regulars["at"]]
    assert others == [{name: it[name] for name in revoked} for it in (friends, regulars | {"state": "given"})]
    assert revoked == others[1] | {"state": "revoked"}
    assert (revoked["programme_name"], revoked["coupon"]) == ("Regulars", "A")

    # And of neither in another audience, nor once the contact was forgotten
    other = {"audience": tenant.owner.ok("createAudience", body={"name": "Friends"})["id"]}
    tenant.owner.ok("recordActivity", body=activity("seen", ADA), **other)
    assert [it["kind"] for it in tenant.owner.ok("getTimeline", **person | other)["entries"]] == ["activity"]
    tenant.owner.ok("erasePerson", **person)
    api.work_on_erasures()
    later = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    tenant.owner.ok("recordActivity", body=activity("seen-again", ADA, occurred_at=later), **audience)
    assert [it["kind"] for it in tenant.owner.ok("getTimeline", **person)["entries"]] == ["activity"]


def test_who_is_held_out_gets_nothing_and_is_listed(api: Gateway, tenant: Tenant, audience: Any) -> None:
    shown = made(tenant, hold_out=50)
    emails = [f"person-{number}@example.com" for number in range(20)]
    for it in emails:
        tenant.owner.ok("recordActivity", body=activity(f"seen-{it}", it), **audience)

    found = given(api, tenant, shown, {"contacts": emails, "occasion": "fair"})

    held_out = {it["contact"] for it in found["contacts"] if it["outcome"] == "held_out"}
    assert 0 < len(held_out) < 20
    listed = tenant.owner.ok("listAwards", **path(shown))["awards"]
    assert {it["contact"] for it in listed if it["state"] == "held_out"} == held_out
    award = {"contact": held_out.pop(), "occasion": "fair", **path(shown)}
    assert tenant.owner("revokeAward", **award).status == 409
    lift = tenant.owner.ok("getLift", **path(shown))
    assert (lift["enough"], lift["differences"], lift["too_recent"], lift["least_persons"]) == (False, None, 20, 50)


def test_an_award_is_told_by_mail(api: Gateway, tenant: Tenant, audience: Any, store: Any) -> None:
    equip(tenant, api.allow)
    person = subscribe(tenant, ADA)
    template = tenant.owner.ok(
        "createTemplate", body={"name": "Thanks", "subject": "Your code is {{ coupon }}", "text": "Thank you!"}
    )
    shown = made(tenant, coupon={"source": "one_code", "code": "THANKS"}, template=template["id"])

    assert given(api, tenant, shown, PEOPLE)["given"] == 3
    given(api, tenant, shown, PEOPLE)

    (message,) = tenant.owner.ok("listMessages", **person)["messages"]
    assert (message["subject"], message["state"]) == ("Your code is THANKS", "queued")
    told = {it["email"]: (it["message"], it["unsent"]) for it in tenant.owner.ok("listAwards", **path(shown))["awards"]}
    assert told == {ADA: (message["id"], None), BEN: (None, "not-subscribed"), CLEO: (None, "not-subscribed")}
