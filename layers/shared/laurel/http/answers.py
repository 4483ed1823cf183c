"""What answers look like: plain dictionaries, money as decimal strings in major units, times in RFC 3339."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from laurel.http.figures_out import epoch, metrics, period
from laurel.http.formats import utc
from laurel.leaderboard.board import CustomerFigures
from laurel.model.account import Account, Audience, Platform, Store
from laurel.model.contact import Contact
from laurel.model.money import major_units
from laurel.model.quiet import QuietHours
from laurel.model.ranking import Figures, Metric
from laurel.model.setaside import SetAside, SetAsideReason, UnreadableDelivery

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PRIVACY_DEADLINE = timedelta(days=30)


def account(account: Account) -> dict[str, Any]:
    """An account."""
    return {
        "id": account.id,
        "name": account.name,
        "plan": account.plan.value,
        "monthly_messages": account.plan.monthly_messages,
        "locale": account.locale,
        "postal_address": account.postal_address,
        "sender_name": account.sender_name,
        "sender_address": account.sender_address,
        "quiet_hours": _quiet_hours(account.quiet_hours),
        "daily_messages": account.daily_messages,
        "daily_ceiling": account.daily_ceiling,
        "created_at": utc(account.created_at),
    }


def audience(audience: Audience) -> dict[str, Any]:
    """An audience."""
    return {"id": audience.id, "name": audience.name, "created_at": utc(audience.created_at)}


def store(store: Store, api_url: str) -> dict[str, Any]:
    """A store, without its secret."""
    webhook_url = f"{api_url}/webhooks/{store.account_id}/{store.id}/{store.platform.value}"
    return {
        "id": store.id,
        "audience_id": store.audience_id,
        "platform": store.platform.value,
        "name": store.name,
        "currency": store.currency,
        "time_zone": store.calendar.time_zone,
        "first_day_of_week": WEEKDAYS[store.calendar.first_day_of_week - 1],
        "minimum_purchases": store.minimum_purchases,
        "house_account_orders": store.house_account_orders,
        "state": store.state.value,
        "shop_domain": store.shop_domain,
        "webhook_url": None if store.platform is Platform.API else webhook_url,
        "created_at": utc(store.created_at),
    }


def connected_store(connected: Store, api_url: str) -> dict[str, Any]:
    """A store with its secret, for the one answer that shows it."""
    secret = connected.secrets[0].value if connected.secrets else None
    return {**store(connected, api_url), "webhook_secret": secret}


def set_aside(entry: SetAside | UnreadableDelivery, store_currency: str) -> dict[str, Any]:
    """What a board leaves out, or a delivery that could not be read."""
    if isinstance(entry, UnreadableDelivery):
        return _unreadable(entry)
    code = entry.currency or store_currency
    return {
        "reason": entry.reason.value,
        "id": entry.id,
        "customer": entry.customer,
        "currency": entry.currency,
        "total": None if entry.total is None else major_units(entry.total, code),
        "placed_at": None if entry.placed_at is None else epoch(entry.placed_at),
        "orders_limit": entry.orders_limit,
        "topic": None,
        "received_at": None,
        "faults": None,
    }


def privacy_request(kept: Mapping[str, Any]) -> dict[str, Any]:
    """A platform's privacy request, how far it is, and the day by which it must be fulfilled.

    Whom it is about are ids; of who is known by an address these say nothing of it.
    """
    received = datetime.fromtimestamp(kept["received_at"], UTC)
    return {
        "id": kept["id"],
        "kind": kept["kind"],
        "received_at": utc(received),
        "due_at": utc(received + PRIVACY_DEADLINE),
        "state": kept.get("state", "pending"),
        "customers": kept.get("customers", []),
        "erasure": kept.get("erasure"),
    }


def contact(
    contact: Contact,
    audience: Audience,
    figures: Iterable[CustomerFigures],
    unsubscribe_url: str | None,
    rebuilds: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """A contact's profile with the figures of every store of the audience. A score from before a reset is none.

    ``rebuilds`` tell, by store, whether its figures are being computed again.
    """
    return {
        "id": contact.id,
        "audience_id": audience.id,
        "email": contact.email,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "locale": contact.locale,
        "status": contact.status.value,
        "consent_at": utc(contact.consent.at) if contact.consent else None,
        "tags": list(contact.tags),
        "score": contact.score_under(audience.score_epoch),
        "created_at": utc(contact.created_at),
        "seen_at": utc(contact.seen_at),
        "unsubscribe_url": unsubscribe_url,
        "stores": [{**_store_figures(entry), **rebuilds[entry.store.id]} for entry in figures],
    }


def _unreadable(delivery: UnreadableDelivery) -> dict[str, Any]:
    return {
        "reason": SetAsideReason.UNREADABLE.value,
        "id": delivery.id,
        "customer": None,
        "currency": None,
        "total": None,
        "placed_at": None,
        "orders_limit": None,
        "topic": delivery.topic,
        "received_at": utc(delivery.received_at),
        "faults": [{"pointer": fault.pointer, "detail": fault.detail} for fault in delivery.faults],
    }


def _store_figures(entry: CustomerFigures) -> dict[str, Any]:
    code = entry.store.currency
    return {
        "store_id": entry.store.id,
        "name": entry.store.name,
        "period": period(entry.period, entry.store.calendar.time_zone),
        "figures": metrics(entry.figures, code) if entry.figures else None,
        "ranks": {metric.value: entry.ranks.get(metric) for metric in Metric},
        "ranks_exact": {metric.value: metric not in entry.estimated for metric in Metric},
        "months": [_month(month, figures, code) for month, figures in entry.months],
    }


def _month(month: str, figures: Figures | None, code: str) -> dict[str, Any]:
    return {
        "month": month,
        "orders_count": figures.orders_count if figures else 0,
        "total_spent": major_units(figures.total_spent if figures else 0, code),
        "currency": code,
    }


def _quiet_hours(quiet: QuietHours | None) -> dict[str, str] | None:
    if quiet is None:
        return None
    return {"start": f"{quiet.start:%H:%M}", "end": f"{quiet.end:%H:%M}", "time_zone": quiet.time_zone}
