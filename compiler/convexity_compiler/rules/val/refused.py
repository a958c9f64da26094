"""Calls of constructors of validators that are refused, told apart by the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import LinkedProject, Unresolved

Constructor: TypeAlias = Literal["record", "literal"]

_BEGINNINGS: Final[dict[Constructor, str]] = {
    "record": "the key of v.record() must be",
    "literal": "v.literal(",
}
"""How the reasons of ``convexity.values`` begin."""


def is_refused(failure: Unresolved, constructor: Constructor) -> bool:
    """Whether something could not be evaluated because a constructor refused its argument."""
    return failure.kind == "invalid_call" and failure.reason.startswith(_BEGINNINGS[constructor])


def refused(project: LinkedProject, constructor: Constructor) -> Iterator[Unresolved]:
    """Yield the refused calls of a constructor."""
    for failure in project.unresolved:
        if is_refused(failure, constructor):
            yield failure
