"""The dashboard's files reach their bucket so that no browser ever sees a page whose files are not there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tools import publish_dashboard
from tools.dashboard_files import built_files, cache_control, content_type

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OUTPUTS = {"UserPoolUrl": "https://cognito-idp.eu-west-1.amazonaws.com/", "UserPoolClientId": "client"}


class Bucket:
    """An S3 client that keeps the objects of one bucket, in the order in which they came."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}

    def put_object(self, *, Bucket: str, Key: str, **given: Any) -> None:  # noqa: N803 - as boto3 has it
        assert Bucket == "files"
        self.objects[Key] = given

    def delete_object(self, *, Bucket: str, Key: str) -> None:  # noqa: N803 - as boto3 has it
        del self.objects[Key]

    def get_paginator(self, operation: str) -> Bucket:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str) -> list[dict[str, Any]]:  # noqa: N803 - as boto3 has it
        found = [{"Key": name, "LastModified": given["at"]} for name, given in self.objects.items()]
        return [{"Contents": found[:2]}, {"Contents": found[2:]}, {}]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("index.html", "icon.svg", "preview.html", "assets/index-1.js", "assets/index-1.css"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_the_page_comes_after_all_that_it_names(root: Path) -> None:
    names = list(built_files(root))

    assert names == ["assets/index-1.css", "assets/index-1.js", "icon.svg", "preview.html", "index.html"]


def test_only_files_whose_names_change_are_kept_for_ever(root: Path) -> None:
    kept = {name: cache_control(name) for name in built_files(root)}

    assert {name for name, how in kept.items() if "immutable" in how} == {"assets/index-1.css", "assets/index-1.js"}
    assert {how for how in kept.values() if "immutable" not in how} == {"no-cache"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("assets/a.js", "text/javascript; charset=utf-8"),
        ("index.html", "text/html; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
        ("assets/a.js.map", "application/json"),
        ("config.json", "application/json"),
        ("LICENSE", "application/octet-stream"),
    ],
)
def test_browsers_are_told_what_a_file_holds(name: str, kind: str) -> None:
    assert content_type(name) == kind


def test_everything_is_uploaded_and_cloudfront_forgets_what_keeps_its_name(root: Path) -> None:
    bucket = Bucket()

    changed = publish_dashboard.publish(bucket, "files", root, publish_dashboard.config(OUTPUTS))

    assert next(iter(bucket.objects)) == "config.json"
    assert list(bucket.objects)[-1] == "index.html"
    assert bucket.objects["assets/index-1.js"] == {
        "Body": b"assets/index-1.js",
        "ContentType": "text/javascript; charset=utf-8",
        "CacheControl": "public, max-age=31536000, immutable",
    }
    assert changed == ["/", "/config.json", "/icon.svg", "/preview.html", "/index.html"]


@pytest.mark.parametrize("page", [None, "https://laurel.auth.eu-west-1.amazoncognito.com"])
def test_the_dashboard_is_told_where_users_sign_in(page: str | None) -> None:
    told = publish_dashboard.config(OUTPUTS | ({"SignInUrl": page} if page else {}))

    assert told == {"userPoolUrl": OUTPUTS["UserPoolUrl"], "clientId": "client", "loginUrl": page}


def test_files_of_earlier_builds_stay_a_month(root: Path) -> None:
    bucket, old = Bucket(), NOW - timedelta(days=31)
    for name, at in {
        "assets/index-0.js": old,
        "assets/index-00.js": NOW - timedelta(days=29),
        "assets/index-1.js": old,
        "config.json": old,
    }.items():
        bucket.objects[name] = {"at": at}

    assert publish_dashboard.forget_old(bucket, "files", root, NOW) == ["assets/index-0.js"]
    assert set(bucket.objects) == {"assets/index-00.js", "assets/index-1.js", "config.json"}


def test_what_is_not_built_is_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(publish_dashboard, "BUILT", tmp_path)

    assert publish_dashboard.main([]) == 1
    assert "make web" in capsys.readouterr().err


def test_publishing_ends_with_the_address(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket, asked = Bucket(), []

    class CloudFront:
        def create_invalidation(self, **request: Any) -> None:
            asked.append(request)

    stack = OUTPUTS | {
        "DashboardBucket": "files",
        "DashboardDistribution": "E1",
        "DashboardUrl": "https://d1.cloudfront.net/",
    }
    monkeypatch.setattr(publish_dashboard, "BUILT", root)
    monkeypatch.setattr(publish_dashboard, "stack_outputs", lambda name: stack if name == "shop" else {})
    monkeypatch.setattr(publish_dashboard, "forget_old", lambda *_: [])
    monkeypatch.setattr("boto3.client", {"s3": bucket, "cloudfront": CloudFront()}.__getitem__)

    assert publish_dashboard.main(["--stack", "shop"]) == 0

    assert capsys.readouterr().out == "The dashboard is at https://d1.cloudfront.net/\n"
    assert asked[0]["DistributionId"] == "E1"
    assert asked[0]["InvalidationBatch"]["Paths"] == {
        "Quantity": 5,
        "Items": ["/", "/config.json", "/icon.svg", "/preview.html", "/index.html"],
    }
