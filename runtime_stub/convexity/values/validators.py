"""Validators: immutable descriptions of values, built by ``v`` (``language.md`` sections 1, 2).

Equality is structural; ``repr`` is source that builds the validator again. Misuse is refused when a
validator is built, with ``TypeError`` for a member of the wrong kind of object and ``ValueError``
for the rest, so that the compiler, which evaluates validators with these very classes, can show it
at the place of the call. That a table exists is checked with the schema, not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from convexity.values.names import identifier_problem
from convexity.values.scalar_validators import (
    AnyValidator,
    BooleanValidator,
    BytesValidator,
    IdValidator,
    Int64Validator,
    LiteralValidator,
    NullValidator,
    NumberValidator,
    StringValidator,
    integral_number,
)
from convexity.values.validator_base import (
    Fields,
    OptionalValidator,
    Validator,
    describe,
    require_present,
    require_validator,
)

__all__ = [
    "AnyValidator",
    "ArrayValidator",
    "BooleanValidator",
    "BytesValidator",
    "Fields",
    "IdValidator",
    "Int64Validator",
    "LiteralValidator",
    "NullValidator",
    "NumberValidator",
    "ObjectValidator",
    "OptionalValidator",
    "RecordValidator",
    "StringValidator",
    "UnionValidator",
    "Validator",
    "accepts_null",
    "as_optional",
    "flatten",
    "integral_number",
    "required",
]


@dataclass(frozen=True, slots=True, repr=False)
class ArrayValidator(Validator):
    """A list whose elements all match ``element``."""

    element: Validator
    kind: ClassVar[str] = "array"

    def __post_init__(self) -> None:
        require_present(self.element, "the element of v.array()")

    def __repr__(self) -> str:
        return f"v.array({self.element!r})"


@dataclass(frozen=True, slots=True, repr=False)
class RecordValidator(Validator):
    """A mapping with open keys: strings or ids."""

    key: Validator
    value: Validator
    kind: ClassVar[str] = "record"

    def __post_init__(self) -> None:
        require_present(self.key, "the key of v.record()")
        require_present(self.value, "the value of v.record()")
        if not _can_be_key(self.key):
            raise ValueError(
                f"the key of v.record() must be v.string(), v.id(...) or a union of these, "
                f"not {self.key!r}; for a fixed set of keys use v.object()"
            )

    def __repr__(self) -> str:
        return f"v.record({self.key!r}, {self.value!r})"


@dataclass(frozen=True, slots=True, repr=False)
class ObjectValidator(Validator):
    """An object with exactly these fields; those marked optional may be absent.

    Attributes:
        fields: Read-only, in the order given; equality ignores the order.
    """

    fields: Fields
    kind: ClassVar[str] = "object"

    def __post_init__(self) -> None:
        if not isinstance(self.fields, Mapping):
            raise TypeError(
                "v.object() takes a mapping of field names to validators, a TypedDict or "
                f"keywords, not {describe(self.fields)}"
            )
        for name, validator in self.fields.items():
            _check_field(name, validator)
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))

    def pick(self, *names: str) -> ObjectValidator:
        """The same object with only these fields.

        Raises:
            ValueError: a name is no field of the object.
        """
        _check_names(names, self.fields, "pick")
        return ObjectValidator({name: self.fields[name] for name in self.fields if name in names})

    def omit(self, *names: str) -> ObjectValidator:
        """The same object without these fields.

        Raises:
            ValueError: a name is no field of the object.
        """
        _check_names(names, self.fields, "omit")
        return ObjectValidator(
            {name: self.fields[name] for name in self.fields if name not in names}
        )

    def partial(self) -> ObjectValidator:
        """The same object with every field optional."""
        return ObjectValidator({name: as_optional(field) for name, field in self.fields.items()})

    def extend(self, fields: Fields, /) -> ObjectValidator:
        """The same object with these fields added; a field of the same name is replaced."""
        return ObjectValidator({**self.fields, **fields})

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return bool(self.fields == other.fields)

    def __hash__(self) -> int:
        return hash((self.kind, frozenset(self.fields.items())))

    def __reduce__(self) -> tuple[Any, ...]:
        return ObjectValidator, (dict(self.fields),)

    def __repr__(self) -> str:
        if not self.fields:
            return "v.object({})"
        inner = ", ".join(f"{name!r}: {field!r}" for name, field in self.fields.items())
        return f"v.object({{{inner}}})"


@dataclass(frozen=True, slots=True, repr=False)
class UnionValidator(Validator):
    """A value that matches one of the members; ``pick`` and the like act on every member.

    Attributes:
        members: In the order given, nested unions as they were written.
    """

    members: tuple[Validator, ...]
    kind: ClassVar[str] = "union"

    def __post_init__(self) -> None:
        if not self.members:
            raise ValueError("v.union() needs at least one member; no value would ever match")
        for member in self.members:
            require_present(member, "a member of v.union()")

    def pick(self, *names: str) -> UnionValidator:
        """Every member with only those of these fields that it has.

        Raises:
            TypeError: a member is no object.
            ValueError: a name is a field of no member.
        """
        objects = self._objects("pick", names)
        return UnionValidator(
            tuple(member.pick(*(n for n in names if n in member.fields)) for member in objects)
        )

    def omit(self, *names: str) -> UnionValidator:
        """Every member without these fields.

        Raises:
            TypeError: a member is no object.
            ValueError: a name is a field of no member.
        """
        objects = self._objects("omit", names)
        return UnionValidator(
            tuple(member.omit(*(n for n in names if n in member.fields)) for member in objects)
        )

    def partial(self) -> UnionValidator:
        """Every member with all its fields optional.

        Raises:
            TypeError: a member is no object.
        """
        return UnionValidator(tuple(member.partial() for member in self._objects("partial")))

    def extend(self, fields: Fields, /) -> UnionValidator:
        """Every member with these fields added.

        Raises:
            TypeError: a member is no object.
        """
        return UnionValidator(tuple(member.extend(fields) for member in self._objects("extend")))

    def _objects(self, method: str, names: tuple[str, ...] = ()) -> list[ObjectValidator]:
        objects: list[ObjectValidator] = []
        for member in flatten(self):
            if not isinstance(member, ObjectValidator):
                raise TypeError(
                    f".{method}() of a union needs objects as members, but {member!r} is none"
                )
            objects.append(member)
        if names:
            _check_names(
                names, {n: f for member in objects for n, f in member.fields.items()}, method
            )
        return objects

    def __repr__(self) -> str:
        return f"v.union({', '.join(map(repr, self.members))})"


def as_optional(validator: Validator, /) -> OptionalValidator:
    """The validator marked optional, unless it is already."""
    return validator if isinstance(validator, OptionalValidator) else OptionalValidator(validator)


def required(validator: Validator, /) -> Validator:
    """The validator of the value of a field once it is present."""
    return validator.inner if isinstance(validator, OptionalValidator) else validator


def flatten(validator: Validator, /) -> tuple[Validator, ...]:
    """The alternatives of a validator: members of a union and of its nested unions, else itself."""
    if not isinstance(validator, UnionValidator):
        return (validator,)
    return tuple(leaf for member in validator.members for leaf in flatten(member))


def accepts_null(validator: Validator, /) -> bool:
    """Whether ``None`` matches; it decides what ``None`` means for an optional argument."""
    return any(member.kind in ("null", "any") for member in flatten(required(validator)))


def _can_be_key(key: Validator) -> bool:
    return all(member.kind in ("string", "id") for member in flatten(key))


def _check_field(name: object, validator: object) -> None:
    if not isinstance(name, str):
        raise TypeError(f"a field name of v.object() must be a string, not {describe(name)}")
    problem = identifier_problem(name)
    if problem is not None:
        raise ValueError(
            f"v.object(): the field name {name!r} {problem}; for open keys use v.record()"
        )
    require_validator(validator, f"field {name!r} of v.object()")


def _check_names(names: tuple[str, ...], fields: Fields, method: str) -> None:
    for name in names:
        if name not in fields:
            raise ValueError(
                f".{method}({name!r}): there is no such field; the fields are "
                + (", ".join(map(repr, fields)) or "none")
            )
