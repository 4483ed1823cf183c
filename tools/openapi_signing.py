"""What the API answers about the secret of outgoing webhooks, as pydantic models for its description, and its prose."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tools.openapi_answers import Answer, Instant

OPERATIONS = ("getSigningSecret", "rotateSigningSecret")

DESCRIPTIONS = {
    "getSigningSecret": (
        "Automations call webhooks signed the way of the Standard Webhooks specification 1.0, with this secret. It is "
        "made when it is first asked for, or first signed with."
    ),
    "rotateSigningSecret": (
        "For another 24 hours every webhook has two signatures, one with the secret that was replaced, so that none is "
        "refused while the receiver is told the new one."
    ),
}

_SECRET = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class ReplacedSecret(Answer):
    """A secret that was replaced, and until when it signs beside the new one."""

    secret: Annotated[str, _SECRET]
    valid_until: Instant


class SigningSecret(Answer):
    """What the account's outgoing webhooks are signed with."""

    secret: Annotated[str, _SECRET]
    created_at: Annotated[Instant, Field(description="When the present secret was made.")]
    replaced: list[ReplacedSecret]
