"""Names that a fix needs in a module, with the imports that are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from convexity_compiler.link.symbols import External, ProjectModule
from convexity_compiler.rules.writing.import_statements import add_statement, extend_statement
from convexity_compiler.span import Span
from convexity_compiler.summary.expressions import Name
from convexity_compiler.summary.model import ImportSummary

if TYPE_CHECKING:
    from convexity_compiler.diagnostics.model import Edit
    from convexity_compiler.link.model import LinkedProject

Source: TypeAlias = External | ProjectModule

VALUES: Final = External("convexity.values")
SERVER: Final = External("convexity.server")
TYPING: Final = External("typing")
ASYNCIO: Final = External("asyncio")
GENERATED_API: Final = External("_generated.api")
GENERATED_SERVER: Final = External("_generated.server")
DATA_MODEL: Final = External("_generated.data_model")
SCHEMA: Final = ProjectModule("schema")

_NOWHERE: Final = Span(1, 1, 1, 1)


class UnwritableError(Exception):
    """There is no sure way to write what a fix needs; the finding then has no fix."""


class Names:
    """Spells names in one module, and collects the edits that import those that are missing."""

    def __init__(self, project: LinkedProject, module: str, *, static: bool = False) -> None:
        """``static`` is for annotations that are never evaluated: imports for type checkers do."""
        self._project = project
        self._module = module
        self._scopes = {"module", "type_checking"} if static else {"module"}
        self._added: dict[Source, dict[str, Edit]] = {}
        self._statements: dict[Source, list[str]] = {}

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits that import what was asked for and is missing."""
        added = [edit for edits in self._added.values() for edit in edits.values()]
        for source, names in self._statements.items():
            edit = add_statement(self._project, self._module, self._path(source), names)
            assert edit is not None
            added.append(edit)
        return tuple(added)

    def name(self, source: Source, name: str) -> str:
        """Return how the module spells ``name`` of ``source``, to be imported where it is not.

        Raises UnwritableError when the name is taken, or when there is no place for an import.
        """
        known = self._imported(source, name)
        if known is not None:
            return known
        neighbours = self._neighbours(source)
        through = None if neighbours else self._module_name(source)
        if through is not None:
            return f"{through}.{name}"
        if name not in (*self._added.get(source, ()), *self._statements.get(source, ())):
            self._import(source, name, neighbours)
        return name

    def builtin(self, name: str) -> str:
        """Return a builtin.

        Raises UnwritableError when the module gives the name another meaning.
        """
        symbol = self._project.resolver.symbol(self._module, Name(_NOWHERE, name), static=True)
        if symbol != External(f"builtins.{name}"):
            raise UnwritableError
        return name

    def _imported(self, source: Source, name: str) -> str | None:
        """How the module spells the name, if it imports the name itself."""
        for entry in self._project.modules[self._module].imports:
            if entry.name == name and entry.scope in self._scopes and self._is_sole(entry):
                resolver = self._project.resolver
                if resolver.imported_module(self._module, entry) == source:
                    return entry.bound
        return None

    def _neighbours(self, source: Source) -> list[ImportSummary]:
        """The names of the first statement that imports some from ``source``."""
        module = self._project.modules[self._module]
        found = [
            entry
            for entry in module.imports
            if entry.scope == "module"
            and entry.name not in (None, "*")
            and self._project.resolver.imported_module(self._module, entry) == source
        ]
        return [
            entry
            for entry in found
            if not any(
                line.startswith(("from ", "import "))
                for line in module.lines[found[0].span.line : entry.span.line]
            )
        ]

    def _module_name(self, source: Source) -> str | None:
        """How the module spells ``source``, if it imports it as a module."""
        for entry in self._project.modules[self._module].imports:
            is_path = entry.name is None and "." in entry.module and not entry.has_alias
            if (
                entry.scope in self._scopes
                and entry.name != "*"
                and not is_path
                and self._is_sole(entry)
                and self._project.resolver.imported(self._module, entry, ()) == source
            ):
                return entry.bound
        return None

    def _is_sole(self, entry: ImportSummary) -> bool:
        """Whether the name that an import binds means that wherever it is bound."""
        resolver, module = self._project.resolver, self._module
        meaning = resolver.imported(module, entry, ())
        return all(
            isinstance(bound.definition, ImportSummary)
            and resolver.imported(module, bound.definition, ()) == meaning
            for bound in resolver.namespace(module).bindings.get(entry.bound, ())
        )

    def _import(self, source: Source, name: str, neighbours: list[ImportSummary]) -> None:
        project, module = self._project, self._module
        is_taken = project.resolver.namespace(module).bindings.get(name) or any(
            name in names for names in self._statements.values()
        )
        if is_taken:
            raise UnwritableError
        if neighbours:
            edit = extend_statement(project, module, neighbours, name)
            self._added.setdefault(source, {})[name] = edit
        elif add_statement(project, module, self._path(source), [name]) is not None:
            self._statements.setdefault(source, []).append(name)
        else:
            raise UnwritableError

    def _path(self, source: Source) -> str:
        """What stands after ``from``; modules of the project are imported relatively."""
        if isinstance(source, External) and not source.name.startswith("_generated."):
            return source.name
        path = source.name.split(".") if isinstance(source, External) else source.path.split("/")
        package = self._module.split("/")[:-1]
        while len(path) > 1 and package and package[0] == path[0]:
            package, path = package[1:], path[1:]
        return "." * (len(package) + 1) + ".".join(path)


def imported_name(
    project: LinkedProject, module: str, source: Source, name: str
) -> tuple[str, tuple[Edit, ...]] | None:
    """Return how a module spells ``name`` of ``source``, and the edits that import it.

    None when the name is taken, or when there is no place for an import.
    """
    names = Names(project, module)
    try:
        return names.name(source, name), names.edits
    except UnwritableError:
        return None
