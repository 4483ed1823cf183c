"""What one may try with the other's senders, templates and messages, and the links in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.attempts.attempt import Attempt, nothing, only_asked, with_key
from tests.support.attempts.people import of_person
from tests.support.estate import Estate
from tests.support.shop import ADA, BODIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


def _versions(mine: Estate, theirs: Estate) -> list[Attempt]:
    path, operation = {"template": mine.template}, "listTemplateVersions"
    return [
        Attempt(operation, path, own=True),
        *(Attempt(operation, path, {"cursor": it}) for it in (theirs.versions_cursor, theirs.jobs_cursor)),
        Attempt(operation, {"template": theirs.template}, {"cursor": theirs.versions_cursor}),
    ]


def _wishes(mine: Estate, theirs: Estate) -> Iterator[tuple[dict[str, Any], bool]]:
    """Previews about the other's people and shop, and about one's own."""
    ours, others = mine.tenant.audience_id, theirs.tenant.audience_id
    for audience, contact, own in (
        (ours, mine.customer, True),
        (ours, theirs.customer, False),
        (others, theirs.customer, False),
        (others, mine.customer, False),
        (f"{theirs.tenant.account_id}#{others}", ADA, False),
        (others, ADA, False),
    ):
        yield {"audience": audience, "contact": contact}, own
    yield {"sample": True, "store": theirs.stores["generic"]["id"]}, False
    yield {"audience": ours, "contact": ADA, "store": theirs.stores["generic"]["id"]}, False
    yield {"audience": ours, "contact": ADA, "store": mine.stores["generic"]["id"]}, True


def _preview(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"template": mine.template}
    return [Attempt("previewTemplate", path, body=wish, own=own) for wish, own in _wishes(mine, theirs)]


def _draft(mine: Estate, theirs: Estate) -> list[Attempt]:
    said = {"subject": "{{ contact.name }}", "text": "{{ store.name }} {{ contact.tags }} {{ account.name }}"}
    return [Attempt("previewDraft", body=wish | said, own=own) for wish, own in _wishes(mine, theirs)]


def _senders(mine: Estate, theirs: Estate) -> list[Attempt]:
    """The other's domain, and an address in it once it is verified, are nobody else's."""
    domain = f"{theirs.mark}-{theirs.tenant.account_id}.example.com"
    return [
        Attempt("createSender", body={"domain": domain}),
        Attempt("createSender", body={"domain": domain.upper()}),
        *with_key("createSender", domain=f"{mine.tenant.account_id}.example.org")(mine, theirs),
    ]


def _links(operation: str) -> Callable[[Estate, Estate], list[Attempt]]:
    """Links of the other with parts of one's own, and one's own with parts of the other's."""

    def made(mine: Estate, theirs: Estate) -> list[Attempt]:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        ours, others = mine.unsubscribe_token, theirs.unsubscribe_token
        forged = [
            ours[:75] + others[75:],
            others[:75] + ours[75:],
            others[:-1],
            f"{others}=",
            f"{others}A",
            others.swapcase(),
        ]
        said: dict[str, Any] = {"body": "List-Unsubscribe=One-Click", "headers": form}
        if operation == "showUnsubscribe":
            said = {}
        return [
            *(Attempt(operation, {"token": it}, **said) for it in forged),
            Attempt(operation, {"token": ours}, own=True, **said),
        ]

    return made


def _messages(operation: str) -> Callable[[Estate, Estate], list[Attempt]]:
    """Messages to one's own contact that the other's template says, about the other's store, from its domain."""

    def made(mine: Estate, theirs: Estate) -> list[Attempt]:
        path = {"audience": mine.tenant.audience_id, "contact": mine.customer}
        body = BODIES[operation]
        sender = {"from": f"hello@{theirs.mark}-{theirs.tenant.account_id}.example.com"}
        attempts = [
            Attempt(operation, path, body={"template": theirs.template}),
            Attempt(operation, path, body={"template": f"{theirs.tenant.account_id}#template#{theirs.template}"}),
            Attempt(operation, path, body=body | {"store": theirs.stores["generic"]["id"]}),
            *with_key(operation, "audience", "contact")(mine, theirs),
        ]
        if operation != "previewMessage":
            attempts.append(Attempt(operation, path, body=body | sender, refused=409))
        return attempts

    return made


def _message_list(mine: Estate, theirs: Estate) -> list[Attempt]:
    path = {"audience": mine.tenant.audience_id, "contact": mine.customer}
    foreign = (theirs.messages_cursor, theirs.timeline_cursor)
    return [
        Attempt("listMessages", path, own=True),
        *(Attempt("listMessages", path, {"cursor": it}) for it in foreign),
    ]


def _suppression_list(_mine: Estate, theirs: Estate) -> list[Attempt]:
    foreign = (theirs.suppressions_cursor, theirs.messages_cursor)
    return [
        Attempt("listSuppressions", own=True),
        *(Attempt("listSuppressions", query={"cursor": it}) for it in foreign),
    ]


ATTEMPTS: dict[str, Callable[[Estate, Estate], Iterable[Attempt]]] = {
    "listSenders": only_asked("listSenders"),
    "createSender": _senders,
    "getSender": nothing,
    "getDeliverability": only_asked("getDeliverability"),
    "listSuppressions": _suppression_list,
    "suppressAddress": with_key("suppressAddress"),
    "releaseAddress": nothing,
    "deleteSender": nothing,
    "showUnsubscribe": _links("showUnsubscribe"),
    "unsubscribeContact": _links("unsubscribeContact"),
    "listTemplates": only_asked("listTemplates"),
    "createTemplate": with_key("createTemplate"),
    "getTemplate": nothing,
    "changeTemplate": with_key("changeTemplate", "template"),
    "deleteTemplate": nothing,
    "listTemplateVersions": _versions,
    "getTemplateVersion": lambda mine, _: [
        Attempt("getTemplateVersion", {name: mine.path[name] for name in ("template", "version")}, own=True)
    ],
    "previewTemplate": _preview,
    "previewDraft": _draft,
    "sendMessage": _messages("sendMessage"),
    "previewMessage": _messages("previewMessage"),
    "testMessage": _messages("testMessage"),
    "listMessages": _message_list,
    "getMessage": nothing,
    "cancelMessage": nothing,
    "getMessageGates": of_person("getMessageGates"),
}
"""Of these routes, what can be tried besides its path."""
