"""Sign in to the demo account. Standard library only, as it is what ``token_command`` runs."""

import json
import urllib.request

TARGET = "AWSCognitoIdentityProviderService.InitiateAuth"

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def id_token(endpoint: str, client_id: str, email: str, password: str) -> str:
    """A fresh ID token, which is what the API takes as a bearer token.

    Raises:
        OSError: The endpoint cannot be reached, or it refuses the password.
    """
    body = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": client_id,
        "AuthParameters": {"USERNAME": email, "PASSWORD": password},
    }
    request = urllib.request.Request(  # noqa: S310 - the emulator's own URL
        endpoint,
        json.dumps(body).encode(),
        {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET},
    )
    with _direct.open(request, timeout=30) as answer:
        token: str = json.load(answer)["AuthenticationResult"]["IdToken"]
    return token
