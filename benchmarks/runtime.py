"""The surroundings in which Lambda runs a built function, on this machine.

A bare environment holds the standard library and boto3 with what it requires, as Lambda's own runtime does; function
and layer come from what `make build` made. Nothing else of the development environment can be imported.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

from tests.support.template import load_template, resources

ROOT = Path(__file__).parent.parent
BUILD = ROOT / ".aws-sam" / "build"
BARE = ROOT / ".local" / "lambda-runtime"
CHILD = Path(__file__).parent / "child"
LAYER = BUILD / "LaurelLayer" / "python"
BROUGHT = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3")
_ENV = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_SESSION_TOKEN": "test",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "LANG": "en_US.UTF-8",
    "LAMBDA_TASK_ROOT": "/var/task",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "PATH": os.defpath,
    # Lambda's code is read-only: what has no compiled form is compiled again at every start.
    "PYTHONDONTWRITEBYTECODE": "1",
    "TZ": ":UTC",
}


@dataclass(frozen=True, slots=True)
class Function:
    """A built function: its logical id, its handler's name and where its modules are."""

    name: str
    handler: str
    code: Path

    def environment(self, endpoint: str) -> dict[str, str]:
        """What Lambda would set, with tables named after their logical ids."""
        return environment(self.name, self.code, endpoint) | _variables(self.name)


def built_functions() -> dict[str, Function]:
    """Every function of the template, by logical id. Raises ``SystemExit`` if nothing is built."""
    found = {}
    for name, resource in resources("AWS::Serverless::Function").items():
        if not (BUILD / name).is_dir():
            raise SystemExit(f"{name} is not built: make build")
        found[name] = Function(name, resource["Properties"]["Handler"], BUILD / name)
    return found


def environment(name: str, code: Path, endpoint: str) -> dict[str, str]:
    """The environment of a function called ``name`` whose modules are in ``code``."""
    return _ENV | {
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
        "AWS_ENDPOINT_URL_SESV2": endpoint,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ENDPOINT_URL_SQS": endpoint,
        "AWS_ENDPOINT_URL_KMS": endpoint,
        "PYTHONPATH": os.pathsep.join(map(os.fspath, (code, LAYER))),
    }


def _variables(function: str) -> dict[str, str]:
    declared: dict[str, Any] = {
        **load_template()["Globals"]["Function"]["Environment"]["Variables"],
        **resources("AWS::Serverless::Function")[function]["Properties"]["Environment"]["Variables"],
    }
    given = {"LogLevel": "INFO"}
    return {
        name: value if isinstance(value, str) else given.get(value.get("Ref", ""), value.get("Ref", _API_URL))
        for name, value in declared.items()
    }


_API_URL = "https://{api_id}.execute-api.us-east-1.amazonaws.com/{stage}"


def bare_python() -> Path:
    """Interpreter of the bare environment, which is made on first use and whenever a version in it changed."""
    python = BARE / "bin" / "python"
    stamp = BARE / "stamp"
    wanted = "\n".join([sys.version, *(f"{name}=={version(name)}" for name in BROUGHT)])
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    shutil.rmtree(BARE, ignore_errors=True)
    venv.create(BARE, with_pip=False, symlinks=True)
    packages = next((BARE / "lib").glob("python*/site-packages"))
    for name in BROUGHT:
        for file in distribution(name).files or ():
            source = Path(str(distribution(name).locate_file(file)))
            if ".." not in file.parts and "__pycache__" not in file.parts and source.is_file():
                target = packages / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
    subprocess.run([python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", packages], check=True)
    stamp.write_text(wanted)
    return python


def copy_compiled(module: Path, folder: Path) -> None:
    """Copy a module into a folder and byte-compile it there, as the functions are."""
    shutil.copyfile(module, folder / module.name)
    subprocess.run(
        [bare_python(), "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", folder], check=True
    )


def uncompiled(root: Path = BUILD) -> list[Path]:
    """Shipped modules without a valid compiled form: missing, of another Python, or of another source."""
    return [source for source in sorted(root.rglob("*.py")) if not _is_compiled(source)]


def _is_compiled(source: Path) -> bool:
    compiled = Path(importlib.util.cache_from_source(os.fspath(source)))
    if not compiled.is_file():
        return False
    header = compiled.read_bytes()[:16]
    flags = int.from_bytes(header[4:8], "little")
    unchecked = 0b01
    return (
        header[:4] == importlib.util.MAGIC_NUMBER
        and flags == unchecked
        and header[8:16] == importlib.util.source_hash(source.read_bytes())
    )
