"""What registers a function, and a function as it is registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from convexity.values import ObjectValidator, Validator

    from convexity_compiler.ir import Visibility
    from convexity_compiler.link.model import Location, RegisteredKind
    from convexity_compiler.summary.model import FunctionSummary, ModuleSummary

REGISTRARS: Final[dict[str, tuple[RegisteredKind, Visibility]]] = {
    "query": ("query", "public"),
    "mutation": ("mutation", "public"),
    "action": ("action", "public"),
    "internal_query": ("query", "internal"),
    "internal_mutation": ("mutation", "internal"),
    "internal_action": ("action", "internal"),
    "http_action": ("http_action", "public"),
}
"""Kind and visibility of what each registrar registers."""


class Registration(NamedTuple):
    """A registered function before its annotations are understood.

    They may use types that are generated from the validators of any function of the project.
    """

    module: ModuleSummary
    definition: FunctionSummary
    position: int
    """Place of the registrar among the decorators."""
    origin: str
    registrar: str
    registrations: tuple[e.Expr, ...]
    name: str
    name_location: Location
    args: ObjectValidator | None
    returns: Validator | None

    @property
    def call(self) -> e.Call | None:
        """The decorator call; None for a bare registrar."""
        decorator = self.definition.decorators[self.position]
        return decorator if isinstance(decorator, e.Call) else None

    @property
    def is_http(self) -> bool:
        """Whether this is an HTTP action."""
        return REGISTRARS[self.registrar][0] == "http_action"
