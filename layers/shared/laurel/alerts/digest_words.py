"""What the mail about new alerts says, in the languages that Laurel speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from urllib.parse import quote

from laurel.model.account import Audience
from laurel.model.alert import Alert, AlertKind, Lateness, RankDrop, ScoreDrop, SpendDrop
from laurel.model.identity import is_contact
from laurel.model.money import major_units
from laurel.model.period import PeriodKind, kind_of
from laurel.model.ranking import Metric

_NO_BREAK = "\u00a0"


@dataclass(frozen=True, slots=True)
class Line:
    """An alert, with the customer's name and the store's where they are known."""

    alert: Alert
    name: str | None
    store: str | None


@dataclass(frozen=True, slots=True)
class _Words:
    """``{n}`` is a number; a pair is for one and for more. Dates and amounts have the marks of the language."""

    subject: tuple[str, str]
    intro: tuple[str, str]
    more: tuple[str, str]
    all: str
    settings: str
    customer: str
    worth: str
    left_first: str
    rank_fell: str
    spend_down: str
    spend_down_days: str
    overdue: tuple[str, str]
    score_falling: str
    no_rank: str
    no_score: str
    week: str
    quarter: str
    metrics: Mapping[Metric, str]
    date: str
    thousands: str
    decimal: str


_WORDS: Mapping[str, _Words] = MappingProxyType(
    {
        "en": _Words(
            subject=("One customer seems to be slipping away", "{n} customers seem to be slipping away"),
            intro=(
                "One alert was opened in {audience} since the last mail.",
                "{n} alerts were opened in {audience} since the last mail. Who spent most in a year comes first.",
            ),
            more=("And one more.", "And {n} more."),
            all="All alerts:",
            settings="What to watch for, and how often this mail comes:",
            customer="Customer {id}",
            worth="{worth} in a year",
            left_first=(
                "No longer among the first {asked} by {metric}: {before} in {period_before}, {rank} in {period}."
            ),
            rank_fell="Fell by {metric}: {before} in {period_before}, {rank} in {period}.",
            spend_down="Spent {percent} % less: {spent} in {period}, {spent_before} in {period_before}.",
            spend_down_days=(
                "Spent {percent} % less: {spent} in the first {days} days of {period}, {spent_before} in those of "
                "{period_before}."
            ),
            overdue=(
                "Overdue: usually buys every day, last on {date}.",
                "Overdue: usually buys every {n} days, last on {date}.",
            ),
            score_falling="The score fell from {before} to {after} within {days} days.",
            no_rank="no rank",
            no_score="nothing",
            week="week {n} of {year}",
            quarter="Q{n} {year}",
            metrics={
                Metric.TOTAL_SPENT: "money spent",
                Metric.ORDERS_COUNT: "number of orders",
                Metric.AVERAGE_ORDER_VALUE: "average order",
            },
            date="%Y-%m-%d",
            thousands=",",
            decimal=".",
        ),
        "pt-BR": _Words(
            subject=("Um cliente parece estar se afastando", "{n} clientes parecem estar se afastando"),
            intro=(
                "Um alerta foi aberto em {audience} desde o último e-mail.",
                "{n} alertas foram abertos em {audience} desde o último e-mail. Quem gastou mais em um ano vem antes.",
            ),
            more=("E mais um.", "E mais {n}."),
            all="Todos os alertas:",
            settings="O que observar e com que frequência este e-mail chega:",
            customer="Cliente {id}",
            worth="{worth} em um ano",
            left_first=("Saiu dos {asked} primeiros por {metric}: {before} em {period_before}, {rank} em {period}."),
            rank_fell="Caiu por {metric}: {before} em {period_before}, {rank} em {period}.",
            spend_down="Gastou {percent}% menos: {spent} em {period}, {spent_before} em {period_before}.",
            spend_down_days=(
                "Gastou {percent}% menos: {spent} nos primeiros {days} dias de {period}, {spent_before} nos de "
                "{period_before}."
            ),
            overdue=(
                "Em atraso: costuma comprar todos os dias, última compra em {date}.",
                "Em atraso: costuma comprar a cada {n} dias, última compra em {date}.",
            ),
            score_falling="A pontuação caiu de {before} para {after} em {days} dias.",
            no_rank="sem posição",
            no_score="nada",
            week="semana {n} de {year}",
            quarter="{n}º trimestre de {year}",
            metrics={
                Metric.TOTAL_SPENT: "valor gasto",
                Metric.ORDERS_COUNT: "número de pedidos",
                Metric.AVERAGE_ORDER_VALUE: "pedido médio",
            },
            date="%d/%m/%Y",
            thousands=".",
            decimal=",",
        ),
        "fr": _Words(
            subject=("Un client semble s'éloigner", "{n} clients semblent s'éloigner"),
            intro=(
                "Une alerte a été ouverte dans {audience} depuis le dernier e-mail.",
                (
                    "{n} alertes ont été ouvertes dans {audience} depuis le dernier e-mail. Les clients qui ont le "
                    "plus dépensé en un an viennent d'abord."
                ),
            ),
            more=("Et une de plus.", "Et {n} de plus."),
            all="Toutes les alertes :",
            settings="Ce qui est surveillé, et la fréquence de cet e-mail :",
            customer="Client {id}",
            worth="{worth} en un an",
            left_first=(
                "N'est plus parmi les {asked} premiers par {metric} : {before} en {period_before}, {rank} en {period}."
            ),
            rank_fell="En recul par {metric} : {before} en {period_before}, {rank} en {period}.",
            spend_down="A dépensé {percent} % de moins : {spent} en {period}, {spent_before} en {period_before}.",
            spend_down_days=(
                "A dépensé {percent} % de moins : {spent} pendant les {days} premiers jours de {period}, "
                "{spent_before} pendant ceux de {period_before}."
            ),
            overdue=(
                "En retard : achète d'habitude tous les jours, dernier achat le {date}.",
                "En retard : achète d'habitude tous les {n} jours, dernier achat le {date}.",
            ),
            score_falling="Le score est passé de {before} à {after} en {days} jours.",
            no_rank="sans rang",
            no_score="rien",
            week="semaine {n} de {year}",
            quarter="T{n} {year}",
            metrics={
                Metric.TOTAL_SPENT: "montant dépensé",
                Metric.ORDERS_COUNT: "nombre de commandes",
                Metric.AVERAGE_ORDER_VALUE: "commande moyenne",
            },
            date="%d/%m/%Y",
            thousands=_NO_BREAK,
            decimal=",",
        ),
        "de": _Words(
            subject=("Ein Kunde scheint abzuwandern", "{n} Kunden scheinen abzuwandern"),
            intro=(
                "Eine Warnung ist in {audience} seit der letzten E-Mail hinzugekommen.",
                (
                    "{n} Warnungen sind in {audience} seit der letzten E-Mail hinzugekommen. Wer in einem Jahr am "
                    "meisten ausgegeben hat, steht zuerst."
                ),
            ),
            more=("Und eine weitere.", "Und {n} weitere."),
            all="Alle Warnungen:",
            settings="Worauf geachtet wird und wie oft diese E-Mail kommt:",
            customer="Kunde {id}",
            worth="{worth} in einem Jahr",
            left_first=(
                "Nicht mehr unter den ersten {asked} nach {metric}: {before} im Zeitraum {period_before}, {rank} im "
                "Zeitraum {period}."
            ),
            rank_fell="Zurückgefallen nach {metric}: {before} im Zeitraum {period_before}, {rank} in {period}.",
            spend_down=(
                "Gibt {percent} % weniger aus: {spent} im Zeitraum {period}, {spent_before} in {period_before}."
            ),
            spend_down_days=(
                "Gibt {percent} % weniger aus: {spent} an den ersten {days} Tagen im Zeitraum {period}, {spent_before} "
                "an denen im Zeitraum {period_before}."
            ),
            overdue=(
                "Überfällig: kauft sonst jeden Tag, zuletzt am {date}.",
                "Überfällig: kauft sonst alle {n} Tage, zuletzt am {date}.",
            ),
            score_falling="Die Punktzahl ist in {days} Tagen von {before} auf {after} gefallen.",
            no_rank="ohne Rang",
            no_score="nichts",
            week="KW {n}/{year}",
            quarter="Q{n} {year}",
            metrics={
                Metric.TOTAL_SPENT: "Ausgaben",
                Metric.ORDERS_COUNT: "Zahl der Bestellungen",
                Metric.AVERAGE_ORDER_VALUE: "durchschnittlicher Bestellung",
            },
            date="%d.%m.%Y",
            thousands=".",
            decimal=",",
        ),
    }
)


def subject(spoken: str, count: int) -> str:
    """The subject of a mail about so many new alerts."""
    words = _WORDS[spoken]
    return _counted(words, words.subject, count)


def text(spoken: str, audience: Audience, lines: Sequence[Line], count: int, dashboard_url: str) -> str:
    """The mail: some of ``count`` new alerts in words, each with a link to the customer."""
    words = _WORDS[spoken]
    blocks = [_counted(words, words.intro, count, audience=audience.name)]
    blocks += [_block(words, audience, line, dashboard_url) for line in lines]
    if count > len(lines):
        blocks.append(_counted(words, words.more, count - len(lines)))
    blocks.append(f"{words.all}\n{dashboard_url}/#/alerts")
    blocks.append(f"{words.settings}\n{dashboard_url}/#/alert-rules")
    return "\n\n".join(blocks) + "\n"


def _block(words: _Words, audience: Audience, line: Line, dashboard_url: str) -> str:
    alert = line.alert
    name = line.name or words.customer.format(id=alert.customer)
    worth = words.worth.format(worth=_amount(words, alert.worth, alert.currency))
    head = ", ".join(it for it in (name, worth, line.store) if it)
    said = [head, _reason(words, alert)]
    if is_contact(alert.customer):
        said.append(f"{dashboard_url}/#/audiences/{audience.id}/contacts/{quote(alert.customer, safe='')}")
    return "\n".join(said)


def _reason(words: _Words, alert: Alert) -> str:
    match alert.reason:
        case RankDrop() as reason:
            said = words.left_first if alert.kind is AlertKind.LEFT_FIRST else words.rank_fell
            return said.format(
                asked=reason.asked,
                metric=words.metrics[reason.metric],
                before=_number(words, reason.rank_before),
                rank=words.no_rank if reason.rank is None else _number(words, reason.rank),
                period=_period(words, reason.period),
                period_before=_period(words, reason.period_before),
            )
        case SpendDrop() as reason:
            said = words.spend_down if reason.days is None else words.spend_down_days
            return said.format(
                percent=reason.percent,
                days=reason.days,
                spent=_amount(words, reason.spent, alert.currency),
                spent_before=_amount(words, reason.spent_before, alert.currency),
                period=_period(words, reason.period),
                period_before=_period(words, reason.period_before),
            )
        case Lateness() as reason:
            return _counted(words, words.overdue, reason.usual_days, date=_date(words, reason.last_purchase))
        case ScoreDrop() as reason:
            after = words.no_score if reason.score is None else _number(words, reason.score)
            return words.score_falling.format(before=_number(words, reason.score_before), after=after, days=reason.days)


def _counted(words: _Words, forms: tuple[str, str], count: int, **more: str) -> str:
    return forms[count != 1].format(n=_number(words, count), **more)


def _number(words: _Words, number: int) -> str:
    return f"{number:,}".replace(",", words.thousands)


def _amount(words: _Words, amount: int, currency: str) -> str:
    whole, point, cents = major_units(amount, currency).partition(".")
    return f"{_number(words, int(whole))}{words.decimal if point else ''}{cents}{_NO_BREAK}{currency}"


def _date(words: _Words, day: date) -> str:
    return day.strftime(words.date)


def _period(words: _Words, id_: str) -> str:
    """A period by its id: a week, a month, a quarter or a year."""
    year, _, part = id_.partition("-")
    match kind_of(id_):
        case PeriodKind.WEEK:
            return words.week.format(n=int(part[1:]), year=year)
        case PeriodKind.QUARTER:
            return words.quarter.format(n=part[1:], year=year)
        case PeriodKind.MONTH:
            return f"{part}/{year}"
        case _:
            return id_
