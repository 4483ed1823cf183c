"""What the API answers about exports and erasures, as pydantic models for its description, and the prose about them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from laurel.model.privacy import ErasureKind, ErasureReason, ErasureState
from tools.openapi_answers import Answer, Cursor, Instant

TAGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Privacy": (
        "Hand out what is kept of a person, and forget people and stores.",
        ("exportPerson", "erasePerson", "eraseStore", "listErasures", "getErasure"),
    ),
}

DESCRIPTIONS = {
    "exportPerson": (
        "Everything that is kept of a contact, or of a customer who is known by a shop's own id only "
        "(`customer-<id>`): profile, orders and what changed of them, activities, score entries, messages, awards, "
        "runs of automations, alerts on loss of loyalty, and the shop's deliveries that could not be read and name the "
        "person's address. Go on with `next_cursor` until it is null; by then requests of platforms for this person "
        "are marked as done. The answer is not kept, so there is no `Idempotency-Key`."
    ),
    "erasePerson": (
        "Removes a person from every table, in all stores of the audience, at once and once more a quarter of an hour "
        "later, for those who had begun to write. Marks that say nothing of the person keep facts from before out; a "
        "purchase made later begins anew. It cannot be taken back.\n\n"
        "Answered 202 with the erasure; `location` tells where to follow it."
    ),
    "eraseStore": (
        "Removes a store with its orders, boards and settings, and every contact who has no order in another store of "
        "the audience. The store has to be disconnected. It cannot be taken back.\n\n"
        "Answered 202 with the erasure; `location` tells where to follow it."
    ),
    "listErasures": "They are kept for good.",
    "getErasure": (
        "An erasure is `queued`, `running`, `settling` once everything is gone and will be looked for a second time, "
        "and at last `done`. One that is `failed` is begun again within the hour. `removed` is the receipt: how many "
        "things of each kind were removed."
    ),
}


class Erasure(Answer):
    """The erasure of a person or a store, and its receipt. It says nothing of the person."""

    id: Annotated[str, Field(pattern="^[a-z2-7]{14,17}$", description="Sorts by time.")]
    kind: ErasureKind
    reason: Annotated[ErasureReason, Field(description="Who asked for it.")]
    state: ErasureState
    audience_id: str
    store_id: Annotated[str | None, Field(description="The store that is forgotten, or that asked for it.")]
    customers: Annotated[list[str], Field(description="Ids of who is forgotten; empty for a store.")]
    request: Annotated[str | None, Field(description="Id of the platform's request that it carries out.")]
    removed: Annotated[
        dict[str, Annotated[int, Field(ge=1)]],
        Field(description="How many things of each kind were removed.", examples=[{"orders": 3, "profiles": 1}]),
    ]
    created_at: Instant
    updated_at: Instant
    looks_again_at: Annotated[Instant | None, Field(description="When it looks a second time.")]
    finished_at: Instant | None
    location: Annotated[str, Field(description="Where to follow it.")]


class Erasures(Answer):
    """A page of erasures, newest first."""

    erasures: list[Erasure]
    next_cursor: Cursor


class PersonRecord(Answer):
    """One thing that is kept of a person."""

    kind: Annotated[str, Field(examples=["order", "activity", "profile", "score", "message"])]
    data: dict[str, Any]


class PersonExport(Answer):
    """A page of everything that is kept of a person."""

    audience_id: str
    customer: str
    as_of: Instant
    records: list[PersonRecord]
    next_cursor: Cursor
