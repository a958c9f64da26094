"""Lower a linked project to the backend IR."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from convexity.values import ObjectValidator

from convexity_compiler.ir import (
    ComponentIR,
    CronIR,
    EnvironmentVariableIR,
    FunctionIR,
    HttpRouteIR,
    ModuleIR,
    MountIR,
    ProjectIR,
    TableIR,
)
from convexity_compiler.lower.tables import lower_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convexity_compiler.http_methods import HttpMethod
    from convexity_compiler.ir import FunctionKind
    from convexity_compiler.link.model import (
        LinkedComponent,
        LinkedCron,
        LinkedFunction,
        LinkedProject,
        LinkedRoute,
        LinkedVariable,
    )

Named = TypeVar("Named", TableIR, CronIR, EnvironmentVariableIR, MountIR)


def lower(project: LinkedProject) -> ProjectIR:
    """Return the IR; what could not be linked (see ``unresolved``) is left out."""
    app = project.app
    return ProjectIR(
        **_parts(project, "", ()),
        name=project.config.project_name,
        component_name=None if app is None else app.name,
        has_auth=project.auth is not None,
        dependencies=project.config.dependencies,
    )


def _parts(project: LinkedProject, path: str, users: tuple[LinkedProject, ...]) -> dict[str, Any]:
    """What an application and a component have in common; ``users`` leads to the component."""
    schema, app = project.schema, project.app
    return {
        "path": path,
        "functions_folder": project.config.functions,
        "has_config": app is not None,
        "tables": _sorted_by_name(
            lower_table(table, path) for table in ({} if schema is None else schema.tables).values()
        ),
        "schema_validation": schema is None or schema.schema_validation,
        "has_schema": schema is not None,
        "modules": _modules(project),
        "crons": _sorted_by_name(map(_cron, project.crons)),
        "environment": _sorted_by_name(
            map(_variable, () if app is None else app.environment.values())
        ),
        "components": _sorted_by_name(
            _mount(project, mount, path, (*users, project))
            for mount in (() if app is None else app.components)
        ),
        "routes": tuple(filter(None, map(_route, project.routes))),
        "python_modules": tuple(sorted(module.path for module in project.modules.values())),
    }


def _mount(
    user: LinkedProject, mount: LinkedComponent, path: str, users: tuple[LinkedProject, ...]
) -> MountIR:
    place = user.components.place(mount.source)
    found = user.components.project(mount.source)
    inner = f"{path}/{mount.name}" if path else mount.name
    # A component that uses itself is nothing to go on with.
    is_usable = found is not None and found not in users
    return MountIR(
        name=mount.name,
        source=mount.source,
        is_local=place is not None and user.components.is_local(place),
        http_prefix=mount.http_prefix,
        component=ComponentIR(**_parts(found, inner, users)) if found and is_usable else None,
    )


def _sorted_by_name(entries: Iterable[Named | None]) -> tuple[Named, ...]:
    return tuple(sorted(filter(None, entries), key=lambda entry: entry.name))


def _variable(variable: LinkedVariable) -> EnvironmentVariableIR | None:
    if variable.validator is None:
        return None
    return EnvironmentVariableIR(name=variable.name, validator=variable.validator)


def _modules(project: LinkedProject) -> tuple[ModuleIR, ...]:
    by_module: dict[str, list[FunctionIR]] = {}
    for function in project.functions:
        lowered = _function(function)
        if lowered is not None and project.by_path[function.path] is function:
            by_module.setdefault(function.module, []).append(lowered)
    return tuple(
        ModuleIR(path=path, functions=tuple(functions))
        for path, functions in sorted(by_module.items())
    )


def _function(function: LinkedFunction) -> FunctionIR | None:
    if function.args is None or function.returns is None:
        return None
    args, returns = function.args.validator, function.returns.validator
    if not isinstance(args, ObjectValidator) or returns is None or returns.is_optional:
        return None
    return FunctionIR(
        path=function.path,
        module=function.module,
        name=function.name,
        definition=function.definition.name,
        kind=cast("FunctionKind", function.kind),
        visibility=function.visibility,
        runtime=function.runtime,
        args=args,
        returns=returns,
        docstring=function.definition.docstring,
    )


def _route(route: LinkedRoute) -> HttpRouteIR | None:
    if route.handler is None or route.method is None or not route.is_resolved:
        return None
    if (route.path is None) == (route.path_prefix is None):
        return None
    return HttpRouteIR(
        method=cast("HttpMethod", route.method),
        path=route.path,
        path_prefix=route.path_prefix,
        module=route.handler.module,
        definition=route.handler.definition.name,
    )


def _cron(cron: LinkedCron) -> CronIR | None:
    reference = cron.reference
    component = None if reference is None else reference.mount
    path = None if cron.function is None else cron.function.path
    if reference is not None and component is not None:
        path = reference.in_component.wire_path
    if cron.name is None or path is None or cron.args is None:
        return None
    if cron.interval is None and cron.expression is None:
        return None
    return CronIR(
        name=cron.name,
        schedule="interval" if cron.interval is not None else "cron",
        seconds=None if cron.interval is None else cron.interval.total_seconds(),
        expression=cron.expression,
        component=component,
        function=path,
        args=dict(sorted(cron.args.items())),
    )
