"""Validators as Python source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import (
    ArrayValidator,
    IdValidator,
    Int64,
    LiteralValidator,
    ObjectValidator,
    OptionalValidator,
    RecordValidator,
    UnionValidator,
)
from convexity.values.validators import NullValidator, NumberValidator
from convexity_compiler.emit.backend.names import is_plain_name
from convexity_compiler.emit.layout import (
    Atom,
    Labelled,
    Node,
    Text,
    call,
    dictionary,
)
from convexity_compiler.emit.literals import python_literal

if TYPE_CHECKING:
    from convexity.values import Validator


def validator_source(validator: Validator) -> Node:
    """Return the expression that builds ``validator`` from ``v``.

    It may also use ``Int64`` and ``integral_number``.
    """
    match validator:
        case IdValidator():
            return call("v.id", Text(validator.table_name))
        case LiteralValidator():
            return call("v.literal", _literal(validator.value))
        case ArrayValidator():
            return call("v.array", validator_source(validator.element))
        case RecordValidator():
            return call(
                "v.record", validator_source(validator.key), validator_source(validator.value)
            )
        case OptionalValidator():
            return call("v.optional", validator_source(validator.inner))
        case UnionValidator(members=members) if len(members) > 1 and all(
            isinstance(member, LiteralValidator) for member in members
        ):
            literals = (_literal(m.value) for m in members if isinstance(m, LiteralValidator))
            return call("v.literal", *literals)
        case UnionValidator(members=(inner, NullValidator())):
            return call("v.nullable", validator_source(inner))
        case UnionValidator():
            return call("v.union", *(validator_source(member) for member in validator.members))
        case ObjectValidator():
            fields = {name: validator_source(field) for name, field in validator.fields.items()}
            if all(is_plain_name(name) for name in fields):
                items = (Labelled(f"{name}=", node) for name, node in fields.items())
                return call("v.object", *items)
            return call("v.object", dictionary(fields))
        case NumberValidator() if validator.integral:
            return Atom("integral_number()")
        case _:
            return Atom(f"v.{validator.kind}()")


def _literal(value: str | float | bool) -> Node:
    if isinstance(value, Int64):
        return Atom(f"Int64({int(value)})")
    if isinstance(value, str):
        return Text(value)
    return Atom(python_literal(value))
