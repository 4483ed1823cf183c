"""Values of merge fields, and whom a preview is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from laurel.leaderboard.board import CustomerFigures
from laurel.messaging.fields import FIELDS, SAMPLE, values_of_contact, values_of_figures
from laurel.messaging.preview import PreviewWish, preview_values
from laurel.model.account import Account, Audience, Plan
from laurel.model.contact import Contact
from laurel.model.errors import InvalidInput, NoConnectedStore, NotFound
from laurel.model.period import TimeFrame
from laurel.model.ranking import Figures, Metric
from tests.support.fakes import FakeBoards, FakeStores
from tests.support.samples import ACCOUNT, ADA, ADA_ID, AUDIENCE, NOW, STORE, a_store

ACCOUNT_ = Account(ACCOUNT, "Lamps Ltd", Plan.FREE, "en", "00", NOW)
BOARDS = FakeBoards("all", [(ADA_ID, 3, 10_000, 5), ("another", 9, 9_000, 5)])


def a_contact(**changes: Any) -> Contact:
    known = Contact(ADA_ID, ADA, "Ada", "Lovelace", "en", None, ("vip",), 70, NOW, NOW, 1, score_epoch=2)
    return replace(known, **changes)


class Profiles:
    def contact(self, account_id: str, audience_id: str, contact: str) -> Contact | None:
        return a_contact() if (account_id, audience_id, contact) == (ACCOUNT, AUDIENCE, ADA_ID) else None


def values(wish: PreviewWish, **store: Any) -> Any:
    audience = Audience(ACCOUNT, AUDIENCE, "All", 2, NOW - timedelta(days=9))
    directory: Any = FakeStores(a_store(**store), audiences=[audience])
    if not hasattr(directory, "audience"):
        directory.audience = lambda account, id_: audience if (account, id_) == (ACCOUNT, AUDIENCE) else None
    return preview_values(directory, Profiles(), BOARDS, ACCOUNT_, wish, NOW)


def test_a_contact_of_a_store_has_every_value_but_a_coupon() -> None:
    told = values(PreviewWish(AUDIENCE, ADA_ID, STORE, TimeFrame.ALL_TIME))

    assert set(told) == set(FIELDS) - {"coupon"}
    assert (told["contact.name"], told["contact.score"], told["contact.tags"]) == ("Ada Lovelace", 70, ("vip",))
    assert (told["store.orders_count"], str(told["store.total_spent"])) == (3, "100.00")
    assert str(told["store.average_order_value"]) == "33.33"
    assert [told[f"rank.{metric}"] for metric in ("orders_count", "total_spent", "average_order_value")] == [2, 1, 1]


def test_a_score_from_before_a_reset_is_no_value() -> None:
    assert "contact.score" not in values_of_contact(a_contact(score_epoch=1), 2)
    assert values_of_contact(a_contact(score=0), 2)["contact.score"] == 0


def test_what_a_contact_lacks_is_no_value() -> None:
    known = values_of_contact(a_contact(first_name=None, last_name="", tags=(), score=None), 2)

    assert known == {"contact.email": ADA}


@pytest.mark.parametrize(
    ("currency", "figures", "spent", "average"),
    [("JPY", Figures(3, 1000, 0), "1000", "333"), ("KWD", Figures(8, 1001, 0), "1.001", "0.125")],
)
def test_money_has_the_decimals_of_its_currency(currency: str, figures: Figures, spent: str, average: str) -> None:
    store = a_store(currency=currency)
    found = CustomerFigures(store, store.calendar.period("all"), figures, {Metric.TOTAL_SPENT: None})

    told = values_of_figures(found)

    assert (str(told["store.total_spent"]), str(told["store.average_order_value"])) == (spent, average)
    assert not [name for name in told if name.startswith("rank.")]


@pytest.mark.parametrize("figures", [None, Figures(0, 0, 0)])
def test_without_purchases_there_are_no_figures(figures: Figures | None) -> None:
    store = a_store()

    assert values_of_figures(CustomerFigures(store, store.calendar.period("all"), figures, {})) == {}


def test_another_time_frame_has_other_figures() -> None:
    told = values(PreviewWish(AUDIENCE, ADA_ID, STORE, TimeFrame.LAST_WEEK))

    assert (told["store.name"], "store.orders_count" in told) == ("Lamp Shop", False)


def test_nobody_has_the_account_and_what_was_given() -> None:
    assert values(PreviewWish(coupon="X")) == {"account.name": "Lamps Ltd", "coupon": "X"}
    assert values(PreviewWish(store_id=STORE)) == {
        "account.name": "Lamps Ltd",
        "store.name": "Lamp Shop",
        "store.currency": "EUR",
    }


def test_a_sample_has_everything() -> None:
    told = values(PreviewWish(sample=True, store_id=STORE))

    assert told == {**SAMPLE, "account.name": "Lamps Ltd", "store.name": "Lamp Shop", "store.currency": "EUR"}
    assert told["store.total_spent"] == Decimal("718.80")


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        (PreviewWish(contact=ADA_ID), "/audience"),
        (PreviewWish(audience_id=AUDIENCE), "/contact"),
        (PreviewWish(AUDIENCE, ADA_ID, sample=True), "/sample"),
        (PreviewWish(time_frame=TimeFrame.ALL_TIME), "/time_frame"),
    ],
)
def test_wishes_that_do_not_go_together_are_refused(wish: PreviewWish, pointer: str) -> None:
    with pytest.raises(InvalidInput) as told:
        values(wish)

    assert [fault.pointer for fault in told.value.errors] == [pointer]


def test_a_store_of_another_audience_knows_nobody() -> None:
    with pytest.raises(InvalidInput, match="another audience"):
        values(PreviewWish(AUDIENCE, ADA_ID, STORE), audience_id="another")


@pytest.mark.parametrize("wish", [PreviewWish("none", ADA_ID), PreviewWish(AUDIENCE, "none")])
def test_who_is_not_there_is_not_found(wish: PreviewWish) -> None:
    with pytest.raises(NotFound):
        values(wish)


def test_a_store_has_to_be_connected() -> None:
    with pytest.raises((NoConnectedStore, NotFound)):
        values(PreviewWish(store_id="none"))
