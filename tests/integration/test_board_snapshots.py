"""Snapshots as they are kept: once, unchanged, signed, and found by when they were taken."""

from __future__ import annotations

import base64
import random
import string
import zlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from laurel.leaderboard.snapshot import take
from laurel.model.account import Store
from laurel.model.errors import SnapshotTampered
from laurel.model.ranking import Figures, Metric
from laurel.model.snapshot import Snapshot
from laurel.store import keys
from laurel.store.board_snapshots import BoardSnapshots, Listed, RememberedSnapshots
from laurel.store.dynamodb import Item
from laurel.store.seal import Seal
from tests.support.samples import at
from tests.support.seals import SNAPSHOT_KEY, FakeKMS
from tests.support.tables import Database

pytestmark = pytest.mark.integration

HOUR = at("2026-11-22T12:00:00")
CLOSE = at("2026-11-16T00:00:00+01:00")
WEEK, MONTH = "2026-W46", "2026-11"


class Shelves:
    """Snapshots of a test, and what KMS was asked for them."""

    def __init__(self, database: Database) -> None:
        self.kms = FakeKMS()
        self.client, self.table = database.client, database.tables.workspace
        self.kept = BoardSnapshots(self.client, self.table, Seal(lambda: self.kms, SNAPSHOT_KEY))

    def item(self, store: Store, sk: str) -> Item:
        key: Any = {"pk": {"S": keys.board_snapshots(store.account_id, store.id)}, "sk": {"S": sk}}
        return dict(self.client.get_item(TableName=self.table, Key=key)["Item"])

    def put(self, item: Item) -> None:
        self.client.put_item(TableName=self.table, Item=item)


@pytest.fixture
def shelves(database: Database) -> Shelves:
    return Shelves(database)


def a_snapshot(
    store: Store, period: str = MONTH, hour: datetime = HOUR, *, customers: int = 3, closed: bool = False
) -> Snapshot:
    rows = [(f"customer-{number}", Figures(1 + number, 100 * number, 1_795_000_000)) for number in range(customers)]
    return take(store, period, rows, hour + timedelta(minutes=5), hour, closed=closed)


def test_what_is_kept_is_read_as_it_was(shelves: Shelves, store: Store) -> None:
    running, closing = a_snapshot(store), a_snapshot(store, WEEK, CLOSE, closed=True)

    assert shelves.kept.keep(running)
    assert shelves.kept.keep(closing)

    assert shelves.kept.of_hour(store, MONTH, HOUR) == running
    assert shelves.kept.closed(store, WEEK) == closing
    assert shelves.kept.closed(store, MONTH) is None
    assert shelves.kept.of_hour(store, MONTH, HOUR + timedelta(hours=1)) is None
    assert shelves.kms.asked == ["GenerateMac", "GenerateMac", "VerifyMac"]


def test_the_first_stays(shelves: Shelves, store: Store) -> None:
    first = a_snapshot(store, WEEK, CLOSE, closed=True)

    assert shelves.kept.keep(first)
    assert not shelves.kept.keep(a_snapshot(store, WEEK, CLOSE, customers=4, closed=True))

    assert shelves.kept.closed(store, WEEK) == first


def test_running_ones_go_after_eight_days_and_closing_ones_stay(shelves: Shelves, store: Store) -> None:
    shelves.kept.keep(a_snapshot(store))
    shelves.kept.keep(a_snapshot(store, WEEK, CLOSE, closed=True))

    running = shelves.item(store, keys.running_snapshot(MONTH, int(HOUR.timestamp() * 1000)))
    assert running["expires_at"]["N"] == str(int((HOUR + timedelta(days=8)).timestamp()))
    assert "expires_at" not in shelves.item(store, keys.closing_snapshot(WEEK))


def test_the_latest_and_the_one_before(shelves: Shelves, store: Store) -> None:
    hours = [HOUR + timedelta(hours=number) for number in range(3)]
    for number, hour in enumerate(hours):
        shelves.kept.keep(a_snapshot(store, hour=hour, customers=number + 1))
    # What begins with the same letters is another period.
    shelves.kept.keep(a_snapshot(store, "2026", hours[2] + timedelta(hours=5), customers=9))

    def customers(snapshot: Snapshot | None) -> int | None:
        return snapshot and snapshot.customers

    assert customers(shelves.kept.latest(store, MONTH)) == 3
    assert customers(shelves.kept.before(store, MONTH, hours[1])) == 2
    assert customers(shelves.kept.before(store, MONTH, hours[1] - timedelta(seconds=1))) == 1
    assert customers(shelves.kept.before(store, MONTH, hours[0] - timedelta(seconds=1))) is None
    assert customers(shelves.kept.latest(store, "all")) is None

    shelves.kept.keep(a_snapshot(store, hour=hours[2], customers=7, closed=True))
    assert customers(shelves.kept.latest(store, MONTH)) == 7
    assert customers(shelves.kept.before(store, MONTH, hours[2] + timedelta(days=300))) == 3


def test_stores_have_their_own(shelves: Shelves, store: Store) -> None:
    other = replace(store, id="another")
    shelves.kept.keep(a_snapshot(store))

    assert shelves.kept.latest(other, MONTH) is None
    assert shelves.kept.listed(other, closed=False, limit=5) == ([], None)


def test_they_are_listed_newest_first_page_by_page(shelves: Shelves, store: Store) -> None:
    for number in range(5):
        closed = CLOSE + timedelta(weeks=number)
        shelves.kept.keep(a_snapshot(store, f"2026-W{46 + number}", closed, customers=number, closed=True))
    shelves.kept.keep(a_snapshot(store))

    first, more = shelves.kept.listed(store, closed=True, limit=3)
    assert [it.period for it in first] == ["2026-W50", "2026-W49", "2026-W48"]
    assert first[0] == Listed(
        "2026-W50", CLOSE + timedelta(weeks=4), CLOSE + timedelta(weeks=4, minutes=5), closed=True, customers=4
    )
    second, end = shelves.kept.listed(store, closed=True, limit=3, after=more)
    assert [it.period for it in second] == ["2026-W47", "2026-W46"]
    assert end is None
    (running,), _ = shelves.kept.listed(store, closed=False, limit=3)
    assert (running.period, running.hour, running.closed) == (MONTH, HOUR, False)
    assert shelves.kept.is_genuine(store, running)
    assert shelves.kept.is_genuine(store, first[0])
    assert not shelves.kept.is_genuine(store, replace(first[0], period="2026-W51"))


def test_ids_that_are_too_long_for_an_item_are_kept_in_parts(shelves: Shelves, store: Store) -> None:
    draw = random.Random(7)
    ids = sorted("".join(draw.choices(string.printable[:94], k=300)) for _ in range(3_000))
    snapshot = replace(
        a_snapshot(store, WEEK, CLOSE, closed=True),
        rows=tuple((customer, Figures(1, number, number)) for number, customer in enumerate(ids)),
    )

    assert shelves.kept.keep(snapshot)
    assert not shelves.kept.keep(snapshot)

    assert int(shelves.item(store, keys.closing_snapshot(WEEK))["parts"]["N"]) > 0
    assert shelves.kept.closed(store, WEEK) == snapshot
    (listed,), _ = shelves.kept.listed(store, closed=True, limit=3)
    assert shelves.kept.is_genuine(store, listed)


# ---- Tampering -------------------------------------------------------------------------------------------------------


def with_content(item: Item, *change: bytes) -> Item:
    content = zlib.decompress(base64.b64decode(item["content"]["S"]))
    assert change[0] in content
    return {**item, "content": {"S": base64.b64encode(zlib.compress(content.replace(*change))).decode()}}


def test_changed_content_is_found_out(shelves: Shelves, store: Store) -> None:
    shelves.kept.keep(a_snapshot(store, WEEK, CLOSE, closed=True))
    kept = shelves.item(store, keys.closing_snapshot(WEEK))

    shelves.put(with_content(kept, b'"customer-2",3,200', b'"customer-9",3,200'))

    with pytest.raises(SnapshotTampered, match=WEEK):
        shelves.kept.closed(store, WEEK)
    (listed,), _ = shelves.kept.listed(store, closed=True, limit=1)
    assert not shelves.kept.is_genuine(store, listed)
    # Where nothing is shown as closed or given by it, it is taken as it is.
    assert shelves.kept.closed(store, WEEK, verified=False)


def test_what_was_signed_for_another_period_or_store_is_found_out(shelves: Shelves, store: Store) -> None:
    shelves.kept.keep(a_snapshot(store, WEEK, CLOSE, closed=True))
    kept = shelves.item(store, keys.closing_snapshot(WEEK))
    other = replace(store, id="another")
    elsewhere = keys.board_snapshots(other.account_id, other.id)

    shelves.put({**kept, "sk": {"S": keys.closing_snapshot("2026-W45")}})
    shelves.put({**kept, "pk": {"S": elsewhere}})
    shelves.put({**kept, "sk": {"S": keys.running_snapshot(WEEK, 1)}})

    with pytest.raises(SnapshotTampered):
        shelves.kept.closed(store, "2026-W45")
    with pytest.raises(SnapshotTampered):
        shelves.kept.closed(other, WEEK)
    with pytest.raises(SnapshotTampered):
        shelves.kept.before(store, WEEK, HOUR)


@pytest.mark.parametrize("damage", [{"content": {"S": "bm8="}}, {"content": {"S": "?"}}, {"signature": {"S": ""}}])
def test_damage_is_found_out(damage: Item, shelves: Shelves, store: Store) -> None:
    shelves.kept.keep(a_snapshot(store, WEEK, CLOSE, closed=True))
    kept = shelves.item(store, keys.closing_snapshot(WEEK))

    shelves.put({**kept, **damage})

    with pytest.raises(SnapshotTampered):
        shelves.kept.closed(store, WEEK)


def test_another_keys_signature_is_none(shelves: Shelves, store: Store) -> None:
    shelves.kept.keep(a_snapshot(store, WEEK, CLOSE, closed=True))
    shelves.kms = FakeKMS(b"of somebody else")

    with pytest.raises(SnapshotTampered):
        shelves.kept.closed(store, WEEK)


def test_trouble_with_kms_is_no_tampering(shelves: Shelves, store: Store) -> None:
    shelves.kept.keep(a_snapshot(store, WEEK, CLOSE, closed=True))

    def refuse(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "VerifyMac")

    shelves.kms.verify_mac = refuse  # type: ignore[method-assign]

    with pytest.raises(ClientError):
        shelves.kept.closed(store, WEEK)


# ---- Remembering -----------------------------------------------------------------------------------------------------


class Counted:
    """Counts the requests of a real client."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.requests = 0

    def __getattr__(self, name: str) -> Any:
        self.requests += 1
        return getattr(self._client, name)


def test_what_was_read_is_remembered(shelves: Shelves, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("laurel.store.board_snapshots.monotonic", lambda: clock[0])
    shelves.kept.keep(a_snapshot(store))
    shelves.kept.keep(a_snapshot(store, WEEK, CLOSE, closed=True))
    client = Counted(shelves.client)
    kept = BoardSnapshots(client, shelves.table, Seal(lambda: shelves.kms, SNAPSHOT_KEY))  # type: ignore[arg-type]
    remembered = RememberedSnapshots(kept)

    def read() -> list[Snapshot | None]:
        return [
            remembered.closed(store, WEEK),
            remembered.latest(store, MONTH),
            remembered.before(store, MONTH, HOUR + timedelta(minutes=3)),
            remembered.before(store, MONTH, HOUR + timedelta(minutes=14)),
        ]

    first = read()
    assert all(first)
    assert client.requests == 3
    assert read() == first
    assert client.requests == 3
    assert shelves.kms.asked.count("VerifyMac") == 1

    clock[0] += 300
    later = a_snapshot(store, hour=HOUR + timedelta(hours=1), customers=5)
    shelves.kept.keep(later)
    assert remembered.latest(store, MONTH) == later
    assert remembered.closed(store, WEEK) == first[0]
    assert client.requests == 4


def test_a_close_that_was_not_there_is_looked_for_again_and_a_verified_one_is_another(
    shelves: Shelves, store: Store
) -> None:
    remembered = RememberedSnapshots(shelves.kept)
    assert remembered.closed(store, WEEK) is None

    shelves.kept.keep(a_snapshot(store, WEEK, CLOSE, closed=True))
    kept = shelves.item(store, keys.closing_snapshot(WEEK))
    shelves.put(with_content(kept, b'"customer-2",3,200', b'"customer-9",3,200'))

    assert remembered.closed(store, WEEK, verified=False)
    with pytest.raises(SnapshotTampered):
        remembered.closed(store, WEEK)


def test_the_first_of_a_period_is_found_as_soon_as_it_is_there(shelves: Shelves, store: Store) -> None:
    remembered = RememberedSnapshots(shelves.kept)
    later = HOUR + timedelta(minutes=3)
    assert (remembered.latest(store, MONTH), remembered.before(store, MONTH, later)) == (None, None)

    first = a_snapshot(store)
    shelves.kept.keep(first)

    assert (remembered.latest(store, MONTH), remembered.before(store, MONTH, later)) == (first, first)


def test_it_forgets_what_was_not_asked_for_lately(shelves: Shelves, store: Store) -> None:
    remembered = RememberedSnapshots(shelves.kept)
    periods = [f"2026-W{number:02}" for number in range(1, 41)]
    for period in periods:
        shelves.kept.keep(a_snapshot(store, period, CLOSE, closed=True))
        assert remembered.closed(store, period)
    verified = shelves.kms.asked.count("VerifyMac")

    assert remembered.closed(store, periods[-1])
    assert shelves.kms.asked.count("VerifyMac") == verified
    assert remembered.closed(store, periods[0])
    assert shelves.kms.asked.count("VerifyMac") == verified + 1


def test_the_first_thousand_survive_being_kept(shelves: Shelves, store: Store) -> None:
    snapshot = a_snapshot(store, WEEK, CLOSE, customers=1500, closed=True)
    shelves.kept.keep(snapshot)

    read = shelves.kept.closed(store, WEEK)

    assert read
    for metric in Metric:
        assert read.ranked(metric) == snapshot.ranked(metric)
        assert len(read.ranked(metric)) == 1000
