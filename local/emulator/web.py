"""What is served beside MiniStack's services, by the same process: an ASGI application before its own."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Message, Receive, Send], Awaitable[None]]
type Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""


async def respond(send: Send, said: Answer) -> None:
    """Answer a request; nobody keeps it unless it says so."""
    status, headers, body = said
    headers = {"Content-Length": str(len(body)), "Cache-Control": "no-store", **headers}
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
