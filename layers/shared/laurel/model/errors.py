"""What can go wrong in the domain; ``laurel.http.problems`` maps each class to one problem document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault of an input: a JSON pointer (RFC 6901) and a sentence for a person."""

    pointer: str
    detail: str


class LaurelError(Exception):
    """Base of every error a caller can do something about. ``str(error)`` is safe to show."""


def code_of(error: LaurelError) -> str:
    """What an error is called in logs, as in the types of problems: ``NotSubscribed`` is ``not-subscribed``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()


class InvalidInput(LaurelError):
    """The input is well formed but breaks a rule."""

    def __init__(self, detail: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(detail)
        self.errors = errors

    @classmethod
    def at(cls, pointer: str, detail: str) -> InvalidInput:
        """An input error with a single fault."""
        return cls(detail, (FieldError(pointer, detail),))


def located[T](pointer: str, read: Callable[[], T]) -> T:
    """What ``read`` returns. Raises ``InvalidInput`` at ``pointer`` for the rule that its input breaks."""
    try:
        return read()
    except InvalidInput as error:
        raise InvalidInput.at(pointer, str(error)) from None


class FieldsWithoutValue(InvalidInput):
    """A message shows merge fields (``missing``) that have no value for its reader, and nothing stands in for them."""

    def __init__(self, missing: Iterable[str]) -> None:
        self.missing = tuple(missing)
        super().__init__(
            f"There is no value of {', '.join(self.missing)} here. Say what stands in for it, with the filter default "
            'or within {% if %}: {{ contact.first_name | default("there") }}.'
        )


class MalformedBody(LaurelError):
    """The body cannot be read at all (not JSON, not an object, not UTF-8)."""


class NotFound(LaurelError):
    """Nothing of that id exists in the caller's account."""

    def __init__(self, what: str, id_: str) -> None:
        super().__init__(f"There is no {what} {id_!r} in this account.")


class StorePaused(LaurelError):
    """The store takes no orders for the time being."""

    def __init__(self, store_id: str) -> None:
        super().__init__(f"Store {store_id!r} is paused. Let it go on with PATCH /v1/stores/{store_id}.")


class NoConnectedStore(LaurelError):
    """A leaderboard or a message needs a connected store, and there is none in the ``place`` where it is looked for."""

    def __init__(self, place: str = "account") -> None:
        super().__init__(
            f"This {place} has no connected store, so there is nothing to rank and nothing to write about yet. Connect "
            "one with POST /v1/stores (platform, name, currency, time_zone), then point the shop's webhooks at the URL "
            "in the answer, or send orders to POST /v1/stores/{store}/orders."
        )


class StoreDisconnected(LaurelError):
    """The store was disconnected; it takes no orders and shows no board until it is connected again."""

    def __init__(self, store_id: str) -> None:
        super().__init__(f"Store {store_id!r} is disconnected. Reconnect it with PATCH /v1/stores/{store_id}.")


class CurrencyMismatch(LaurelError):
    """An order's currency is not its store's, nor one that it has declared rates of."""

    def __init__(self, currency: str, store_currency: str) -> None:
        super().__init__(f"The order is in {currency}, but the store sells in {store_currency}.")


class BadSignature(LaurelError):
    """A webhook's signature is missing or does not match its body."""


class BillingNotConnected(LaurelError):
    """A billing event arrived where no billing is connected."""

    def __init__(self) -> None:
        super().__init__("This installation takes no billing events: it was deployed without a BillingSecretParameter.")


class Forbidden(LaurelError):
    """The caller's role does not allow this."""


class WrongShop(Forbidden):
    """A webhook names another shop than the one its store was connected to."""

    def __init__(self, named: str, expected: str) -> None:
        super().__init__(f"The delivery is of {named!r}, but the store takes those of {expected!r}.")


class SenderTaken(Forbidden):
    """A domain or address cannot be this account's sender, because it is another's."""

    def __init__(self) -> None:
        super().__init__("This domain or address is another's. Ask who runs this installation if it is yours.")


class PlanRequired(LaurelError):
    """A higher plan would allow this; ``upgrade_to`` names those that would, lowest first."""

    def __init__(self, detail: str, upgrade_to: tuple[str, ...]) -> None:
        super().__init__(detail)
        self.upgrade_to = upgrade_to


class AllowanceUsed(PlanRequired):
    """The account has sent as many messages as its plan allows in a month."""


class DailyCeilingReached(LaurelError):
    """The account has sent as many messages as it may in a day; ``retry_after`` (seconds) is when the next begins."""

    def __init__(self, ceiling: int, retry_after: int) -> None:
        super().__init__(
            f"This account sends {ceiling:,} messages a day at most, and today's are sent. Days end at midnight UTC."
        )
        self.retry_after = retry_after


class SenderNotVerified(LaurelError):
    """There is no address that the account may write from, or the one it names is not verified."""


class NoPostalAddress(LaurelError):
    """The account has not said where it is, which every mail has to say."""

    def __init__(self) -> None:
        super().__init__(
            "Every mail says who sends it and where they are, and this account has no postal address. Set "
            "postal_address with PATCH /v1/account."
        )


class SendingStopped(LaurelError):
    """Too many of the account's messages bounced or were complained about."""


class NoEmailAddress(LaurelError):
    """The contact has no e-mail address, or one that mail cannot be sent to."""

    def __init__(self) -> None:
        super().__init__("This contact has no e-mail address that mail can be sent to.")


class NotSubscribed(LaurelError):
    """The contact has not agreed to get mail, or wants no more."""

    def __init__(self, status: str) -> None:
        super().__init__(f"Mail goes to who is subscribed; this contact is {status!r}.")


class Suppressed(LaurelError):
    """The account must not write to the address."""


class AddressNotVerified(LaurelError):
    """A test message was asked for by somebody whose own address is not verified."""

    def __init__(self) -> None:
        super().__init__(
            "A test message goes to your own address, and your user has none that is verified and that mail can go to."
        )


class Busy(LaurelError):
    """Other writers changed the same thing again and again; the request may be repeated."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is being changed by others. Try again.")


class ShopRefused(LaurelError):
    """A shop does not take the credentials, or does not let orders be read for them."""

    def __init__(self, status: int) -> None:
        super().__init__(
            f"The shop refused the credentials (it answered {status}). They must be valid and allow reading orders."
        )


class ShopUnavailable(LaurelError):
    """A shop cannot be reached, fails, or asks for patience for longer than there is."""


class ShopUnreadable(LaurelError):
    """A shop answers, and with nothing that an API of its kind would answer with."""


class NoClosingSnapshot(NotFound):
    """A board is asked for as it was closed, and there is no snapshot from then."""

    def __init__(self, period: str) -> None:
        LaurelError.__init__(
            self,
            f"There is no closing snapshot of {period}. One is taken within an hour of a period's end, of periods that "
            "end while the store is connected.",
        )


class SnapshotTampered(LaurelError):
    """A snapshot's content is not what was signed when it was taken."""

    def __init__(self, store_id: str, period: str) -> None:
        super().__init__(
            f"The snapshot of {period} of store {store_id!r} is not what was kept when it was taken. Whoever runs this "
            "installation has to look into it."
        )


class Conflict(LaurelError):
    """The request contradicts what is stored."""


class AddressTaken(LaurelError):
    """There is a user of this e-mail address; whose, nobody is told."""

    def __init__(self) -> None:
        super().__init__("Somebody signs in with this address already.")


class LastOwner(LaurelError):
    """Nobody else who signs in is an owner of the account."""

    def __init__(self) -> None:
        super().__init__("An account keeps an owner who has signed in. Make somebody else an owner first.")


class OwnUser(LaurelError):
    """A user is about to remove themselves."""

    def __init__(self) -> None:
        super().__init__("Nobody removes themselves. Another owner can remove you.")


class PreconditionRequired(LaurelError):
    """A change of something that several people may edit does not say which version it is about."""

    def __init__(self) -> None:
        super().__init__("Say with If-Match which version you change: the ETag of the answer you have read.")


class VersionMismatch(LaurelError):
    """What is to be changed is not, or no longer, of the version that the caller has read."""

    def __init__(self) -> None:
        super().__init__("Somebody changed this since you read it. Read it again, then repeat your change.")


class InvalidCursor(LaurelError):
    """A page cursor was altered, belongs to another list, or is not one of ours."""

    def __init__(self) -> None:
        super().__init__("The cursor is not valid for this list. Leave it out to start from the first page.")


class Unauthenticated(LaurelError):
    """The token names no account or no role."""


class RepeatInProgress(LaurelError):
    """A request with the same idempotency key has not been answered yet."""


class KeyReused(LaurelError):
    """An idempotency key came again with another request."""
