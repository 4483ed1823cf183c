"""Whether this machine has the Node.js that builds the dashboard: `python -m tools.node_js` says what is missing."""

import re
import shutil
import subprocess
import sys

NEEDED = (20, 19)
"""As `engines` in web/package.json has it."""


def missing() -> str | None:
    """What stands in the way of building the dashboard, None if nothing does."""
    wanted = "Node.js {}.{} or later, which builds the dashboard,".format(*NEEDED)
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return f"{wanted} is not installed" if node is None else f"npm, which comes with {wanted} is not installed"
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    version = re.fullmatch(r"v(\d+)\.(\d+)\..*", said)
    if version is None or (int(version[1]), int(version[2])) < NEEDED:
        return f"{wanted} is not installed: this is {said or 'no Node.js'}"
    return None


def main() -> int:
    """Say what is missing; the exit code is 1 if anything is."""
    said = missing()
    if said:
        print(f"{said}.")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
