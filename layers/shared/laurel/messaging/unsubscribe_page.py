"""The pages of people who stop or resume mail: plain HTML in four languages, without scripts or anything remote."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from html import escape

from laurel.messaging.unsubscribe import Decision

ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""What mail programs post (RFC 8058)."""
DECISION_FIELD = "decision"

_STYLE = (
    "body{margin:0;background:#f6f6f4;color:#1d1d1b;font:1.125rem/1.5 system-ui,sans-serif}"
    "main{max-width:34rem;margin:12vh auto 0;padding:1.5rem}"
    "h1{font-size:1.6rem;line-height:1.25}"
    "button{font:inherit;padding:.75rem 1.5rem;border:2px solid #1d1d1b;border-radius:.4rem;background:#1d1d1b;"
    "color:#fff;cursor:pointer}"
    "button:focus-visible{outline:3px solid #0b57d0;outline-offset:3px}"
    "button.quiet{background:transparent;color:#1d1d1b}"
)

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True, slots=True)
class _Words:
    """What the pages say in one language; ``{sender}`` is who writes."""

    ask_title: str
    ask: str
    unsubscribe: str
    off_title: str
    off: str
    subscribe: str
    on_title: str
    on: str
    invalid_title: str
    invalid: str


_WORDS = {
    "en": _Words(
        ask_title="Unsubscribe?",
        ask="You will get no more marketing mail from {sender}.",
        unsubscribe="Unsubscribe",
        off_title="You are unsubscribed",
        off="{sender} will send you no more marketing mail. If that was a mistake, you can subscribe again.",
        subscribe="Subscribe again",
        on_title="You are subscribed again",
        on="{sender} may send you marketing mail. You can unsubscribe at any time.",
        invalid_title="This link does not work",
        invalid="It is incomplete or no longer valid. Use the whole link in the mail, or reply to the mail.",
    ),
    "pt-BR": _Words(
        ask_title="Cancelar a inscrição?",
        ask="Você não receberá mais e-mails de marketing de {sender}.",
        unsubscribe="Cancelar inscrição",
        off_title="Sua inscrição foi cancelada",
        off="{sender} não enviará mais e-mails de marketing a você. Se foi um engano, você pode se inscrever de novo.",
        subscribe="Inscrever-se de novo",
        on_title="Sua inscrição foi retomada",
        on="{sender} pode enviar e-mails de marketing a você. Você pode cancelar a inscrição a qualquer momento.",
        invalid_title="Este link não funciona",
        invalid="Ele está incompleto ou não é mais válido. Use o link do e-mail por inteiro ou responda ao e-mail.",
    ),
    "fr": _Words(
        ask_title="Se désabonner ?",
        ask="Vous ne recevrez plus d’e-mails promotionnels de {sender}.",
        unsubscribe="Se désabonner",
        off_title="Votre désabonnement est enregistré",
        off="{sender} ne vous enverra plus d’e-mails promotionnels. En cas d’erreur, vous pouvez vous réabonner.",
        subscribe="Se réabonner",
        on_title="Votre réabonnement est enregistré",
        on="{sender} peut vous envoyer des e-mails promotionnels. Vous pouvez vous désabonner à tout moment.",
        invalid_title="Ce lien ne fonctionne pas",
        invalid="Il est incomplet ou n’est plus valable. Utilisez le lien entier de l’e-mail ou répondez à l’e-mail.",
    ),
    "de": _Words(
        ask_title="Abmelden?",
        ask="Sie erhalten dann keine Werbe-E-Mails mehr von {sender}.",
        unsubscribe="Abmelden",
        off_title="Sie sind abgemeldet",
        off="{sender} schickt Ihnen keine Werbe-E-Mails mehr. War das ein Versehen, können Sie sich wieder anmelden.",
        subscribe="Wieder anmelden",
        on_title="Sie sind wieder angemeldet",
        on="{sender} darf Ihnen Werbe-E-Mails schicken. Sie können sich jederzeit abmelden.",
        invalid_title="Dieser Link funktioniert nicht",
        invalid="Er ist unvollständig oder nicht mehr gültig. Nehmen Sie den ganzen Link oder antworten Sie uns.",
    ),
}


def ask(language: str, sender: str) -> str:
    """Asks whether to unsubscribe."""
    words = _WORDS[language]
    button = _button(Decision.UNSUBSCRIBE, words.unsubscribe, "")
    return _page(language, words.ask_title, words.ask.format(sender=sender), button)


def unsubscribed(language: str, sender: str) -> str:
    """Says that there will be no more mail, and offers to take that back."""
    words = _WORDS[language]
    button = _button(Decision.SUBSCRIBE, words.subscribe, "quiet")
    return _page(language, words.off_title, words.off.format(sender=sender), button)


def subscribed(language: str, sender: str) -> str:
    """Says that mail may come again, and offers to take that back."""
    words = _WORDS[language]
    button = _button(Decision.UNSUBSCRIBE, words.unsubscribe, "quiet")
    return _page(language, words.on_title, words.on.format(sender=sender), button)


def invalid(language: str) -> str:
    """Says that a link does not work, and nothing of why or whose it is."""
    words = _WORDS[language]
    return _page(language, words.invalid_title, words.invalid, "")


def _button(decision: Decision, label: str, style: str) -> str:
    quiet = f' class="{style}"' if style else ""
    field = f'name="{DECISION_FIELD}" value="{decision}"'
    return f'<form method="post"><button type="submit" {field}{quiet}>{escape(label)}</button></form>'


def _page(language: str, title: str, text: str, form: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex, nofollow"><title>{escape(title)}</title><style>{_STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1><p>{escape(text)}</p>{form}</main></body></html>"
    )
