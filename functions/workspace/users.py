"""Users of the account: invited, given roles, removed."""

from __future__ import annotations

from typing import Any

from laurel.http import users_out
from laurel.http.app import App, lambda_handler
from laurel.model.errors import Unauthenticated
from laurel.model.user import Member
from laurel.settings import settings
from laurel.store.process import dynamodb
from laurel.store.user_pool import CognitoUsers, cognito
from laurel.store.users import Users
from laurel.workspace import users

app = App(dynamodb)
_members = Users(dynamodb(), settings().workspace_table)
_pool = CognitoUsers(cognito(), settings().user_pool)


@app.get("/users")
def list_users() -> dict[str, Any]:
    caller = _caller()
    return users_out.users(users.users(_members, _pool, caller.account_id), caller.id)


@app.post("/users")
def invite_user() -> dict[str, Any]:
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic
    from laurel.http.users_in import UserNew  # noqa: PLC0415, reads need no pydantic

    caller, new = _caller(), read(UserNew, app.json_body())
    invited = users.invite(_members, _pool, caller.account_id, new.email, new.name, new.role, new.locale)
    return users_out.user(invited, caller.id)


@app.patch("/users/{user}")
def change_user(user: str) -> dict[str, Any]:
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic
    from laurel.http.users_in import UserChange  # noqa: PLC0415, reads need no pydantic

    caller, change = _caller(), read(UserChange, app.json_body())
    return users_out.user(users.change_role(_members, _pool, caller.account_id, user, change.role), caller.id)


@app.delete("/users/{user}")
def remove_user(user: str) -> dict[str, Any]:
    caller = _caller()
    return users_out.user(users.remove(_members, _pool, caller, user), caller.id)


def _caller() -> Member:
    if not (user_id := app.request.claims.get("sub")):
        raise Unauthenticated("The token names no user; use the ID token of a user of an account.")
    return users.caller(_members, _pool, app.caller.account_id, user_id)


handler = lambda_handler(app)
