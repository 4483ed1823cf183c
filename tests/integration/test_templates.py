"""Message templates in Workspace: every version kept, and written by one at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from laurel.model.account import Store
from laurel.model.template import LONGEST_HTML, LONGEST_TEXT, Content, MessageTemplate
from laurel.store.templates import Templates
from tests.support.faults import client_error
from tests.support.samples import NOW
from tests.support.tables import Database


@pytest.fixture
def templates(database: Database) -> Templates:
    return Templates(database.client, database.tables.workspace)


@pytest.fixture
def account(store: Store) -> str:
    """Of no other test."""
    return store.account_id


def a_template(id_: str = "thanks", **changes: Any) -> MessageTemplate:
    content = Content("Thanks, {{ contact.name }} ü", "Thanks", "<p>{{ coupon }}</p>")
    return replace(MessageTemplate(id_, "Thanks", content, NOW, NOW), **changes)


@pytest.mark.parametrize(
    "content",
    [
        a_template().content,
        Content("a", None, "<p>b</p>"),
        Content("a", "b", None),
        Content("a", "ü" * (LONGEST_TEXT // 2), "ü" * (LONGEST_HTML // 2)),
    ],
    ids=["both", "html", "text", "largest"],
)
def test_a_template_is_read_as_it_was_saved(templates: Templates, account: str, content: Content) -> None:
    template = a_template(content=content)

    assert templates.save(account, template)

    kept = replace(template, version=1)
    assert templates.template(account, template.id) == kept
    assert templates.version(account, template.id, 1) == kept
    assert templates.heads(account) == [kept.head]


def test_every_version_stays_readable(templates: Templates, account: str) -> None:
    saved = []
    for number in range(12):
        content = Content(f"Subject {number}", f"Text {number}", None)
        template = a_template(content=content, version=number, updated_at=NOW + timedelta(minutes=number))
        assert templates.save(account, template)
        saved.append(replace(template, version=number + 1))

    assert [templates.version(account, "thanks", number) for number in range(1, 13)] == saved
    assert templates.template(account, "thanks") == saved[-1]
    assert templates.heads(account) == [saved[-1].head]
    assert templates.versions(account, "thanks", 100) == ([it.head for it in reversed(saved)], None)
    assert templates.delete(account, "thanks", 12)
    assert templates.template(account, "thanks") is None
    assert templates.heads(account) == []
    assert templates.version(account, "thanks", 3) == saved[2]


def test_versions_come_page_by_page(templates: Templates, account: str) -> None:
    for number in range(5):
        assert templates.save(account, a_template(version=number))
    assert templates.save(account, a_template("thanks2"))

    pages, after = [], None
    while True:
        page, after = templates.versions(account, "thanks", 2, after)
        pages.append([head.version for head in page])
        if after is None:
            break

    assert [version for page in pages for version in page] == [5, 4, 3, 2, 1]
    assert pages[0] == [5, 4]


def test_templates_are_in_the_order_of_their_creation(templates: Templates, account: str) -> None:
    for id_, minutes in (("a", 3), ("b", 1), ("d", 2), ("c", 2)):
        assert templates.save(account, a_template(id_, created_at=NOW + timedelta(minutes=minutes)))

    assert [head.id for head in templates.heads(account)] == ["b", "c", "d", "a"]


def test_templates_belong_to_one_account(templates: Templates, account: str) -> None:
    assert templates.save(account, a_template())

    for other in ("other", f"{account}#", f"{account}#template"):
        assert templates.heads(other) == []
        assert templates.template(other, "thanks") is None
        assert templates.version(other, "thanks", 1) is None
        assert templates.versions(other, "thanks", 9) == ([], None)
        assert not templates.delete(other, "thanks", 1)
    for id_ in ("thank", "thanks#", "thanks#00000001", "", "#thanks"):
        assert templates.template(account, id_) is None
        assert templates.versions(account, id_, 9) == ([], None)


def test_of_two_who_read_the_same_version_one_writes(templates: Templates, account: str) -> None:
    assert templates.save(account, a_template())
    assert not templates.save(account, a_template(name="Another"))
    first, second = (a_template(name=name, version=1) for name in ("First", "Second"))

    assert templates.save(account, first)
    assert not templates.save(account, second)
    assert not templates.delete(account, "thanks", 1)

    assert templates.template(account, "thanks") == replace(first, version=2)
    assert templates.version(account, "thanks", 3) is None


def test_a_deleted_template_is_not_written_again(templates: Templates, account: str) -> None:
    assert templates.save(account, a_template())
    assert templates.delete(account, "thanks", 1)

    assert not templates.save(account, a_template(version=1))
    assert not templates.save(account, a_template()), "its first version is kept"
    assert not templates.delete(account, "thanks", 1)


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "TransactionConflictException"])
def test_other_errors_are_not_taken_for_another_writer(templates: Templates, account: str, code: str) -> None:
    class Failing:
        def transact_write_items(self, **_request: Any) -> Any:
            raise client_error(code)

        delete_item = transact_write_items

    failing = Templates(Failing(), "table")  # type: ignore[arg-type]

    if code == "TransactionConflictException":
        assert not failing.save(account, a_template())
        assert not failing.delete(account, "thanks", 1)
    else:
        with pytest.raises(ClientError):
            failing.save(account, a_template())
        with pytest.raises(ClientError):
            failing.delete(account, "thanks", 1)
