"""Agreement of annotations with validators (language.md section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import (
    ArrayValidator,
    IdValidator,
    LiteralValidator,
    ObjectValidator,
    OptionalValidator,
    RecordValidator,
    Validator,
)
from convexity.values.validators import accepts_null, flatten

from convexity_compiler.link import types as t
from convexity_compiler.link.generated_types import type_of
from convexity_compiler.link.meaning import meaning
from convexity_compiler.memo import IdentityMemo
from convexity_compiler.records import value

if TYPE_CHECKING:
    from convexity_compiler.link.types import TypeModel

_SIMPLE = {
    "null": ("None",),
    "boolean": ("bool",),
    "string": ("str",),
    "bytes": ("bytes",),
    "number": ("float", "int"),
    "int64": ("int", "Int64"),
}
"""Names of the types that agree with a validator of each kind."""
_ANYTHING = frozenset({"Any", "object", "Value"})


@value
class Mismatch:
    """The innermost place where an annotation and a validator part."""

    path: tuple[str, ...]
    """Fields on the way, ``[]`` for elements and values: ``("page", "[]", "author")``."""
    validator: Validator | None
    """The validator there; None for a key that only the annotation has."""
    annotation: TypeModel | None
    """The type there; None for a field that only the validator has."""
    reason: str
    """One clause without a full stop."""

    @property
    def expected(self) -> str:
        """The annotation that would agree there."""
        return "" if self.validator is None else annotation_text(self.validator)


def annotation_text(validator: Validator) -> str:
    """Return the annotation of a validator; objects without a name are ``object``."""
    return t.type_text(type_of(validator))


_KNOWN: Final[IdentityMemo[Mismatch | None]] = IdentityMemo()
"""Several rules ask about the same parameters and results."""


def agrees(annotation: TypeModel, validator: Validator) -> Mismatch | None:
    """Return where an annotation contradicts a validator, None where they agree.

    For an argument with an optional validator the annotation is that of the parameter: ``None``
    is accepted beside what the validator lets through unless that includes null, ``Unset`` if it
    does. What is unknown on either side agrees.
    """
    if _plainly_agree(annotation, validator):
        return None
    known = _KNOWN.get(annotation, validator)
    if known is not None:
        return known[0]
    return _KNOWN.keep(_agrees(annotation, validator), annotation, validator)


def _plainly_agree(annotation: TypeModel, validator: Validator) -> bool:
    """Whether the two are the usual pair of simple ones, which most are."""
    if isinstance(annotation, t.Primitive):
        return not isinstance(validator, OptionalValidator) and annotation.name in _SIMPLE.get(
            validator.kind, ()
        )
    return (
        isinstance(annotation, t.IdType)
        and isinstance(validator, IdValidator)
        and annotation.table == validator.table_name
    )


def _agrees(annotation: TypeModel, validator: Validator) -> Mismatch | None:
    if isinstance(validator, OptionalValidator):
        absent = t.Primitive("Unset" if accepts_null(validator.inner) else "None")
        present = [entry for entry in t.members(annotation) if entry != absent]
        if not present:
            return _mismatch((), validator, annotation)
        return _compare(t.union_of(present), validator.inner, (), False)
    return _compare(annotation, validator, (), False)


def _compare(
    annotation: TypeModel, validator: Validator, path: tuple[str, ...], in_typed_dict: bool
) -> Mismatch | None:
    types = _single_literals(annotation)
    validators = list(flatten(validator))
    if any(_is_unknown(entry) for entry in types) or any(
        entry.kind == "opaque" for entry in validators
    ):
        return None
    if any(_is_anything(entry) for entry in types):
        accepted = any(entry.kind == "any" for entry in validators)
        return None if accepted else _mismatch(path, validator, annotation)
    if any(entry.kind == "any" for entry in validators):
        return _mismatch(path, validator, annotation)
    if len(types) == 1 and len(validators) == 1:
        return _compare_one(types[0], validators[0], path, in_typed_dict)
    return _compare_unions(types, validators, annotation, validator, path, in_typed_dict)


def _compare_unions(
    types: list[TypeModel],
    validators: list[Validator],
    annotation: TypeModel,
    validator: Validator,
    path: tuple[str, ...],
    in_typed_dict: bool,
) -> Mismatch | None:
    """Every member of one side must agree with a member of the other."""
    lone_validators = [
        entry
        for entry in validators
        if all(_compare_one(model, entry, path, in_typed_dict) for model in types)
    ]
    lone_types = [
        model
        for model in types
        if all(_compare_one(model, entry, path, in_typed_dict) for entry in validators)
    ]
    if not lone_validators and not lone_types:
        return None
    if len(lone_validators) == 1 and len(lone_types) == 1:
        deeper = _compare_one(lone_types[0], lone_validators[0], path, in_typed_dict)
        if deeper is not None and len(deeper.path) > len(path):
            return deeper
    return _mismatch(path, validator, annotation)


def _compare_one(
    model: TypeModel, validator: Validator, path: tuple[str, ...], in_typed_dict: bool
) -> Mismatch | None:
    """Compare a type with a validator, neither of them a union."""
    match validator, model:
        case _, t.Unknown() | t.RecursiveType():
            return None
        case IdValidator(table_name=table), t.IdType(table=known):
            agree = known == table
        case LiteralValidator(value=value), _:
            agree = _literal_agrees(value, model)
        case ArrayValidator(element=element), t.ListType(element=item) if item is not None:
            return _compare(item, element, (*path, "[]"), in_typed_dict)
        case RecordValidator(key=key, value=value), t.DictType(key=key_type, value=value_type):
            if key_type is None or value_type is None:
                return _mismatch(path, validator, model)
            return _compare(key_type, key, (*path, "(key)"), in_typed_dict) or _compare(
                value_type, value, (*path, "[]"), in_typed_dict
            )
        case ObjectValidator(), t.TypedDictType():
            return _compare_object(model, validator, path)
        case _, t.Primitive(name="int") if validator.kind == "number" and in_typed_dict:
            reason = "`int` is refused inside a TypedDict; say `float`"
            return Mismatch(path, validator, model, reason)
        case _, t.Primitive(name=name):
            agree = name in _SIMPLE.get(validator.kind, ())
        case _, t.LiteralType(values=(None,)):
            agree = validator.kind == "null"
        case _:
            agree = False
    return None if agree else _mismatch(path, validator, model)


def _compare_object(
    model: t.TypedDictType, validator: ObjectValidator, path: tuple[str, ...]
) -> Mismatch | None:
    keys = {field.name: field for field in model.fields}
    for name, field in validator.fields.items():
        if name not in keys:
            reason = f"`{model.name}` has no key `{name}`"
            return Mismatch((*path, name), field, None, reason)
    for name, key in keys.items():
        expected = validator.fields.get(name)
        if expected is None:
            reason = f"the validator has no field `{name}`"
            return Mismatch((*path, name), None, key.type, reason)
        if expected.is_optional == key.required:
            reason = (
                f"`{name}` may be absent; say `NotRequired[...]`"
                if expected.is_optional
                else f"`{name}` is never absent; drop `NotRequired`"
            )
            return Mismatch((*path, name), expected, key.type, reason)
        inner = expected.inner if isinstance(expected, OptionalValidator) else expected
        found = _compare(key.type, inner, (*path, name), True)
        if found is not None:
            return found
    return None


def _literal_agrees(value: str | float | bool, model: TypeModel) -> bool:
    if isinstance(model, t.LiteralType):
        (written,) = model.values
        if isinstance(value, bool) or isinstance(written, bool):
            return value is written
        return value == written
    # ``Literal[...]`` cannot hold a float, nor an Int64.
    names = {float: ("float",), int: ()}.get(type(value))
    if names is None and isinstance(value, int) and not isinstance(value, bool):
        names = ("int", "Int64")
    return isinstance(model, t.Primitive) and model.name in (names or ())


def _single_literals(annotation: TypeModel) -> list[TypeModel]:
    """Members of a union with every literal on its own."""
    found: list[TypeModel] = []
    for model in t.members(annotation):
        if isinstance(model, t.LiteralType):
            found.extend(t.LiteralType((value,)) for value in model.values)
        else:
            found.append(model)
    return found


def _is_unknown(model: TypeModel) -> bool:
    return isinstance(model, t.Unknown | t.RecursiveType)


def _is_anything(model: TypeModel) -> bool:
    return isinstance(model, t.Primitive) and model.name in _ANYTHING


def _mismatch(path: tuple[str, ...], validator: Validator, model: TypeModel) -> Mismatch:
    if isinstance(model, t.ListType) and model.element is None:
        reason = "`list` does not say what it holds"
    elif isinstance(model, t.DictType) and model.key is None:
        reason = "`dict` does not say what it holds"
    else:
        expected = meaning(validator)
        reason = f"the annotation says `{t.type_text(model)}`, the validator means {expected}"
    return Mismatch(path, validator, model, reason)
