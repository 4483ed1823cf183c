"""Ask IAM about schedules in the group that they are in.

Why: stock MiniStack asks about every schedule as if it were in the group ``default``, so that a policy which names the
group that schedules are made in, as it should, denies them.
"""

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions

_PATH = "/schedules/"


def apply() -> None:
    """Name the group of a schedule when IAM is asked."""
    extract = iam_actions.extract_resource_arn

    def extract_with_group(
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, Any],
        region: str,
        account_id: str,
    ) -> str:
        if service == "scheduler" and path.startswith(_PATH):
            name = path.removeprefix(_PATH)
            return f"arn:aws:scheduler:{region}:{account_id}:schedule/{_group(body, query)}/{name}"
        arn: str = extract(service, method, path, headers, body, query, region, account_id)
        return arn

    iam_actions.extract_resource_arn = extract_with_group


def _group(body: bytes, query: Mapping[str, Any]) -> str:
    """The group that a request names, in its body or its address."""
    named = json.loads(body).get("GroupName") if body else query.get("groupName")
    return str((named[0] if isinstance(named, list) else named) or "default")
