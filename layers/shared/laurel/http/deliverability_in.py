"""What clients send about suppressed addresses. See ``laurel.http.schemas``, of which this is a part."""

from laurel.http.schemas import Body, Email


class SuppressionNew(Body):
    """An address that the account shall not write to."""

    email: Email
