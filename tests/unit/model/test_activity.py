"""Activities and their names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from laurel.model.activity import Activity, is_activity_name
from tests.support.samples import at

OPENED = Activity("a1", "email.opened", at("2026-11-20T10:00:00"), {"campaign": "autumn", "count": 2})


@pytest.mark.parametrize(
    "name", ["unsubscribed", "email.opened", "page.visited", "shop-app.level_2.won", "a", "1", "a" * 64]
)
def test_a_name_is_dotted_lower_case_words(name: str) -> None:
    assert is_activity_name(name)


@pytest.mark.parametrize(
    "name",
    ["", ".", "email.", ".opened", "email..opened", "Email.opened", "email opened", "_a", "-a", "é", "a\n", "a" * 65],
)
def test_anything_else_is_no_name(name: str) -> None:
    assert not is_activity_name(name)


def test_a_digest_tells_contents_apart_whatever_their_order() -> None:
    assert replace(OPENED, properties={"count": 2, "campaign": "autumn"}).digest == OPENED.digest
    assert len(OPENED.digest) == 16
    others = [
        replace(OPENED, name="email.clicked"),
        replace(OPENED, occurred_at=at("2026-11-20T10:00:01")),
        replace(OPENED, properties={"campaign": "autumn", "count": 3}),
        replace(OPENED, properties={"campaign": "autumn", "count": "2"}),
    ]
    assert len({OPENED.digest, *(other.digest for other in others)}) == 5
