"""Assignment of a known value to targets: names, and tuples or lists of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from convexity_compiler.summary.expressions import List, Name, Starred, Tuple

if TYPE_CHECKING:
    from convexity_compiler.summary.expressions import Expr


class UnpackError(Exception):
    """The value does not fit the targets; the text is a clause without a full stop."""


def assign_target(target: Expr, value: object, variables: dict[str, object]) -> None:
    """Bind the names of ``target`` to the parts of ``value``."""
    if isinstance(target, Name):
        variables[target.id] = value
    elif isinstance(target, (List, Tuple)):
        _unpack(target.elements, value, variables)
    else:
        raise UnpackError("is assigned to something other than a name")


def _unpack(targets: tuple[Expr, ...], value: object, variables: dict[str, object]) -> None:
    if not isinstance(value, list | tuple | Mapping | str):
        raise UnpackError("cannot be unpacked")
    values = list(value)
    starred = [index for index, target in enumerate(targets) if isinstance(target, Starred)]
    if not starred:
        if len(values) != len(targets):
            raise UnpackError(f"has {len(values)} elements where {len(targets)} are unpacked")
        for target, part in zip(targets, values, strict=True):
            assign_target(target, part, variables)
        return
    before = starred[0]
    after = len(targets) - before - 1
    if len(values) < before + after:
        raise UnpackError(f"has {len(values)} elements, too few to unpack")
    middle = targets[before]
    assert isinstance(middle, Starred)
    _unpack(targets[:before], values[:before], variables)
    assign_target(middle.value, values[before : len(values) - after], variables)
    _unpack(targets[before + 1 :], values[len(values) - after :], variables)
