"""Links the modules of a project, each when somebody asks for it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from convexity.values.names import identifier_problem

from convexity_compiler.link.annotations import Annotations
from convexity_compiler.link.app import link_app, link_auth, note_stray_components, own_name
from convexity_compiler.link.component_definitions import Definitions
from convexity_compiler.link.component_functions import component_functions
from convexity_compiler.link.crons import link_crons
from convexity_compiler.link.evaluate import Evaluator
from convexity_compiler.link.findings import Findings, Notes
from convexity_compiler.link.generated_types import GeneratedTypes
from convexity_compiler.link.model import LinkedSchema, ModuleFacts
from convexity_compiler.link.needs import Needs
from convexity_compiler.link.registrations import Registrations
from convexity_compiler.link.resolve import Resolver
from convexity_compiler.link.routes import link_routes
from convexity_compiler.link.schema_calls import table_names
from convexity_compiler.link.special_files import (
    AUTH,
    CONFIG,
    CRONS,
    HTTP,
    SCHEMA,
    built,
    constructions,
    special_export,
)
from convexity_compiler.link.typed_dicts import TypedDicts
from convexity_compiler.link.values import SchemaValue
from convexity_compiler.summary import expressions as e
from convexity_compiler.type_names import pascal_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from convexity.values import Validator

    from convexity_compiler.config import Config
    from convexity_compiler.discover import ProjectFiles
    from convexity_compiler.link.component_definitions import ComponentStore
    from convexity_compiler.link.generated_types import FunctionTypes
    from convexity_compiler.link.model import (
        LinkedApp,
        LinkedCron,
        LinkedFunction,
        LinkedRoute,
        LinkedTable,
    )
    from convexity_compiler.link.special_files import Built, SpecialFile
    from convexity_compiler.link.types import TypeModel
    from convexity_compiler.summary.model import ModuleSummary


class Linker:
    """Links the modules of one project; never raises for what users write.

    What a module comes to does not depend on which modules were linked before it. What it does
    depend on is recorded: see ``needs``.
    """

    def __init__(
        self,
        files: ProjectFiles,
        modules: Mapping[str, ModuleSummary],
        config: Config,
        components: ComponentStore,
    ) -> None:
        """Take the modules by wire path, in order; a module is loaded by looking it up.

        ``components`` is shared by a project and the components that it uses.
        """
        self.files = files
        self.modules = modules
        self.config = config
        self.components = components
        self.resolver = Resolver(modules, config.functions, files.components)
        self.needs = Needs()
        self._findings = Findings(modules)
        self._of_tables = GeneratedTypes({})
        annotations = Annotations(self.resolver, modules, self._types_of_tables)
        typed_dicts = TypedDicts(annotations)
        self._evaluator = Evaluator(self.resolver, self._findings, typed_dicts)
        typed_dicts.bind(self._evaluator)
        self._annotations = Annotations(self.resolver, modules, self._types)
        self._notes: dict[str, Notes] = {}
        self._built: dict[str, Built | None] = {}
        self._registrations: dict[str, Registrations] = {}
        self._registered: dict[str, tuple[LinkedFunction, ...]] = {}
        self._facts: dict[str, ModuleFacts] = {}
        self._schema = self._link_schema(annotations)
        self.generated = GeneratedTypes(
            {} if self._schema is None else _documents(self._schema.tables), _Functions(self)
        )

    @property
    def schema(self) -> LinkedSchema | None:
        """The schema of the project."""
        self.needs.module(SCHEMA.module)
        return self._schema

    def own_name(self) -> str | None:
        """Return the name that a component gives itself in ``define_component``."""
        self.needs.module(CONFIG.module)
        exported = self._exported(CONFIG)
        return None if exported is None else own_name(exported)

    def facts(self, path: str) -> ModuleFacts:
        """Return the facts of a module of the project."""
        self.needs.module(path)
        found = self._facts.get(path)
        if found is None:
            found = self._facts[path] = self._link(path)
        return found

    def function(self, path: str) -> LinkedFunction | None:
        """Return the query, mutation or action with a wire path."""
        module, _, name = path.partition(":")
        entries = self._functions(module) if module in self.modules else ()
        return next(
            (entry for entry in reversed(entries) if entry.name == name and not entry.is_http), None
        )

    def annotation(self, path: str, expression: e.Expr) -> TypeModel:
        """Return the meaning of an annotation of a module."""
        self.needs.module(path)
        with self.needs.linked(path):
            return self._annotations.evaluate(path, expression)

    def registrations(self, path: str) -> Registrations:
        """Return what a module registers, with its validators."""
        self.needs.module(path)
        found = self._registrations.get(path)
        if found is None:
            with self._linking(path):
                found = Registrations(self.modules[path], self._evaluator, self._annotations)
                self._registrations[path] = found
                self._evaluate_constants(self.modules[path])
        return found

    def _types_of_tables(self) -> GeneratedTypes:
        """What validators may be derived from: the functions are not known by then."""
        self.needs.module(SCHEMA.module)
        return self._of_tables

    def _types(self) -> GeneratedTypes:
        self.needs.module(SCHEMA.module)
        return self.generated

    def _functions(self, path: str) -> tuple[LinkedFunction, ...]:
        """The registered functions of a module, HTTP actions among them."""
        self.needs.module(path)
        found = self._registered.get(path)
        if found is None:
            registrations = self.registrations(path)
            with self._linking(path):
                found = self._registered[path] = tuple(registrations.linked())
        return found

    def _link(self, path: str) -> ModuleFacts:
        module = self.modules[path]
        registered = self._functions(path)
        with self._linking(path):
            routes = self._routes(module)
            crons = self._crons(module)
            app = self._app(module)
            auth = self._exported(AUTH) if path == AUTH.module else None
            functions = component_functions(self.resolver, self.modules, path)
        notes = self._notes[path]
        return ModuleFacts(
            functions=tuple(entry for entry in registered if not entry.is_http),
            http_actions=tuple(entry for entry in registered if entry.is_http),
            component_functions=functions,
            misplaced=tuple(self.registrations(path).misplaced),
            constructions=tuple(constructions(self.resolver, module)),
            special_export=special_export(self.resolver, self.modules, path),
            routes=routes,
            crons=crons,
            app=app,
            auth=None if auth is None else link_auth(auth),
            validator_uses=notes.validator_uses(),
            unresolved=notes.unresolved(),
        )

    @contextmanager
    def _linking(self, path: str) -> Iterator[None]:
        """Do something on behalf of a module: what is noted and needed is noted for it."""
        self._evaluator.start()
        notes = self._notes.setdefault(path, Notes())
        with self._findings.collected(notes), self.needs.linked(path):
            yield
        self._evaluator.start()

    def _link_schema(self, annotations: Annotations) -> LinkedSchema | None:
        exported = self._exported(SCHEMA)
        if exported is None:
            return None
        name = e.Name(exported.call.span, exported.name)
        # While the schema is evaluated its tables have their markers alone.
        self._of_tables = GeneratedTypes(dict.fromkeys(table_names(exported.call)))
        with self._linking(SCHEMA.module):
            found = self._evaluator.try_evaluate(name, SCHEMA.module, "schema")
            self._evaluator.share(SCHEMA.module, exported.name)
        if found is None or not isinstance(found[0], SchemaValue):
            return None
        value = found[0]
        self._of_tables = GeneratedTypes(_documents(value.tables))
        annotations.forget()
        return LinkedSchema(
            location=value.location,
            tables=value.tables,
            schema_validation=value.schema_validation,
            is_complete=value.is_complete,
        )

    def _exported(self, file: SpecialFile) -> Built | None:
        if file.module not in self._built:
            self._built[file.module] = built(self.resolver, self.modules, file)
        return self._built[file.module]

    def _routes(self, module: ModuleSummary) -> tuple[LinkedRoute, ...]:
        router = self._exported(HTTP)
        if router is None:
            return ()
        return link_routes(self._evaluator, module, router, self._http_action)

    def _http_action(self, module: str, name: str) -> LinkedFunction | None:
        return next(
            (
                entry
                for entry in reversed(self._functions(module))
                if entry.is_http and entry.definition.name == name
            ),
            None,
        )

    def _crons(self, module: ModuleSummary) -> tuple[LinkedCron, ...]:
        crons = self._exported(CRONS)
        if crons is None:
            return ()
        return link_crons(self._evaluator, module, crons, self.function)

    def _app(self, module: ModuleSummary) -> LinkedApp | None:
        app = self._exported(CONFIG)
        if app is None:
            return None
        if module.module == CONFIG.module:
            definitions = Definitions(self.components, self.config.functions)
            return link_app(self._evaluator, module, app, definitions)
        note_stray_components(self._evaluator, module, app)
        return None

    def _evaluate_constants(self, module: ModuleSummary) -> None:
        """Evaluate validators that no function uses, so that rules see every ``v.<name>``."""
        for assignment in module.assignments:
            value = assignment.statement.value
            if isinstance(value, e.Call) and assignment.placement == "module":
                origin = self.resolver.qualified_name(module.module, value.function) or ""
                if origin.startswith("convexity.values.v."):
                    self._evaluator.try_evaluate(value, module.module, "validator")


class _Functions:
    """What types are generated from, linked no sooner than needed."""

    def __init__(self, linker: Linker) -> None:
        self._linker = linker

    @property
    def is_complete(self) -> bool:
        linker = self._linker
        linker.needs.everything()
        schema = linker.schema
        return (
            all(module.problem is None for module in linker.modules.values())
            and all(linker.registrations(path).is_complete for path in linker.modules)
            and (SCHEMA.module not in linker.modules if schema is None else schema.is_complete)
            and (schema is None or None not in _documents(schema.tables).values())
        )

    def all(self) -> Iterable[FunctionTypes]:
        self._linker.needs.everything()
        return [
            entry
            for path in self._linker.modules
            for entry in self._linker.registrations(path).types()
        ]

    def named(self, name: str) -> Iterable[FunctionTypes]:
        return [
            entry
            for path in self._linker.modules
            if name.startswith(pascal_case(path))
            for entry in self._linker.registrations(path).types()
        ]


def _documents(tables: Mapping[str, LinkedTable]) -> dict[str, Validator | None]:
    return {
        name: table.document.validator
        for name, table in tables.items()
        if identifier_problem(name) is None
    }
