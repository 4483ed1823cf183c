"""``.local/stack.json`` and ``.local/stack.env``: what scripts, tests and people need to know of the running stack."""

import json
import shlex
from typing import Any

from local.errors import LocalError
from local.files import private_write
from local.paths import STACK_ENV, STACK_JSON

type Stack = dict[str, Any]

EXPORTS = {
    "API": "api_url",
    "MAILBOX": "mailbox_url",
    "STORE": "store_id",
    "AUDIENCE": "audience_id",
    "CLIENT_ID": "client_id",
    "EMAIL": "email",
    "PASSWORD": "password",
    "ENDPOINT": "endpoint",
}


def write(stack: Stack) -> None:
    """Write both files."""
    private_write(STACK_JSON, json.dumps(stack, indent=2))
    exports = "\n".join(f"export {name}={shlex.quote(stack[key])}" for name, key in EXPORTS.items())
    private_write(STACK_ENV, f"# Read this with: . .local/stack.env\n{exports}")


def read() -> Stack:
    """What was written last.

    Raises:
        LocalError: Nothing was.
    """
    try:
        stack: Stack = json.loads(STACK_JSON.read_text())
    except FileNotFoundError:
        raise LocalError("Laurel was not up yet. Start it with: make up") from None
    return stack
