"""The Nu Html Checker, by which W3C checks documents: `python -m tools.html_checker` installs it.

It comes out of its own npm package. Running it needs Java 17.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools import npm_package
from tools.npm_package import Unavailable, run

PACKAGE = "vnu-jar@26.9.27"
SHA512 = "TkQd5DFfOaWC9ebtvozTsrH2Vaod3jYg+vrOeREzIXxBexLz9+rS2DNtjn7+RPUiZhgli0SghgBX6RJRNea0KA=="
HOME = Path(__file__).parent.parent / ".local" / "html-checker"


def install(home: Path = HOME) -> None:
    """Download and unpack it, unless that is done already.

    Raises:
        Unavailable: npm is missing or fails, or the package is not the pinned one.
    """

    def place(folder: Path) -> None:
        for file in (folder / "build" / "dist" / "vnu.jar", folder / "LICENSE"):
            shutil.move(file, home)

    npm_package.install(PACKAGE, SHA512, "the Nu Html Checker", home, place)


def faults(documents: Mapping[str, str], home: Path = HOME) -> list[str]:
    """Errors and warnings in documents by their names, each as "name, line n: what is wrong".

    Raises:
        Unavailable: It is not installed, or Java is missing or cannot run it.
    """
    jar = home / "vnu.jar"
    if not jar.is_file():
        raise Unavailable("the Nu Html Checker is not installed: make html-checker")
    if (java := shutil.which("java")) is None:
        raise Unavailable("Java, which runs the Nu Html Checker, is not installed")
    with tempfile.TemporaryDirectory() as folder:
        for number, document in enumerate(documents.values()):
            Path(folder, f"{number}.html").write_text(document)
        command = [java, "-jar", str(jar), "--format", "json", "--exit-zero-always", folder]
        ran = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    try:
        messages: list[dict[str, Any]] = json.loads(ran.stderr)["messages"]
    except ValueError:
        raise Unavailable(f"the Nu Html Checker failed: {ran.stderr.strip() or ran.returncode}") from None
    names = list(documents)
    return [f"{names[int(Path(it['url']).stem)]}, line {it.get('lastLine')}: {it['message']}" for it in messages]


def main(argv: list[str] | None = None) -> int:
    """Install it; with --if-possible, what stands in the way is said but no failure."""
    return run(install, "Nu Html Checker", HOME, argv)


if __name__ == "__main__":
    sys.exit(main())
