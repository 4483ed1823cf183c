"""template.yaml as data, with CloudFormation's short tags in their long form: `!Ref X` is `{"Ref": "X"}`."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    pass


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)


@cache
def load_template(path: Path = ROOT / "template.yaml") -> dict[str, Any]:
    """The template at ``path``, by default the project's own. Shared: do not change it."""
    template: dict[str, Any] = yaml.load(path.read_text(), _Loader)
    return template


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Resources of one type, by logical id."""
    return {name: it for name, it in load_template()["Resources"].items() if it["Type"] == kind}
