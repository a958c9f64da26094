"""A deployment in a temporary folder, for tests that run functions."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from convexity.auth.identity import ANONYMOUS, Identity
from convexity.database.engine import Engine
from convexity.database.file_writers import OnlyWriter
from convexity.database.tables import Index, Table
from convexity.functions.components import Component, Components
from convexity.functions.logs import LogCapture
from convexity.functions.processes import NO_PROCESSES, ActionProcesses
from convexity.functions.references import ReferenceChain
from convexity.functions.registration import RegisteredFunction
from convexity.functions.registry import Function
from convexity.functions.result import FunctionResult
from convexity.functions.runner import Runner
from convexity.functions.settings import FunctionSettings
from convexity.storage.files import FileStorage
from convexity.storage.memory_store import MemoryStore
from convexity.values import UNSET, v
from convexity.values.ordering import encode_key

from tests.support.engines import engine_at, schema_of

api = ReferenceChain()


def by_creation_time(document: Any) -> bytes:
    return encode_key((document["_creationTime"], document["_id"]))


def by_owner(document: Any) -> bytes:
    return encode_key((document.get("owner", UNSET), document["_creationTime"], document["_id"]))


TABLES = (
    Table(
        name="notes",
        validator=v.object(text=v.string(), owner=v.optional(v.string())),
        storage="notes",
        indexes=(
            Index(
                name="by_creation_time",
                fields=("_creationTime",),
                storage="notes__by_creation_time",
                key=by_creation_time,
            ),
            Index(name="by_owner", fields=("owner",), storage="notes__by_owner", key=by_owner),
        ),
    ),
)

SCHEMA = schema_of(*TABLES)


def compiled(module: str, registered: RegisteredFunction[Any, Any]) -> Function:
    return Function(
        path=f"{module}:{registered.name}",
        registered=registered,
        kind=registered.kind,
        visibility=registered.visibility,
        args=registered.args,
        returns=registered.returns,
        runtime=registered.runtime,
    )


class Deployment:
    """A runner on a real database, with shorthands for calls."""

    def __init__(self, engine: Engine, runner: Runner) -> None:
        self.engine = engine
        self.runner = runner

    async def run(
        self,
        path: str,
        *,
        identity: Identity = ANONYMOUS,
        allow_internal: bool = False,
        **args: Any,
    ) -> FunctionResult:
        return await self.runner.run(path, args, identity=identity, allow_internal=allow_internal)

    async def value(self, path: str, **args: Any) -> Any:
        """The value of a call that must succeed."""
        result = await self.run(path, allow_internal=True, **args)
        assert result.error is None, result.error.text
        return result.value

    async def error(self, path: str, **args: Any) -> str:
        """The message of a call that must fail."""
        result = await self.run(path, **args)
        assert result.error is not None, result.value
        return result.error.message


@asynccontextmanager
async def deployed(
    folder: Path,
    functions: Iterable[RegisteredFunction[Any, Any] | Function] | object,
    *,
    module: str = "m",
    settings: FunctionSettings | None = None,
    processes: ActionProcesses = NO_PROCESSES,
) -> AsyncIterator[Deployment]:
    """Deploy functions, or all those that are attributes of a class or module.

    Those below ``_system/`` become system functions.
    """
    if not isinstance(functions, Iterable):
        functions = [
            value
            for _, value in inspect.getmembers_static(functions)
            if isinstance(value, RegisteredFunction)
        ]
    declared = [f if isinstance(f, Function) else compiled(module, f) for f in functions]
    system = [function for function in declared if function.path.startswith("_system/")]
    registry = {function.path: function for function in declared if function not in system}
    engine = engine_at(folder / "app.db")
    deployment = await engine.start(SCHEMA)
    logs = LogCapture({f.registered.handler.__module__.split(".")[0] for f in registry.values()})
    logs.start()
    files = FileStorage(
        MemoryStore(), writers=OnlyWriter(), secret=b"secret", address="http://127.0.0.1:3210"
    )
    try:
        application = Component("", registry.values(), deployment.catalog, system=system)
        components = Components(application, secret=deployment.secret)
        runner = Runner(engine, components, files, settings, processes)
        yield Deployment(engine, runner)
    finally:
        logs.stop()
        await files.close()
        await engine.close()
