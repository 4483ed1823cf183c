"""What `make build` made, as it goes to Lambda."""

import importlib.util
import struct
from pathlib import Path

import pytest

from tests.support.functions import FUNCTIONS, properties
from tests.support.template import ROOT

pytestmark = pytest.mark.built

BUILD = ROOT / ".aws-sam" / "build"
LAYER = BUILD / "LaurelLayer" / "python"
UNCHECKED_HASH = 0b01


@pytest.fixture(autouse=True)
def _built() -> None:
    if not (BUILD / "template.yaml").is_file():
        pytest.skip("nothing is built: make build")


def fault(module: Path) -> str | None:
    """Why Lambda could not use a module's compiled form, or None."""
    compiled = Path(importlib.util.cache_from_source(str(module)))
    if not compiled.is_file():
        return "not compiled"
    content = compiled.read_bytes()
    if content[:4] != importlib.util.MAGIC_NUMBER:
        return "compiled by another Python"
    if struct.unpack("<L", content[4:8])[0] != UNCHECKED_HASH:
        return "would be checked against its source's time, which a zip does not keep"
    if content[8:16] != importlib.util.source_hash(module.read_bytes()):
        return "compiled from another source"
    return None


def test_every_shipped_module_is_compiled() -> None:
    modules = list(BUILD.rglob("*.py"))

    faults = {str(module.relative_to(BUILD)): why for module in modules if (why := fault(module))}

    assert modules
    assert faults == {}


def test_tracebacks_name_files_where_lambda_has_them() -> None:
    compiled = next((LAYER / "laurel" / "__pycache__").glob("settings.*.pyc")).read_bytes()

    assert b"/opt/python/laurel/settings.py" in compiled


@pytest.mark.parametrize("function", FUNCTIONS)
def test_handler_is_there(function: str) -> None:
    assert (BUILD / function / properties(function)["Handler"]).with_suffix(".py").is_file()


def test_layer_leaves_out_what_lambda_brings() -> None:
    shipped = {path.name for path in LAYER.iterdir()}

    assert {"laurel", "aws_lambda_powertools", "pydantic", "tzdata"} <= shipped
    assert not shipped & {"boto3", "botocore", "s3transfer"}


def test_compiled_packages_fit_one_processor() -> None:
    machines = {library.read_bytes()[18:20] for library in LAYER.rglob("*.so")}  # e_machine of the ELF header

    assert len(machines) == 1
    assert machines <= {b"\xb7\x00", b"\x3e\x00"}, "arm64 or x86_64"
