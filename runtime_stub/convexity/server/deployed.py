"""A component as the compiler hands it to the runtime, beside what the import of it declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convexity.errors import DefinitionError
from convexity.server.components import ComponentDefinition, MountedComponent
from convexity.values.limits import MAX_CALL_DEPTH

if TYPE_CHECKING:
    from convexity.database.tables import Schema
    from convexity.functions.registry import Function
    from convexity.server.cron_jobs import CronJob, Crons
    from convexity.server.http_router import HttpRouter, Route
    from convexity.server.schema import SchemaDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedComponent:
    """The application, or a component at one place where it is mounted."""

    path: str
    """Names of the mounts that lead to it, ``outer/inner``; empty for the application."""
    app: ComponentDefinition | None
    """What its ``convex_config.py`` exports; ``None`` for an application without one."""
    schema: Schema
    """The compiled tables."""
    definition: SchemaDefinition | None
    """The schema as imported; ``None`` without one."""
    functions: tuple[Function, ...]
    crons: Crons | None = None
    """The cron jobs as imported; ``None`` without a ``crons.py``."""
    jobs: tuple[CronJob, ...] = ()
    """The cron jobs as compiled, without their arguments."""
    router: HttpRouter | None = None
    """The routes as imported; ``None`` without an ``http.py``."""
    routes: tuple[Route, ...] = ()
    """The routes as compiled."""
    http_prefix: str | None = None
    """Below which paths its user answers with its routes, as compiled; ``None``: nowhere."""


def mounted_components(app: ComponentDefinition | None) -> Mapping[str, MountedComponent]:
    """What an application mounts, however deep, by path.

    Raises:
        DefinitionError: a component uses itself.
    """
    found: dict[str, MountedComponent] = {}
    pending = [("", app)]
    while pending:
        path, definition = pending.pop()
        for mount in () if definition is None else definition.mounted:
            inner = f"{path}/{mount.name}" if path else mount.name
            if inner.count("/") >= MAX_CALL_DEPTH:
                raise DefinitionError(f"component {inner} is nested too deep, or uses itself")
            found[inner] = mount
            pending.append((inner, mount.component))
    return found
