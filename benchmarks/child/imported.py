"""Run as a program of its own: import a function's handler and write what that imported as JSON to a file."""

import gc
import importlib
import json
import sys
from pathlib import Path


def main(module: str, result: str) -> None:
    """Names and files of all modules, and whether garbage is collected afterwards."""
    importlib.import_module(module)
    modules = {name: getattr(module, "__file__", None) for name, module in sorted(sys.modules.items())}
    Path(result).write_text(json.dumps({"modules": modules, "collects": gc.isenabled()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
