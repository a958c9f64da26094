"""The IR as JSON: what ``convexity ir`` prints, described by docs/reference/ir.schema.json."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from convexity.values import OptionalValidator, Validator
from convexity.values.encoding import encode_value
from convexity.values.json_form import validator_to_json

if TYPE_CHECKING:
    from convexity_compiler.ir import ProjectIR

Json: TypeAlias = Any


def ir_to_json(ir: ProjectIR) -> dict[str, Json]:
    """Return the IR as a JSON tree.

    Keys are the names of the dataclasses' fields. Validators have their wire form (wire-protocol
    9.3); variables that may be absent are of type ``optional``. Arguments of cron jobs are encoded
    values.
    """
    tree = _to_json(ir)
    assert isinstance(tree, dict)
    return tree


def _to_json(value: object) -> Json:
    if isinstance(value, OptionalValidator):
        return {"type": "optional", "value": validator_to_json(value.inner)}
    if isinstance(value, Validator):
        return validator_to_json(value)
    if is_dataclass(value):
        return {entry.name: _to_json(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, tuple):
        return [_to_json(entry) for entry in value]
    if isinstance(value, dict):
        return {name: encode_value(entry) for name, entry in value.items()}
    return value
