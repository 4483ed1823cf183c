"""The pages of the mailbox: HTML without scripts, which shows mails and asks what should happen to them.

Plain Python: it can be imported outside of the emulator.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote, urlencode

from local.emulator.mail_events import Happening
from local.emulator.mailbox import Mail

ROOT = "/_laurel/mailbox"
VIEWS = {"html": "HTML", "text": "Text", "headers": "Headers", "source": "Source"}
WIDTHS = {"600": "Wide", "360": "Phone"}
LABELS = {
    Happening.DELIVER: "Deliver",
    Happening.OPEN: "Open",
    Happening.BOUNCE: "Bounce for good",
    Happening.BOUNCE_TRANSIENT: "Bounce for now",
    Happening.COMPLAINT: "Complain",
}
TOLD = {
    Happening.SEND: "sent",
    Happening.DELIVER: "delivered",
    Happening.OPEN: "opened",
    Happening.CLICK: "clicked",
    Happening.BOUNCE: "bounced",
    Happening.BOUNCE_TRANSIENT: "bounced for now",
    Happening.COMPLAINT: "complained",
}

_STYLE = """
:root{color-scheme:light dark;--line:#8a8a8566;--soft:#8a8a8522;--link:light-dark(#0b57d0,#8ab4f8)}
*{box-sizing:border-box}
body{margin:0;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:72rem;margin:0 auto;padding:1rem 1.25rem 3rem}
h1{font-size:1.35rem;line-height:1.3;margin:.75rem 0}
a{color:var(--link)}
ul{list-style:none;margin:0;padding:0}
.mails li{border-top:1px solid var(--line)}
.mails a{display:grid;grid-template-columns:13rem 1fr minmax(0,16rem);gap:0 1rem;padding:.6rem .25rem;color:inherit;
text-decoration:none}
.mails a:hover,.mails a:focus-visible{background:var(--soft)}
.mails b{font-weight:600}
.quiet{opacity:.75}
dl{display:grid;grid-template-columns:auto 1fr;gap:.15rem 1rem;margin:0 0 1rem}
dt{opacity:.75}
dd{margin:0}
form,.bar{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:.5rem 0}
button{font:inherit;padding:.4rem .9rem;border:1px solid currentColor;border-radius:.4rem;background:transparent;
color:inherit;cursor:pointer}
button:hover{background:var(--soft)}
.bar a{padding:.3rem .7rem;border-radius:.4rem;color:inherit;text-decoration:none;border:1px solid var(--line)}
.bar a[aria-current]{background:var(--soft);border-color:currentColor;font-weight:600}
iframe{display:block;width:100%;height:52rem;border:1px solid var(--line);border-radius:.4rem;background:canvas}
iframe.w360{max-width:360px}
pre{white-space:pre-wrap;border:1px solid var(--line);border-radius:.4rem;padding:1rem;margin:0}
section{margin-top:1.5rem}
section form{flex-wrap:nowrap;align-items:baseline}
section button,section .quiet{flex:none}
h2{font-size:1rem;margin:0 0 .25rem}
@media(max-width:40rem){.mails a{grid-template-columns:1fr}}
"""

PAGE_POLICY = (
    "default-src 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def body_policy(*, images: bool) -> str:
    """What the HTML of a mail may do in its frame: look as it was meant to, with images or without."""
    shown = "http: https: data:" if images else "'none'"
    return f"default-src 'none'; style-src 'unsafe-inline'; img-src {shown}; sandbox; frame-ancestors 'self'"


def address(mail: Mail) -> str:
    """Path of a mail's page."""
    return f"{ROOT}/{quote(mail.id, safe='')}"


def all_mails(mails: Sequence[Mail]) -> str:
    """The list, newest first."""
    if not mails:
        return _page("Mailbox", "<h1>Mailbox</h1><p>No mail was sent yet.</p>")
    rows = "".join(
        f'<li><a href="{address(mail)}"><span class="quiet">{_time(mail.sent_at)}</span>'
        f"<span><b>{escape(mail.header('Subject')) or '(no subject)'}</b><br>"
        f'{escape(mail.header("From"))}<span class="quiet"> to </span>{escape(mail.header("To"))}</span>'
        f'<span class="quiet">{escape(_summary(mail))}</span></a></li>'
        for mail in mails
    )
    return _page("Mailbox", f'<h1>Mailbox</h1><ul class="mails">{rows}</ul>')


def one_mail(mail: Mail, view: str, width: str, *, images: bool) -> str:
    """A mail as its reader sees it, and buttons for what its reader and their mail provider do."""
    subject = mail.header("Subject") or "(no subject)"
    about = [("From", mail.header("From")), ("To", mail.header("To")), ("Sent", _time(mail.sent_at))]
    about += [("Events", _history(mail))]
    listed = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in about)
    return _page(
        f"{subject} | Mailbox",
        f'<p><a href="{ROOT}">Mailbox</a></p><h1>{escape(subject)}</h1><dl>{listed}</dl>'
        f"{_buttons(mail)}{_tabs(view, width, images=images)}"
        f"{_shown(mail, view, width, images=images)}{_links(mail)}",
    )


def not_found() -> str:
    """Says that there is no such mail."""
    return _page("No such mail", f'<h1>No such mail</h1><p><a href="{ROOT}">All mails</a></p>')


def _buttons(mail: Mail) -> str:
    buttons = "".join(_button(happening, label) for happening, label in LABELS.items())
    return f'<form method="post" action="{address(mail)}/events">{buttons}</form>'


def _button(happening: Happening, label: str) -> str:
    return f'<button name="type" value="{happening}">{escape(label)}</button>'


def _tabs(view: str, width: str, *, images: bool) -> str:
    shown = "on" if images else "off"
    tabs = [(label, {"view": name}, name == view) for name, label in VIEWS.items()]
    if view == "html":
        tabs += [(f"Images {it}", {"view": view, "width": width, "images": it}, it == shown) for it in ("on", "off")]
        tabs += [(label, {"view": view, "images": shown, "width": it}, it == width) for it, label in WIDTHS.items()]
    links = "".join(
        f'<a href="?{escape(urlencode(query))}"{" aria-current=page" * current}>{escape(label)}</a>'
        for label, query, current in tabs
    )
    return f'<nav class="bar">{links}</nav>'


def _shown(mail: Mail, view: str, width: str, *, images: bool) -> str:
    if view == "html" and mail.html is not None:
        source = f"{address(mail)}/body?images={'on' if images else 'off'}"
        return f'<iframe class="w{width}" sandbox title="The mail" src="{source}"></iframe>'
    told = {
        "html": "This mail has no HTML.",
        "text": mail.text or "This mail has no text.",
        "headers": "\n".join(f"{name}: {value}" for name, value in mail.headers),
        "source": mail.raw.decode("utf-8", "replace"),
    }
    return f"<pre>{escape(told[view])}</pre>"


def _links(mail: Mail) -> str:
    """Each link with a button that clicks on it, if SES would know, and its address to follow."""
    rows = []
    for link, tracked in mail.links:
        click = (
            '<button name="type" value="click">Click</button>' if tracked else '<span class="quiet">not counted</span>'
        )
        rows.append(
            f'<li><form method="post" action="{address(mail)}/events"><input type="hidden" name="link" '
            f'value="{escape(link)}">{click}<a href="{escape(link)}" rel="noopener noreferrer" target="_blank">'
            f"{escape(link)}</a></form></li>"
        )
    return f"<section><h2>Links</h2><ul>{''.join(rows)}</ul></section>" if rows else ""


def _history(mail: Mail) -> str:
    return ", ".join(f"{TOLD[Happening(name)]} {at.astimezone(UTC):%H:%M:%S}" for name, at in mail.happened) or "none"


def _summary(mail: Mail) -> str:
    return ", ".join(_each_once(TOLD[Happening(name)] for name, _ in mail.happened))


def _each_once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _page(title: str, body: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )
