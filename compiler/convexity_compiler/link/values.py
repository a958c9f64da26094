"""Values of the static evaluation that are no plain Python values or validators."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from convexity_compiler.records import record, value

if TYPE_CHECKING:
    from convexity_compiler.link.model import Evaluated, LinkedIndex, LinkedTable, Location
    from convexity_compiler.summary.expressions import Expr
    from convexity_compiler.summary.model import ClassSummary, FunctionSummary


@value
class ExternalValue:
    """Something outside the project: ``convexity.values.v``, ``datetime.timedelta``."""

    name: str


@value
class ModuleValue:
    """A module of the project."""

    path: str


@value
class FunctionValue:
    """A function of the project; called, it is evaluated if it only builds a value."""

    module: str
    function: FunctionSummary


@value
class ClassValue:
    """A class of the project; of use as a type only."""

    module: str
    definition: ClassSummary


@value
class TypeValue:
    """A type that is no plain class: ``Page[str]``, ``TypedDict("Name", {...})``."""

    module: str
    expression: Expr


@value
class Method:
    """A method of a value, not yet called."""

    receiver: object
    name: str


@record
class TableValue:
    """The result of ``define_table(...)`` and its chain."""

    document: Evaluated
    indexes: tuple[LinkedIndex, ...]
    is_complete: bool = True
    """False when some index could not be evaluated."""


@record
class SchemaValue:
    """The result of ``define_schema(...)``."""

    location: Location
    tables: dict[str, LinkedTable]
    failed: frozenset[str]
    """Names of tables that could not be evaluated."""
    is_complete: bool
    schema_validation: bool


@dataclass(slots=True, kw_only=True)
class Scope:
    """Where an expression is evaluated."""

    module: str
    variables: dict[str, object] = field(default_factory=dict)
    """Parameters of a helper function and variables of comprehensions."""
    depth: int = 0
    """Number of helper functions being evaluated."""
