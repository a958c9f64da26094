"""What names mean, across modules and without importing user code."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Final, Literal, cast

from convexity_compiler.discover import GENERATED_FOLDER
from convexity_compiler.link.local_names import local_names
from convexity_compiler.link.model import Location, ReferencePath
from convexity_compiler.link.symbols import (
    Defined,
    External,
    ProjectModule,
    dotted,
    namespace_of,
)
from convexity_compiler.summary.model import ImportSummary
from convexity_compiler.summary.statements import Assign

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from convexity_compiler.link.local_names import LocalName
    from convexity_compiler.link.symbols import Bound, Namespace, Symbol
    from convexity_compiler.summary.expressions import Expr
    from convexity_compiler.summary.model import FunctionSummary, ModuleSummary

_BUILTINS: Final = frozenset(dir(builtins))
_API: Final = f"{GENERATED_FOLDER}.api."
_REFERENCE_ROOTS: Final = {f"{_API}{root}": root for root in ("api", "internal", "components")}


class Resolver:
    """Resolves names of the project's modules."""

    def __init__(
        self,
        modules: Mapping[str, ModuleSummary],
        functions_folder: str,
        components: Collection[str] = (),
    ) -> None:
        """Take the modules by wire path; packages are ``messages/__init__``.

        ``components`` has the folders of components below the functions folder: what they hold is
        external.
        """
        self._modules = modules
        self._components = tuple(f"{folder}/" for folder in components)
        self._folder = functions_folder.split("/")
        self._namespaces: dict[str, Namespace] = {}
        self._symbols: dict[str, dict[tuple[str | bool, ...], Symbol | None]] = {}
        self._imported: dict[tuple[str, int, str], ProjectModule | External] = {}
        self._locals: dict[FunctionSummary, tuple[dict[str, LocalName], ...]] = {}
        self._packages = {""} | {
            path.rsplit("/", depth)[0]
            for path in modules
            for depth in range(1, path.count("/") + 1)
        }

    def qualified_name(
        self, module: str, expression: Expr, function: FunctionSummary | None = None
    ) -> str | None:
        """Dotted origin of a name or attribute chain, through imports and aliases.

        ``time.sleep`` for ``from time import sleep as nap; nap``; ``convexity.values.v`` for
        ``from convexity.values import v as validate``; ``_generated.server.mutation`` and
        ``_generated.api.internal.index.f`` for generated names; ``messages/access.helper`` for a
        name of another module of the project; ``builtins.len`` for an unshadowed builtin. None
        for local variables and parameters of ``function`` and everything that is no plain chain.
        """
        symbol = self.symbol(module, expression, function)
        return None if symbol is None else symbol.qualified_name

    def reference(
        self, module: str, expression: Expr, function: FunctionSummary | None = None
    ) -> ReferencePath | None:
        """The ``api``, ``internal`` or ``components`` reference an expression spells."""
        symbol = self.symbol(module, expression, function)
        if not isinstance(symbol, External):
            return None
        if not symbol.name.startswith(_API):
            return None
        for prefix, root in _REFERENCE_ROOTS.items():
            if symbol.name == prefix or symbol.name.startswith(f"{prefix}."):
                return ReferencePath(
                    root=cast("Literal['api', 'internal', 'components']", root),
                    parts=tuple(symbol.name[len(prefix) + 1 :].split("."))
                    if symbol.name != prefix
                    else (),
                    location=Location(module, expression.span),
                )
        return None

    def symbol(
        self,
        module: str,
        expression: Expr,
        function: FunctionSummary | None = None,
        *,
        static: bool = False,
    ) -> Symbol | None:
        """What a name or attribute chain stands for; ``static`` looks as type checkers do."""
        names = dotted(expression)
        if names is None:
            return None
        for scope in self._scopes(module, function) if function is not None else ():
            local = scope.get(names[0])
            if isinstance(local, ImportSummary):
                return self._follow(self.imported(module, local, ()), names[1:])
            if local is not None:
                return None
        known = self._symbols.get(module)
        if known is None:
            known = self._symbols[module] = {}
        key: tuple[str | bool, ...] = (static, *names)
        if key not in known:
            known[key] = self._global(module, names, static=static)
        return known[key]

    def forget(self, module: str) -> None:
        """Drop what is only asked for while a module is looked at; it can be worked out again."""
        self._symbols.pop(module, None)
        for function in self._modules[module].functions:
            self._locals.pop(function, None)

    def _global(self, module: str, names: list[str], *, static: bool) -> Symbol | None:
        symbol = self.member(module, names[0], static=static)
        if symbol is None and names[0] in _BUILTINS:
            symbol = External(f"builtins.{names[0]}")
        return self._follow(symbol, names[1:])

    def member(
        self,
        module: str,
        name: str,
        visited: tuple[tuple[str, str], ...] = (),
        *,
        static: bool = False,
    ) -> Symbol | None:
        """What ``name`` stands for in a module, through imports, aliases and star imports."""
        if (module, name) in visited:
            return None
        visited = (*visited, (module, name))
        namespace = self.namespace(module)
        bound = namespace.static(name) if static else namespace.runtime(name)
        if not bound:
            for star in namespace.star_imports:
                source = self._source_module(self.imported_module(module, star))
                if source is not None and not name.startswith("_"):
                    found = self.member(source, name, visited, static=static)
                    if found is not None:
                        return found
            return None
        definition = bound[-1].definition
        if isinstance(definition, ImportSummary):
            return self.imported(module, definition, visited)
        if isinstance(definition, Assign) and len(bound) == 1:
            alias = self._alias(module, definition, visited, static=static)
            if alias is not None:
                return alias
        return Defined(module, name)

    def bound(self, module: str, name: str) -> list[Bound]:
        """The run-time bindings of a name in its own module."""
        return self.namespace(module).runtime(name)

    def namespace(self, module: str) -> Namespace:
        """The names a module of the project binds."""
        found = self._namespaces.get(module)
        if found is None:
            found = self._namespaces[module] = namespace_of(self._modules[module])
        return found

    def imported(
        self, module: str, entry: ImportSummary, visited: tuple[tuple[str, str], ...]
    ) -> Symbol | None:
        """What an import binds."""
        target = self.imported_module(module, entry)
        if entry.name is None:
            if not entry.has_alias and "." in entry.module:
                return self._outermost(entry)
            return target
        if isinstance(target, External):
            return External(f"{target.name}.{entry.name}")
        return self.module_member(target, entry.name, visited)

    def imported_module(self, module: str, entry: ImportSummary) -> ProjectModule | External:
        """The module an import statement names."""
        key = (module, entry.level, entry.module)
        found = self._imported.get(key)
        if found is None:
            found = self._imported[key] = self._find_imported(module, entry)
        return found

    def _find_imported(self, module: str, entry: ImportSummary) -> ProjectModule | External:
        parts = entry.module.split(".") if entry.module else []
        if entry.level:
            package = module.split("/")[: -entry.level]
            if entry.level > module.count("/") + 1:
                return External("." * entry.level + entry.module)
            return self._path([*package, *parts])
        for start in range(len(self._folder)):
            prefix = self._folder[start:]
            if parts[: len(prefix)] == prefix:
                rest = parts[len(prefix) :]
                is_component = f"{'/'.join(rest)}/".startswith(self._components)
                if not rest or GENERATED_FOLDER in rest or is_component or self._exists(rest):
                    return self._path(rest)
        return External(entry.module)

    def _source_module(self, target: ProjectModule | External) -> str | None:
        """The file behind a module or package of the project."""
        if isinstance(target, External):
            return None
        initial = f"{target.path}/__init__" if target.path else "__init__"
        return next((path for path in (target.path, initial) if path in self._modules), None)

    def module_exists(self, path: str) -> bool:
        """Whether the project has a module or package at ``path``."""
        return path in self._modules or path in self._packages

    def is_package(self, path: str) -> bool:
        """Whether the project has modules below ``path``."""
        return path in self._packages

    def _scopes(self, module: str, function: FunctionSummary) -> tuple[dict[str, LocalName], ...]:
        """The local names of a function and of the functions around it, innermost first."""
        found = self._locals.get(function)
        if found is None:
            summary = self._modules[module]
            own = local_names(function, has_walrus=":=" in summary.text)
            outer = function.qualified_name.rpartition(".")[0]
            around = next(
                (entry for entry in summary.functions if outer and entry.qualified_name == outer),
                None,
            )
            outside = () if around is None else self._scopes(module, around)
            found = self._locals[function] = (own, *outside)
        return found

    def _outermost(self, entry: ImportSummary) -> Symbol:
        """``import a.b.c`` binds ``a``."""
        first = entry.module.partition(".")[0]
        return ProjectModule("") if [first] == self._folder else External(first)

    def _path(self, parts: list[str]) -> ProjectModule | External:
        if f"{'/'.join(parts)}/".startswith(self._components):
            return External(".".join((*self._folder, *parts)))
        if GENERATED_FOLDER in parts:
            return External(".".join(parts[parts.index(GENERATED_FOLDER) :]))
        return ProjectModule("/".join(parts))

    def _exists(self, parts: list[str]) -> bool:
        return self.module_exists("/".join(parts))

    def module_member(
        self, module: ProjectModule, name: str, visited: tuple[tuple[str, str], ...] = ()
    ) -> Symbol | None:
        """A name of a module, or a module of a package."""
        path = f"{module.path}/{name}" if module.path else name
        if module.path in self._modules:
            return self.member(module.path, name, visited)
        initial = f"{module.path}/__init__" if module.path else "__init__"
        if initial in self._modules:
            found = self.member(initial, name, visited)
            if found is not None:
                return found
        if name == GENERATED_FOLDER:
            return External(GENERATED_FOLDER)
        return ProjectModule(path) if self.module_exists(path) else None

    def _follow(self, symbol: Symbol | None, names: list[str]) -> Symbol | None:
        for name in names:
            if isinstance(symbol, External):
                symbol = External(f"{symbol.name}.{name}")
            elif isinstance(symbol, ProjectModule):
                symbol = self.module_member(symbol, name)
            elif symbol is not None:
                symbol = Defined(symbol.module, symbol.name, (*symbol.attributes, name))
        return symbol

    def _alias(
        self,
        module: str,
        definition: Assign,
        visited: tuple[tuple[str, str], ...],
        *,
        static: bool,
    ) -> Symbol | None:
        """What ``name = other.name`` stands for."""
        value = definition.value
        if value is None or len(definition.targets) != 1 or definition.operator:
            return None
        names = dotted(value)
        if names is None or dotted(definition.targets[0]) is None:
            return None
        symbol = self.member(module, names[0], visited, static=static)
        if symbol is None and names[0] in _BUILTINS:
            symbol = External(f"builtins.{names[0]}")
        if isinstance(symbol, Defined) and len(names) > 1:
            return None
        return self._follow(symbol, names[1:])
