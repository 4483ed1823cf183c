"""What every mail has beside what was written: who sends it, from where, how to get no more, and a whole document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from itertools import groupby

from laurel.model.message import MessageContent

_FONT = "16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_STYLE = "img{max-width:100%;height:auto}table{max-width:100%}"
_LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\"'.,:;!?)\]]")
_FOR_LIGHT = re.compile(r"colou?r|background|<img", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Foot:
    """Who writes, in one of ``LANGUAGES``; ``postal_address`` may have several lines."""

    language: str
    sender: str
    postal_address: str
    unsubscribe_url: str


@dataclass(frozen=True, slots=True)
class _Words:
    why: str
    unsubscribe: str


_WORDS = {
    "en": _Words("You get this mail because you subscribed to messages from {sender}.", "Unsubscribe"),
    "pt-BR": _Words(
        "Você recebe este e-mail porque se inscreveu para receber mensagens de {sender}.", "Cancelar inscrição"
    ),
    "fr": _Words("Vous recevez cet e-mail car vous avez accepté les messages envoyés par {sender}.", "Se désabonner"),
    "de": _Words("Sie erhalten diese E-Mail, weil Sie Nachrichten von {sender} abonniert haben.", "Abmelden"),
}


def complete(content: MessageContent, foot: Foot) -> MessageContent:
    """The message as it is sent: text and HTML, each with the foot. HTML is made from a text that has none."""
    return MessageContent(content.subject, _text(content, foot), _document(content, foot))


def _text(content: MessageContent, foot: Foot) -> str:
    words = _WORDS[foot.language]
    why = words.why.format(sender=foot.sender)
    lines = [foot.sender, *_lines(foot.postal_address), "", why, words.unsubscribe, foot.unsubscribe_url]
    return "\n".join([content.text.rstrip(), "", "---", *lines, ""])


def _document(content: MessageContent, foot: Foot) -> str:
    """HTML in which nothing is remote but the images that were written.

    Colours that were chosen were chosen for a white page, and so were images: only mail without either follows its
    reader's dark mode.
    """
    body = _from_text(content.text) if content.html is None else content.html
    schemes, page = "light dark", ""
    if content.html is not None and _FOR_LIGHT.search(content.html):
        schemes, page = "light only", ";background-color:#ffffff;color:#1d1d1b"
    return (
        f'<!DOCTYPE html>\n<html lang="{foot.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="{schemes}">\n<title>{escape(content.subject)}</title>\n'
        f"<style>:root{{color-scheme:{schemes}}}{_STYLE}</style>\n</head>\n"
        f'<body style="margin:0;padding:0{page}">\n'
        f'<div style="max-width:600px;margin:0 auto;padding:16px;font:{_FONT};overflow-wrap:anywhere">\n'
        f"{body}\n{_foot(foot)}\n</div>\n</body>\n</html>\n"
    )


def _foot(foot: Foot) -> str:
    words = _WORDS[foot.language]
    sender = "<br>\n".join(escape(line) for line in (foot.sender, *_lines(foot.postal_address)))
    # SES sends people by way of itself on all other links, to count the clicks.
    style = "color:inherit;display:inline-block;padding:8px 0"
    link = f'<a href="{escape(foot.unsubscribe_url)}" ses:no-track style="{style}">{words.unsubscribe}</a>'
    return (
        '<div style="clear:both;margin-top:32px;padding-top:16px;border-top:1px solid #8a8a85;font-size:13px">\n'
        f'<p style="margin:0 0 12px">{sender}</p>\n'
        f'<p style="margin:0">{escape(words.why.format(sender=foot.sender))}<br>\n{link}</p>\n</div>'
    )


def _from_text(text: str) -> str:
    """A paragraph for each block of lines."""
    blocks = (
        list(lines) for filled, lines in groupby(text.splitlines(), key=lambda line: bool(line.strip())) if filled
    )
    return "\n".join(f"<p>{'<br>\n'.join(map(_linked, lines))}</p>" for lines in blocks)


def _linked(line: str) -> str:
    """A line of text as HTML, with its addresses as links."""
    parts, end = list[str](), 0
    for found in _LINK.finditer(line):
        address = escape(found[0])
        parts += [escape(line[end : found.start()]), f'<a href="{address}">{address}</a>']
        end = found.end()
    return "".join([*parts, escape(line[end:])])


def _lines(address: str) -> list[str]:
    return [line.strip() for line in address.splitlines() if line.strip()]
