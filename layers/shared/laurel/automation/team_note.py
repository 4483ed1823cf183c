"""What the team is told by mail when an automation says so, in the account's language."""

from __future__ import annotations

from types import MappingProxyType

from laurel.messaging.languages import language
from laurel.messaging.lines import one_line
from laurel.model.account import Account
from laurel.model.automation import Run
from laurel.model.contact import Contact

_TEXTS = MappingProxyType(
    {
        "en": "The automation “{automation}” has come to a step that tells you of a contact:\n\n{contact}",
        "pt-BR": "A automação “{automation}” chegou a uma etapa que avisa você sobre um contato:\n\n{contact}",
        "fr": "L’automatisation « {automation} » est arrivée à une étape qui vous signale un contact :\n\n{contact}",  # noqa: RUF001
        "de": "Die Automation „{automation}“ ist bei einem Schritt, der Ihnen einen Kontakt meldet:\n\n{contact}",
    }
)


def words(account: Account, run: Run, contact: Contact, note: str | None) -> tuple[str, str]:
    """Subject and text of a mail to the team: whom it is about, by which automation, and the merchant's own note."""
    who = f"{contact.name} <{contact.email}>" if contact.name else contact.email
    text = _TEXTS[language(account.locale)].format(automation=run.automation_name, contact=who)
    subject = one_line(f"{run.automation_name}: {contact.name or contact.email}")
    return subject, f"{text}\n\n{note}" if note else text
