"""What the API answers about users, as pydantic models for its description, and the prose of it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from laurel.model.account import Role
from laurel.model.user import UserStatus
from tools.openapi_answers import Answer, Instant


class User(Answer):
    """Somebody who signs in to the account."""

    id: Annotated[
        str, Field(examples=["3f0c5a9e-4b1d-4c55-9d0a-2f6f1c1f7a11"], description="`sub` of the user's tokens.")
    ]
    email: Annotated[str, Field(examples=["kim@example.com"])]
    name: str | None
    role: Role
    status: Annotated[
        UserStatus,
        Field(
            description=(
                "`invited`: has not signed in yet. `disabled`: cannot sign in, or is to be removed and that did not "
                "get to its end: remove them again."
            )
        ),
    ]
    locale: Annotated[str, Field(examples=["en"], description="The language that the user reads.")]
    you: Annotated[bool, Field(description="True of the user who asks.")]
    created_at: Instant


class Users(Answer):
    """All users of the account, who came first first."""

    users: list[User]


TAGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Users": (
        "Who signs in to the account, and as what.",
        ("listUsers", "inviteUser", "changeUser", "removeUser"),
    ),
}

PATH_PARAMETERS = {"user": "Id of a user of the account."}

DESCRIPTIONS = {
    "inviteUser": (
        "The user gets a mail with a temporary password, good for seven days. An address is one user's: if somebody "
        "has it, of this account or another, the answer is 409 `address-taken`. Who lost the mail is removed and "
        "invited again. An account may have 50 users."
    ),
    "changeUser": (
        "The user's next token names the new role; one that they have says the old one until it ends, an hour after it "
        "was given at the latest. An account keeps an owner who has signed in: 409 `last-owner`."
    ),
    "removeUser": (
        "Signs the user out everywhere and forgets them. A token that they have stays good until it ends, an hour "
        "after it was given at the latest, but not for changes of users. Nobody removes themselves (409 `own-user`), "
        "and an account keeps an owner who has signed in (409 `last-owner`)."
    ),
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "inviteUser": {"colleague": {"email": "kim@example.com", "name": "Kim", "role": "marketer", "locale": "de"}},
    "changeUser": {"read only": {"role": "viewer"}},
}
