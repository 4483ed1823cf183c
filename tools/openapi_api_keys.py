"""What the API answers about API keys, as pydantic models for its description, and the prose of it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from laurel.model.account import Role
from tools.openapi_answers import Answer, Id, Instant


class ApiKey(Answer):
    """An API key, without the key itself."""

    id: Id
    name: str
    role: Role
    ends_in: Annotated[str, Field(examples=["3f9a"], description="The key's last four digits before its data centre.")]
    created_at: Instant
    last_used_at: Annotated[Instant | None, Field(description="To the hour; null if it was never used.")]


class ApiKeyMade(ApiKey):
    """An API key that was just made, with the key itself."""

    key: Annotated[
        str,
        Field(
            pattern="^[0-9a-f]{32}-us1$",
            description="Shown in this answer and never again.",
            examples=["0123456789abcdef0123456789abcdef-us1"],
        ),
    ]


class ApiKeys(Answer):
    """All API keys of the account, oldest first."""

    api_keys: list[ApiKey]


TAGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "API keys": (
        "For programs written for Mailchimp's API, which Laurel answers below `/3.0`; they open nothing else.",
        ("listApiKeys", "createApiKey", "revokeApiKey"),
    ),
}

PATH_PARAMETERS = {"api_key": "Id of an API key of the account; not the key itself."}

DESCRIPTIONS = {
    "createApiKey": (
        "The answer is the only one that ever shows the key; Laurel keeps no more of it than its SHA-256. That is why "
        "an `Idempotency-Key` has no effect here: the answer is not kept. An account may have 50 keys.\n\n"
        "A `viewer`'s key reads, a `marketer`'s also writes customers and orders, an `owner`'s also connects, changes "
        "and disconnects stores."
    ),
    "revokeApiKey": "The key is refused from now on.",
}

EXAMPLES: dict[str, dict[str, Any]] = {"createApiKey": {"plugin": {"name": "Web shop's plugin", "role": "owner"}}}
