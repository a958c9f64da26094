"""The linked project: every name resolved, every validator evaluated, each with its place.

Rules read this and the summaries; ``lower`` turns it into the backend IR.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from convexity_compiler.memo import cached_property

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.config import Config
    from convexity_compiler.discover import ProjectFiles
    from convexity_compiler.link.component_definitions import ComponentStore
    from convexity_compiler.link.component_functions import ComponentFunction
    from convexity_compiler.link.generated_types import GeneratedTypes
    from convexity_compiler.link.linker import Linker
    from convexity_compiler.link.model import (
        Construction,
        LinkedApp,
        LinkedAuth,
        LinkedComponent,
        LinkedCron,
        LinkedFunction,
        LinkedRoute,
        LinkedSchema,
        LinkedTable,
        Location,
        Misplaced,
        ModuleFacts,
        ReferencePath,
        SpecialExport,
        Unresolved,
        ValidatorUse,
    )
    from convexity_compiler.link.resolve import Resolver
    from convexity_compiler.link.types import TypeModel
    from convexity_compiler.summary.expressions import Expr
    from convexity_compiler.summary.model import ModuleSummary

T = TypeVar("T")


class LinkedProject:
    """A project, or one module of it as rules look at it.

    What is a list holds the facts of that one module: ``functions``, ``routes``, ``tables``... What
    is looked up, by a name or a path, reaches the whole project. Everything is linked when first
    asked for, and what is asked for is recorded as a need of the module.
    """

    def __init__(
        self, linker: Linker, module: str | None = None, base: LinkedProject | None = None
    ) -> None:
        """Take the module by wire path, None for all modules; and the project it is one of."""
        self.config: Config = linker.config
        self.files: ProjectFiles = linker.files
        self.resolver: Resolver = linker.resolver
        """What names mean: see ``Resolver.qualified_name``."""
        self._linker = linker
        self._module = module
        self._base = base

    def focused(self, module: str) -> LinkedProject:
        """Return the project with the lists of one module."""
        return LinkedProject(self._linker, module, self.base)

    @property
    def base(self) -> LinkedProject:
        """The project to look things up in, whichever module the lists are about."""
        return self._base or self

    @cached_property
    def whole(self) -> LinkedProject:
        """The project with the lists of all modules; a module that asks for it needs them all."""
        if self._module is None:
            return self
        self._linker.needs.everything()
        return LinkedProject(self._linker)

    @cached_property
    def own_modules(self) -> tuple[ModuleSummary, ...]:
        """The module itself, or all modules by wire path."""
        modules = self._linker.modules
        return tuple(modules.values()) if self._module is None else (modules[self._module],)

    @cached_property
    def functions(self) -> tuple[LinkedFunction, ...]:
        """Queries, mutations and actions: by module path, then order of definition."""
        return self._collect([facts.functions for facts in self._facts])

    @cached_property
    def http_actions(self) -> tuple[LinkedFunction, ...]:
        """HTTP actions in the same order."""
        return self._collect([facts.http_actions for facts in self._facts])

    @cached_property
    def misplaced(self) -> tuple[Misplaced, ...]:
        """Registrations that the backend would not see."""
        return self._collect([facts.misplaced for facts in self._facts])

    @cached_property
    def constructions(self) -> tuple[Construction, ...]:
        """Calls of ``define_schema`` and its like."""
        return self._collect([facts.constructions for facts in self._facts])

    @cached_property
    def validator_uses(self) -> tuple[ValidatorUse, ...]:
        """Every use of a validator that was evaluated."""
        return self._collect([facts.validator_uses for facts in self._facts])

    @cached_property
    def unresolved(self) -> tuple[Unresolved, ...]:
        """Everything that could not be evaluated."""
        return self._collect([facts.unresolved for facts in self._facts])

    @cached_property
    def routes(self) -> tuple[LinkedRoute, ...]:
        """The routes of ``http.py``."""
        return self._collect([facts.routes for facts in self._facts])

    @cached_property
    def mounts(self) -> tuple[LinkedComponent, ...]:
        """The components that ``convex_config.py`` mounts."""
        apps = [facts.app for facts in self._facts]
        return self._collect([() if app is None else app.components for app in apps])

    @cached_property
    def crons(self) -> tuple[LinkedCron, ...]:
        """The jobs of ``crons.py``."""
        return self._collect([facts.crons for facts in self._facts])

    @cached_property
    def special_exports(self) -> tuple[SpecialExport, ...]:
        """One for each special file that exists."""
        return tuple(facts.special_export for facts in self._facts if facts.special_export)

    @cached_property
    def tables(self) -> tuple[LinkedTable, ...]:
        """The tables of the schema in order of definition."""
        if self._module not in (None, "schema") or self.schema is None:
            return ()
        return tuple(self.schema.tables.values())

    @property
    def modules(self) -> Mapping[str, ModuleSummary]:
        """All modules by wire path (``messages/access``), sorted; those with a ``problem`` too."""
        if self._module is None:
            return self._linker.modules
        return _Modules(self._linker)

    @property
    def schema(self) -> LinkedSchema | None:
        """The schema of the project, to look things up in."""
        return self._linker.schema

    @property
    def generated(self) -> GeneratedTypes:
        """The types of ``_generated.data_model``."""
        self._linker.needs.module("schema")
        return self._linker.generated

    @property
    def app(self) -> LinkedApp | None:
        """The app of ``convex_config.py``."""
        facts = self.facts("convex_config")
        return None if facts is None else facts.app

    @property
    def own_name(self) -> str | None:
        """The name that a component gives itself; what it uses is not looked at."""
        return self._linker.own_name()

    @property
    def is_component(self) -> bool:
        """Whether it is a component: its public functions are called by the one that uses it."""
        return self.app is not None and self.app.is_component

    @property
    def components(self) -> ComponentStore:
        """What finds the definitions of components."""
        return self._linker.components

    def component(self, name: str) -> LinkedProject | None:
        """The component that is mounted under a name; None when there is none to be found."""
        app = self.app
        mounts = () if app is None else app.components
        mount = next((entry for entry in mounts if entry.name == name), None)
        return None if mount is None else self.components.project(mount.source)

    def component_function(self, reference: ReferencePath) -> LinkedFunction | None:
        """The public function of a component that ``components.<mount>...`` names."""
        component = None if reference.mount is None else self.component(reference.mount)
        path = reference.in_component.wire_path
        found = None if component is None or path is None else component.by_path.get(path)
        return found if found is not None and found.visibility == "public" else None

    @property
    def auth(self) -> LinkedAuth | None:
        """The declaration of ``auth_config.py``."""
        facts = self.facts("auth_config")
        return None if facts is None else facts.auth

    @cached_property
    def by_path(self) -> Mapping[str, LinkedFunction]:
        """All functions by wire path; of duplicates the last, as Python does."""
        return _FunctionsByPath(self)

    @cached_property
    def component_functions(self) -> Mapping[str, ComponentFunction]:
        """What components register, by wire path."""
        return _ComponentFunctions(self)

    @property
    def table_names(self) -> tuple[str, ...]:
        """Names of the schema's tables in order of definition."""
        return tuple(self.schema.tables) if self.schema else ()

    def annotation(self, module: str, expression: Expr) -> TypeModel:
        """The meaning of an annotation of any module."""
        return self._linker.annotation(module, expression)

    def facts(self, module: str) -> ModuleFacts | None:
        """The facts of any module of the project."""
        return self._linker.facts(module) if module in self._linker.modules else None

    def handler(self, module: str, name: str) -> LinkedFunction | None:
        """The function that is called ``name`` in the source of a module."""
        facts = self.facts(module)
        entries = () if facts is None else facts.functions
        return next((entry for entry in reversed(entries) if entry.definition.name == name), None)

    def path_of(self, module: str) -> str:
        """Path of a module relative to the project root: ``convex/messages/access.py``."""
        return f"{self.config.functions}/{module}.py"

    def text_of(self, location: Location) -> str:
        """Source text at ``location``."""
        return self.modules[location.module].source(location.span)

    def function(self, reference: ReferencePath) -> LinkedFunction | None:
        """The function a reference names, whatever its visibility."""
        path = reference.wire_path
        if path is None or reference.root == "components":
            return None
        return self.by_path.get(path)

    @property
    def _facts(self) -> Iterator[ModuleFacts]:
        paths = self._linker.modules if self._module is None else (self._module,)
        return map(self._linker.facts, paths)

    @staticmethod
    def _collect(parts: list[tuple[T, ...]]) -> tuple[T, ...]:
        return parts[0] if len(parts) == 1 else tuple(chain.from_iterable(parts))


class _Modules(Mapping[str, "ModuleSummary"]):
    """All modules, looked up on behalf of one."""

    def __init__(self, linker: Linker) -> None:
        self._linker = linker

    def __getitem__(self, path: str) -> ModuleSummary:
        found = self._linker.modules[path]
        self._linker.needs.module(path)
        return found

    def __contains__(self, path: object) -> bool:
        return path in self._linker.modules

    def __iter__(self) -> Iterator[str]:
        self._linker.needs.everything()
        return iter(self._linker.modules)

    def __len__(self) -> int:
        return len(self._linker.modules)


class _FunctionsByPath(Mapping[str, "LinkedFunction"]):
    def __init__(self, project: LinkedProject) -> None:
        self._project = project

    def __getitem__(self, path: str) -> LinkedFunction:
        module, _, name = path.partition(":")
        facts = self._project.facts(module)
        found = None if facts is None else facts.function(name)
        if found is None:
            raise KeyError(path)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(entry.path for entry in self._project.whole.functions))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _ComponentFunctions(Mapping[str, "ComponentFunction"]):
    def __init__(self, project: LinkedProject) -> None:
        self._project = project

    def __getitem__(self, path: str) -> ComponentFunction:
        facts = self._project.facts(path.partition(":")[0])
        for entry in reversed(facts.component_functions if facts is not None else ()):
            if entry.path == path:
                return entry
        raise KeyError(path)

    def __iter__(self) -> Iterator[str]:
        project = self._project.whole
        facts = filter(None, map(project.facts, project.modules))
        return iter(
            dict.fromkeys(
                function.path for entry in facts for function in entry.component_functions
            )
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)
