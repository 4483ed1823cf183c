"""Accounts, audiences and stores: who uses Laurel and what is connected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from laurel.model.period import Calendar
from laurel.model.quiet import QuietHours
from laurel.model.rebuild import Rebuild

HOUSE_ACCOUNT_ORDERS = 20_000


class Plan(StrEnum):
    """What the account pays for; ``free`` cannot send messages."""

    FREE = "free"
    ESSENTIALS = "essentials"
    STANDARD = "standard"
    PREMIUM = "premium"

    @property
    def monthly_messages(self) -> int:
        """Messages that an account may send in a calendar month."""
        return _MONTHLY_MESSAGES[self]

    @property
    def daily_messages(self) -> int:
        """Messages that an account may send in a day (UTC) unless it sets another ceiling."""
        return self.monthly_messages // 10


_MONTHLY_MESSAGES = {Plan.FREE: 0, Plan.ESSENTIALS: 5_000, Plan.STANDARD: 50_000, Plan.PREMIUM: 500_000}


class Role(StrEnum):
    """What a signed-in user may do: read, run the shop's marketing, or own the account."""

    VIEWER = "viewer"
    MARKETER = "marketer"
    OWNER = "owner"

    def includes(self, other: Role) -> bool:
        """True if this role may do whatever ``other`` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class Platform(StrEnum):
    """Where a store's orders come from. ``api`` stores are fed by signed-in clients only."""

    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    GENERIC = "generic"
    API = "api"


class StoreState(StrEnum):
    """A paused store takes no orders; a disconnected one shows no board either, but keeps its data.

    Of an erased one nothing is left but that it was.
    """

    CONNECTED = "connected"
    PAUSED = "paused"
    DISCONNECTED = "disconnected"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Account:
    """One tenant. ``cursor_key`` (hex) signs the page cursors of its lists.

    ``postal_address`` (of several lines) and ``sender_name`` are what mail says about who sends it, ``sender_address``
    is where it comes from. ``daily_messages`` is the ceiling that the account has set itself, None for the plan's.
    """

    id: str
    name: str
    plan: Plan
    locale: str
    cursor_key: str
    created_at: datetime
    postal_address: str | None = None
    sender_name: str | None = None
    sender_address: str | None = None
    quiet_hours: QuietHours | None = None
    daily_messages: int | None = None

    @property
    def daily_ceiling(self) -> int:
        """Messages that may be sent in a day (UTC)."""
        return self.plan.daily_messages if self.daily_messages is None else self.daily_messages


@dataclass(frozen=True, slots=True)
class Audience:
    """A list of contacts; a score counts only under the current ``score_epoch``.

    Scores fall by ``monthly_decay`` percent at the beginning of each month.
    """

    account_id: str
    id: str
    name: str
    score_epoch: int
    created_at: datetime
    monthly_decay: int = 0

    def shown(self, stores: Iterable[Store]) -> list[Store]:
        """Its own among an account's stores, without those that show no boards."""
        return [it for it in stores if it.audience_id == self.id and it.shows_boards]


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """A shared secret and, once it has been replaced, the instant it stops being valid."""

    value: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """A connected shop; belongs to one audience for good.

    ``minimum_purchases`` is the least number of purchases to appear on the average board. A customer with more than
    ``house_account_orders`` orders is set aside; ``least_house_account_orders`` is the lowest such limit the store has
    ever had. ``calendar_revision`` grows whenever the meaning of a period or a board changes. ``cursor_key`` (hex)
    signs this store's page cursors. ``version`` counts the writes of the store itself.

    ``past_calendars`` are all others it ever had: rows in their periods may have to be emptied. ``rebuild`` is there
    until every row is of the present calendar, minimum and rates. ``rate_currencies`` are other currencies whose orders
    count, by the table of rates that came with the calendar revision ``rates_revision``.
    """

    account_id: str
    id: str
    audience_id: str
    platform: Platform
    name: str
    currency: str
    calendar: Calendar
    minimum_purchases: int
    house_account_orders: int
    calendar_revision: int
    state: StoreState
    secrets: tuple[WebhookSecret, ...]
    cursor_key: str
    created_at: datetime
    shop_domain: str | None = None
    version: int = 0
    least_house_account_orders: int = HOUSE_ACCOUNT_ORDERS
    past_calendars: tuple[Calendar, ...] = ()
    rebuild: Rebuild | None = None
    rates_revision: int = 0
    rate_currencies: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        least = min(self.least_house_account_orders, self.house_account_orders)
        object.__setattr__(self, "least_house_account_orders", least)

    @property
    def is_connected(self) -> bool:
        """True while the store takes orders and shows boards."""
        return self.state is StoreState.CONNECTED

    @property
    def shows_boards(self) -> bool:
        """True while the store's boards may be read."""
        return self.state in (StoreState.CONNECTED, StoreState.PAUSED)

    @property
    def calendars(self) -> tuple[Calendar, ...]:
        """The present calendar and those before it."""
        return (self.calendar, *self.past_calendars)

    def counts(self, currency: str) -> bool:
        """True if orders in this currency count, in some months at least."""
        return currency == self.currency or currency in self.rate_currencies

    def valid_secrets(self, now: datetime) -> tuple[str, ...]:
        """Secrets that may sign a webhook at ``now``: the current one and, during rotation, the one before."""
        return tuple(s.value for s in self.secrets if s.expires_at is None or now < s.expires_at)
