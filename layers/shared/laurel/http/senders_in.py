"""What clients send about senders. See ``laurel.http.schemas``, of which this is a part."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from laurel.http.schemas import Body
from laurel.model.sender import SenderKind

_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = rf"({_LABEL}\.)+[A-Za-z]([A-Za-z0-9-]{{0,61}}[A-Za-z0-9])"
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"

SenderDomain = Annotated[
    str,
    StringConstraints(max_length=200, pattern=f"^{_DOMAIN}$"),
    Field(description="A domain; beyond ASCII in its `xn--` form.", examples=["example.com"]),
]
MailAddress = Annotated[
    str,
    StringConstraints(max_length=254, to_lower=True, pattern=f"^{_LOCAL}@{_DOMAIN}$"),
    Field(description="An e-mail address.", examples=["shop@example.com"]),
]


class SenderNew(Body):
    """A domain or an address to write from: one of the two."""

    domain: SenderDomain | None = None
    email: MailAddress | None = None

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if (self.domain is None) == (self.email is None):
            raise ValueError("must have either domain or email")
        return self

    @property
    def wanted(self) -> tuple[SenderKind, str]:
        """What was sent, in lower case."""
        if self.domain is not None:
            return SenderKind.DOMAIN, self.domain.lower()
        return SenderKind.EMAIL, self.email or ""
