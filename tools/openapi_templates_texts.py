"""The prose of the API's description about message templates."""

from __future__ import annotations

from typing import Any

from laurel.messaging.fields import FIELDS
from laurel.model.template import MOST_TEMPLATES

TAGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Message templates": (
        "What messages say, with fields that differ from contact to contact.",
        (
            "listTemplates",
            "createTemplate",
            "getTemplate",
            "changeTemplate",
            "deleteTemplate",
            "listTemplateVersions",
            "getTemplateVersion",
            "previewTemplate",
            "previewDraft",
        ),
    ),
}

_FILL_IN = (
    "Fields without a value read as nothing, or as what the filter `default` says; `missing` names those for which "
    "nothing stands in, and for which the message would not be sent. HTML is "
    "answered as a reader would get it: scripts, forms, styles that load something and the like are taken out. Values "
    "are escaped in HTML, and the subject is always one line."
)

DESCRIPTIONS = {
    "createTemplate": (
        "Subject, text and HTML may name merge fields, as `{{ contact.first_name }}`, with the filters `capitalize`, "
        '`default("there")`, `lower`, `title`, `trim` and `upper`, and hold conditions: '
        "`{% if contact.score >= 100 %} … {% elif "
        '"gold" in contact.tags %} … {% else %} … {% endif %}`. There is nothing else. Fields: '
        + ", ".join(f"`{name}`" for name in FIELDS)
        + ".\n\nA field that does not exist, or anything else that could not be filled in, is answered 422 with the "
        f"line where it is. An account has at most {MOST_TEMPLATES} templates; one more is answered 409."
    ),
    "changeTemplate": (
        "Send the fields to change. This makes a new version; those before stay readable. `If-Match` names the version "
        "that was read: the `ETag` of that answer."
    ),
    "deleteTemplate": "What its versions said stays readable. The answer is the template as it was.",
    "listTemplateVersions": "Of a deleted template too.",
    "getTemplateVersion": "Of a deleted template too.",
    "previewTemplate": (
        "Fills in the latest version for a contact, for a made-up person (`sample`), or with no values at all. Nothing "
        "is written.\n\n" + _FILL_IN
    ),
    "previewDraft": "Fills in what was not saved yet. Nothing is written.\n\n" + _FILL_IN,
}

PATH_PARAMETERS = {
    "template": "Id of a message template of the account.",
    "version": "Number of a version, from 1.",
}

_SAID = {
    "subject": '{{ contact.first_name | default("Hello") }}, something for you',
    "html": "<p>You are number {{ rank.total_spent }} of our customers.</p><p>{{ coupon }}</p>",
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "createTemplate": {"thanks": {"name": "Thanks", **_SAID}},
    "changeTemplate": {"subject": {"subject": "Thank you"}, "plain": {"html": None, "text": "Thank you!"}},
    "previewTemplate": {
        "contact": {"audience": "k3v5m2x7q4zt", "contact": "ada@example.com", "store": "m4x7q2k3v5zt"},
        "sample": {"sample": True},
    },
    "previewDraft": {"sample": {**_SAID, "coupon": "LAUREL-10", "sample": True}},
}
