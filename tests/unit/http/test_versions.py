"""Changes that name the version they are about."""

from __future__ import annotations

from typing import Any

import pytest

from laurel.http.app import App
from laurel.http.exchange import Request
from laurel.http.versions import etag, require_match
from laurel.model.errors import PreconditionRequired, VersionMismatch
from tests.support.api import api_event


def asked(headers: dict[str, Any]) -> App:
    app = App()
    app.request = Request(api_event("PATCH", "/account", headers=headers))
    return app


def test_a_version_is_told_in_quotes() -> None:
    assert etag(3) == {"ETag": '"3"'}


@pytest.mark.parametrize("named", ['"3"', "*", ' "3" ', '"2","3"', '"2" , "3"'])
def test_the_present_version_may_be_changed(named: str) -> None:
    require_match(asked({"If-Match": named}), 3)


@pytest.mark.parametrize("named", ['"2"', "3", 'W/"3"', "", '"3', '"13"', '"2", "4"'])
def test_any_other_may_not(named: str) -> None:
    with pytest.raises(VersionMismatch):
        require_match(asked({"if-match": named}), 3)


def test_a_change_must_name_one() -> None:
    with pytest.raises(PreconditionRequired):
        require_match(asked({}), 3)
