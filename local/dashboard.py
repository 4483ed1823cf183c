"""Build the dashboard and have the emulator serve it."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local import aws
from local.deploy import resource_id
from local.errors import LocalError
from local.files import private_write
from local.paths import FOLDER, ROOT, STATE

WEB = ROOT / "web"
FILES = WEB / "dist"
LOG = FOLDER / "web.log"
SERVED = "dashboard.json"
"""In the folder of the emulator's data; read by ``local.emulator.dashboard``."""

LAST_LINES = 40


def build() -> None:
    """Build the files that browsers load.

    Raises:
        LocalError: The build failed.
    """
    FOLDER.mkdir(exist_ok=True)
    with LOG.open("w+") as log:
        done = subprocess.run(
            ["make", "web"], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode:
        said = "\n".join(LOG.read_text(errors="replace").splitlines()[-LAST_LINES:])
        log_name = LOG.relative_to(ROOT)
        raise LocalError(f"{said}\n\nThe dashboard could not be built. All that was said is in {log_name}.")


def serve(endpoint: str, api_url: str, outputs: Mapping[str, str], state: Path = STATE) -> str | None:
    """Have what was built served beside the API, and return its address; None if it was never built."""
    if not (FILES / "index.html").exists():
        return None
    told = {
        "files": str(FILES),
        "api": urlsplit(api_url).path,
        "config": {"userPoolUrl": "/", "clientId": outputs["UserPoolClientId"], "loginUrl": None},
        "headers": headers(endpoint, "DashboardHeaders"),
        "preview_headers": headers(endpoint, "PreviewHeaders"),
    }
    private_write(state / SERVED, json.dumps(told, indent=2))
    return f"{endpoint}/dashboard/"


def headers(endpoint: str, policy: str) -> dict[str, str]:
    """The headers that CloudFront would add by the deployed policy of this logical id.

    That browsers keep to HTTPS is left out: there is none here.
    """
    asked = aws.client("cloudfront", endpoint).get_response_headers_policy(Id=resource_id(endpoint, policy))
    told: Mapping[str, Any] = asked["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]
    security = told["SecurityHeadersConfig"]
    found = {
        "Content-Security-Policy": security["ContentSecurityPolicy"]["ContentSecurityPolicy"],
        "Referrer-Policy": security["ReferrerPolicy"]["ReferrerPolicy"],
        "X-Content-Type-Options": "nosniff",
    }
    if "FrameOptions" in security:
        found["X-Frame-Options"] = security["FrameOptions"]["FrameOption"]
    custom = told.get("CustomHeadersConfig", {}).get("Items", [])
    return found | {header["Header"]: header["Value"] for header in custom}
