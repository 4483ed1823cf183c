"""The bucket that files are imported from, and where the rows that were rejected are told."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from laurel.imports.run import FileGone
from laurel.store.client import lean_client

_BLOCK = 1 << 20
_PART = 8 << 20
"""Bytes of a part of a large file: at least 5 MiB, says S3."""

_CONFIG = Config(
    signature_version="s3v4",
    connect_timeout=2,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 5},
    # Everywhere the same, and no name to be resolved for each bucket.
    s3={"addressing_style": "path"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
_GONE = frozenset({"404", "NoSuchKey", "PreconditionFailed", "412"})
_BEYOND = "InvalidRange"


def create_client(**options: Any) -> Any:
    """A low-level client; ``options`` as ``lean_client`` takes them."""
    return lean_client("s3", _CONFIG, **options)


@cache
def s3() -> Any:
    """The process's client, made on first use."""
    return create_client()


class ImportFiles:
    """The files of imports. What names an etag raises ``FileGone`` for any other file."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def upload_url(self, key: str, seconds: int) -> str:
        """Where to PUT a file within so many seconds, whoever knows it."""
        return self._url("put_object", seconds, Key=key)

    def download_url(self, key: str, seconds: int, name: str) -> str:
        """Where to GET a file within so many seconds, to be saved under a name."""
        disposition = f'attachment; filename="{name}"'
        return self._url("get_object", seconds, Key=key, ResponseContentDisposition=disposition)

    def stat(self, key: str) -> tuple[int, str]:
        """How many bytes a file has, and its etag. Raises ``FileGone``."""
        try:
            answer = self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            raise _gone(error) from None
        return answer["ContentLength"], answer["ETag"]

    def read(self, key: str, etag: str, start: int, end: int) -> bytes:
        """A file from a byte to before another; less where it ends."""
        if start >= end:
            return b""
        try:
            answer = self._client.get_object(
                Bucket=self._bucket, Key=key, Range=f"bytes={start}-{end - 1}", IfMatch=etag
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == _BEYOND:
                return b""
            raise _gone(error) from None
        with answer["Body"] as body:
            content: bytes = body.read()
        return content

    def blocks(self, key: str, etag: str, start: int) -> Iterator[bytes]:
        """A file from a byte on, a little at a time."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key, Range=f"bytes={start}-", IfMatch=etag)
        except ClientError as error:
            if error.response["Error"]["Code"] == _BEYOND:
                return
            raise _gone(error) from None
        with answer["Body"] as body:
            yield from iter(lambda: body.read(_BLOCK), b"")

    def write(self, key: str, content: bytes) -> None:
        """Write a small file."""
        self._client.put_object(Bucket=self._bucket, Key=key, Body=content)

    def delete(self, key: str) -> None:
        """Delete a file, if there is one."""
        self._client.delete_object(Bucket=self._bucket, Key=key)

    def join(self, parts: str, key: str, header: bytes) -> None:
        """Write one file of all whose keys begin with ``parts``, in the order of these, after a header.

        No more than a few megabytes of them are held at a time.
        """
        upload, done, held = None, list[dict[str, Any]](), bytearray(header)
        for content in self._contents(parts):
            held += content
            if len(held) >= _PART:
                upload = upload or self._client.create_multipart_upload(Bucket=self._bucket, Key=key)["UploadId"]
                done.append(self._put_part(key, upload, len(done) + 1, held))
                held.clear()
        if upload is None:
            self.write(key, bytes(held))
            return
        if held:
            done.append(self._put_part(key, upload, len(done) + 1, held))
        self._client.complete_multipart_upload(
            Bucket=self._bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": done}
        )

    def _contents(self, prefix: str) -> Iterator[bytes]:
        more: dict[str, str] = {}
        while True:
            listed = self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, **more)
            for entry in listed.get("Contents", []):
                with self._client.get_object(Bucket=self._bucket, Key=entry["Key"])["Body"] as body:
                    yield body.read()
            if not listed.get("IsTruncated"):
                return
            more = {"ContinuationToken": listed["NextContinuationToken"]}

    def _put_part(self, key: str, upload: str, number: int, content: bytearray) -> dict[str, Any]:
        answer = self._client.upload_part(
            Bucket=self._bucket, Key=key, UploadId=upload, PartNumber=number, Body=bytes(content)
        )
        return {"PartNumber": number, "ETag": answer["ETag"]}

    def _url(self, operation: str, seconds: int, **params: str) -> str:
        url: str = self._client.generate_presigned_url(
            operation, Params={"Bucket": self._bucket, **params}, ExpiresIn=seconds
        )
        return url


def _gone(error: ClientError) -> Exception:
    return FileGone() if error.response["Error"]["Code"] in _GONE else error
