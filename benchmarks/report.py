"""The tables of docs/performance.md, and their limits."""

from __future__ import annotations

import os
import platform
import re
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.alert_cost import Watched
from benchmarks.board_movement import Shown
from benchmarks.board_reads import LIMIT as PAGE_LIMIT
from benchmarks.board_reads import NEXT_PRICE, PAGE, BoardRead, name_and_email
from benchmarks.cold_start import Result
from benchmarks.heavy_customers import Further
from benchmarks.import_workers import KILLS, WORKERS
from benchmarks.imports import MEMORY_LIMIT, PUT_THREADS, Imported
from benchmarks.order_cost import Cost
from benchmarks.page_loads import DOWNLOAD, LATENCY, RATIO_LIMIT, SHIFT_LIMIT, SLOWDOWN, Load
from benchmarks.rebuilds import Rebuilt
from benchmarks.reconciling import Reconciled
from benchmarks.runtime import BUILD, uncompiled
from benchmarks.score_search import Searched
from benchmarks.scoring_cost import CALLS_LIMIT, CPU_LIMIT, Scored
from benchmarks.sending_cost import Sent
from benchmarks.snapshots import CPU_LIMIT as SNAPSHOT_CPU_LIMIT
from benchmarks.snapshots import READS_LIMIT, Taken
from benchmarks.warm import LIMIT as WARM_LIMIT
from benchmarks.warm import Warm
from laurel.model.account import HOUSE_ACCOUNT_ORDERS
from laurel.model.ranking import Metric

_READ_PRICE, _WRITE_PRICE = 0.125e-6, 0.625e-6
"""Dollars for a unit, on demand, in us-east-1 in November 2026 (https://aws.amazon.com/dynamodb/pricing/on-demand/)."""
_SIGNATURE_PRICE = 3e-6
"""Dollars for one of KMS's signatures (https://aws.amazon.com/kms/pricing/)."""

DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"


@dataclass(slots=True)
class Section:
    """A part of the document between its markers, and what in it is beyond its limit."""

    name: str
    text: str
    exceeded: list[str] = field(default_factory=list)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; what looks like a number is set to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    right = [all(re.fullmatch(r"[0-9.,]+( ms| bytes)?", row[column]) for row in cells) for column in range(len(head))]
    marks = ["---:" if numbers else "---" for numbers in right]
    return "\n".join(f"| {' | '.join(line)} |" for line in [list(head), marks, *cells])


def conditions() -> Section:
    """When and with what this was measured."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("boto3", "aws-lambda-powertools", "pydantic"))
    text = (
        f"Last run on {datetime.now(UTC):%Y-%m-%d}: {platform.system()} on {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {versions}."
    )
    return Section("conditions", text)


def build() -> Section:
    """Whether what is shipped is compiled."""
    faults = uncompiled()
    modules = len(list(BUILD.rglob("*.py")))
    text = f"Modules shipped: {modules:,}; with a valid compiled form: {modules - len(faults):,}."
    return Section("build", text, [f"{len(faults)} modules are not compiled"] if faults else [])


def cold_start(results: Sequence[Result]) -> Section:
    """Starts of all functions."""
    rows = [
        (
            it.case.function,
            it.case.request,
            f"{it.ratio:.2f}",
            f"{it.spread[0]:.2f} to {it.spread[1]:.2f}",
            f"{it.case.limit:.2f}",
            f"{it.seconds * 1000:.0f} ms",
            f"{it.baseline * 1000:.0f} ms",
            len(it.calls),
        )
        for it in results
    ]
    head = (
        "function",
        "first request",
        "ratio",
        "quartiles",
        "limit",
        "CPU",
        "plain handler's",
        "requests to AWS",
    )
    exceeded = [f"{it.case.function}, {it.case.request}: {it.ratio:.2f}" for it in results if it.ratio > it.case.limit]
    return Section("cold-start", table(head, rows), exceeded)


def warm(result: Warm) -> Section:
    """Warm requests."""
    row = (
        f"GET a board of {PAGE} rows",
        f"{result.ratio:.2f}",
        f"{result.spread[0]:.2f} to {result.spread[1]:.2f}",
        f"{WARM_LIMIT:.2f}",
        f"{result.laurel * 1000:.1f} ms",
        f"{result.plain * 1000:.1f} ms",
    )
    text = table(("request", "ratio", "quartiles", "limit", "CPU", "plain handler's"), [row])
    return Section("warm", text, [f"warm request: {result.ratio:.2f}"] if result.ratio > WARM_LIMIT else [])


def dashboard(loads: Sequence[Load]) -> Section:
    """What a browser shows of the dashboard, and when."""
    rows = [
        (
            it.page,
            f"{it.shown:,.0f} ms",
            f"{it.ratio:.1f}",
            f"{it.blocked:,.0f} ms",
            f"{it.shift:.3f}",
            f"{it.requests:.0f}",
            f"{it.size:,.0f} bytes",
        )
        for it in loads
    ]
    plain = statistics.median(it.plain for it in loads)
    said = (
        f"Latency {LATENCY} ms, {DOWNLOAD * 8 / 1024:,.0f} kbit/s, processor {SLOWDOWN} times slower. A page of one "
        f"sentence: {plain:,.0f} ms. Limits: ratio {RATIO_LIMIT:g} when files are kept, layout shift {SHIFT_LIMIT:g}."
    )
    head = ("page", "largest paint", "ratio", "total blocking time", "layout shift", "requests", "transferred")
    exceeded = [f"{it.page}: layout shift {it.shift:.3f}" for it in loads if it.shift > SHIFT_LIMIT]
    exceeded += [f"{it.page}: ratio {it.ratio:.1f}" for it in loads if "kept" in it.page and it.ratio > RATIO_LIMIT]
    return Section("dashboard", f"{table(head, rows)}\n\n{said}", exceeded)


def pages(reads: Sequence[BoardRead], longest: Sequence[tuple[Metric, int, int]]) -> Section:
    """A page of a board."""
    name, email = name_and_email(1)
    rows = [(f"{it.rows:,}", it.metric.value, it.first, it.later, f"{it.milliseconds:.0f} ms") for it in reads]
    lengths = [(metric.value, f"{at_limit} bytes", f"{at_next} bytes") for metric, at_limit, at_next in longest]
    units = table(("rows", "ranked by", "first page, read units", "next page, read units", "time"), rows)
    realistic = (
        f"Rows have names of {len(name)} bytes (`{name}`), addresses of {len(email)} (`{email}`), customer ids of 32. "
        "What a page costs depends on their lengths alone. Together, name and e-mail address may have, on average:"
    )
    allowed = table(("ranked by", f"for {PAGE_LIMIT:g} units", f"for {NEXT_PRICE:g} units"), lengths)
    text = f"{units}\n\n{realistic}\n\n{allowed}"
    exceeded = [
        f"{it.metric.value} at {it.rows:,} rows: {it.first} and {it.later} units"
        for it in reads
        if max(it.first, it.later) > PAGE_LIMIT
    ]
    return Section("pages", text, exceeded)


def movement(shown: Sequence[Shown]) -> Section:
    """Boards beside their snapshots."""
    rows = [(it.what, f"{it.first:,.1f}", f"{it.remembered:,.1f}") for it in shown]
    text = table(("what is shown", "read units, first", "read units, snapshots remembered"), rows)
    exceeded = [f"{it.what}: {it.remembered} units" for it in shown if it.limit and it.remembered > it.limit]
    return Section("movement", text, exceeded)


def snapshots(taken: Sequence[Taken]) -> Section:
    """Snapshots of boards, and what they come to in a month; the first one is of nobody."""
    idle, *some = taken
    passes = table(
        ("customers", "read units", "of one index", "of all three", "ratio", "CPU ratio"),
        [
            (
                f"{it.customers:,}",
                f"{it.reads:,.1f}",
                f"{it.reads_of_one_index:,.1f}",
                f"{it.reads_of_indexes:,.1f}",
                f"{it.reads / it.reads_of_indexes:.2f}",
                f"{it.cpu / it.cpu_of_counting:.1f}",
            )
            for it in some
        ],
    )
    whole = table(
        ("customers", "read units", "write units", "bytes kept", "dollars a month"),
        [
            (
                f"{it.customers:,}",
                f"{it.whole_reads - idle.whole_reads:,.1f}",
                f"{it.whole_writes - idle.whole_writes:,.1f}",
                f"{it.stored:,}",
                f"{_dollars_a_month(it, idle):.2f}",
            )
            for it in some
        ],
    )
    nobody = (
        f"A refresh of a store that has nobody: read units {idle.whole_reads:g}, write units {idle.whole_writes:g}."
    )
    exceeded = [
        f"{it.customers:,} customers: {it.reads:,.1f} read units, {it.cpu:.2f} s of CPU time"
        for it in some
        if it.reads > READS_LIMIT * it.reads_of_indexes or it.cpu > SNAPSHOT_CPU_LIMIT * it.cpu_of_counting
    ]
    return Section("snapshots", f"{passes}\n\n{nobody} Each board adds:\n\n{whole}", exceeded)


def alerts(looks: Sequence[Watched]) -> Section:
    """The daily look at loyalty."""
    rows = [
        (f"{it.customers:,}", it.what, f"{it.opened:,}", f"{it.reads:,.1f}", f"{it.writes:,.1f}", _apiece(it))
        for it in looks
    ]
    head = ("customers watched", "day", "alerts opened", "read units", "write units", "read units a customer")
    return Section("alerts", table(head, rows))


def _apiece(it: Watched) -> str:
    return f"{it.reads / it.customers:.1f}"


def _dollars_a_month(it: Taken, idle: Taken) -> float:
    """Five boards of that many customers each, in each of 730 hours."""
    reads = idle.whole_reads + 5 * (it.whole_reads - idle.whole_reads)
    writes = idle.whole_writes + 5 * (it.whole_writes - idle.whole_writes)
    return 730 * (_READ_PRICE * reads + _WRITE_PRICE * writes + 5 * _SIGNATURE_PRICE)


def order(costs: Sequence[Cost]) -> Section:
    """An order's units, in sum and request by request."""
    summary = table(
        ("what happens", "write units", "read units"),
        [(cost.what, f"{cost.writes:g}", f"{cost.reads:g}") for cost in costs],
    )
    details = [
        f"**{cost.what}**: write units {cost.writes:g}, read units {cost.reads:g}.\n\n"
        + table(
            ("times", "request", "what for", "write units", "read units"),
            [(step.count, step.request, step.reason, f"{step.writes:g}", f"{step.reads:g}") for step in cost.steps],
        )
        for cost in costs
    ]
    return Section("order", "\n\n".join((summary, *details)))


def heavy(results: Sequence[Further]) -> Section:
    """Further orders of customers with many."""
    rows = [
        (
            f"{it.orders:,}",
            it.state,
            f"{it.writes:g}",
            f"{it.reads:,g}",
            f"{it.seconds * 1000:,.0f} ms",
            f"{it.ratio:.1f}",
        )
        for it in results
    ]
    head = ("orders", "the customer is", "write units", "read units", "CPU", "ratio to the first line")
    exceeded = [
        f"a customer of {it.orders:,} orders is {'on' if it.ranked else 'off'} the board"
        for it in results
        if it.ranked != (it.orders <= HOUSE_ACCOUNT_ORDERS)
    ]
    return Section("heavy", table(head, rows), exceeded)


def rebuild(results: Sequence[Rebuilt]) -> Section:
    """Units of a rebuild for each customer."""
    rows = [
        (it.change, it.orders, f"{it.rows:.1f}", f"{it.writes:.1f}", f"{it.reads:.1f}")
        for it in sorted(results, key=lambda it: it.orders)
    ]
    head = ("what was changed", "orders of a customer", "rows written", "write units", "read units")
    return Section("rebuild", table(head, rows))


def reconciliation(results: Sequence[Reconciled]) -> Section:
    """Units of a reconciliation."""
    rows = [(it.what, it.orders, f"{it.writes:.1f}", f"{it.reads:.2f}") for it in results]
    head = ("what is compared", "orders", "write units", "read units")
    return Section("reconciliation", table(head, rows))


def scoring(results: Sequence[Scored]) -> Section:
    """A batch of activities, scored."""
    rows = [
        (
            it.way,
            f"{it.calls:.2f}",
            f"{it.writes:.1f}",
            f"{it.reads:.1f}",
            f"{it.seconds * 1000:.2f} ms",
            f"{it.seconds / results[-1].seconds:.2f}",
        )
        for it in results
    ]
    head = ("way", "DynamoDB calls", "write units", "read units", "CPU", "ratio")
    laurel = results[0]
    exceeded = []
    if laurel.calls > CALLS_LIMIT:
        exceeded.append(f"{laurel.calls:.2f} calls for each scored activity")
    if laurel.seconds > CPU_LIMIT:
        exceeded.append(f"{laurel.seconds * 1000:.2f} ms for each scored activity")
    return Section("scoring", table(head, rows), exceeded)


def sending(results: Sequence[Sent]) -> Section:
    """A message, from its acceptance to what its reader does with it."""
    rows = [(it.what, it.calls, f"{it.writes:g}", f"{it.reads:g}") for it in results]
    return Section("sending", table(("what happens", "DynamoDB calls", "write units", "read units"), rows))


def search(results: Sequence[Searched]) -> Section:
    """A page of a score search, and a reset."""
    rows = [(f"{it.contacts:,}", it.what, f"{it.reads:g}", f"{it.writes:g}", it.calls) for it in results]
    exceeded = [
        f"{it.what} of {it.contacts:,} contacts: {it.reads:g} read units" for it in results if it.reads > it.limit
    ]
    return Section(
        "search", table(("scored contacts", "request", "read units", "write units", "calls"), rows), exceeded
    )


def imported(it: Imported) -> Section:
    """A history, imported and on the boards."""
    before, after = (f"{puts.rate:,.0f}" for puts in it.puts)
    measured = [
        ("rows", f"{it.rows:,} ({it.mebibytes:.0f} MiB)"),
        ("cut into chunks in", f"{it.cut:.1f} s"),
        (f"rows a second, {WORKERS} workers", f"{it.rate:,.0f}"),
        (f"single conditional puts a second, {PUT_THREADS} threads, before and after", f"{before} and {after}"),
        ("rows for each of these puts", f"{it.rate / it.put_rate:.2f}"),
        ("processor time of a worker, a row", f"{it.seconds * 1000:.2f} ms"),
        ("processor time of a put, where it is asked for", f"{1000 * sum(p.seconds for p in it.puts) / 2:.2f} ms"),
        ("memory of a worker, highest in the first tenth", f"{it.early:.0f} MiB"),
        ("memory of a worker, highest in the rest", f"{it.late:.0f} MiB"),
        ("workers killed (SIGKILL) with a chunk in hand", f"{it.kills}"),
        ("rows that these had recorded, found by those who followed", f"{it.unchanged:,}"),
        ("orders kept, and the writes that changed them", f"{it.kept:,} and {it.changes:,}"),
        ("orders projected a second, as by a rebuild", f"{it.rows / it.projecting:,.0f}"),
        ("rows of all boards, and those that differ from a recount", f"{it.board_rows:,} and {it.wrong:,}"),
    ]
    units = [(f"a row {what}", f"{writes:.2f}", f"{reads:.2f}") for what, writes, reads in it.units]
    exceeded = []
    if it.late > it.early * MEMORY_LIMIT:
        exceeded.append(f"memory grew from {it.early:.0f} to {it.late:.0f} MiB")
    if (it.kept, it.changes) != (it.rows, it.rows):
        exceeded.append(f"{it.rows:,} rows became {it.kept:,} orders in {it.changes:,} writes")
    if it.wrong:
        exceeded.append(f"{it.wrong:,} rows of boards differ from a recount")
    if it.kills != KILLS:
        exceeded.append(f"{it.kills} workers were killed")
    text = f"{table(('what', 'measured'), measured)}\n\n{table(('what', 'write units', 'read units'), units)}"
    return Section("import", text, exceeded)


def write(sections: Sequence[Section], document: Path = DOCUMENT) -> None:
    """Replace each section's part of the document. Raises ``LookupError`` for one that has no markers there."""
    text = document.read_text()
    for section in sections:
        start, end = f"<!-- bench: {section.name} -->", f"<!-- end: {section.name} -->"
        if text.count(start) != 1 or text.count(end) != 1:
            raise LookupError(f"{document.name} has no place for {section.name}")
        before, _, rest = text.partition(start)
        after = rest.partition(end)[2]
        text = f"{before}{start}\n{section.text}\n{end}{after}"
    document.write_text(text)


def tell(section: Section) -> None:
    """Print a section as soon as it is there."""
    print(f"\n== {section.name} ==\n{section.text}")
    for fault in section.exceeded:
        print(f"BEYOND ITS LIMIT: {fault}")
    sys.stdout.flush()
