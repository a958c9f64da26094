"""What a validator lets through, in words: an object has no name that an annotation could say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import (
    ArrayValidator,
    ObjectValidator,
    OptionalValidator,
    RecordValidator,
    UnionValidator,
)
from convexity.values.validators import flatten

from convexity_compiler.link import types as t
from convexity_compiler.link.generated_types import type_of

if TYPE_CHECKING:
    from convexity.values import Validator

_MOST_NAMED: Final = 5
"""Fields of an object that are listed; the reader needs to recognise it, not to copy it."""


def meaning(validator: Validator) -> str:
    """Return what a validator lets through: the annotation in backticks, objects by their fields.

    ``v.array(v.object({"title": v.string()}))`` is "a list of objects with `title`".
    """
    return _meaning(validator, is_many=False)


def _meaning(validator: Validator, *, is_many: bool) -> str:
    match validator:
        case OptionalValidator(inner=inner):
            return _meaning(inner, is_many=is_many)
        case ObjectValidator(fields=fields):
            noun = "objects" if is_many else "an object"
            return f"{noun} {_listed(list(fields))}"
        case ArrayValidator(element=element) if _has_object(element):
            return f"{'lists' if is_many else 'a list'} of {_meaning(element, is_many=True)}"
        case RecordValidator(key=key, value=value) if _has_object(value):
            noun = "dicts" if is_many else "a dict"
            return f"{noun} from {_text(key)} to {_meaning(value, is_many=True)}"
        case UnionValidator() if _has_object(validator):
            # What needs no more words comes first, or it would belong to the last object.
            members = sorted(flatten(validator), key=_has_object)
            texts = (_meaning(member, is_many=is_many) for member in members)
            return " or ".join(dict.fromkeys(texts))
        case _:
            return _text(validator)


def _text(validator: Validator) -> str:
    return f"`{t.type_text(type_of(validator))}`"


def _has_object(validator: Validator) -> bool:
    match validator:
        case ObjectValidator():
            return True
        case ArrayValidator(element=inner) | RecordValidator(value=inner):
            return _has_object(inner)
        case UnionValidator(members=members):
            return any(_has_object(member) for member in members)
        case OptionalValidator(inner=inner):
            return _has_object(inner)
        case _:
            return False


def _listed(names: list[str]) -> str:
    if not names:
        return "without fields"
    shown = ", ".join(f"`{name}`" for name in names[:_MOST_NAMED])
    rest = len(names) - _MOST_NAMED
    return f"with {shown} and {rest} more" if rest > 0 else f"with {shown}"
