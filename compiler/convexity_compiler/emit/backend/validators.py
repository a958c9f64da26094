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
    from collections.abc import Iterable, Iterator

    from convexity.values import Validator

    from convexity_compiler.emit.imports import Imports


def import_validators(imports: Imports, validators: Iterable[Validator]) -> None:
    """Import what the sources of ``validators`` use."""
    for validator in validators:
        for part in parts_of(validator):
            if isinstance(part, NumberValidator) and part.integral:
                imports.name("convexity.values.validators", "integral_number")
            elif isinstance(part, LiteralValidator) and isinstance(part.value, Int64):
                imports.name("convexity.values", "Int64")
                imports.name("convexity.values", "v")
            else:
                imports.name("convexity.values", "v")


def validator_source(validator: Validator) -> Node:
    """Return the expression that builds ``validator`` from ``v``.

    The names it uses are imported by :func:`import_validators`.
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


def parts_of(validator: Validator) -> Iterator[Validator]:
    """Yield a validator and everything inside it."""
    yield validator
    match validator:
        case ArrayValidator(element=inner) | OptionalValidator(inner=inner):
            yield from parts_of(inner)
        case RecordValidator(key=key, value=value):
            yield from parts_of(key)
            yield from parts_of(value)
        case ObjectValidator(fields=fields):
            for field in fields.values():
                yield from parts_of(field)
        case UnionValidator(members=members):
            for member in members:
                yield from parts_of(member)


def _literal(value: str | float | bool) -> Node:
    if isinstance(value, Int64):
        return Atom(f"Int64({int(value)})")
    if isinstance(value, str):
        return Text(value)
    return Atom(python_literal(value))
