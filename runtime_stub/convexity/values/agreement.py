"""Comparison of compiled with imported definitions."""

from __future__ import annotations

from convexity.values.encoding import encode_value
from convexity.values.validators import (
    ArrayValidator,
    IdValidator,
    LiteralValidator,
    ObjectValidator,
    RecordValidator,
    UnionValidator,
    Validator,
    required,
)


def agree(compiled: Validator, imported: Validator, /) -> bool:
    """Whether two validators describe the same values as far as can be told.

    As equality of their JSON forms (so ``v.number()`` agrees with its integral variant, and
    ``v.literal(1)`` with ``v.literal(1.0)``), except that an opaque validator, whose fields are not
    known at run time, agrees with anything.
    """
    if compiled.is_optional != imported.is_optional:
        return False
    left, right = required(compiled), required(imported)
    if "opaque" in (left.kind, right.kind):
        return True
    match left, right:
        case ArrayValidator(), ArrayValidator():
            return agree(left.element, right.element)
        case RecordValidator(), RecordValidator():
            return agree(left.key, right.key) and agree(left.value, right.value)
        case UnionValidator(), UnionValidator():
            pairs = zip(left.members, right.members, strict=False)
            return len(left.members) == len(right.members) and all(agree(*pair) for pair in pairs)
        case ObjectValidator(), ObjectValidator():
            return left.fields.keys() == right.fields.keys() and all(
                agree(left.fields[name], right.fields[name]) for name in left.fields
            )
        case IdValidator(), IdValidator():
            return left.table_name == right.table_name
        case LiteralValidator(), LiteralValidator():
            first, second = encode_value(left.value), encode_value(right.value)
            return type(first) is type(second) and bool(first == second)
        case _:
            return left.kind == right.kind
