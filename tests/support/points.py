"""The rules of scores once more, in the plainest way: a contact's entries replayed one by one against what happened.

Reads items and stream records as DynamoDB has them and shares nothing with the product but the words. Every entry must
be one that a rule, a person or a change of an order called for, and its points must be what a pencil would come to.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from laurel.model.scoring import CapWindow, ScoringRule

HIGHEST = 99_999_999
Item = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """An entry of a score's history. Times in epoch milliseconds."""

    subject: str
    cause: str
    rule: str
    subject_at: int
    activity: str
    effect: str
    asked: int
    given: int
    before: int | None
    after: int | None
    seq: int
    epoch: int
    corrects: bool
    unit: int | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened: ``did``, ``judged``, ``placed``, ``gone``, ``amount`` or ``refunded``."""

    what: str
    subject: str
    cause: str
    at: int
    activity: str
    machine: bool = False
    units: tuple[int, int] = (0, 0)


class _Given(NamedTuple):
    cause: str
    points: int
    unit: int | None
    corrects: bool


@dataclass
class Recount:
    """A score as its entries make it. ``standing`` is what each fact still has in it, by rule."""

    score: int | None = None
    epoch: int = 1
    seq: int = 0
    given: int = 0
    used: Counter[tuple[str, str]] = field(default_factory=Counter)
    standing: dict[tuple[str, int, str], list[_Given]] = field(default_factory=lambda: defaultdict(list))

    def left(self, subject: str, at: int, rule: str, before: str | None = None) -> int:
        """Points of a fact still in the score, as far as changes of an order earlier than ``before`` gave them."""
        given = self.standing.get((subject, at, rule), [])
        return sum(it.points for it in given if before is None or _is_earlier(it.cause, before))


def lines(items: Iterable[Item]) -> dict[str, list[Line]]:
    """Entries by contact, in the order of their numbers."""
    found: dict[str, list[Line]] = defaultdict(list)
    for item in items:
        kind, *rest = item["sk"]["S"].split("#")
        if kind == "score":
            at, subject, cause, rule = rest
            found[item["pk"]["S"].split("#")[2]].append(
                Line(
                    subject=subject,
                    cause=cause,
                    rule=rule,
                    subject_at=int(at),
                    activity=item["activity"]["S"],
                    effect=item["effect"]["S"],
                    asked=_number(item, "asked") or 0,
                    given=_number(item, "given") or 0,
                    before=_number(item, "before"),
                    after=_number(item, "after"),
                    seq=_number(item, "seq") or 0,
                    epoch=_number(item, "epoch") or 0,
                    corrects="corrects" in item,
                    unit=_number(item, "unit_points"),
                )
            )
    return {contact: sorted(its, key=lambda line: line.seq) for contact, its in found.items()}


def heard(record: Mapping[str, Any], currency: str = "EUR") -> list[Event]:
    """What a record of the Ledger's stream tells."""
    stream = record["dynamodb"]
    now, before = stream["NewImage"], stream.get("OldImage")
    kind, *rest = now["sk"]["S"].split("#")
    if kind == "activity":
        subject, at, name = f"activity:{rest[0]}", int(now["occurred_at"]["N"]), now["name"]["S"]
        if before is None:
            return [Event("did", subject, "", at, name, machine="machine" in now)]
        judged = "machine" in now and "machine" not in before
        return [Event("judged", subject, "machine", at, name)] if judged else []
    subject, cause = f"order:{rest[0]}:{rest[1]}", now["changes"]["N"]
    old = _purchase(before, currency) if before else None
    new = _purchase(now, currency)
    events = []
    if old and (new is None or new[0] != old[0]):
        events.append(Event("gone", subject, cause, old[0], "order.placed"))
    if new and (old is None or new[0] != old[0]):
        events.append(Event("placed", subject, cause, new[0], "order.placed", units=(0, new[1] // 100)))
    elif new and old and new[1] != old[1]:
        units = (old[1] // 100, new[1] // 100)
        events.append(Event("amount", subject, cause, new[0], "order.placed", units=units))
    if before and old and _refunded(now) > _refunded(before):
        moment = int(stream["ApproximateCreationDateTime"] * 1000)
        events.append(Event("refunded", subject, cause, moment, "order.refunded"))
    return events


def recount(
    entries: Iterable[Line],
    events: Collection[Event],
    rules: Mapping[str, Collection[ScoringRule]],
    changes: Mapping[str, tuple[str, int]],
) -> Recount:
    """Replay the entries of one contact. ``rules`` are all versions there ever were, ``changes`` those by hand.

    A rule's frequency cap must have been the same in all versions.
    """
    causes = {(it.subject, it.cause, it.at, it.activity): it for it in events}
    told = Recount()
    for line in entries:
        told.seq += 1
        assert line.seq == told.seq, "entries are numbered without a gap"
        assert line.epoch >= told.epoch, "a reset is never undone"
        if line.epoch > told.epoch:
            told = Recount(epoch=line.epoch, seq=told.seq)
        assert line.before == told.score, "each entry starts where the one before left"
        if line.rule == "person":
            after = plain(told.score, *changes[line.subject])
            if changes[line.subject][0] in ("set", "remove"):
                told.standing.clear()
        else:
            event = causes[line.subject, line.cause, line.subject_at, line.activity]
            after = (_corrected if line.corrects else _triggered)(told, line, event, rules[line.rule])
        assert line.after == after
        assert line.given == (after or 0) - (told.score or 0)
        assert after is None or 0 <= after <= HIGHEST
        told.score = after
        told.given += line.given
    assert told.given == (told.score or 0), "entries add up to the score"
    return told


def plain(score: int | None, effect: str, points: int) -> int | None:
    """The score after one effect."""
    if effect == "set":
        return min(points, HIGHEST)
    if effect == "remove" or (score is None and effect == "subtract"):
        return None
    return min(max((score or 0) + (-points if effect == "subtract" else points), 0), HIGHEST)


def window(rule: ScoringRule, at: int) -> str:
    """Where an activity counts against a frequency cap."""
    assert rule.frequency_cap
    day = datetime.fromtimestamp(at / 1000, UTC)
    formats = {CapWindow.EVER: "", CapWindow.DAY: "%Y-%m-%d", CapWindow.WEEK: "%G-%V", CapWindow.MONTH: "%Y-%m"}
    return day.strftime(formats[rule.frequency_cap.window])


def _triggered(told: Recount, line: Line, event: Event, versions: Collection[ScoringRule]) -> int | None:
    assert event.what in ("did", "placed", "refunded")
    fitting = [it for it in versions if it.effect.kind == line.effect and _points(it, event) == line.asked]
    fitting = [it for it in fitting if line.unit in (None, it.effect.points)]
    assert fitting, "no version of the rule says so"
    rule = fitting[0]
    assert rule.activity == event.activity
    assert rule.counts_machines or not event.machine
    if rule.frequency_cap:
        used = (line.rule, window(rule, event.at))
        told.used[used] += 1
        assert told.used[used] <= rule.frequency_cap.times, "the rule fired too often"
    if line.effect in ("set", "remove"):
        told.standing.clear()
        return plain(told.score, line.effect, rule.effect.points)
    after = plain(told.score, "add" if line.asked >= 0 and line.effect != "subtract" else "subtract", abs(line.asked))
    assert (line.unit is not None) == (line.effect == "add_per_unit")
    fact = (line.subject, line.subject_at, line.rule)
    told.standing[fact].append(_Given(line.cause, (after or 0) - (told.score or 0), line.unit, corrects=False))
    return after


def _corrected(told: Recount, line: Line, event: Event, versions: Collection[ScoringRule]) -> int | None:
    assert event.what in ("judged", "gone", "amount")
    fact = (line.subject, line.subject_at, line.rule)
    left = told.left(*fact, before=event.cause)
    if event.what == "amount":
        given = [it for it in told.standing[fact] if not it.corrects and _is_earlier(it.cause, event.cause)]
        unit = given[-1].unit
        assert unit is not None
        before, after_units = event.units
        asked = unit * (after_units - before) if after_units > before else min(unit * after_units - left, 0)
    else:
        asked = -left
        for rule in list(versions)[:1]:
            if rule.frequency_cap:
                told.used[line.rule, window(rule, line.subject_at)] -= 1
    assert line.asked == asked, "what is taken back is what was given"
    assert asked != 0
    after = None if told.score is None else min(max(told.score + asked, 0), HIGHEST)
    points = asked if asked < 0 else (after or 0) - (told.score or 0)
    told.standing[fact].append(_Given(line.cause, points, None, corrects=True))
    return after


def _points(rule: ScoringRule, event: Event) -> int:
    points: Mapping[str, Callable[[], int]] = {
        "add": lambda: rule.effect.points,
        "set": lambda: rule.effect.points,
        "subtract": lambda: -rule.effect.points,
        "remove": lambda: 0,
        "add_per_unit": lambda: rule.effect.points * event.units[1],
    }
    return points[rule.effect.kind.value]()


def _purchase(image: Item, currency: str) -> tuple[int, int] | None:
    """When it was placed and what was spent, in minor units, if it counts."""
    refunded, total = _refunded(image), _number(image, "total") or 0
    counts = (
        "placed_at" in image
        and "moved_to" not in image
        and "test" not in image
        and image["state"]["S"] == "paid"
        and image["currency"]["S"] == currency
        and not (refunded and refunded >= total)
    )
    return (int(image["placed_at"]["N"]) * 1000, total - refunded) if counts else None


def _refunded(image: Item) -> int:
    notices = {name.split("#", 1)[1]: int(it["N"]) for name, it in image.items() if name.startswith("notice#")}
    known = {name: int(it["N"]) for name, it in image["refunds"]["M"].items()} if "refunds" in image else {}
    return sum({**notices, **known}.values())


def _is_earlier(cause: str, than: str) -> bool:
    return not (cause.isdigit() and than.isdigit()) or int(cause) < int(than)


def _number(item: Item, name: str) -> int | None:
    return int(item[name]["N"]) if name in item else None
