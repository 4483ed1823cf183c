"""What clients send about users. See ``laurel.http.schemas``, of which this is a part."""

from typing import Annotated, Literal

from pydantic import Field

from laurel.http.schemas import Body, Name
from laurel.http.senders_in import MailAddress
from laurel.model.account import Role


class UserNew(Body):
    """Somebody to be invited."""

    email: MailAddress
    name: Name | None = None
    role: Role
    locale: Annotated[Literal["en", "pt-BR", "fr", "de"], Field(description="The language that the user reads.")] = "en"


class UserChange(Body):
    """What a user may do from now on."""

    role: Role
