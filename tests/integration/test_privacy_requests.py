"""What platforms ask: to forget somebody or a store, or to know what is kept of somebody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import StoreState
from laurel.model.privacy import ErasureState, RequestState
from tests.support.erasing import NAME, WORDS, YESTERDAY, an_office, live
from tests.support.samples import ADA_ID

if TYPE_CHECKING:
    from tests.support.office import Office
    from tests.support.tables import Database


@pytest.fixture
def office(database: Database) -> Office:
    return an_office(database)


def ask(office: Office, kind: str, **details: Any) -> RequestState | None:
    request = {"kind": kind, "customers": [], "orders": [], "received_at": int(office.now.timestamp()), **details}
    office.workspace.record_privacy_request(office.store, "r1", request)
    return office.clerk.look_after(office.store.account_id, office.store.id, "r1", office.now)


def request(office: Office) -> dict[str, Any]:
    (kept,) = office.workspace.privacy_requests(office.store)
    return kept


def test_a_platforms_request_to_forget_somebody_is_carried_out(office: Office) -> None:
    # Given a shop that asks to forget a customer by address, number and orders
    live(office)
    office.order("12", email=None, customer_id="7", name=NAME, placed=YESTERDAY)
    office.order("13", email=None, name=NAME, placed=YESTERDAY)
    assert ask(office, "customer_erasure", customers=[ADA_ID, "customer-7"], orders=["1", "13"]) is RequestState.RUNNING
    assert [due.erasure_id or due.request_id for due in office.erasures.due()] == [request(office)["erasure"], "r1"]

    # When it is looked after again, it is not begun again
    assert ask(office, "customer_erasure") is None
    (sent,) = office.queue.sent
    (erasure,), _ = office.erasures.erasures(office.store.account_id, 10)
    done = office.finish(erasure)

    # Then all customers that it names are forgotten, and nothing is due any more
    assert sent[:2] == (done.account_id, done.id)
    assert set(done.customers) == {ADA_ID, "customer-7", "unidentified-13"}
    assert office.traces_of(*WORDS) == []
    assert request(office)["state"] == "done"
    assert list(office.erasures.due()) == []


def test_a_platforms_request_to_know_is_ready_to_be_handed_out(office: Office) -> None:
    live(office)
    assert ask(office, "customer_data", customers=[ADA_ID]) is RequestState.READY
    assert request(office)["customers"] == [ADA_ID]
    assert list(office.erasures.due()) == []


def test_a_request_that_names_nobody_is_done(office: Office) -> None:
    assert ask(office, "customer_erasure", orders=["none"]) is RequestState.DONE
    assert office.queue.sent == []


def test_a_store_is_forgotten_for_its_platform_once_it_is_disconnected(office: Office) -> None:
    live(office)
    assert ask(office, "store_erasure") is None
    assert [due.request_id for due in office.erasures.due()] == ["r1"]
    store = office.workspace.store(office.store.account_id, office.store.id)
    assert store
    assert office.workspace.save_store(replace(store, state=StoreState.DISCONNECTED))

    assert ask(office, "store_erasure") is RequestState.RUNNING
    (erasure,), _ = office.erasures.erasures(office.store.account_id, 10)
    assert office.finish(erasure).state is ErasureState.DONE
    assert list(office.erasures.due()) == []
    assert [item for item in office.items() if item["sk"]["S"].startswith("privacy#")] == []
