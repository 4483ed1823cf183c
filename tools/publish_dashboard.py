"""Upload the built dashboard to the bucket of a deployed stack: `python -m tools.publish_dashboard`.

`make deploy` does this last. Whoever has the dashboard open goes on with the files that it was opened with: those are
removed only a month after the last upload that had them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3

from tools.create_account import stack_outputs
from tools.dashboard_files import ASSETS, CONFIG, built_files, cache_control, content_type

BUILT = Path(__file__).parent.parent / "web" / "dist"
KEPT = timedelta(days=30)


def config(outputs: Mapping[str, str]) -> dict[str, str | None]:
    """What the dashboard has to know of its deployment."""
    return {
        "userPoolUrl": outputs["UserPoolUrl"],
        "clientId": outputs["UserPoolClientId"],
        "loginUrl": outputs.get("SignInUrl"),
    }


def publish(s3: Any, bucket: str, root: Path, told: Mapping[str, str | None]) -> list[str]:
    """Upload everything; returns the paths at which there may be other contents than before."""
    names = list(built_files(root))
    _put(s3, bucket, CONFIG, json.dumps(told).encode())
    for name in names:
        _put(s3, bucket, name, (root / name).read_bytes())
    return ["/", *(f"/{name}" for name in (CONFIG, *names) if not name.startswith(ASSETS))]


def forget_old(s3: Any, bucket: str, root: Path, now: datetime) -> list[str]:
    """Remove what is not of this build and was last uploaded over a month ago; returns the names."""
    current = {CONFIG, *built_files(root)}
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    found = [it for page in pages for it in page.get("Contents", [])]
    old = [it["Key"] for it in found if it["Key"] not in current and it["LastModified"] < now - KEPT]
    for name in old:
        s3.delete_object(Bucket=bucket, Key=name)
    return old


def main(argv: list[str] | None = None) -> int:
    """Upload, and have CloudFront forget what it kept."""
    parser = argparse.ArgumentParser(description="Upload the built dashboard to the bucket of a deployed stack.")
    parser.add_argument("--stack", default="laurel", help="name of the deployed stack")
    arguments = parser.parse_args(argv)
    if not (BUILT / "index.html").is_file():
        print("The dashboard is not built. Install Node.js 20.19 or later, then: make web", file=sys.stderr)
        return 1
    outputs = stack_outputs(arguments.stack)
    s3, now = boto3.client("s3"), datetime.now(UTC)
    changed = publish(s3, outputs["DashboardBucket"], BUILT, config(outputs))
    forget_old(s3, outputs["DashboardBucket"], BUILT, now)
    boto3.client("cloudfront").create_invalidation(
        DistributionId=outputs["DashboardDistribution"],
        InvalidationBatch={
            "Paths": {"Quantity": len(changed), "Items": changed},
            "CallerReference": now.isoformat(),
        },
    )
    print(f"The dashboard is at {outputs['DashboardUrl']}")
    return 0


def _put(s3: Any, bucket: str, name: str, body: bytes) -> None:
    s3.put_object(Bucket=bucket, Key=name, Body=body, ContentType=content_type(name), CacheControl=cache_control(name))


if __name__ == "__main__":
    sys.exit(main())
