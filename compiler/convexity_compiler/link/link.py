"""Link the summaries of a project: resolve names, evaluate validators, find what is registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values.names import identifier_problem

from convexity_compiler.link.annotations import Annotations
from convexity_compiler.link.app import link_app, link_auth
from convexity_compiler.link.component_functions import component_functions
from convexity_compiler.link.crons import link_crons
from convexity_compiler.link.evaluate import Evaluator
from convexity_compiler.link.findings import Findings
from convexity_compiler.link.generated_types import GeneratedTypes
from convexity_compiler.link.model import LinkedProject, LinkedSchema
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
    special_exports,
)
from convexity_compiler.link.typed_dicts import TypedDicts
from convexity_compiler.link.values import SchemaValue
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity.values import Validator

    from convexity_compiler.config import Config
    from convexity_compiler.discover import ProjectFiles
    from convexity_compiler.link.model import LinkedFunction, LinkedRoute, LinkedTable
    from convexity_compiler.link.special_files import Built, SpecialFile
    from convexity_compiler.summary.model import ModuleSummary


def link(
    files: ProjectFiles, summaries: Mapping[str, ModuleSummary], config: Config
) -> LinkedProject:
    """Return the linked project. Never raises for what users write: see ``unresolved``."""
    return _Linker(files, summaries, config).project()


class _Linker:
    """The parts of linking one project, wired together."""

    def __init__(
        self, files: ProjectFiles, summaries: Mapping[str, ModuleSummary], config: Config
    ) -> None:
        self._files = files
        self._config = config
        self._modules = dict(sorted(summaries.items()))
        self._resolver = Resolver(self._modules, config.functions)
        self._findings = Findings(self._modules)
        self._annotations = Annotations(self._resolver, self._modules, self._generated_types)
        typed_dicts = TypedDicts(self._annotations)
        self._evaluator = Evaluator(self._resolver, self._findings, typed_dicts)
        typed_dicts.bind(self._evaluator)
        self._generated = GeneratedTypes({})

    def project(self) -> LinkedProject:
        schema = self._schema()
        registrations = Registrations(self._evaluator, self._annotations)
        for module in self._modules.values():
            registrations.collect(module)
        self._add_types_of(schema, registrations)
        registered = registrations.linked()
        functions = tuple(entry for entry in registered if not entry.is_http)
        actions = tuple(entry for entry in registered if entry.is_http)
        by_path = {function.path: function for function in functions}
        made = tuple(constructions(self._resolver, self._modules))
        crons = self._built(CRONS)
        app = self._built(CONFIG)
        auth = self._built(AUTH)
        routes = self._routes(actions)
        linked_crons = (
            () if crons is None else link_crons(self._evaluator, self._modules, crons, by_path)
        )
        linked_app = None if app is None else link_app(self._evaluator, self._modules, app)
        self._evaluate_constants()
        return LinkedProject(
            config=self._config,
            files=self._files,
            modules=self._modules,
            resolver=self._resolver,
            generated=self._generated,
            schema=schema,
            functions=functions,
            http_actions=actions,
            misplaced=tuple(registrations.misplaced),
            routes=routes,
            crons=linked_crons,
            app=linked_app,
            auth=None if auth is None else link_auth(auth),
            special_exports=tuple(special_exports(self._resolver, self._modules, made)),
            constructions=made,
            validator_uses=self._findings.validator_uses,
            unresolved=self._findings.unresolved,
            by_path=by_path,
            component_functions=component_functions(self._resolver, self._modules),
        )

    def _built(self, file: SpecialFile) -> Built | None:
        return built(self._resolver, self._modules, file)

    def _schema(self) -> LinkedSchema | None:
        exported = self._built(SCHEMA)
        if exported is None:
            return None
        name = e.Name(exported.call.span, exported.name)
        self._set_generated(GeneratedTypes(dict.fromkeys(table_names(exported.call))))
        found = self._evaluator.try_evaluate(name, SCHEMA.module, "schema")
        if found is None or not isinstance(found[0], SchemaValue):
            return None
        value = found[0]
        self._set_generated(GeneratedTypes(_documents(value.tables)))
        return LinkedSchema(
            location=value.location,
            tables=value.tables,
            schema_validation=value.schema_validation,
            is_complete=value.is_complete,
        )

    def _add_types_of(self, schema: LinkedSchema | None, registrations: Registrations) -> None:
        """Make known what is generated from the functions, whose validators are evaluated now."""
        tables = {} if schema is None else _documents(schema.tables)
        exports_schema = SCHEMA.module in self._modules
        self._set_generated(
            GeneratedTypes(
                tables,
                registrations.types(),
                is_complete=registrations.is_complete
                and all(module.problem is None for module in self._modules.values())
                and (schema.is_complete if schema is not None else not exports_schema)
                and None not in tables.values(),
            )
        )

    def _generated_types(self) -> GeneratedTypes:
        """Generated types by name: of tables their markers alone while the schema is evaluated,
        and those of functions when all functions have been found."""
        return self._generated

    def _set_generated(self, generated: GeneratedTypes) -> None:
        self._generated = generated
        self._annotations.forget()

    def _routes(self, actions: tuple[LinkedFunction, ...]) -> tuple[LinkedRoute, ...]:
        router = self._built(HTTP)
        if router is None:
            return ()
        by_name = {(entry.module, entry.definition.name): entry for entry in actions}
        return link_routes(self._evaluator, self._modules, router, by_name)

    def _evaluate_constants(self) -> None:
        """Evaluate validators that no function uses, so that rules see every ``v.<name>``."""
        for module in self._modules.values():
            for assignment in module.assignments:
                value = assignment.statement.value
                if isinstance(value, e.Call) and assignment.placement == "module":
                    origin = self._resolver.qualified_name(module.module, value.function) or ""
                    if origin.startswith("convexity.values.v."):
                        self._evaluator.try_evaluate(value, module.module, "validator")


def _documents(tables: Mapping[str, LinkedTable]) -> dict[str, Validator | None]:
    return {
        name: table.document.validator
        for name, table in tables.items()
        if identifier_problem(name) is None
    }
