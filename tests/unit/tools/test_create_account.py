"""The tool that makes users: on the account's list, also those whom the user pool has already."""

from __future__ import annotations

from typing import Any

import pytest

from laurel.model.account import Role
from laurel.model.errors import AddressTaken
from laurel.store.users import Users
from tests.support.memory import MemoryDynamoDB
from tests.support.tables import create_tables
from tests.support.user_pool import USER_POOL, FakeCognito
from tools.create_account import create_user

ACCOUNT, EMAIL = "demoaccount2", "kim@example.com"


class Cognito(FakeCognito):
    """Lets operators set passwords, too."""

    def admin_set_user_password(self, **request: Any) -> None:
        assert (request["UserPoolId"], request["Permanent"]) == (USER_POOL, True)
        self._found(request["Username"])["UserStatus"] = "CONFIRMED"


@pytest.fixture
def pool() -> Cognito:
    return Cognito()


@pytest.fixture
def members() -> Users:
    client = MemoryDynamoDB().as_client()
    return Users(client, create_tables(client).workspace)


def create(members: Users, pool: Cognito, password: str | None = None, role: Role = Role.OWNER) -> None:
    create_user(members, pool, USER_POOL, EMAIL, ACCOUNT, role, "de", password)


@pytest.mark.parametrize(("password", "mails"), [(None, [EMAIL]), ("Correct-horse-7", [])])
def test_a_user_is_made_and_listed(password: str | None, mails: list[str], members: Users, pool: Cognito) -> None:
    create(members, pool, password)

    (member,) = members.members(ACCOUNT)
    assert (member.email, member.role, member.locale) == (EMAIL, Role.OWNER, "de")
    assert pool.mails == mails
    assert pool.users[member.id]["UserStatus"] == ("CONFIRMED" if password else "FORCE_CHANGE_PASSWORD")


def test_a_user_whom_the_pool_has_is_listed_as_what_they_are(members: Users, pool: Cognito) -> None:
    known = pool.register(ACCOUNT, "viewer", email=EMAIL)

    for _ in range(2):
        create(members, pool)

    (member,) = members.members(ACCOUNT)
    assert (member.id, member.role) == (known, Role.VIEWER)
    assert pool.mails == []


def test_a_password_that_was_not_set_is_set_the_next_time(members: Users, pool: Cognito) -> None:
    create(members, pool)

    create(members, pool, "Correct-horse-7")

    (member,) = members.members(ACCOUNT)
    assert pool.users[member.id]["UserStatus"] == "CONFIRMED"


def test_a_user_of_another_account_is_not_listed(members: Users, pool: Cognito) -> None:
    pool.register("another22222", "owner", email=EMAIL)

    with pytest.raises(AddressTaken):
        create(members, pool)

    assert members.members(ACCOUNT) == []
