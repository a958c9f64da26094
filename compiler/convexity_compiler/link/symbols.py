"""What a name can stand for, and the names a module binds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from convexity_compiler.records import value
from convexity_compiler.summary.expressions import (
    Attribute,
    Call,
    List,
    Name,
    Starred,
    Subscript,
    Tuple,
)
from convexity_compiler.summary.statements import Delete

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.span import Span
    from convexity_compiler.summary.expressions import Expr
    from convexity_compiler.summary.model import (
        ClassSummary,
        FunctionSummary,
        ImportSummary,
        ModuleSummary,
        Placement,
    )
    from convexity_compiler.summary.statements import Assign


CHANGING_METHODS: Final = frozenset(
    {"append", "extend", "insert", "remove", "pop", "popitem", "clear", "sort", "reverse"}
    | {"update", "setdefault", "add", "discard"}
)
"""Methods that change a list, dict or set in place."""


@value
class External:
    """A name outside the project's modules, with its origin: ``time.sleep``, ``builtins.len``,
    ``_generated.server.mutation``."""

    name: str

    @property
    def qualified_name(self) -> str:
        """The origin."""
        return self.name


@value
class ProjectModule:
    """A module or package of the functions folder; the folder itself is the empty path."""

    path: str

    @property
    def qualified_name(self) -> str:
        """The path."""
        return self.path


@value
class Defined:
    """A function, class or value that a module of the project defines, or an attribute of it."""

    module: str
    name: str
    attributes: tuple[str, ...] = ()

    @property
    def qualified_name(self) -> str:
        """The name in its module: ``messages/access.helper``."""
        return ".".join((self.module, self.name, *self.attributes))


Symbol: TypeAlias = External | ProjectModule | Defined
Definition: TypeAlias = "ImportSummary | FunctionSummary | ClassSummary | Assign"


@value
class Bound:
    """One binding of a name at module level."""

    definition: Definition
    placement: Placement
    span: Span


@dataclass(slots=True)
class Namespace:
    """The names of a module."""

    bindings: dict[str, list[Bound]] = field(default_factory=dict)
    """In order of their places in the source."""
    star_imports: list[ImportSummary] = field(default_factory=list)
    changed: dict[str, Span] = field(default_factory=dict)
    """Names whose value is changed in place at the top level, with the place."""

    def runtime(self, name: str) -> list[Bound]:
        """The bindings of a name that exist at run time."""
        bound = self.bindings.get(name, [])
        return [entry for entry in bound if entry.placement != "type_checking"] or bound

    def static(self, name: str) -> list[Bound]:
        """The bindings of a name that type checkers see."""
        bound = self.bindings.get(name, [])
        return [entry for entry in bound if entry.placement == "type_checking"] or bound


def namespace_of(module: ModuleSummary) -> Namespace:
    """Collect the names a module binds at its top level."""
    namespace = Namespace()
    found: list[tuple[str, Bound]] = []
    for imported in module.imports:
        if imported.scope in ("module", "conditional", "type_checking"):
            if imported.name == "*":
                namespace.star_imports.append(imported)
            else:
                found.append((imported.bound, Bound(imported, imported.scope, imported.span)))
    definitions: tuple[FunctionSummary | ClassSummary, ...] = (*module.functions, *module.classes)
    for definition in definitions:
        if definition.placement in ("module", "conditional", "type_checking"):
            bound = Bound(definition, definition.placement, definition.span)
            found.append((definition.name, bound))
    for assignment in module.assignments:
        statement = assignment.statement
        for target in statement.targets:
            if statement.value is None and statement.annotation is not None:
                continue
            bound = Bound(statement, assignment.placement, statement.span)
            found.extend((name, bound) for name in target_names(target))
            if isinstance(target, (Attribute, Subscript)):
                _note_change(target, statement.span, namespace)
    for entry in module.statements:
        value = getattr(entry.statement, "value", None)
        if isinstance(value, Call) and isinstance(value.function, Attribute):
            if value.function.name in CHANGING_METHODS:
                _note_change(value.function, entry.span, namespace)
        elif isinstance(entry.statement, Delete):
            for target in entry.statement.targets:
                _note_change(target, entry.span, namespace)
    found.sort(key=lambda entry: entry[1].span)
    for name, bound in found:
        namespace.bindings.setdefault(name, []).append(bound)
    return namespace


def _note_change(target: Expr, span: Span, namespace: Namespace) -> None:
    while isinstance(target, (Attribute, Subscript)):
        target = target.value
    if isinstance(target, Name):
        namespace.changed.setdefault(target.id, span)


def target_names(target: Expr) -> Iterator[str]:
    """Yield the names an assignment target binds."""
    if isinstance(target, Name):
        yield target.id
    elif isinstance(target, Starred):
        yield from target_names(target.value)
    elif isinstance(target, (List, Tuple)):
        for element in target.elements:
            yield from target_names(element)


def dotted(expression: Expr) -> list[str] | None:
    """Return the names of a plain chain ``a.b.c``, None for anything else."""
    names: list[str] = []
    while isinstance(expression, Attribute):
        names.append(expression.name)
        expression = expression.value
    if not isinstance(expression, Name):
        return None
    names.append(expression.id)
    names.reverse()
    return names
