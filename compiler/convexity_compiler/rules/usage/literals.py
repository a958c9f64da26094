"""Comparing literals in the source with validators; what is no literal agrees with everything."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from convexity.values import (
    ArrayValidator,
    IdValidator,
    LiteralValidator,
    ObjectValidator,
    OptionalValidator,
    RecordValidator,
    UnionValidator,
    v,
)
from convexity.values.ids import IdDecodeError, decode_id
from convexity.values.validators import flatten

from convexity_compiler.link.meaning import meaning
from convexity_compiler.records import value
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from convexity.values import Validator

    from convexity_compiler.span import Span

_KINDS = {
    "boolean": (bool,),
    "string": (str,),
    "bytes": (bytes,),
    "number": (int, float),
    "int64": (int,),
    "null": (type(None),),
}
"""Types of the constants that fit a validator of each kind."""

_LITERALS = frozenset({e.Conditional, e.Constant, e.Dict, e.FormattedString, e.List, e.Unary})
"""Expressions of which something is known without names."""
_LONGEST_SHOWN = 40
"""Characters of a text that is shown as it is."""


@value
class Misfit:
    """A place in a literal that its validator refuses."""

    span: Span
    reason: str
    """One clause without a full stop."""
    suggestion: str = ""
    """The name of a field that may be meant."""


def misfits(validator: Validator, expression: e.Expr) -> list[Misfit]:
    """Return where a literal does not fit a validator."""
    return list(_misfits(validator, expression)) if type(expression) in _LITERALS else []


def object_misfits(
    fields: dict[str, Validator],
    literal: e.Dict,
    *,
    required: bool,
    extra: Collection[str] = (),
) -> Iterator[Misfit]:
    """Yield where a dict literal does not fit the fields of an object.

    ``required`` tells whether all required fields must be there; ``extra`` names fields that may
    stand beside those of the validator and hold anything.
    """
    given: dict[str, e.DictItem] = {}
    meant: set[str] = set()
    is_whole = True
    for item in literal.items:
        if isinstance(item.key, e.Constant) and isinstance(item.key.value, str):
            given[item.key.value] = item
        else:
            is_whole = False  # ``**rest`` or a computed key
    for name, item in given.items():
        if name in fields:
            yield from _misfits(fields[name], item.value)
        elif name not in extra and item.key is not None:
            absent = [field for field in fields if field not in given]
            nearest = next(iter(difflib.get_close_matches(name, absent, n=1)), "")
            meant.add(nearest)
            yield Misfit(item.key.span, f"there is no field `{name}`", nearest)
    if required and is_whole:
        missing = [
            name
            for name, entry in fields.items()
            if not (entry.is_optional or name in given or name in meant)
        ]
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            noun = "field" if len(missing) == 1 else "fields"
            yield Misfit(literal.span, f"the {noun} {names} {_be(missing)} missing")


def _be(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _misfits(validator: Validator, expression: e.Expr) -> Iterator[Misfit]:
    if isinstance(validator, OptionalValidator):
        validator = validator.inner
    if isinstance(expression, e.Conditional):
        yield from _misfits(validator, expression.body)
        yield from _misfits(validator, expression.otherwise)
    elif isinstance(validator, UnionValidator):
        if type(expression) in _LITERALS:
            yield from _union_misfits(list(flatten(validator)), expression)
    elif isinstance(expression, e.Dict):
        yield from _dict_misfits(validator, expression)
    elif isinstance(expression, e.List):
        if isinstance(validator, ArrayValidator):
            for element in expression.elements:
                yield from _misfits(validator.element, element)
        elif validator.kind != "any":
            yield _wrong(validator, expression, "a list")
    elif isinstance(expression, e.FormattedString):
        if validator.kind not in ("string", "any", "id") and not (
            isinstance(validator, LiteralValidator) and isinstance(validator.value, str)
        ):
            yield _wrong(validator, expression, "a string")
    elif isinstance(expression, (e.Constant, e.Unary)):
        yield from _constant_misfits(validator, expression)


def _union_misfits(members: list[Validator], expression: e.Expr) -> Iterator[Misfit]:
    found = [(member, misfits(member, expression)) for member in members]
    if not all(problems for _, problems in found):
        return
    if isinstance(expression, e.Dict):
        objects = [entry for entry in found if isinstance(entry[0], ObjectValidator)]
        tagged = [entry for entry in objects if _tags_fit(entry[0], expression)]
        chosen = tagged if len(objects) > 1 else objects
        if len(chosen) == 1:
            yield from chosen[0][1]
            return
        objects_only = [entry for entry, _ in objects if isinstance(entry, ObjectValidator)]
        tag = _wrong_tag(objects_only, expression) if len(objects_only) == len(members) else None
        if tag is not None:
            yield tag
            return
    expected = " or ".join(dict.fromkeys(meaning(member) for member in _joined(members)))
    yield Misfit(expression.span, f"expected {expected}, found {_found(expression)}")


def _joined(members: list[Validator]) -> list[Validator]:
    """The members, with all literals as one."""
    literals = [member for member in members if isinstance(member, LiteralValidator)]
    if len(literals) < 2:
        return members
    rest = [member for member in members if not isinstance(member, LiteralValidator)]
    return [v.union(*literals), *rest]


def _wrong_tag(members: list[ObjectValidator], literal: e.Dict) -> Misfit | None:
    """Return what is wrong with the field that tells the members of a union apart."""
    given = {
        item.key.value: item.value for item in literal.items if isinstance(item.key, e.Constant)
    }
    for name in members[0].fields if members else ():
        tags = [member.fields.get(name) for member in members]
        values = [repr(tag.value) for tag in tags if isinstance(tag, LiteralValidator)]
        found = given.get(name)
        if len(values) < max(len(tags), 2) or not isinstance(found, e.Constant):
            continue
        if repr(found.value) not in values:
            allowed = " or ".join(f"`{value}`" for value in dict.fromkeys(values))
            return Misfit(found.span, f"`{name}` is {_found(found)}; it must be {allowed}")
    return None


def _tags_fit(validator: Validator, literal: e.Dict) -> bool:
    """Whether the literal fields of an object, of which it needs one, are as in the source."""
    if not isinstance(validator, ObjectValidator):
        return False
    given = {
        item.key.value: item.value for item in literal.items if isinstance(item.key, e.Constant)
    }
    tags = [
        (entry, given[name])
        for name, entry in validator.fields.items()
        if isinstance(entry, LiteralValidator) and name in given
    ]
    return bool(tags) and not any(misfits(entry, value) for entry, value in tags)


def _dict_misfits(validator: Validator, literal: e.Dict) -> Iterator[Misfit]:
    if isinstance(validator, ObjectValidator):
        yield from object_misfits(dict(validator.fields), literal, required=True)
    elif isinstance(validator, RecordValidator):
        for item in literal.items:
            if item.key is not None:
                yield from _misfits(validator.key, item.key)
                yield from _misfits(validator.value, item.value)
    elif validator.kind != "any":
        yield _wrong(validator, literal, "a dict")


def _constant_misfits(validator: Validator, expression: e.Expr) -> Iterator[Misfit]:
    operand = expression
    if isinstance(operand, e.Unary) and operand.operator in ("-", "+"):
        operand = operand.operand
        if not isinstance(operand, e.Constant) or not isinstance(operand.value, (int, float)):
            return
    if not isinstance(operand, e.Constant) or validator.kind == "any":
        return
    value = operand.value
    if isinstance(validator, IdValidator):
        if not isinstance(value, str):
            yield _wrong(validator, expression, _described(value))
        elif not _is_id(value):
            yield Misfit(expression.span, f'"{value}" is no id')
    elif isinstance(validator, LiteralValidator):
        if operand is expression and not _same(value, validator.value):
            yield _wrong(validator, expression, _found(expression))
    else:
        accepted = _KINDS.get(validator.kind, ())
        if not isinstance(value, accepted) or (
            isinstance(value, bool) and validator.kind != "boolean"
        ):
            yield _wrong(validator, expression, _described(value))


def _same(value: e.ConstantValue, literal: object) -> bool:
    if isinstance(value, bool) or isinstance(literal, bool):
        return value is literal
    return value == literal


def _is_id(text: str) -> bool:
    try:
        decode_id(text)
    except IdDecodeError:
        return False
    return True


def _wrong(validator: Validator, expression: e.Expr, found: str) -> Misfit:
    return Misfit(expression.span, f"expected {meaning(validator)}, found {found}")


def _found(expression: e.Expr) -> str:
    match expression:
        case e.Dict():
            return "a dict"
        case e.List():
            return "a list"
        case e.Constant(value=str() as text) if len(text) <= _LONGEST_SHOWN:
            return f"`{text!r}`"
        case e.Constant(value=value):
            return f"`{value}`" if isinstance(value, int | float) else _described(value)
        case e.FormattedString():
            return "a string"
        case _:
            return "a number"


def _described(value: e.ConstantValue) -> str:
    match value:
        case None:
            return "`None`"
        case bool():
            return f"`{value}`"
        case str():
            return "a string"
        case bytes():
            return "bytes"
        case _:
            return "a number"
