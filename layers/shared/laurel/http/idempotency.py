"""``Idempotency-Key``: the first answer to a key is kept for a day and given again to every repetition."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyValidationError,
)

from laurel.http.routes import Route
from laurel.model.errors import InvalidInput, KeyReused, RepeatInProgress
from laurel.settings import settings

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

    from laurel.http.app import App

_CONFIG = IdempotencyConfig(
    event_key_jmespath="key", payload_validation_jmespath="request", expires_after_seconds=24 * 3600
)
_LONGEST = 255


def once(app: App, account_id: str, route: Route, key: str, next_middleware: NextMiddleware) -> Response[Any]:
    """Answer a request, or repeat the answer its key got before.

    A problem is not kept: whoever failed may try again. Raises ``InvalidInput``, ``KeyReused`` or ``RepeatInProgress``.
    """
    if not 0 < len(key) <= _LONGEST:
        raise InvalidInput(f"An Idempotency-Key has 1 to {_LONGEST} characters.")
    persistence = DynamoDBPersistenceLayer(
        table_name=settings().workspace_table,
        key_attr="pk",
        sort_key_attr="sk",
        static_pk_value=account_id,
        expiry_attr="expires_at",
        boto3_client=app.answers_client() if app.answers_client else None,
    )

    @idempotent_function(  # type: ignore[untyped-decorator]
        data_keyword_argument="call", config=_CONFIG, persistence_store=persistence, key_prefix="idempotency"
    )
    def answer(call: dict[str, str]) -> dict[str, Any]:
        del call
        response = next_middleware(app)
        body = response.body
        return {
            "status": response.status_code,
            "content_type": response.content_type,
            "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        }

    _CONFIG.register_lambda_context(app.lambda_context)
    path = app.current_event["path"]
    digest = hashlib.sha256((app.current_event.body or "").encode()).hexdigest()
    try:
        kept = answer(call={"key": f"{route.method} {path} {key}", "request": digest})
    except IdempotencyAlreadyInProgressError:
        raise RepeatInProgress("A request with this Idempotency-Key is still being worked on.") from None
    except IdempotencyValidationError:
        raise KeyReused("This Idempotency-Key was used for a request with another body.") from None
    return Response(kept["status"], kept["content_type"], kept["body"])
