"""The composition root: a database, functions and a scheduler become one backend."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import sys
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import apsw

from convexity.auth.verifier import TokenVerifier
from convexity.database.process_lock import FileLock
from convexity.database.sqlite import SqliteEngine
from convexity.errors import ConvexityError
from convexity.functions.components import Component, Components
from convexity.functions.logs import LogCapture
from convexity.functions.runner import Runner
from convexity.functions.settings import FunctionSettings
from convexity.processes.pool import WorkerPool
from convexity.scheduler.cron_jobs import deployed_jobs
from convexity.scheduler.service import SchedulerService
from convexity.server.deployed import DeployedComponent, mounted_components
from convexity.server.drift import check_drift, check_route_drift
from convexity.settings import Settings, SettingsError
from convexity.storage.cleaning import FileCleaner
from convexity.storage.files import FileStorage
from convexity.storage.opening import open_store
from convexity.storage.writers import LockedWriters
from convexity.sync.query_cache import QueryCache

if TYPE_CHECKING:
    from convexity.auth.providers import AuthConfig
    from convexity.database.engine import Deployment, Engine, WriteTransaction
    from convexity.database.tables import Schema
    from convexity.functions.registry import Function
    from convexity.scheduler.cron_jobs import DeployedJob
    from convexity.server.components import ComponentDefinition
    from convexity.server.cron_jobs import CronJob, Crons
    from convexity.server.http_router import HttpRouter, Route
    from convexity.server.schema import SchemaDefinition

T = TypeVar("T")

_ADMIN_KEY: Final = "admin_key"
"""Under which name the database keeps the key that was made for it."""
_UPLOAD_SECRET: Final = "upload_secret"
"""Under which name the database keeps what signs upload URLs."""


class StartError(Exception):
    """The backend refuses to start; the text says why, and what to do."""


class Backend:
    """A backend, between :meth:`start` and :meth:`stop`.

    Attributes:
        project: Name of the project.
        routes: Which HTTP action answers which request.
        tokens: What knows the issuers of bearer tokens.
        admin_key_hint: How to find the admin key, for the message that one was made.
    """

    engine: Engine
    runner: Runner
    queries: QueryCache
    settings: Settings
    admin_key: str
    admin_key_hint: str = "`python main.py --show-admin-key` prints it"

    def __init__(
        self,
        schema: Schema,
        functions: Sequence[Function],
        *,
        definition: SchemaDefinition | None,
        auth: AuthConfig | None = None,
        router: HttpRouter | None = None,
        routes: Sequence[Route] = (),
        crons: Crons | None = None,
        jobs: Sequence[CronJob] = (),
        app: ComponentDefinition | None = None,
        components: Sequence[DeployedComponent] = (),
        project: str,
        folder: Path,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        """Take what was compiled; nothing is opened yet.

        Args:
            schema: The compiled tables.
            functions: The compiled functions, with their registrations.
            definition: The schema as imported; ``None`` without one.
            auth: Whose bearer tokens are accepted; ``None``: nobody's.
            router: The routes as imported; ``None`` without an ``http.py``.
            routes: The compiled routes.
            crons: The cron jobs as imported; ``None`` without a ``crons.py``.
            jobs: The compiled cron jobs, without their arguments.
            app: The application as imported; ``None`` without a ``convex_config.py``.
            components: What it mounts, however deep; a component after the one that uses it.
            project: Name of the project.
            folder: Where relative paths of the settings start.
            environment: Where the settings come from.
        """
        self.project = project
        self.routes = tuple(routes)
        application = DeployedComponent(
            path="",
            app=app,
            schema=schema,
            definition=definition,
            functions=tuple(functions),
            crons=crons,
            jobs=tuple(jobs),
        )
        self._deployed = (application, *components)
        self._router = router
        self._folder = folder
        self._environment = environment
        self.tokens = TokenVerifier(auth.providers if auth is not None else ())
        self._logs = LogCapture(
            {
                function.registered.handler.__module__.split(".")[0]
                for component in self._deployed
                for function in component.functions
            }
        )
        self._scheduler: SchedulerService | None = None
        self._cleaner: FileCleaner
        self._at_work: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Open the database, deploy the schema and begin to serve.

        Raises:
            StartError: the settings cannot be used, what was imported differs from what was
                compiled, documents do not match the schema, or the database cannot be opened.
        """
        try:
            self.settings = Settings.from_environment(self._environment, self._folder)
            check_drift(self._deployed)
            check_route_drift(self._router, self.routes)
            engine = self._make_engine()
            application, *mounted = self._deployed
            deployment = await engine.start(
                application.schema, {component.path: component.schema for component in mounted}
            )
            self.engine = engine
            self.admin_key = self.settings.admin_key or await self._kept_admin_key()
            secret = await self._kept(_UPLOAD_SECRET, secrets.token_hex(32))
        except (SettingsError, ConvexityError) as error:
            raise StartError(str(error)) from error
        except (apsw.Error, OSError) as error:
            raise StartError(
                f"the database {self.settings.database} cannot be opened: {error}"
            ) from error
        files = await self._open_files(bytes.fromhex(secret))
        self._publish_addresses()
        self._processes = WorkerPool(self._folder, self.settings.process_workers)
        self.runner = Runner(
            engine,
            self._components(deployment),
            files,
            self._function_settings(),
            self._processes,
        )
        try:
            jobs = {
                component: deployed_jobs(deployed.crons.jobs, component, self.runner.calls)
                for component, deployed in zip(self.runner.components, self._deployed, strict=True)
                if deployed.crons is not None
            }
        except ConvexityError as error:
            await files.close()
            await engine.close()
            raise StartError(str(error)) from error
        self.queries = QueryCache(self.runner, engine)
        self._logs.start()
        await self._start_services(jobs)
        functions = (f for component in self._deployed for f in component.functions)
        if any(function.runtime == "process" for function in functions):
            self._processes.warm()

    def _publish_addresses(self) -> None:
        """Let functions read the addresses from ``env``."""
        os.environ.setdefault("CONVEX_CLOUD_URL", self.settings.cloud_url)
        os.environ.setdefault("CONVEX_SITE_URL", self.settings.site_url)

    def _make_engine(self) -> SqliteEngine:
        return SqliteEngine(self.settings.database)

    def _function_settings(self) -> FunctionSettings:
        return FunctionSettings()

    async def _start_services(self, jobs: Mapping[Component, Sequence[DeployedJob]]) -> None:
        """Begin with what nobody asks for."""
        calls = self.runner.calls
        self._scheduler = SchedulerService(
            calls, FileLock(self._beside_database("scheduler")), jobs=jobs
        )
        self._scheduler.start()
        self._cleaner = FileCleaner(
            calls.files, calls.databases(), FileLock(self._beside_database("cleaner"))
        )
        self._cleaner.start()

    async def stop(self) -> None:
        """Let scheduled functions end, cancel what nobody waits for, close the database."""
        for task in self._at_work:
            task.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)
        if self._scheduler is not None:
            await self.queries.close()
            await self._scheduler.stop()
            await self._processes.close()
            self._scheduler = None
            self._logs.stop()
            await self._cleaner.stop()
            await self.runner.calls.files.close()
            await self.engine.close()

    async def within(self, seconds: float, work: Coroutine[Any, Any, T]) -> T:
        """Wait for ``work``, but not for ever; it goes on until it ends or the backend stops.

        Args:
            seconds: How long to wait.
            work: What to wait for; it is cancelled when the one who waits is.

        Raises:
            TimeoutError: it takes longer.
        """
        task = self.keep(work)
        try:
            done, _ = await asyncio.wait({task}, timeout=seconds)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not done:
            raise TimeoutError
        return task.result()

    def keep(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run ``work`` until it ends or the backend stops, whether or not anybody waits for it."""
        task = asyncio.create_task(work)
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        return task

    def _components(self, deployment: Deployment) -> Components:
        """Join what was compiled with the database."""
        application, *mounted = self._deployed
        mounts = mounted_components(application.app)
        root, *others = (
            Component(
                component.path,
                component.functions,
                deployment.catalogs[component.path],
                environment=mounts[component.path].env if component.path else None,
            )
            for component in (application, *mounted)
        )
        return Components(root, others, secret=deployment.secret)

    async def _kept_admin_key(self) -> str:
        """The admin key of the database, made when it has none."""
        name = re.sub(r"[^A-Za-z0-9]+", "-", self.project).strip("-").lower() or "backend"
        fresh = f"{name}|{secrets.token_hex(32)}"
        key = await self._kept(_ADMIN_KEY, fresh)
        if key == fresh:
            sys.stderr.write(
                f"An admin key was made and is kept in the database; {self.admin_key_hint}.\n"
            )
        return key

    async def _kept(self, name: str, fresh: str) -> str:
        """What the database keeps under a name; ``fresh`` from now on if it has nothing."""

        async def keep(transaction: WriteTransaction) -> str:
            kept = await transaction.meta_get(name)
            if kept is None:
                await transaction.meta_set(name, fresh)
            return kept or fresh

        async with self.engine.snapshot() as snapshot:
            kept = await snapshot.meta_get(name)
        return kept if kept is not None else (await self.engine.write(keep)).value

    async def _open_files(self, secret: bytes) -> FileStorage:
        """The stored files.

        Raises:
            StartError: where they lie cannot be used; the database is closed again.
        """
        try:
            return FileStorage(
                open_store(self.settings.storage),
                writers=LockedWriters(self._beside_database("writer")),
                secret=secret,
                address=self.settings.cloud_url,
            )
        except (apsw.Error, OSError, ValueError) as error:
            await self.engine.close()
            raise StartError(
                f"the storage of files, {self.settings.storage}, cannot be used: {error}"
            ) from error

    def _beside_database(self, ending: str) -> Path:
        """A file for the processes that share the database."""
        return self.settings.database.with_name(f"{self.settings.database.name}-{ending}")
