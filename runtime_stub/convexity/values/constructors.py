"""``v``: the constructors of validators (``language.md`` section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, overload

from convexity.values.typed_dicts import object_from_typed_dict
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
    OptionalValidator,
    RecordValidator,
    StringValidator,
    UnionValidator,
    Validator,
    as_optional,
)

if TYPE_CHECKING:
    from convexity.values.validators import Fields


class _V:
    """Namespace of the validator constructors.

    All of them raise ``TypeError`` for an argument of the wrong kind and ``ValueError`` for a
    combination that has no meaning, such as an optional array element.
    """

    __slots__ = ()

    def id(self, table_name: str, /) -> IdValidator:
        """Id of a document of this table."""
        return IdValidator(table_name)

    def null(self) -> Validator:
        """``None``."""
        return NullValidator()

    def number(self) -> Validator:
        """A float64 number; ``float`` in Python."""
        return NumberValidator()

    def int64(self) -> Validator:
        """A 64-bit integer; ``Int64`` in Python."""
        return Int64Validator()

    def boolean(self) -> Validator:
        """``True`` or ``False``."""
        return BooleanValidator()

    def string(self) -> Validator:
        """A string."""
        return StringValidator()

    def bytes(self) -> Validator:
        """A byte string."""
        return BytesValidator()

    def any(self) -> Validator:
        """Any Convex value."""
        return AnyValidator()

    @overload
    def literal(self, value: str | int | float | bool, /) -> LiteralValidator: ...
    @overload
    def literal(
        self,
        first: str | int | float | bool,
        second: str | int | float | bool,
        /,
        *more: str | int | float | bool,
    ) -> UnionValidator: ...
    def literal(
        self, first: str | int | float | bool, /, *more: str | int | float | bool
    ) -> LiteralValidator | UnionValidator:
        """Exactly this value, or one of several.

        A plain ``int`` is a number; write ``v.literal(Int64(1))`` for an int64.
        """
        if not more:
            return LiteralValidator(first)
        return UnionValidator(tuple(LiteralValidator(value) for value in (first, *more)))

    def array(self, element: Validator, /) -> ArrayValidator:
        """A list of values that all match ``element``."""
        return ArrayValidator(element)

    def record(self, key: Validator, value: Validator, /) -> RecordValidator:
        """A mapping from open keys (strings or ids) to values."""
        return RecordValidator(key, value)

    @overload
    def object(self, fields: Fields, /) -> ObjectValidator: ...
    @overload
    def object(self, typed_dict: type[Any], /) -> ObjectValidator: ...
    @overload
    def object(self, /, **fields: Validator) -> ObjectValidator: ...
    def object(
        self, shape: Fields | type[Any] | None = None, /, **fields: Validator
    ) -> ObjectValidator:
        """An object with exactly these fields.

        Fields come as keywords, as a mapping (for computed names and for Python keywords such as
        ``from``), or from a TypedDict.
        """
        if shape is None:
            return ObjectValidator(fields)
        if fields:
            raise TypeError(
                "v.object() takes either one mapping or TypedDict, or keywords, not both: "
                "write v.object({**fields, 'more': ...})"
            )
        if isinstance(shape, Validator):
            raise TypeError(f"v.object() takes fields; {shape!r} is already a validator: use it")
        derived = object_from_typed_dict(shape)
        return ObjectValidator(shape) if derived is None else derived  # type: ignore[arg-type]

    def union(self, *members: Validator) -> UnionValidator:
        """A value that matches one of the members."""
        return UnionValidator(members)

    def optional(self, inner: Validator, /) -> OptionalValidator:
        """A field or argument that may be absent."""
        return as_optional(inner)

    def nullable(self, inner: Validator, /) -> UnionValidator:
        """The inner value or ``None``."""
        return UnionValidator((inner, NullValidator()))

    def bigint(self) -> Validator:
        """The former name of :meth:`int64`, deprecated."""
        return Int64Validator()


v: Final[_V] = _V()
