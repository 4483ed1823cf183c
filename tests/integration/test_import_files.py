"""The bucket of imports, on moto: what is read, written, joined and given away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from moto import mock_aws

from laurel.imports.run import FileGone, place_of
from laurel.model.errors import Busy
from laurel.store import import_files
from laurel.store.import_files import ImportFiles, create_client
from laurel.store.queue import ImportQueue
from tests.support.imports import an_import

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration


@pytest.fixture
def files() -> Iterator[ImportFiles]:
    with mock_aws():
        client = create_client()
        client.create_bucket(Bucket="imports")
        yield ImportFiles(client, "imports")


def test_a_file_is_read_from_anywhere_to_anywhere(files: ImportFiles) -> None:
    files.write("uploads/a", b"0123456789")

    size, etag = files.stat("uploads/a")

    assert size == 10
    assert files.read("uploads/a", etag, 2, 5) == b"234"
    assert files.read("uploads/a", etag, 8, 99) == b"89"
    assert files.read("uploads/a", etag, 10, 20) == b""
    assert files.read("uploads/a", etag, 3, 3) == b""
    assert b"".join(files.blocks("uploads/a", etag, 4)) == b"456789"
    assert list(files.blocks("uploads/a", etag, 10)) == []


def test_another_file_of_the_same_name_is_gone(files: ImportFiles) -> None:
    files.write("uploads/a", b"old")
    _, etag = files.stat("uploads/a")
    files.write("uploads/a", b"new")

    with pytest.raises(FileGone):
        files.read("uploads/a", etag, 0, 3)
    with pytest.raises(FileGone):
        list(files.blocks("uploads/a", etag, 0))
    files.delete("uploads/a")
    files.delete("uploads/a")
    with pytest.raises(FileGone):
        files.stat("uploads/a")


@pytest.mark.parametrize("size", [0, 5, 3 << 20, 5 << 20])
def test_parts_are_joined_in_their_order_whatever_their_size(size: int, files: ImportFiles) -> None:
    contents = [bytes([65 + number]) * (size + number) for number in range(4)]
    for number, content in reversed(list(enumerate(contents))):
        files.write(f"rejected/x/{number:08}.csv", content)
    files.write("rejected/y/00000000.csv", b"another's")

    files.join("rejected/x/", "rejected/x.csv", b"head\n")

    length, etag = files.stat("rejected/x.csv")
    assert files.read("rejected/x.csv", etag, 0, length) == b"head\n" + b"".join(contents)


def test_parts_are_listed_page_by_page(files: ImportFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        files.write(f"rejected/x/{number:08}.csv", b"%d" % number)
    listed = files._client.list_objects_v2
    monkeypatch.setattr(files._client, "list_objects_v2", lambda **request: listed(**request, MaxKeys=2))

    files.join("rejected/x/", "rejected/x.csv", b"")

    _, etag = files.stat("rejected/x.csv")
    assert files.read("rejected/x.csv", etag, 0, 9) == b"01234"


def test_addresses_name_the_file_and_when_they_end(files: ImportFiles) -> None:
    upload, download = files.upload_url("uploads/a", 60), files.download_url("rejected/a.csv", 90, "rows.csv")

    assert urlsplit(upload).path == "/imports/uploads/a"
    assert parse_qs(urlsplit(upload).query)["X-Amz-Expires"] == ["60"]
    assert parse_qs(urlsplit(download).query)["response-content-disposition"] == ['attachment; filename="rows.csv"']


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("uploads/a/b/c", ("a", "b", "c")),
        ("rejected/a/b/c", None),
        ("uploads/a/b", None),
        ("uploads/a/b/c/d", None),
        ("", None),
    ],
)
def test_a_key_tells_whose_file_it_is(key: str, place: tuple[str, str, str] | None) -> None:
    assert place_of(key) == place


def test_the_process_has_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    import_files.s3.cache_clear()

    assert import_files.s3() is import_files.s3()
    import_files.s3.cache_clear()


class FullQueue:
    """Takes the first messages only."""

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []

    def send_message_batch(self, **request: Any) -> Any:
        if self.taken:
            return {"Failed": request["Entries"][:1]}
        self.taken += request["Entries"]
        return {"Successful": request["Entries"]}


def test_a_queue_that_takes_some_chunks_only_is_busy() -> None:
    client: Any = FullQueue()

    with pytest.raises(Busy):
        ImportQueue(client, "queue").send(an_import(), range(11))

    assert [it["Id"] for it in client.taken] == [str(number) for number in range(10)]
