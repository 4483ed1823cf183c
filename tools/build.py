"""Byte-compile what `sam build` made: `python -m tools.build .aws-sam/build`.

SAM ships no compiled modules and Lambda cannot keep those it makes (its code is read-only), so every cold start would
compile every imported module again, a third of its time. The compiled files carry a hash instead of their source's
time, which a zip does not keep, and are not checked against it: on Lambda the source never changes. File names inside
them are those on Lambda, so tracebacks are right and the same sources give the same bytes on every machine.
"""

import argparse
import compileall
import os
import shutil
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

RUNTIME = (3, 13)
FUNCTION_ROOT = "/var/task"
LAYER_ROOT = "/opt"


def compile_tree(artifact: Path) -> None:
    """Compile each module below one function's or layer's folder.

    Raises:
        SyntaxError: A module does not compile.
    """
    for cache in artifact.rglob("__pycache__"):
        shutil.rmtree(cache)
    is_layer = (artifact / "python").is_dir()
    compiled = compileall.compile_dir(
        artifact,
        maxlevels=100,
        quiet=1,
        force=True,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        stripdir=os.fspath(artifact),
        prependdir=LAYER_ROOT if is_layer else FUNCTION_ROOT,
    )
    if not compiled:
        message = f"{artifact} holds a module that does not compile; its name is printed above"
        raise SyntaxError(message)


def main(argv: list[str] | None = None) -> int:
    """Compile every artifact in the build folder."""
    parser = argparse.ArgumentParser(description="Byte-compile what sam build made.")
    parser.add_argument("build", type=Path, help="the build folder, usually .aws-sam/build")
    build: Path = parser.parse_args(argv).build
    if sys.version_info[:2] != RUNTIME:
        print(f"Python {RUNTIME[0]}.{RUNTIME[1]} is needed: compiled modules fit one version only.", file=sys.stderr)
        return 1
    artifacts = sorted(path for path in build.iterdir() if path.is_dir())
    for artifact in artifacts:
        compile_tree(artifact)
    print(f"Compiled {len(artifacts)} artifacts in {build}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
