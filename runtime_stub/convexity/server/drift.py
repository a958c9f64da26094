"""Comparison of what was compiled with what the imported modules declare.

The compiler reads sources without running them; the backend imports them. Where the two disagree,
the backend would validate and store by rules that the code does not follow, so it refuses to start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from convexity.errors import DriftError
from convexity.functions.environment import variable_problem
from convexity.functions.names import split_path
from convexity.functions.registration import RegisteredFunction
from convexity.server.deployed import mounted_components
from convexity.values.agreement import agree

if TYPE_CHECKING:
    from convexity.database.tables import Schema, Table
    from convexity.functions.registry import Function
    from convexity.server.components import ComponentDefinition, MountedComponent
    from convexity.server.cron_jobs import CronJob, Crons
    from convexity.server.deployed import DeployedComponent
    from convexity.server.http_router import HttpRouter, Route
    from convexity.server.schema import SchemaDefinition, TableDefinition
    from convexity.values import Fields


def check_drift(components: Sequence[DeployedComponent]) -> None:
    """Compare a deployment with the modules it was compiled from.

    Args:
        components: the application, and what it mounts.

    Raises:
        DriftError: they differ; the message names every difference.
    """
    differences = [*_mount_differences(components)]
    for component in components:
        found = (
            *_schema_differences(component.definition, component.schema),
            *(text for function in component.functions for text in _function_differences(function)),
            *_job_differences(component.crons, component.jobs),
            *_route_differences(component.router, component.routes),
        )
        where = f"component {component.path}: " if component.path else ""
        differences += [f"{where}{text}" for text in found]
    if differences:
        raise DriftError(differences)


def _route_differences(router: HttpRouter | None, routes: Iterable[Route]) -> list[str]:
    """Compare the compiled routes with those that ``http.py`` declares when it is imported."""
    compiled = set(routes)
    imported = set() if router is None else set(router.routes)
    return sorted(
        [
            *(
                f"route {route} was compiled, but http.py does not add it"
                for route in compiled - imported
            ),
            *(
                f"route {route} is added by http.py, but was not compiled"
                for route in imported - compiled
            ),
        ]
    )


def _mount_differences(components: Sequence[DeployedComponent]) -> Iterator[str]:
    """Compare the compiled mounts with those that ``app.use`` makes when it is imported."""
    compiled = {component.path: component for component in components if component.path}
    imported = mounted_components(components[0].app)
    for path in sorted(compiled.keys() | imported.keys()):
        if path not in imported:
            yield f"component {path} was compiled, but nothing uses it"
        elif path not in compiled:
            yield f"component {path} is used, but was not compiled"
        elif imported[path].component is not compiled[path].app:
            yield f"component {path} is another one than was compiled"
        elif imported[path].http_prefix != compiled[path].http_prefix:
            yield (
                f"component {path}: http_prefix is {imported[path].http_prefix!r}, "
                f"compiled as {compiled[path].http_prefix!r}"
            )
        else:
            yield from _variable_differences(path, imported[path])


def _variable_differences(path: str, mount: MountedComponent) -> Iterator[str]:
    """What the environment of a mounted component lacks."""
    declared = mount.component.env
    for name in mount.env.keys() - declared.keys():
        yield f"component {path}: its env has {name!r}, which define_component does not declare"
    for name, validator in declared.items():
        value = mount.env.get(name)
        if value is None and not validator.is_optional:
            yield f"component {path}: env lacks {name!r}: give it with app.use(..., env=...)"
        elif value is not None:
            problem = variable_problem(name, value, validator)
            if problem is not None:
                yield f"component {path}: {problem}"


def _job_differences(crons: Crons | None, jobs: Iterable[CronJob]) -> Iterator[str]:
    """Compare the compiled cron jobs with those that ``crons.py`` declares when it is imported."""
    compiled = {job.name: job for job in jobs}
    imported = {} if crons is None else {job.name: job for job in crons.jobs}
    for name in sorted(compiled.keys() | imported.keys()):
        if compiled.get(name) != imported.get(name):
            yield (
                f"cron job {name!r} is {imported.get(name, 'missing')}, "
                f"compiled as {compiled.get(name, 'missing')}"
            )


def check_variable_drift(app: ComponentDefinition | None, variables: Fields) -> None:
    """Compare the compiled environment with the one that ``convex_config.py`` declares.

    Raises:
        DriftError: they differ; the message names every difference.
    """
    imported = {} if app is None else app.env
    differences = [
        f"environment variable {name!r} is {imported.get(name, 'missing')!r}, "
        f"compiled as {variables.get(name, 'missing')!r}"
        for name in sorted(variables.keys() | imported.keys())
        if name not in variables
        or name not in imported
        or not agree(variables[name], imported[name])
    ]
    if differences:
        raise DriftError(differences)


def _function_differences(function: Function) -> Iterator[str]:
    registered: object = function.registered
    if not isinstance(registered, RegisteredFunction):
        yield f"{function.path} is a function, but its module has {registered!r} in its place"
        return
    pairs: Mapping[str, tuple[object, object]] = {
        "name": (split_path(function.path)[1], registered.name),
        "kind": (function.kind, registered.kind),
        "visibility": (function.visibility, registered.visibility),
        "runtime": (function.runtime, registered.runtime),
    }
    for what, (compiled, imported) in pairs.items():
        if compiled != imported:
            yield f"{function.path}: {what} is {imported!r}, compiled as {compiled!r}"
    for what, compiled_validator, imported_validator in (
        ("args", function.args, registered.args),
        ("returns", function.returns, registered.returns),
    ):
        if not agree(compiled_validator, imported_validator):
            yield (
                f"{function.path}: {what} is {imported_validator!r}, "
                f"compiled as {compiled_validator!r}"
            )


def _schema_differences(definition: SchemaDefinition | None, schema: Schema) -> Iterator[str]:
    compiled = {table.name: table for table in schema.tables}
    imported = {} if definition is None else definition.tables
    for name in compiled.keys() - imported.keys():
        yield f"table {name!r} was compiled, but the schema does not declare it"
    for name in imported.keys() - compiled.keys():
        yield f"table {name!r} is declared, but was not compiled"
    for name in compiled.keys() & imported.keys():
        yield from _table_differences(compiled[name], imported[name])
    if definition is not None and definition.schema_validation != schema.schema_validation:
        yield (
            f"schema_validation is {definition.schema_validation}, "
            f"compiled as {schema.schema_validation}"
        )


def _table_differences(compiled: Table, imported: TableDefinition) -> Iterator[str]:
    if not agree(compiled.validator, imported.validator):
        yield (
            f"table {compiled.name!r}: documents are {imported.validator!r}, "
            f"compiled as {compiled.validator!r}"
        )
    declared = {index.name: (index.fields, index.staged) for index in imported.indexes}
    built = {
        index.name: (index.fields, index.staged)
        for index in compiled.indexes
        if index.name != "by_creation_time"
    }
    yield from _index_differences(compiled.name, "index", built, declared)
    yield from _index_differences(
        compiled.name,
        "search index",
        {i.name: (i.search_field, i.filter_fields, i.staged) for i in compiled.search_indexes},
        {i.name: (i.search_field, i.filter_fields, i.staged) for i in imported.search_indexes},
    )
    yield from _index_differences(
        compiled.name,
        "vector index",
        {
            i.name: (i.vector_field, i.dimensions, i.filter_fields, i.staged)
            for i in compiled.vector_indexes
        },
        {
            i.name: (i.vector_field, i.dimensions, i.filter_fields, i.staged)
            for i in imported.vector_indexes
        },
    )


def _index_differences(
    table: str, kind: str, compiled: Mapping[str, Any], imported: Mapping[str, Any]
) -> Iterator[str]:
    for name in sorted(compiled.keys() | imported.keys()):
        if compiled.get(name) != imported.get(name):
            yield (
                f"table {table!r}: {kind} {name!r} is {imported.get(name, 'missing')}, "
                f"compiled as {compiled.get(name, 'missing')}"
            )
