"""Lower a linked project to the backend IR."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from convexity.values import ObjectValidator

from convexity_compiler.ir import (
    ComponentIR,
    CronIR,
    EnvironmentVariableIR,
    FunctionIR,
    HttpRouteIR,
    ModuleIR,
    ProjectIR,
)
from convexity_compiler.lower.tables import lower_table

if TYPE_CHECKING:
    from convexity_compiler.ir import FunctionKind, HttpMethod
    from convexity_compiler.link.model import (
        LinkedCron,
        LinkedFunction,
        LinkedProject,
        LinkedRoute,
    )


def lower(project: LinkedProject) -> ProjectIR:
    """Return the IR; what could not be linked (see ``unresolved``) is left out."""
    schema = project.schema
    tables = () if schema is None else tuple(schema.tables.values())
    app = project.app
    return ProjectIR(
        name=project.config.project_name,
        functions_folder=project.config.functions,
        tables=tuple(
            lowered
            for table in sorted(tables, key=lambda table: table.name)
            if (lowered := lower_table(table)) is not None
        ),
        schema_validation=schema is None or schema.schema_validation,
        has_schema=schema is not None,
        modules=_modules(project),
        routes=tuple(
            lowered for route in project.routes if (lowered := _route(route)) is not None
        ),
        crons=tuple(
            sorted(
                (lowered for cron in project.crons if (lowered := _cron(cron)) is not None),
                key=lambda cron: cron.name,
            )
        ),
        environment=tuple(
            EnvironmentVariableIR(name=variable.name, validator=variable.validator)
            for variable in sorted(
                () if app is None else app.environment.values(), key=lambda entry: entry.name
            )
            if variable.validator is not None
        ),
        components=tuple(
            ComponentIR(name=component.name, source=component.source)
            for component in sorted(
                () if app is None else app.components, key=lambda entry: entry.name
            )
        ),
        has_auth=project.auth is not None,
        python_modules=tuple(sorted(module.path for module in project.modules.values())),
        dependencies=project.config.dependencies,
    )


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
    if not isinstance(args, ObjectValidator) or returns is None:
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
    if cron.name is None or cron.function is None or cron.args is None:
        return None
    if cron.interval is None and cron.expression is None:
        return None
    return CronIR(
        name=cron.name,
        schedule="interval" if cron.interval is not None else "cron",
        seconds=None if cron.interval is None else cron.interval.total_seconds(),
        expression=cron.expression,
        function=cron.function.path,
        args=dict(sorted(cron.args.items())),
    )
