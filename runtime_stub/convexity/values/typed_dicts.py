"""Object validators derived from TypedDicts at run time (``language.md`` section 2, backwards)."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from convexity.values.opaque import OpaqueValidator
from convexity.values.tables import Id
from convexity.values.validators import (
    AnyValidator,
    ArrayValidator,
    BooleanValidator,
    BytesValidator,
    IdValidator,
    Int64Validator,
    LiteralValidator,
    NullValidator,
    NumberValidator,
    ObjectValidator,
    RecordValidator,
    StringValidator,
    UnionValidator,
    Validator,
    as_optional,
)
from convexity.values.value import Int64, Unset

_SIMPLE: dict[object, Validator] = {
    None: NullValidator(),
    type(None): NullValidator(),
    bool: BooleanValidator(),
    float: NumberValidator(),
    Int64: Int64Validator(),
    str: StringValidator(),
    bytes: BytesValidator(),
    Any: AnyValidator(),
    object: AnyValidator(),
}
_REFUSED: dict[object, str] = {
    int: "say float (a number) or Int64 (an int64)",
    list: "say what it holds: list[str]",
    dict: "say what it holds: dict[str, float], or name a TypedDict",
    tuple: "arrays are lists: list[...]",
    set: "arrays are lists: list[...]",
    Unset: "use NotRequired[...] for a field that may be absent",
}

_Bindings = Mapping[Any, Any]


def object_from_typed_dict(shape: object, /) -> ObjectValidator | None:
    """The validator that describes a TypedDict, or ``None`` when ``shape`` is no class at all.

    A generated type that does not exist yet gives an :class:`OpaqueValidator`.

    Raises:
        TypeError: ``shape`` is a class, but no TypedDict.
        ValueError: a field's annotation has no validator; the message names field and way out.
    """
    if is_generated(shape):
        return OpaqueValidator(_name(shape))
    target = get_origin(shape) or shape
    if not isinstance(target, type):
        return None
    if not _is_typed_dict(target):
        raise TypeError(f"v.object() takes a TypedDict, and {target.__name__} is none")
    parameters = getattr(target, "__parameters__", ())
    return _object(target, dict(zip(parameters, get_args(shape), strict=False)))


def is_generated(shape: object, /) -> bool:
    """Whether a type is a placeholder of ``_generated.data_model``, whose fields are not known.

    Placeholders carry ``__convexity_generated__ = True``; the fields stand in the stubs beside
    them.
    """
    return getattr(get_origin(shape) or shape, "__convexity_generated__", False) is True


def _object(typed_dict: type, bindings: _Bindings) -> ObjectValidator:
    try:
        hints = get_type_hints(typed_dict, include_extras=True)
    except NameError as error:
        raise ValueError(
            f"v.object({typed_dict.__name__}): the name {error.name!r} in its annotations is not "
            "defined at run time; import it outside of `if TYPE_CHECKING:`, or write the fields "
            "as v.object(...) keywords"
        ) from None
    inherited = _inherited_bindings(typed_dict, bindings)
    optional: frozenset[str] = getattr(typed_dict, "__optional_keys__", frozenset())
    fields: dict[str, Validator] = {}
    for name, hint in hints.items():
        annotation, is_required = _strip(hint)
        place = f"{typed_dict.__name__}.{name}"
        validator = _validator(annotation, inherited, place)
        if is_required is None:
            is_required = name not in optional
        fields[name] = validator if is_required else as_optional(validator)
    return ObjectValidator(fields)


def _inherited_bindings(typed_dict: type, bindings: _Bindings) -> dict[Any, Any]:
    """What the type variables of generic bases stand for, followed through the bases."""
    known = dict(bindings)
    for base in getattr(typed_dict, "__orig_bases__", ()):
        origin = get_origin(base)
        if origin is not None and _is_typed_dict(origin):
            arguments = (known.get(argument, argument) for argument in get_args(base))
            direct = dict(zip(origin.__parameters__, arguments, strict=False))
            known = {**_inherited_bindings(origin, direct), **known}
        elif _is_typed_dict(base):
            known = {**_inherited_bindings(base, {}), **known}
    return known


def _strip(hint: Any) -> tuple[Any, bool | None]:
    """The annotation without qualifiers, and whether they say that the key is required."""
    is_required: bool | None = None
    while (origin := get_origin(hint)) is not None:
        if origin is NotRequired:
            is_required = False
        elif origin is Required:
            is_required = True
        elif origin is not Annotated and getattr(origin, "_name", "") != "ReadOnly":
            break
        hint = get_args(hint)[0]
    return hint, is_required


def _validator(annotation: Any, bindings: _Bindings, place: str) -> Validator:
    if isinstance(annotation, TypeVar):
        if annotation not in bindings:
            raise ValueError(
                f"v.object(): {place} has the type variable {annotation}; name a concrete type, "
                "as in v.object(Page[str])"
            )
        annotation = bindings[annotation]
    if is_generated(annotation):
        return OpaqueValidator(_name(annotation))
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _validator(arguments[0], bindings, place)
    if origin in (Union, types.UnionType):
        return UnionValidator(tuple(_validator(member, bindings, place) for member in arguments))
    if origin is Literal:
        return _literals(arguments, place)
    if origin is list:
        return ArrayValidator(_validator(arguments[0], bindings, place))
    if origin is dict:
        key, value = (_validator(argument, bindings, place) for argument in arguments)
        return RecordValidator(key, value)
    if origin is Id:
        return _id(arguments[0], bindings, place)
    target = origin or annotation
    if isinstance(target, type) and _is_typed_dict(target):
        bound = (bindings.get(argument, argument) for argument in arguments)
        parameters = getattr(target, "__parameters__", ())
        return _object(target, dict(zip(parameters, bound, strict=False)))
    try:
        return _SIMPLE[annotation]
    except (KeyError, TypeError):
        raise ValueError(_refusal(annotation, place)) from None


def _literals(values: tuple[Any, ...], place: str) -> Validator:
    members: list[Validator] = []
    for value in values:
        if value is None:
            members.append(NullValidator())
        elif isinstance(value, str | int):
            members.append(LiteralValidator(value))
        else:
            raise ValueError(f"v.object(): {place}: the literal {value!r} is no Convex value")
    return members[0] if len(members) == 1 else UnionValidator(tuple(members))


def _id(table: Any, bindings: _Bindings, place: str) -> Validator:
    marker = bindings.get(table, table)
    name = getattr(marker, "__table_name__", None)
    if not isinstance(name, str):
        raise ValueError(
            f"v.object(): {place}: Id[{_name(marker)}] names no table; use a marker of "
            "_generated.data_model, such as Id[Messages]"
        )
    return IdValidator(name)


def _refusal(annotation: Any, place: str) -> str:
    hint = _REFUSED.get(get_origin(annotation) or annotation)
    return f"v.object(): {place}: there is no validator for {_name(annotation)}; " + (
        hint or "use the types of Convex values, a TypedDict, or Any"
    )


def _is_typed_dict(candidate: object) -> bool:
    """Whether this is a TypedDict of ``typing`` or ``typing_extensions``."""
    return (
        isinstance(candidate, type)
        and issubclass(candidate, dict)
        and hasattr(candidate, "__required_keys__")
        and hasattr(candidate, "__total__")
    )


def _name(annotation: Any) -> str:
    return getattr(annotation, "__name__", None) or repr(annotation)
