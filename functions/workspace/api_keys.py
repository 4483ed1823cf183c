"""API keys of the account: made, listed, revoked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from laurel.http import api_keys_out
from laurel.http.app import App, lambda_handler
from laurel.settings import settings
from laurel.store.api_keys import ApiKeys
from laurel.store.process import dynamodb
from laurel.workspace.api_keys import make, revoke

app = App(dynamodb)
_keys = ApiKeys(dynamodb(), settings().workspace_table)


@app.get("/api-keys")
def list_api_keys() -> dict[str, Any]:
    return api_keys_out.api_keys(_keys.keys(app.caller.account_id))


@app.post("/api-keys")
def create_api_key() -> dict[str, Any]:
    from laurel.http.api_keys_in import ApiKeyNew  # noqa: PLC0415, reads need no pydantic
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic

    wanted = read(ApiKeyNew, app.json_body())
    return api_keys_out.made(*make(_keys, app.caller.account_id, wanted.name, wanted.role, datetime.now(UTC)))


@app.delete("/api-keys/{api_key}")
def revoke_api_key(api_key: str) -> dict[str, Any]:
    return api_keys_out.api_key(revoke(_keys, app.caller.account_id, api_key))


handler = lambda_handler(app)
