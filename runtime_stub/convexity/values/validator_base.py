"""What all validators share: their base, the optional field, the check of what they are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias


class Validator:
    """Base of all validators.

    Attributes:
        kind: ``id null number int64 boolean string bytes any literal array record object union
            optional``; ``opaque`` for the stand-in of a type that is not generated yet.
        is_optional: Whether the field that carries this validator may be absent.
    """

    __slots__ = ()

    kind: ClassVar[str]
    is_optional: ClassVar[bool] = False

    def validate(self, value: object, /) -> Any:
        """Check a value and return a copy in the form that functions see.

        Numbers become ``float`` (or ``int``, where the validator says so), int64 becomes ``Int64``.
        Ids are checked for their form; the table they belong to is not known here.

        Raises:
            ValidationError: the value does not match; the message names the place.
        """
        from convexity.values.validation import validate

        return validate(self, value)


Fields: TypeAlias = Mapping[str, Validator]


@dataclass(frozen=True, slots=True, repr=False)
class OptionalValidator(Validator):
    """A field of an object, or an argument, that may be absent."""

    inner: Validator
    kind: ClassVar[str] = "optional"
    is_optional: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_present(self.inner, "the argument of v.optional()")

    def __repr__(self) -> str:
        return f"v.optional({self.inner!r})"


def require_present(member: object, place: str, /) -> None:
    """Refuse what is no validator, and an optional one where nothing can be absent.

    Args:
        member: What the user passed.
        place: Where, such as "the element of v.array()"; the message starts with it.

    Raises:
        TypeError: the member is no validator.
        ValueError: the member is optional.
    """
    require_validator(member, place)
    if isinstance(member, OptionalValidator):
        raise ValueError(
            f"{place} cannot be optional: only a field of an object or an argument can be absent; "
            f"use v.nullable({member.inner!r}) for a value that may be None"
        )


def require_validator(member: object, place: str, /) -> None:
    """Refuse what is no validator, see :func:`require_present`.

    Raises:
        TypeError: the member is no validator.
    """
    if isinstance(member, Validator):
        return
    if callable(member) and hasattr(member, "__self__"):
        hint = f"; call it: v.{getattr(member, '__name__', '')}()"
    elif isinstance(member, Mapping):
        hint = "; wrap the fields in v.object({...})"
    elif isinstance(member, str | int | float):
        hint = f"; for that exact value write v.literal({member!r})"
    elif member is None:
        hint = "; write v.null()"
    else:
        hint = ""
    raise TypeError(f"{place} must be a validator, not {describe(member)}{hint}")


def describe(thing: object, /) -> str:
    """What was passed, for messages: its type and value."""
    if isinstance(thing, type):
        return f"the class {thing.__name__}"
    return "None" if thing is None else f"{type(thing).__name__} {thing!r}"
