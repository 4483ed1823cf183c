"""AWS that knows by heart what one request of each function asks: `python -m benchmarks.stub` prints its URL.

It runs in a process of its own, so that nothing it does counts as a function's work. ``GET /calls`` names the
operations asked for since the last time.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from benchmarks import sample_followers, sample_items, sample_snapshots, samples
from benchmarks.sample_refreshes import Refreshing
from laurel.store.dynamodb import Item

MAIL = "/v2/email/"
"""Where Amazon SES is."""
CALLS = "/calls"
_MAC = base64.b64encode(bytes(32)).decode()
_refreshing = Refreshing()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 20  # an answer leaves in one piece
    disable_nagle_algorithm = True
    calls: list[str] = []  # noqa: RUF012, one list for all connections is what is wanted

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.startswith(MAIL):
            self.calls.append("SendEmail SES")
            self._send({"MessageId": samples.MAIL_ID})
            return
        service, _, operation = self.headers["X-Amz-Target"].partition(".")
        if service == "AmazonSQS":
            self.calls.append(f"{operation} SQS")
            self._send(_queued(request))
            return
        if service == "TrentService":
            self.calls.append(f"{operation} KMS")
            self._send({"KeyId": request["KeyId"], "Mac": request.get("Mac", _MAC), "MacValid": True})
            return
        self.calls.append(f"{operation} {_table(request)}")
        self._send(_answer(operation, request))

    def do_GET(self) -> None:
        if self.path.startswith(MAIL):
            self.calls.append("GetAccount SES")
            self._send({"SendQuota": {"MaxSendRate": 1_000.0}})
            return
        if self.path == CALLS:
            self._send(self.calls[:])
            self.calls.clear()
            return
        self.calls.append("GetObject S3")
        first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        self._file(206, samples.FILE[int(first) : int(last) + 1 if last else None])

    def do_HEAD(self) -> None:
        self.calls.append("HeadObject S3")
        self._file(200, samples.FILE)

    def do_DELETE(self) -> None:
        self.calls.append("DeleteObject S3")
        self._file(204, b"")

    def _file(self, status: int, content: bytes) -> None:
        """A part of the only file there is."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", samples.ETAG)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def _send(self, answer: Any) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", "0" * 52)
        self.send_header("x-amz-crc32", str(zlib.crc32(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _queued(request: dict[str, Any]) -> dict[str, str]:
    digest = hashlib.md5(request["MessageBody"].encode(), usedforsecurity=False)
    return {"MessageId": "059f36b4-87a3-44ab-83d2-661975830a7d", "MD5OfMessageBody": digest.hexdigest()}


def _table(request: dict[str, Any]) -> str:
    if "Statements" in request:
        return str(request["Statements"][0]["Statement"].split('"')[1])
    if "TransactItems" in request:
        ((_, first), *_) = request["TransactItems"][0].items()
        request = first
    return str(request.get("TableName") or next(iter(request["RequestItems"])))


def _answer(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    if operation == "GetItem":
        item = _found(request["Key"])
        return {"Item": item} if item else {}
    if operation == "BatchGetItem":
        wanted = {table: asked["Keys"] for table, asked in request["RequestItems"].items()}
        found = {table: [*sample_items.profiles(some), *sample_followers.items(some)] for table, some in wanted.items()}
        return {"Responses": found, "UnprocessedKeys": {}}
    if operation == "BatchExecuteStatement":
        return {"Responses": [{} for _ in request["Statements"]]}
    if operation == "UpdateItem":
        _refreshing.update(request)
        return {"Attributes": request["Key"]} if "ReturnValues" in request else {}
    if operation == "PutItem":
        _refreshing.put(request["Item"])
    if operation == "Query":
        values = request["ExpressionAttributeValues"]
        last = sample_snapshots.last(values[":pk"]["S"], values[":last"]["S"]) if ":last" in values else None
        items = [last] if last else [*sample_items.queried(request), *sample_followers.queried(values)]
        return {"Items": items, "Count": len(items), "ScannedCount": len(items)}
    return {}


def _found(key: Item) -> Item | None:
    return (
        sample_items.item(key)
        or next(iter(sample_followers.items([key])), None)
        or _refreshing.found(key)
        or sample_snapshots.found(key)
    )


def main() -> None:
    """Serve on a free port until the standard input ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
