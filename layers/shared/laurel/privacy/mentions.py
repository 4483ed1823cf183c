"""Whether a text speaks of somebody: by an address with their contact id, or by a name that is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from laurel.model.identity import contact_id

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_ADDRESS = re.compile(r"[^\s\"'<>()\[\]{},:;|\\/=&?]+@[^\s\"'<>()\[\]{},:;|\\/=&?]+")


@dataclass(frozen=True, slots=True)
class Mentions:
    """Whom to look for: contact ids, which say nothing of themselves, names, and other words where they are known."""

    contacts: frozenset[str] = frozenset()
    names: tuple[tuple[str, ...], ...] = ()
    words: tuple[str, ...] = ()

    def found_in(self, text: str) -> bool:
        """True if an address in the text is a contact's, or it has all parts of a name, or one of the words."""
        plain = _plain(text)
        if any(word in plain for word in self.words):
            return True
        if any(contact in self.contacts for contact in _contacts_in(plain)):
            return True
        return any(all(re.search(rf"(?<!\w){re.escape(part)}(?!\w)", plain) for part in name) for name in self.names)


def contacts_in(text: str) -> Iterator[str]:
    """Contact ids of the addresses in a text, each once."""
    return iter(dict.fromkeys(_contacts_in(_plain(text))))


def looking_for(contacts: Iterable[str], names: Iterable[str | None] = (), words: Iterable[str] = ()) -> Mentions:
    """Look for contacts, for full names (of two words at least, or they would be found everywhere), and for words."""
    parts = {tuple(name.lower().split()) for name in names if name}
    known = tuple(sorted(it for it in parts if len(it) > 1))
    return Mentions(frozenset(contacts), known, tuple(sorted(word.lower() for word in words)))


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), text).replace("%40", "@").lower()


def _contacts_in(plain: str) -> Iterator[str]:
    return (contact_id(address.strip(".")) for address in _ADDRESS.findall(plain))
