"""The emulated AWS for boto3 and for the programs started from here, and never a real account."""

import os
from typing import Any

import boto3
from botocore.config import Config

REGION = "us-east-1"
STACK = "laurel"
KEY = "test"
"""The emulator's own administrator; it checks no secret of this one."""

_CONFIG = Config(proxies={}, retries={"mode": "standard", "max_attempts": 4}, read_timeout=120)


def environment(endpoint: str) -> dict[str, str]:
    """Environment variables for a program that must reach the emulator and nothing else."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return own | {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "SAM_CLI_TELEMETRY": "0",
    }


def enter(endpoint: str) -> None:
    """Give this process that environment, so that no profile of the developer's is ever read."""
    wanted = environment(endpoint)
    os.environ.clear()
    os.environ.update(wanted)


def client(service: str, endpoint: str) -> Any:
    """A boto3 client of the emulator."""
    return boto3.client(
        service,  # type: ignore[call-overload]  # any service
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=KEY,
        aws_secret_access_key=KEY,
        config=_CONFIG,
    )
