"""``int`` on ``v.number()``: the validator becomes integral (language.md section 1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from convexity.values import (
    ArrayValidator,
    ObjectValidator,
    OptionalValidator,
    RecordValidator,
    UnionValidator,
)
from convexity.values.validators import NumberValidator, integral_number

from convexity_compiler.link.types import DictType, ListType, Primitive, members

if TYPE_CHECKING:
    from convexity.values import Validator

    from convexity_compiler.link.types import TypeModel


def with_integers(
    validator: Validator, annotation: TypeModel | Mapping[str, TypeModel]
) -> Validator:
    """Return ``validator`` with its numbers integral where the annotation says ``int``.

    For the arguments of a function the annotations come by name. Fields of TypedDicts are left
    alone: ``int`` is refused there.
    """
    if isinstance(annotation, Mapping):
        if not isinstance(validator, ObjectValidator):
            return validator
        if not any(map(_mentions_int, annotation.values())):
            return validator
        fields = {
            name: with_integers(field, annotation[name]) if name in annotation else field
            for name, field in validator.fields.items()
        }
        return ObjectValidator(fields)
    if not _mentions_int(annotation):
        return validator
    models = tuple(members(annotation))
    match validator:
        case NumberValidator():
            has_float = Primitive("float") in models
            return integral_number() if Primitive("int") in models and not has_float else validator
        case OptionalValidator(inner=inner):
            return OptionalValidator(with_integers(inner, annotation))
        case UnionValidator(members=alternatives):
            return UnionValidator(tuple(with_integers(entry, annotation) for entry in alternatives))
        case ArrayValidator(element=element):
            for model in models:
                if isinstance(model, ListType) and model.element is not None:
                    return ArrayValidator(with_integers(element, model.element))
        case RecordValidator(key=key, value=value):
            for model in models:
                if isinstance(model, DictType) and model.value is not None:
                    return RecordValidator(key, with_integers(value, model.value))
        case _:
            pass
    return validator


def _mentions_int(model: TypeModel) -> bool:
    """Whether ``int`` occurs outside of TypedDicts."""
    for member in members(model):
        match member:
            case Primitive(name="int"):
                return True
            case ListType(element=element) if element is not None and _mentions_int(element):
                return True
            case DictType(value=value) if value is not None and _mentions_int(value):
                return True
            case _:
                pass
    return False
