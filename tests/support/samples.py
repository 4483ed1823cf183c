"""Plain examples of the model's entities; each test says what matters to it and leaves the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from laurel.model.account import Platform, Store, StoreState, WebhookSecret
from laurel.model.contact import Contact, Person
from laurel.model.order import Buyer, LedgerOrder, Order, OrderState, revision
from laurel.model.period import Calendar
from laurel.model.ranking import Figures, Metric, RankingRow
from laurel.model.scoring import EffectKind, ScoreEntry

ACCOUNT = "accountaaaaa"
AUDIENCE = "audienceaaaa"
STORE = "storeaaaaaaa"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADA, BOB, EVE = "ada@example.com", "bob@example.com", "eve@example.com"
ADA_ID = "b5fc85e55755f9e0d030a10ab4429b6b"


def a_store(**changes: Any) -> Store:
    """A connected Shopify store in Berlin that sells in EUR.

    ``time_zone`` and ``first_day_of_week`` make its calendar.
    """
    calendar = Calendar(changes.pop("time_zone", "Europe/Berlin"), changes.pop("first_day_of_week", 1))
    store = Store(
        account_id=ACCOUNT,
        id=STORE,
        audience_id=AUDIENCE,
        platform=Platform.SHOPIFY,
        name="Lamp Shop",
        currency="EUR",
        calendar=calendar,
        minimum_purchases=1,
        house_account_orders=20_000,
        calendar_revision=1,
        state=StoreState.CONNECTED,
        secrets=(WebhookSecret("the only secret there is"),),
        cursor_key="00ff" * 16,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return replace(store, **changes)


def at(text: str) -> datetime:
    """An instant, in UTC where the text gives no offset."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def seconds(text: str) -> int:
    """Epoch seconds of an instant."""
    return int(at(text).timestamp())


def an_order(
    id_: str = "1001",
    *,
    email: str | None = ADA,
    customer_id: str | None = None,
    name: str | None = None,
    placed: str = "2026-11-20T10:00:00",
    updated: str | None = None,
    state: OrderState = OrderState.PAID,
    **changes: Any,
) -> Order:
    """A paid order of 59.90 EUR by Ada; ``updated`` is the shop's time of change, by default the one of the order."""
    refunds = changes.get("refunds", {})
    order = Order(
        id=id_,
        placed_at=at(placed),
        total=5990,
        currency="EUR",
        state=state,
        revision=revision(at(updated or placed), None, state, sum(refunds.values())),
        buyer=Buyer(customer_id, email, name),
    )
    return replace(order, **changes)


def a_kept_order(id_: str = "1001", *, placed: str | None = "2026-11-20T10:00:00", **changes: Any) -> LedgerOrder:
    """A paid order of 59.90 EUR by Ada as the Ledger gives it back."""
    order = LedgerOrder(
        id=id_,
        customer=ADA_ID,
        placed_at=seconds(placed) if placed else None,
        total=5990,
        refunded=0,
        currency="EUR",
        state=OrderState.PAID,
        test=False,
        changes=1,
        email=ADA,
    )
    return replace(order, **changes)


def a_person(email: str = ADA, **changes: Any) -> Person:
    """Somebody seen on 20 November 2026."""
    return replace(Person(email=email, seen_at=at("2026-11-20T10:00:00")), **changes)


def a_contact(**changes: Any) -> Contact:
    """Ada as a contact, seen on 20 November 2026, of whom nothing but the address is known."""
    contact = Contact(
        id=ADA_ID,
        email=ADA,
        first_name=None,
        last_name=None,
        locale=None,
        consent=None,
        tags=(),
        score=None,
        seen_at=at("2026-11-20T10:00:00"),
        created_at=at("2026-11-20T10:00:01"),
        version=1,
    )
    return replace(contact, **changes)


def a_score_entry(seq: int = 1, **changes: Any) -> ScoreEntry:
    """Five points for an opened message, on 20 November 2026."""
    entry = ScoreEntry(
        subject="activity:a1",
        cause="",
        rule_id="ruleaaaaaaaa",
        subject_at=at("2026-11-20T10:00:00"),
        at=at("2026-11-20T10:00:00"),
        activity="email.opened",
        kind=EffectKind.ADD,
        asked=5,
        given=5,
        before=None,
        after=5,
        seq=seq,
        epoch=1,
    )
    return replace(entry, **changes)


def a_row(
    customer: str,
    orders_count: int = 1,
    total_spent: int = 1000,
    last_order_at: int = 1_700_000_000,
    *,
    period: str = "2026-11",
    version: int = 1,
    boards: frozenset[Metric] = frozenset(Metric),
) -> RankingRow:
    """A row on all boards of November 2026."""
    figures = Figures(orders_count, total_spent, last_order_at)
    return RankingRow(period, customer, figures, None, None, version, boards)
