"""Known vulnerabilities in locked requirements: `python -m tools.advisories layers/shared/requirements.txt`.

Runs pip-audit, and says so where it could not learn anything: packages about which the advisory service gave no answer
are listed as not checked, instead of passing for clean.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MINUTES = 5
UNREACHABLE = re.compile("ConnectionError|ConnectTimeout|ReadTimeout|ServiceError")


@dataclass(frozen=True, slots=True)
class Audit:
    """What pip-audit found: ``vulnerable`` has a line to print for each package, ``unchecked`` names packages."""

    vulnerable: tuple[str, ...]
    unchecked: tuple[str, ...]
    checked: int


def read_report(report: dict[str, Any]) -> Audit:
    """An audit from pip-audit's JSON."""
    vulnerable, unchecked, checked = [], [], 0
    for package in report["dependencies"]:
        if "skip_reason" in package:
            unchecked.append(package["name"])
            continue
        checked += 1
        if package["vulns"]:
            ids = ", ".join(f"{found['id']} (fixed in {_versions(found)})" for found in package["vulns"])
            vulnerable.append(f"{package['name']} {package['version']}: {ids}")
    return Audit(tuple(vulnerable), tuple(unchecked), checked)


def _versions(found: dict[str, Any]) -> str:
    return ", ".join(found["fix_versions"]) or "no release yet"


def _run(requirements: Sequence[str]) -> subprocess.CompletedProcess[str]:
    chosen = [part for path in requirements for part in ("-r", path)]
    return subprocess.run(
        [sys.executable, "-m", "pip_audit", *chosen, "--require-hashes", "--disable-pip", "--format", "json"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=MINUTES * 60,
        check=False,
    )


def main(argv: list[str] | None = None) -> int:
    """Print what is known; fail only on a known vulnerability."""
    parser = argparse.ArgumentParser(description="Look for known vulnerabilities in locked requirements.")
    parser.add_argument("requirements", nargs="+")
    try:
        done = _run(parser.parse_args(argv).requirements)
    except subprocess.TimeoutExpired:
        print(f"Advisories: SKIPPED, the advisory service did not answer within {MINUTES} minutes")
        return 0
    try:
        audit = read_report(json.loads(done.stdout))
    except ValueError:
        reason = (done.stderr.strip() or "pip-audit printed nothing").splitlines()[-1]
        if UNREACHABLE.search(done.stderr):
            print(f"Advisories: SKIPPED, the advisory service cannot be reached: {reason}")
            return 0
        print(f"Advisories: pip-audit failed: {reason}", file=sys.stderr)
        return 1
    for line in audit.vulnerable:
        print(f"Advisories: VULNERABLE {line}")
    if audit.unchecked:
        print(f"Advisories: SKIPPED, the advisory service told nothing about {', '.join(audit.unchecked)}")
    print(f"Advisories: {audit.checked} checked, {len(audit.vulnerable)} vulnerable, {len(audit.unchecked)} skipped")
    return 1 if audit.vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())
