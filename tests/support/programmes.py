"""Programmes of rewards over the API: made, changed, and given to Ada, Ben and Cleo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from laurel.model.account import Role
from tests.support.shop import ADA, BEN, CLEO, activity, contact_id

if TYPE_CHECKING:
    from tests.support.client import Answer, Tenant
    from tests.support.gateway import Gateway

HAND = {"name": "Regulars", "who": {"kind": "hand"}, "benefit": {"kind": "percent_off", "percent": 10}}
PEOPLE = {"contacts": [ADA, BEN, CLEO]}


def meet(api: Gateway, tenant: Tenant) -> dict[str, str]:
    """Have Ada, Ben and Cleo in the audience; no job of another test is left over."""
    api.work()
    for email in (ADA, BEN, CLEO):
        tenant.owner.ok("recordActivity", audience=tenant.audience_id, body=activity(f"seen-{email}", email))
    return {"audience": tenant.audience_id}


def create(tenant: Tenant, **changes: Any) -> Answer:
    """Ask for a programme, by hand if nothing else is said."""
    body = {**HAND, **changes}
    return tenant.as_(Role.MARKETER)("createProgramme", audience=tenant.audience_id, body=body)


def made(tenant: Tenant, **changes: Any) -> Any:
    """A programme that was made."""
    answer = create(tenant, **changes)
    assert answer.status == 201, answer.text
    return answer.json


def path(programme: Any) -> dict[str, str]:
    """Where it is."""
    return {"audience": programme["audience_id"], "programme": programme["id"]}


def patch(tenant: Tenant, programme: Any, body: Any) -> Answer:
    """Change it, whatever its version."""
    return tenant.as_(Role.MARKETER)("changeProgramme", body=body, headers={"If-Match": "*"}, **path(programme))


def given(api: Gateway, tenant: Tenant, programme: Any, body: Any) -> Any:
    """What came of giving awards, once the queue has been worked off."""
    job = tenant.as_(Role.MARKETER).ok("giveAwards", body=body, **path(programme))
    assert (job["kind"], job["state"]) == ("award", "queued")
    api.work()
    done = tenant.owner.ok("getJob", audience=tenant.audience_id, job=job["id"])
    assert done["state"] == "done", done
    return done["result"]


def outcomes(result: Any) -> dict[str, str]:
    """What came of it for each person."""
    names = {contact_id(it): it for it in (ADA, BEN, CLEO)}
    return {names.get(it["contact"], it["contact"]): it["outcome"] for it in result["contacts"]}


def faults(answer: Answer) -> list[str]:
    """Where a refused request makes no sense."""
    assert answer.status == 422, answer.text
    return [it["pointer"] for it in answer.json["errors"]]
