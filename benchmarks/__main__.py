"""Measure, print, and write docs/performance.md's tables: `make bench`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from benchmarks import (
    alert_cost,
    board_movement,
    board_reads,
    cold_start,
    heavy_customers,
    imports,
    order_cost,
    page_loads,
    rebuilds,
    reconciling,
    report,
    score_search,
    scoring_cost,
    sending_cost,
    snapshots,
    warm,
)
from benchmarks.place import place
from laurel.model.ranking import Metric
from tools.npm_package import Unavailable


def _build(*, quick: bool) -> report.Section:
    del quick
    return report.build()


def _cold_start(*, quick: bool) -> report.Section:
    return report.cold_start(cold_start.measure(rounds=5 if quick else 25))


def _warm(*, quick: bool) -> report.Section:
    return report.warm(warm.measure(rounds=10 if quick else 40))


def _pages(*, quick: bool) -> report.Section:
    with place(heap="2g") as there:
        longest = [
            (
                metric,
                board_reads.longest(there, metric, board_reads.LIMIT),
                board_reads.longest(there, metric, board_reads.NEXT_PRICE),
            )
            for metric in Metric
        ]
        reads = list(board_reads.measure(there, (1_000, 20_000) if quick else (1_000, 1_000_000)))
    return report.pages(reads, longest)


def _order(*, quick: bool) -> report.Section:
    del quick
    with place() as there:
        return report.order(list(order_cost.measure(there)))


def _heavy(*, quick: bool) -> report.Section:
    del quick
    with place() as there:
        return report.heavy(list(heavy_customers.measure(there)))


def _scoring(*, quick: bool) -> report.Section:
    with place() as there:
        return report.scoring(list(scoring_cost.measure(there, 10 if quick else 60)))


def _sending(*, quick: bool) -> report.Section:
    del quick
    with place() as there:
        return report.sending(list(sending_cost.measure(there)))


def _search(*, quick: bool) -> report.Section:
    with place(heap="2g") as there:
        return report.search(list(score_search.measure(there, (1_000, 20_000) if quick else (1_000, 1_000_000))))


def _import(*, quick: bool, rows: int | None = None) -> report.Section:
    with place(heap="6g", streams=False) as there:
        return report.imported(imports.measure(there, rows or (8_000 if quick else 100_000)))


def _rebuild(*, quick: bool) -> report.Section:
    with place() as there:
        return report.rebuild(list(rebuilds.measure(there, 20 if quick else 100)))


def _dashboard(*, quick: bool) -> report.Section:
    return report.dashboard(page_loads.measure(rounds=2 if quick else 5))


def _reconciliation(*, quick: bool) -> report.Section:
    with place() as there:
        return report.reconciliation(list(reconciling.measure(there, 20 if quick else 200)))


def _snapshots(*, quick: bool) -> report.Section:
    with place(heap="2g") as there:
        taken = list(snapshots.measure(there, (1_000, 10_000) if quick else snapshots.SIZES))
    return report.snapshots(taken)


def _movement(*, quick: bool) -> report.Section:
    del quick
    with place() as there:
        return report.movement(list(board_movement.measure(there)))


def _alerts(*, quick: bool) -> report.Section:
    with place(heap="2g", streams=False) as there:
        return report.alerts(list(alert_cost.measure(there, alert_cost.SIZES[:2] if quick else alert_cost.SIZES)))


SECTIONS: dict[str, Callable[..., report.Section]] = {
    "build": _build,
    "cold-start": _cold_start,
    "warm": _warm,
    "order": _order,
    "heavy": _heavy,
    "rebuild": _rebuild,
    "reconciliation": _reconciliation,
    "pages": _pages,
    "movement": _movement,
    "snapshots": _snapshots,
    "alerts": _alerts,
    "scoring": _scoring,
    "search": _search,
    "sending": _sending,
    "import": _import,
    "dashboard": _dashboard,
}


def main(argv: list[str] | None = None) -> int:
    """Run all sections or the named ones; 1 if anything is beyond its limit."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="section", help=f"only these of {', '.join(SECTIONS)}")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions and rows; the document stays as it is")
    parser.add_argument("--rows", type=int, metavar="N", help="rows of the import, unless there are to be 100,000")
    arguments = parser.parse_args(argv)
    if unknown := set(arguments.sections) - set(SECTIONS):
        parser.error(f"there is no section {', '.join(sorted(unknown))}")
    sections = []
    for name in arguments.sections or SECTIONS:
        try:
            rows = {"rows": arguments.rows} if name == "import" else {}
            section = SECTIONS[name](quick=arguments.quick, **rows)
        except Unavailable as reason:
            print(f"\n== {name} ==\nSkipped: {reason}")
            continue
        report.tell(section)
        sections.append(section)
    if not arguments.quick:
        report.write([report.conditions(), *sections])
        print(f"\nWritten to {report.DOCUMENT.relative_to(report.DOCUMENT.parent.parent)}")
    return 1 if any(section.exceeded for section in sections) else 0


if __name__ == "__main__":
    sys.exit(main())
