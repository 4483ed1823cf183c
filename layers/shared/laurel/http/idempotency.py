"""``Idempotency-Key``: the first answer to a key is kept for a day and given again to every repetition."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyValidationError,
)

from laurel.http.exchange import Response
from laurel.http.routes import Route
from laurel.model.errors import InvalidInput, KeyReused, RepeatInProgress
from laurel.settings import settings

if TYPE_CHECKING:
    from laurel.http.app import App

_CONFIG = IdempotencyConfig(
    event_key_jmespath="key", payload_validation_jmespath="request", expires_after_seconds=24 * 3600
)
_LONGEST = 255


def once(app: App, route: Route, key: str, act: Callable[[], Response]) -> Response:
    """Answer a request, or repeat the answer its key got before.

    A problem is not kept: whoever failed may try again. Raises ``InvalidInput``, ``KeyReused`` or ``RepeatInProgress``.
    """
    if not 0 < len(key) <= _LONGEST:
        raise InvalidInput(f"An Idempotency-Key has 1 to {_LONGEST} characters.")
    persistence = DynamoDBPersistenceLayer(
        table_name=settings().workspace_table,
        key_attr="pk",
        sort_key_attr="sk",
        static_pk_value=app.caller.account_id,
        expiry_attr="expires_at",
        boto3_client=app.answers_client() if app.answers_client else None,
    )

    @idempotent_function(  # type: ignore[untyped-decorator]
        data_keyword_argument="call", config=_CONFIG, persistence_store=persistence, key_prefix="idempotency"
    )
    def answer(call: dict[str, str]) -> dict[str, Any]:
        del call
        response = act()
        return {
            "status": response.status,
            "content_type": response.content_type,
            "body": response.body,
            "headers": dict(response.headers),
        }

    _CONFIG.register_lambda_context(app.context)
    path = route.path.format(**{name: quote(value, safe="") for name, value in app.request.parameters.items()})
    digest = hashlib.sha256(app.request.body()).hexdigest()
    try:
        kept = answer(call={"key": f"{route.method} {path} {key}", "request": digest})
    except IdempotencyAlreadyInProgressError:
        raise RepeatInProgress("A request with this Idempotency-Key is still being worked on.") from None
    except IdempotencyValidationError:
        raise KeyReused("This Idempotency-Key was used for a request with another body.") from None
    return Response(kept["status"], kept["content_type"], kept["body"], headers=kept.get("headers", {}))
