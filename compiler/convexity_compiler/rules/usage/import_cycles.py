"""Modules of a project that need each other while they are imported."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.link.model import Location
from convexity_compiler.link.symbols import External
from convexity_compiler.memo import Memo
from convexity_compiler.rules.base import label_at
from convexity_compiler.summary.expressions import Attribute, Name
from convexity_compiler.summary.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Label
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.link.resolve import Resolver
    from convexity_compiler.summary.model import ImportSummary, ModuleSummary
    from convexity_compiler.summary.node import Node


class ImportEdge(NamedTuple):
    """A module that imports another one at run time."""

    module: str
    target: str
    entry: ImportSummary
    """The first of the imports."""
    names: frozenset[str]
    """Names of the target that must exist when the module is imported."""

    @property
    def location(self) -> Location:
        """Place of the import."""
        return Location(self.module, self.entry.span)


_KNOWN: Final[Memo[Resolver, dict[str, dict[str, ImportEdge]]]] = Memo()


def import_cycles(project: LinkedProject) -> Iterator[tuple[ImportEdge, ...]]:
    """Yield the cycles that fail for some order of imports, each once, from its least module.

    A cycle works in every order when what each module needs of the next one is bound above the
    import that leads on; names under ``if TYPE_CHECKING:`` and in functions need nothing.
    """
    for module in project.own_modules:
        cycle = _shortest_cycle(project, module.module)
        is_least = cycle and min(edge.module for edge in cycle) == module.module
        if is_least and _fails(project, cycle):
            yield cycle


def cycle_text(cycle: tuple[ImportEdge, ...]) -> str:
    """Return the modules of a cycle with arrows between them."""
    names = [edge.module for edge in cycle]
    return " → ".join(f"`{name}`" for name in [*names, names[0]])


def cycle_labels(
    project: LinkedProject, cycle: tuple[ImportEdge, ...], shown: ImportEdge
) -> tuple[Label, ...]:
    """Return labels on the imports of a cycle but for the one that is shown anyway."""
    return tuple(
        label_at(project, edge.location, f"imports `{edge.target}`")
        for edge in cycle
        if edge is not shown
    )


def _edges(project: LinkedProject, path: str) -> dict[str, ImportEdge]:
    """Return what a module imports of the project, by module."""
    known = _KNOWN.setdefault(project.resolver, {})
    if path not in known:
        known[path] = {}
        for entry in project.modules[path].imports:
            if entry.scope in ("module", "conditional"):
                _add_edge(project, path, entry, known[path])
    return known[path]


def _add_edge(
    project: LinkedProject, path: str, entry: ImportSummary, edges: dict[str, ImportEdge]
) -> None:
    found = _target(project, path, entry)
    if found is None or found[0] == path:
        return
    target, names = found
    edge = edges.get(target)
    edges[target] = (
        ImportEdge(path, target, entry, names)
        if edge is None
        else edge._replace(names=edge.names | names)
    )


def _target(
    project: LinkedProject, module: str, entry: ImportSummary
) -> tuple[str, frozenset[str]] | None:
    """Return the module of the project that an import runs, and the names it needs of it."""
    source = project.resolver.imported_module(module, entry)
    if isinstance(source, External):
        return None
    if entry.name is None:
        return (source.path, frozenset()) if source.path in project.modules else None
    below = f"{source.path}/{entry.name}" if source.path else entry.name
    if below in project.modules:
        return below, frozenset(_used_when_imported(project.modules[module], entry.bound))
    initial = f"{source.path}/__init__" if source.path else "__init__"
    for path in (source.path, initial):
        if path in project.modules:
            return path, frozenset({entry.name})
    return None


def _used_when_imported(module: ModuleSummary, name: str) -> Iterator[str]:
    """Yield the attributes of a name that the top level of a module reads."""
    for node in _top_level(module):
        for inner in walk(node):
            match inner:
                case Attribute(value=Name(id=owner), name=attribute) if owner == name:
                    yield attribute


def _top_level(module: ModuleSummary) -> Iterator[Node]:
    for assignment in module.assignments:
        if assignment.placement != "type_checking":
            yield assignment.statement
    for statement in module.statements:
        if statement.placement != "type_checking":
            yield statement.statement
    for function in module.functions:
        if function.placement in ("module", "conditional"):
            yield from function.decorators
            yield from (entry.default for entry in function.parameters if entry.default is not None)
    for definition in module.classes:
        if definition.placement in ("module", "conditional"):
            yield from definition.bases
            yield from definition.decorators
            yield from (entry.value for entry in definition.fields if entry.value is not None)


def _shortest_cycle(project: LinkedProject, start: str) -> tuple[ImportEdge, ...]:
    waiting: deque[tuple[str, tuple[ImportEdge, ...]]] = deque([(start, ())])
    seen = {start}
    while waiting:
        module, path = waiting.popleft()
        for target, edge in sorted(_edges(project, module).items()):
            if target == start:
                return (*path, edge)
            if target not in seen:
                seen.add(target)
                waiting.append((target, (*path, edge)))
    return ()


def _fails(project: LinkedProject, cycle: tuple[ImportEdge, ...]) -> bool:
    """Whether, when some module is imported first, another one misses a name of it."""
    following = (*cycle[1:], cycle[0])
    return any(
        not all(_is_bound_above(project, onward, name) for name in edge.names)
        for edge, onward in zip(cycle, following, strict=True)
    )


def _is_bound_above(project: LinkedProject, onward: ImportEdge, name: str) -> bool:
    bound = project.resolver.bound(onward.module, name)
    return any(entry.span < onward.entry.span for entry in bound)
