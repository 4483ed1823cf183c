"""Users of an account in the user pool that they sign in to."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest

from tests.support.client import Client

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant


def test_from_an_invitation_to_a_removal(deployed: Deployed, tenant: Tenant) -> None:
    email = f"kim-{uuid4().hex[:12]}@example.com"
    made = tenant.owner.ok("inviteUser", body={"email": email, "name": "Kim", "role": "viewer", "locale": "de"})
    assert made["status"] == "invited"
    assert tenant.owner("inviteUser", body={"email": email, "role": "viewer"}).problem == "address-taken"

    deployed.choose_password(email)
    kim = Client(deployed.send, deployed.sign_in(email))
    assert kim.ok("getAccount")["id"] == tenant.account_id
    assert kim("listUsers").problem == "forbidden"
    found = {it["id"]: it for it in tenant.owner.ok("listUsers")["users"]}
    assert found[made["id"]] == made | {"status": "active"}
    (me,) = (it for it in found.values() if it["you"])
    assert len(found) == 4, "those whom the operator's tool made are listed too"
    viewer = {"role": "viewer"}
    assert tenant.owner("changeUser", user=me["id"], body=viewer).problem == "last-owner"

    tenant.owner.ok("changeUser", user=made["id"], body={"role": "owner"})
    kim = Client(deployed.send, deployed.sign_in(email))
    assert len(kim.ok("listUsers")["users"]) == 4
    assert kim("removeUser", user=made["id"]).problem == "own-user"

    tenant.owner.ok("removeUser", user=made["id"])
    assert kim("changeUser", user=me["id"], body=viewer).problem == "forbidden"
    with pytest.raises(httpx.HTTPStatusError):
        deployed.sign_in(email)
