"""What clients send about API keys. See ``laurel.http.schemas``, of which this is a part."""

from typing import Annotated

from pydantic import Field

from laurel.http.schemas import Body, Name
from laurel.model.account import Role


class ApiKeyNew(Body):
    """An API key to be made."""

    name: Name
    role: Annotated[Role, Field(description="What the key may do; only an owner's may connect stores.")] = Role.MARKETER
