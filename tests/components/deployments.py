"""Deployments of an application with components, in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from convexity.auth.identity import ANONYMOUS
from convexity.database.file_writers import OnlyWriter
from convexity.database.tables import Schema, Table
from convexity.functions.components import Component, Components
from convexity.functions.registration import RegisteredFunction
from convexity.functions.runner import Runner
from convexity.functions.settings import FunctionSettings
from convexity.storage.files import FileStorage
from convexity.storage.folder_store import FolderStore
from convexity.values.storage_names import component_storage

from tests.functions.harness import SCHEMA, Deployment, compiled
from tests.support.engines import engine_at
from tests.support.engines import schema_of as make_schema


def schema_of(component: str) -> Schema:
    """The schema of the harness, as that of a component."""
    tables = tuple(_of_component(table, component) for table in SCHEMA.tables)
    return make_schema(*tables)


def _of_component(table: Table, component: str) -> Table:
    return replace(
        table,
        component=component,
        storage=component_storage(component, table.storage),
        indexes=tuple(
            replace(index, storage=component_storage(component, index.storage))
            for index in table.indexes
        ),
    )


@asynccontextmanager
async def deployed_components(
    folder: Path,
    functions: Mapping[str, list[RegisteredFunction[Any, Any]]],
    *,
    environments: Mapping[str, Mapping[str, str]] | None = None,
    settings: FunctionSettings | None = None,
) -> AsyncIterator[Deployment]:
    """Deploy functions by path of the component, in modules called ``m``; users come first."""
    engine = engine_at(folder / "app.db")
    mounted = {path: schema_of(path) for path in functions if path}
    deployment = await engine.start(SCHEMA, mounted)
    application, *others = (
        Component(
            path,
            [compiled("m", function) for function in registered],
            deployment.catalogs[path],
            environment=(environments or {}).get(path, {}) if path else None,
        )
        for path, registered in functions.items()
    )
    files = FileStorage(
        FolderStore(folder / "files"),
        writers=OnlyWriter(),
        secret=b"secret",
        address="http://127.0.0.1:3210",
    )
    components = Components(application, others, secret=deployment.secret)
    try:
        yield Deployment(engine, Runner(engine, components, files, settings))
    finally:
        await files.close()
        await engine.close()


async def value_in(deployment: Deployment, component: str, path: str, **args: Any) -> Any:
    """The value of a call of a component's function that must succeed."""
    result = await _run(deployment, component, path, args)
    assert result.error is None, result.error.text
    return result.value


async def error_in(deployment: Deployment, component: str, path: str, **args: Any) -> str:
    """The message of a call of a component's function that must fail."""
    result = await _run(deployment, component, path, args)
    assert result.error is not None, result.value
    return result.error.message


async def _run(deployment: Deployment, component: str, path: str, args: Any) -> Any:
    return await deployment.runner.run(
        path, args, identity=ANONYMOUS, component=component, allow_internal=True
    )
