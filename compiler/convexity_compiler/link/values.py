"""Values of the static evaluation that are no plain Python values or validators."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convexity_compiler.link.model import Evaluated, LinkedIndex, LinkedTable, Location
    from convexity_compiler.summary.expressions import Expr
    from convexity_compiler.summary.model import ClassSummary, FunctionSummary


@dataclass(frozen=True, slots=True)
class ExternalValue:
    """Something outside the project: ``convexity.values.v``, ``datetime.timedelta``."""

    name: str


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """A module of the project."""

    path: str


@dataclass(frozen=True, slots=True)
class FunctionValue:
    """A function of the project; called, it is evaluated if it only builds a value."""

    module: str
    function: FunctionSummary


@dataclass(frozen=True, slots=True)
class ClassValue:
    """A class of the project; of use as a type only."""

    module: str
    definition: ClassSummary


@dataclass(frozen=True, slots=True)
class TypeValue:
    """A type that is no plain class: ``Page[str]``, ``TypedDict("Name", {...})``."""

    module: str
    expression: Expr


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a value, not yet called."""

    receiver: object
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableValue:
    """The result of ``define_table(...)`` and its chain."""

    document: Evaluated
    indexes: tuple[LinkedIndex, ...]
    is_complete: bool = True
    """False when some index could not be evaluated."""


@dataclass(frozen=True, slots=True, kw_only=True)
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
