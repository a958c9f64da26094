"""A backend in the process of the test, whose inside a test may look into."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from convexity.backend import Backend
from convexity.functions.registration import RegisteredFunction
from convexity.http.app import create_app
from convexity.http.serve import CONNECTIONS
from convexity.server import define_schema, define_table
from convexity.values import v

from tests.functions.harness import SCHEMA, compiled

DEFINITION = define_schema(
    notes=define_table(text=v.string(), owner=v.optional(v.string())).index("by_owner", ["owner"])
)


@asynccontextmanager
async def backend(folder: Path, functions: object) -> AsyncIterator[Backend]:
    """A started backend with the functions that are attributes of a class, in module ``m``."""
    registered = [
        value
        for _, value in inspect.getmembers_static(functions)
        if isinstance(value, RegisteredFunction)
    ]
    started = Backend(
        SCHEMA,
        [compiled("m", function) for function in registered],
        definition=DEFINITION,
        project="inside",
        folder=folder,
        environment={"CONVEXITY_ADMIN_KEY": "inside|0123"},
    )
    await started.start()
    try:
        yield started
    finally:
        await started.stop()


@asynccontextmanager
async def served(started: Backend, **settings: Any) -> AsyncIterator[int]:
    """The port at which a started backend is served, as by main.py but for some settings."""
    config = uvicorn.Config(
        create_app(started), port=0, lifespan="off", log_level="error", **(CONNECTIONS | settings)
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving
