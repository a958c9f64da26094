"""Arguments of calls by reference: which spellings of "absent" a caller may use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from convexity.errors import InvalidArgumentsError
from convexity.functions.names import to_wire_arguments
from convexity.values import UNSET, ObjectValidator
from convexity.values.validators import accepts_null


def null_is_absent(args: ObjectValidator) -> frozenset[str]:
    """Optional arguments that refuse null: for a caller, ``None`` leaves them out.

    See ``language.md`` section 1, "Absent, null, default".
    """
    return frozenset(
        name
        for name, validator in args.fields.items()
        if validator.is_optional and not accepts_null(validator)
    )


def forwarded_arguments(
    positional: tuple[object, ...],
    keywords: dict[str, Any],
    null_is_absent: frozenset[str],
    target: str,
) -> dict[str, Any]:
    """Arguments of a call by reference, under wire names and without absent ones.

    Raises:
        InvalidArgumentsError: an argument was passed by position.
    """
    if positional:
        raise InvalidArgumentsError(
            f"arguments of {target} are passed by keyword, not by position: {positional[0]!r}"
        )
    return {
        name: value
        for name, value in to_wire_arguments(keywords).items()
        if value is not UNSET and not (value is None and name in null_is_absent)
    }


def arguments_object(tree: object, target: str) -> Mapping[str, Any]:
    """The object of arguments as a client sends it: bare, or alone in an array.

    Raises:
        InvalidArgumentsError: anything else was sent.
    """
    if isinstance(tree, list) and len(tree) <= 1:
        tree = tree[0] if tree else {}
    if not isinstance(tree, dict):
        raise InvalidArgumentsError(
            f"Invalid arguments for {target}: expected one object of named arguments"
        )
    return tree
