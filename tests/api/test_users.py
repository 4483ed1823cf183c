"""Users: invited by mail, given roles, removed; an account keeps an owner, and what failed halfway is made good."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from laurel.store.users import Users
from laurel.workspace import users
from tests.support.api import claims
from tests.support.client import Client

if TYPE_CHECKING:
    from laurel.model.user import Member
    from tests.support.client import Answer, Tenant
    from tests.support.gateway import Gateway


def wanted(tenant: Tenant, who: str = "kim", **more: Any) -> dict[str, Any]:
    return {"email": f"{who}@{tenant.account_id}.example.com", "role": "viewer"} | more


def invited(tenant: Tenant, who: str = "kim", **more: Any) -> Any:
    return tenant.owner.ok("inviteUser", body=wanted(tenant, who, **more))


def an_owner(api: Gateway, tenant: Tenant, who: str = "kim") -> tuple[str, Client]:
    """Another owner who has signed in, and what they may do."""
    user = invited(tenant, who, role="owner")["id"]
    api.cognito.sign_in(user)
    return user, Client(api.send, api.token(claims(tenant.account_id, "owner", user)))


def self_of(tenant: Tenant) -> str:
    return f"{tenant.account_id}-owner"


def listed(tenant: Tenant) -> dict[str, Any]:
    return {it["id"]: it for it in tenant.owner.ok("listUsers")["users"]}


def problem(answer: Answer) -> tuple[int, str | None]:
    return answer.status, answer.problem


def broken(api: Gateway, client: Client, operation: str, failing: str, **request: Any) -> None:
    """A request that fails at an operation of the user pool."""
    api.cognito.failures[failing] = "TooManyRequestsException"
    assert problem(client(operation, **request)) == (503, "busy")
    assert api.cognito.failures == {}


def test_an_invitation_is_mailed_and_listed(api: Gateway, tenant: Tenant) -> None:
    made = invited(tenant, "Kim", name=" Kim Lee ", role="marketer", locale="de")

    address = f"kim@{tenant.account_id}.example.com"
    assert api.cognito.mails.count(address) == 1
    assert {**made, "id": "", "created_at": ""} == {
        "id": "",
        "email": address,
        "name": "Kim Lee",
        "role": "marketer",
        "status": "invited",
        "locale": "de",
        "you": False,
        "created_at": "",
    }
    assert listed(tenant)[made["id"]] == made
    for name, value in (("custom:account_id", tenant.account_id), ("custom:role", "marketer"), ("locale", "de")):
        assert api.cognito.attribute(made["id"], name) == value


def test_who_signs_in_and_who_cannot_is_told(api: Gateway, tenant: Tenant) -> None:
    kim, lee, max_ = (invited(tenant, who)["id"] for who in ("kim", "lee", "max"))
    api.cognito.sign_in(kim)
    api.cognito.disable(lee)
    del api.cognito.users[max_]

    assert {id_: it["status"] for id_, it in listed(tenant).items()} == {
        self_of(tenant): "active",
        kim: "active",
        lee: "disabled",
        max_: "disabled",
    }


def test_owners_made_by_an_operator_are_put_on_the_list_when_they_ask(api: Gateway, tenant: Tenant) -> None:
    assert [it for it in api.items("workspace") if self_of(tenant) in str(it)] == []

    (me,) = tenant.owner.ok("listUsers")["users"]

    assert (me["id"], me["you"], me["role"], me["status"]) == (self_of(tenant), True, "owner", "active")


@pytest.mark.parametrize(
    "more",
    [
        {"email": "kim"},
        {"email": None},
        {"role": "admin"},
        {"role": None},
        {"locale": "it"},
        {"name": ""},
        {"account_id": "demoaccount2"},
    ],
)
def test_what_is_no_invitation_is_refused(more: Any, api: Gateway, tenant: Tenant) -> None:
    assert tenant.owner("inviteUser", body=wanted(tenant, **more)).problem == "invalid-input"
    assert f"kim@{tenant.account_id}.example.com" not in api.cognito.mails


def test_an_address_is_one_users_whoever_has_it(api: Gateway, tenant: Tenant) -> None:
    other = api.tenant()
    invited(tenant)
    invited(other, "lee")

    same = tenant.owner("inviteUser", body=wanted(tenant, "KIM"))
    taken = tenant.owner("inviteUser", body=wanted(other, "lee"))

    assert problem(same) == problem(taken) == (409, "address-taken")
    assert same.json == taken.json
    assert len(listed(tenant)) == 2


def test_an_account_has_so_many_users_at_most(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "MOST_USERS", 3)
    for who in ("kim", "lee"):
        invited(tenant, who)

    assert problem(tenant.owner("inviteUser", body=wanted(tenant, "max"))) == (409, "conflict")


def test_an_address_that_no_mail_reaches_stays_free(api: Gateway, tenant: Tenant) -> None:
    for failure in ("CodeDeliveryFailureException", "InvalidParameterException"):
        api.cognito.failures["AdminCreateUser"] = failure

        answer = tenant.owner("inviteUser", body=wanted(tenant))

        assert [fault["pointer"] for fault in answer.json["errors"]] == ["/email"]
    assert invited(tenant)["status"] == "invited"


def test_a_role_is_changed_in_both_places(api: Gateway, tenant: Tenant) -> None:
    kim = invited(tenant)["id"]

    for role in ("marketer", "marketer", "owner", "viewer"):
        changed = tenant.owner.ok("changeUser", user=kim, body={"role": role})

        assert changed["role"] == role == api.cognito.attribute(kim, "custom:role")
        assert listed(tenant)[kim] == changed


def test_who_is_removed_is_signed_out_and_forgotten(api: Gateway, tenant: Tenant) -> None:
    kim = invited(tenant)["id"]

    removed = tenant.owner.ok("removeUser", user=kim)

    assert (removed["id"], removed["status"]) == (kim, "disabled")
    assert kim in api.cognito.signed_out
    assert kim not in api.cognito.users
    assert kim not in listed(tenant)
    assert kim not in json.dumps(api.items("workspace"))
    for operation in ("changeUser", "removeUser"):
        assert problem(tenant.owner(operation, user=kim, body={"role": "owner"})) == (404, "not-found")
    assert invited(tenant)["id"] != kim


def test_users_of_other_accounts_are_nobodys(api: Gateway, tenant: Tenant) -> None:
    theirs = invited(api.tenant())["id"]

    for operation in ("changeUser", "removeUser"):
        assert problem(tenant.owner(operation, user=theirs, body={"role": "owner"})) == (404, "not-found")
    assert api.cognito.attribute(theirs, "custom:role") == "viewer"


def test_nobody_removes_themselves(api: Gateway, tenant: Tenant) -> None:
    an_owner(api, tenant)

    assert problem(tenant.owner("removeUser", user=self_of(tenant))) == (409, "own-user")
    assert self_of(tenant) in listed(tenant)


def test_the_last_owner_stays_one(api: Gateway, tenant: Tenant) -> None:
    viewer: Any = {"user": self_of(tenant), "body": {"role": "viewer"}}
    assert problem(tenant.owner("changeUser", **viewer)) == (409, "last-owner")
    kim = invited(tenant, role="owner")["id"]  # and may never sign in
    assert problem(tenant.owner("changeUser", **viewer)) == (409, "last-owner")
    api.cognito.sign_in(kim)
    api.cognito.disable(kim)
    assert problem(tenant.owner("changeUser", **viewer)) == (409, "last-owner")

    an_owner(api, tenant, "lee")

    assert tenant.owner.ok("changeUser", **viewer)["role"] == "viewer"


def test_an_owner_in_name_only_does_not_count(api: Gateway, tenant: Tenant) -> None:
    kim, _ = an_owner(api, tenant)
    broken(api, tenant.owner, "changeUser", "AdminUpdateUserAttributes", user=kim, body={"role": "marketer"})
    broken(api, tenant.owner, "changeUser", "AdminUpdateUserAttributes", user=kim, body={"role": "viewer"})

    answer = tenant.owner("changeUser", user=self_of(tenant), body={"role": "viewer"})

    assert problem(answer) == (409, "last-owner")


def test_of_two_owners_who_dismiss_each_other_one_stays(api: Gateway, tenant: Tenant) -> None:
    """Each sees the other as an owner; what is written later finds that this is no longer so."""
    kim, _ = an_owner(api, tenant)
    members = Users(api.database.client, api.database.tables.workspace)
    seen = {it.id: it for it in members.members(tenant.account_id)}
    me, other = seen[self_of(tenant)], seen[kim]

    assert members.change(other, replace(other, role=Role.VIEWER), me)
    assert not members.change(me, replace(me, role=Role.VIEWER), other)
    assert members.member(tenant.account_id, me.id) == me


def test_who_was_made_an_owner_meanwhile_is_looked_at_again(
    api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    kim = invited(tenant)["id"]
    change = Users.change
    tried: list[Member | None] = []

    def promoted_first(self: Users, seen: Member, wanted: Member, owner: Member | None) -> bool:
        if not tried:
            assert change(self, seen, replace(seen, role=Role.OWNER), None)
        tried.append(owner)
        return change(self, seen, wanted, owner)

    monkeypatch.setattr(Users, "change", promoted_first)

    tenant.owner.ok("removeUser", user=kim)

    assert [owner and owner.id for owner in tried] == [None, self_of(tenant)]
    assert kim not in api.cognito.users


def test_a_user_whom_others_keep_changing_is_busy(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    kim = invited(tenant)["id"]
    monkeypatch.setattr(Users, "change", lambda *_: False)

    for operation in ("changeUser", "removeUser"):
        assert problem(tenant.owner(operation, user=kim, body={"role": "owner"})) == (503, "busy")


def test_a_token_of_before_changes_no_users(api: Gateway, tenant: Tenant) -> None:
    """Elsewhere it is good until it ends; here its user could take back what was taken from them."""
    kim, as_kim = an_owner(api, tenant)
    lee, as_lee = an_owner(api, tenant, "lee")
    tenant.owner.ok("changeUser", user=kim, body={"role": "viewer"})
    tenant.owner.ok("removeUser", user=lee)

    for user, client in ((kim, as_kim), (lee, as_lee)):
        assert client("getAccount").status == 200
        for operation in ("listUsers", "inviteUser", "changeUser", "removeUser"):
            path: Any = {"user": user} if operation in ("changeUser", "removeUser") else {}
            body = wanted(tenant, "max", role="owner") if operation == "inviteUser" else {"role": "owner"}
            answer = client(operation, body=None if operation == "listUsers" else body, **path)
            assert problem(answer) == (403, "forbidden"), operation
    assert set(listed(tenant)) == {self_of(tenant), kim}


def test_a_token_without_a_user_is_refused(api: Gateway, tenant: Tenant) -> None:
    without = {name: value for name, value in claims(tenant.account_id).items() if name != "sub"}

    answer = Client(api.send, api.token(without))("listUsers")

    assert problem(answer) == (401, "unauthenticated")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MARKETER])
def test_only_owners_have_to_do_with_users(role: Role, api: Gateway, tenant: Tenant) -> None:
    client = tenant.as_(role)

    assert client("listUsers").problem == "forbidden"
    assert client("inviteUser", body=wanted(tenant)).problem == "forbidden"
    for operation in ("changeUser", "removeUser"):
        assert client(operation, user=self_of(tenant), body={"role": "viewer"}).problem == "forbidden"
    assert api.cognito.attribute(self_of(tenant), "custom:role") == "owner"


class TestFailures:
    """Between the user pool and the account's list, made good by the same request."""

    def test_an_invitation_that_was_not_listed(
        self, api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tenant.owner.ok("listUsers")
        with monkeypatch.context() as patch:
            patch.setattr(Users, "add", _fails)
            assert tenant.owner("inviteUser", body=wanted(tenant, role="marketer")).status == 500
        assert len(listed(tenant)) == 1

        made = invited(tenant, role="marketer")

        assert (made["role"], made["status"]) == ("marketer", "invited")
        assert api.cognito.mails.count(made["email"]) == 2, "nobody knows whether the first mail went out"
        assert set(listed(tenant)) == {self_of(tenant), made["id"]}
        assert problem(tenant.owner("inviteUser", body=wanted(tenant))) == (409, "address-taken")

    def test_who_was_not_listed_and_signs_in_is_mailed_nothing(self, api: Gateway, tenant: Tenant) -> None:
        address = wanted(tenant)["email"]
        known = api.cognito.register(tenant.account_id, "marketer", email=address)

        made = invited(tenant, role="owner")

        assert (made["id"], made["role"], made["status"]) == (known, "marketer", "active")
        assert address not in api.cognito.mails

    def test_a_role_that_the_pool_did_not_get(self, api: Gateway, tenant: Tenant) -> None:
        kim, change = invited(tenant)["id"], {"body": {"role": "marketer"}}
        broken(api, tenant.owner, "changeUser", "AdminUpdateUserAttributes", user=kim, **change)
        assert listed(tenant)[kim]["role"] == "viewer", "as the user's tokens say"

        assert tenant.owner.ok("changeUser", user=kim, **change)["role"] == "marketer"
        assert api.cognito.attribute(kim, "custom:role") == "marketer"

    @pytest.mark.parametrize("failing", ["AdminUserGlobalSignOut", "AdminDeleteUser"])
    @pytest.mark.parametrize("role", ["viewer", "owner"])
    def test_a_removal_that_the_pool_did_not_get(self, role: str, failing: str, api: Gateway, tenant: Tenant) -> None:
        kim = invited(tenant, role=role)["id"]
        api.cognito.sign_in(kim)
        broken(api, tenant.owner, "removeUser", failing, user=kim)
        assert listed(tenant)[kim]["status"] == "disabled"
        assert problem(tenant.owner("changeUser", user=kim, body={"role": "owner"})) == (404, "not-found")
        own = tenant.owner("changeUser", user=self_of(tenant), body={"role": "viewer"})
        assert problem(own) == (409, "last-owner"), "who is leaving does not count"

        tenant.owner.ok("removeUser", user=kim)

        assert kim not in api.cognito.users
        assert kim not in listed(tenant)

    def test_a_removal_that_stayed_on_the_list(
        self, api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kim = invited(tenant)["id"]
        with monkeypatch.context() as patch:
            patch.setattr(Users, "forget", _fails)
            assert tenant.owner("removeUser", user=kim).status == 500
        assert kim not in api.cognito.users
        assert listed(tenant)[kim]["status"] == "disabled"

        assert tenant.owner.ok("removeUser", user=kim)["email"] == wanted(tenant)["email"]
        assert kim not in listed(tenant)

    def test_a_user_pool_that_is_asked_too_often(self, api: Gateway, tenant: Tenant) -> None:
        kim = invited(tenant)["id"]

        broken(api, tenant.owner, "listUsers", "AdminGetUser")
        broken(api, tenant.owner, "inviteUser", "AdminCreateUser", body=wanted(tenant, "lee"))
        broken(api, tenant.owner, "changeUser", "AdminGetUser", user=kim, body={"role": "owner"})


def _fails(*_: Any) -> None:
    raise ConnectionError
