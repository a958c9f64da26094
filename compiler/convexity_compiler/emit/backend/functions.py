"""The generated ``functions.py``: the registry, and the imports that fill it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from convexity_compiler.emit.backend.rendering import render
from convexity_compiler.emit.backend.tables import tuple_display
from convexity_compiler.emit.backend.validators import import_validators, validator_source
from convexity_compiler.emit.imports import Imports
from convexity_compiler.emit.layout import Atom, Labelled, Node, Text, call, dictionary
from convexity_compiler.ir import ProjectIR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity.values import Validator

    from convexity_compiler.ir import ComponentIR, CronIR, FunctionIR, HttpRouteIR


def emit_functions(component: ComponentIR, package: str) -> str:
    """Return the text of ``functions.py`` of the application or a component.

    ``package`` is the dotted path under which the backend imports the user's modules.
    """
    imports = Imports()
    imports.name("convexity.functions.registry", "Function")
    import_validators(imports, _validators(component))
    modules = {f"{package}.{_dotted(module.path)}" for module in component.modules}
    app = Atom("APP: ComponentDefinition | None = None")
    if component.has_config:
        modules.add(f"{package}.convex_config")
        exported = "component" if component.path else "app"
        app = Atom(f"APP = {package}.convex_config.{exported}")
    else:
        imports.name("convexity.server.components", "ComponentDefinition")
    definition = Atom("DEFINITION: SchemaDefinition | None = None")
    if component.has_schema:
        modules.add(f"{package}.schema")
        definition = Atom(f"DEFINITION = {package}.schema.schema")
    else:
        imports.name("convexity.server", "SchemaDefinition")
    crons = Atom("CRONS: Crons | None = None")
    imports.name("convexity.server.cron_jobs", "CronJob")
    if component.crons:
        modules.add(f"{package}.crons")
        crons = Atom(f"CRONS = {package}.crons.crons")
        if any(job.seconds is not None for job in component.crons):
            imports.name("datetime", "timedelta")
    else:
        imports.name("convexity.server.cron_jobs", "Crons")
    router = Atom("ROUTER: HttpRouter | None = None")
    imports.name("convexity.server.http_router", "Route")
    if component.routes:
        modules.add(f"{package}.http")
        modules.update(f"{package}.{_dotted(route.module)}" for route in component.routes)
        router = Atom(f"ROUTER = {package}.http.http")
    else:
        imports.name("convexity.server.http_router", "HttpRouter")
    routes = (_route(route, package) for route in component.routes)
    functions = (_function(function, package) for function in component.functions)
    served = {}
    if isinstance(component, ProjectIR):
        served = _served(component, package, modules, imports)
    return render(
        "functions.py",
        modules=sorted(modules, key=_import_order),
        imports=imports.text(),
        app=app,
        definition=definition,
        crons=crons,
        jobs=Labelled("JOBS: tuple[CronJob, ...] = ", tuple_display(map(_job, component.crons))),
        router=router,
        routes=Labelled("ROUTES: tuple[Route, ...] = ", tuple_display(routes)),
        functions=Labelled("FUNCTIONS: tuple[Function, ...] = ", tuple_display(functions)),
        served=served,
    )


def _served(
    project: ProjectIR, package: str, modules: set[str], imports: Imports
) -> dict[str, Node]:
    """What only an application has: who may come in, and what its environment must be."""
    auth = Atom("AUTH: AuthConfig | None = None")
    if project.has_auth:
        modules.add(f"{package}.auth_config")
        auth = Atom(f"AUTH = {package}.auth_config.auth")
    else:
        imports.name("convexity.server", "AuthConfig")
    imports.name("convexity.values", "Fields")
    variables = {v.name: validator_source(v.validator) for v in project.environment}
    return {
        "auth": auth,
        "variables": Labelled("VARIABLES: Fields = ", dictionary(variables)),
    }


def _validators(component: ComponentIR) -> Iterator[Validator]:
    for function in component.functions:
        yield function.args
        yield function.returns
    if isinstance(component, ProjectIR):
        for variable in component.environment:
            yield variable.validator


def _function(function: FunctionIR, package: str) -> Node:
    parts: list[Node] = [
        Labelled("path=", Text(function.path)),
        Labelled(
            "registered=", Atom(f"{package}.{_dotted(function.module)}.{function.definition}")
        ),
        Labelled("kind=", Text(function.kind)),
        Labelled("visibility=", Text(function.visibility)),
        Labelled("args=", validator_source(function.args)),
        Labelled("returns=", validator_source(function.returns)),
    ]
    if function.runtime != "server":
        parts.append(Labelled("runtime=", Text(function.runtime)))
    return call("Function", *parts)


def _route(route: HttpRouteIR, package: str) -> Node:
    path, prefix = route.path, route.path_prefix
    return call(
        "Route",
        Labelled("method=", Text(route.method)),
        *([] if path is None else [Labelled("path=", Text(path))]),
        *([] if prefix is None else [Labelled("path_prefix=", Text(prefix))]),
        Labelled("handler=", Atom(f"{package}.{_dotted(route.module)}.{route.definition}")),
    )


def _job(job: CronIR) -> Node:
    return call(
        "CronJob",
        Labelled("name=", Text(job.name)),
        *(
            []
            if job.seconds is None
            else [Labelled("interval=", Atom(f"timedelta(seconds={job.seconds:g})"))]
        ),
        *([] if job.expression is None else [Labelled("expression=", Text(job.expression))]),
        Labelled("function=", Text(job.function)),
        *([] if job.component is None else [Labelled("component=", Text(job.component))]),
    )


def _import_order(module: str) -> str:
    """Sort as isort does: without regard to case, numbers by value."""
    return re.sub(r"\d+", lambda number: number[0].zfill(20), module.lower())


def _dotted(module: str) -> str:
    return module.replace("/", ".")
