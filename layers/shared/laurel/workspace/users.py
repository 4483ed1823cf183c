"""Invite users to an account, change their roles, remove them.

The user pool cannot tell who belongs to an account, so Workspace lists them. Whatever fails between the two is made
good by the same request, sent again: who is invited is in the pool first and then on the list, who is removed leaves
the pool first and then the list, and a role is changed on the list first and then in the pool. Someone is an owner who
is one in both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from laurel.model.account import Role
from laurel.model.errors import AddressTaken, Busy, Conflict, Forbidden, LastOwner, NotFound, OwnUser
from laurel.model.user import Member, Registered, User, UserStatus

MOST_USERS = 50
_TRIES = 5


class Members(Protocol):
    """Keeps who belongs to an account."""

    def members(self, account_id: str) -> list[Member]: ...
    def member(self, account_id: str, user_id: str) -> Member | None: ...
    def add(self, member: Member) -> None: ...
    def change(self, seen: Member, wanted: Member, owner: Member | None) -> bool:
        """Have ``seen`` be as ``wanted`` unless its role changed, or ``owner`` is one no longer; True if it is so."""
        ...

    def forget(self, member: Member) -> None: ...


class UserPool(Protocol):
    """Knows who may sign in. An address is one user's, of whatever account."""

    def create(self, account_id: str, email: str, name: str | None, role: Role, locale: str) -> Registered | None: ...
    def invite_again(self, email: str) -> None: ...
    def user(self, id_or_email: str) -> Registered | None: ...
    def change_role(self, user_id: str, role: Role) -> None: ...
    def remove(self, user_id: str) -> None: ...


def caller(members: Members, pool: UserPool, account_id: str, user_id: str) -> Member:
    """Who signed in, who has to be an owner still: a token says for an hour what its user was when it was given.

    Who is not on the list, because an operator made them and no more, is put there. Raises ``Forbidden``.
    """
    found = members.member(account_id, user_id)
    if found is None:
        registered = pool.user(user_id)
        if registered is None or registered.account_id != account_id:
            raise Forbidden("Your user is no longer of this account.")
        found = listed(members, registered, account_id)
    if found.role is not Role.OWNER or found.leaving:
        raise Forbidden("You are no longer an owner of this account.")
    return found


def listed(members: Members, registered: Registered, account_id: str, locale: str = "en") -> Member:
    """Someone of the user pool, put on the account's list, in the role they have."""
    member = Member(
        account_id,
        registered.id,
        registered.email,
        registered.name,
        registered.role or Role.VIEWER,
        registered.locale or locale,
        registered.created_at,
    )
    members.add(member)
    return member


def users(members: Members, pool: UserPool, account_id: str) -> list[User]:
    """All users of an account, who came first first."""
    return [_seen(member, pool.user(member.id)) for member in members.members(account_id)]


def invite(
    members: Members, pool: UserPool, account_id: str, email: str, name: str | None, role: Role, locale: str
) -> User:
    """Have the user pool mail somebody an invitation. Raises ``AddressTaken`` and ``Conflict``."""
    if len(members.members(account_id)) >= MOST_USERS:
        raise Conflict(f"An account may have {MOST_USERS} users. Remove one that is not needed.")
    registered = pool.create(account_id, email, name, role, locale)
    if registered is None:
        registered = pool.user(email)
        if registered is None or registered.account_id != account_id or members.member(account_id, registered.id):
            raise AddressTaken
        # An earlier request got no further than the user pool, and nobody knows whether it sent the mail.
        if registered.status is UserStatus.INVITED:
            pool.invite_again(email)
    return _seen(listed(members, registered, account_id, locale), registered)


def change_role(members: Members, pool: UserPool, account_id: str, user_id: str, role: Role) -> User:
    """Give a user another role. Raises ``NotFound``, ``LastOwner`` and ``Busy``."""
    for _ in range(_TRIES):
        member, registered = _existing(members, account_id, user_id), pool.user(user_id)
        if registered is None or member.leaving:
            raise NotFound("user", user_id)
        remaining = None
        if role is not Role.OWNER and Role.OWNER in (member.role, registered.role):
            remaining = _another_owner(members, pool, member)
        changed = replace(member, role=role)
        if members.change(member, changed, remaining):
            if registered.role is not role:
                pool.change_role(user_id, role)
            return _seen(changed, replace(registered, role=role))
    raise Busy(f"User {user_id!r}")


def remove(members: Members, pool: UserPool, remover: Member, user_id: str) -> User:
    """Sign a user out everywhere and forget them. Raises ``NotFound``, ``OwnUser``, ``LastOwner`` and ``Busy``."""
    if user_id == remover.id:
        raise OwnUser
    for _ in range(_TRIES):
        member, registered = _existing(members, remover.account_id, user_id), pool.user(user_id)
        owns = not member.leaving and Role.OWNER in (member.role, registered.role if registered else None)
        remaining = _another_owner(members, pool, member) if owns else None
        leaving = replace(member, leaving=True)
        if members.change(member, leaving, remaining):
            pool.remove(user_id)
            members.forget(leaving)
            return _seen(leaving, registered)
    raise Busy(f"User {user_id!r}")


def _another_owner(members: Members, pool: UserPool, than: Member) -> Member:
    """An owner who can sign in. Raises ``LastOwner`` if there is no other."""
    for member in members.members(than.account_id):
        if member.id != than.id and member.role is Role.OWNER and not member.leaving:
            registered = pool.user(member.id)
            if registered and registered.role is Role.OWNER and registered.status is UserStatus.ACTIVE:
                return member
    raise LastOwner


def _existing(members: Members, account_id: str, user_id: str) -> Member:
    found = members.member(account_id, user_id)
    if found is None:
        raise NotFound("user", user_id)
    return found


def _seen(member: Member, registered: Registered | None) -> User:
    """A user as both tell of them: the pool's word counts, for it is what tokens are made of."""
    gone = registered is None or member.leaving
    return User(
        member.id,
        registered.email if registered else member.email,
        member.name,
        (registered.role if registered else None) or member.role,
        UserStatus.DISABLED if registered is None or gone else registered.status,
        member.locale,
        member.created_at,
    )
