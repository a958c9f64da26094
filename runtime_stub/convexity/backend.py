"""The composition root: a database, functions and a scheduler become one backend."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from convexity import server_log
from convexity.admin import cron_jobs, deployment, documents, environment
from convexity.admin.app_metrics import AppMetrics
from convexity.admin.metrics import Metrics
from convexity.admin.system_functions import Deployed, merged
from convexity.auth.verifier import TokenVerifier
from convexity.database.opening import open_engine
from convexity.database.process_lock import SCHEDULER
from convexity.errors import ConvexityError
from convexity.functions.components import Component, Components
from convexity.functions.environment import variable_problem
from convexity.functions.executions import log_execution
from convexity.functions.logs import LogCapture, current_logs
from convexity.functions.runner import Runner
from convexity.functions.settings import FunctionSettings
from convexity.functions.variables import Variables, stored_values
from convexity.processes.pool import WorkerPool
from convexity.scheduler.cron_jobs import deployed_jobs
from convexity.scheduler.service import SchedulerService
from convexity.server.deployed import DeployedComponent, mounted_components
from convexity.server.drift import check_drift, check_variable_drift
from convexity.server.site import Site
from convexity.settings import Settings, SettingsError
from convexity.storage.cleaning import FileCleaner
from convexity.storage.files import FileStorage
from convexity.storage.opening import open_store
from convexity.sync.query_cache import QueryCache

if TYPE_CHECKING:
    from convexity.auth.providers import AuthConfig
    from convexity.database.catalog import Catalog
    from convexity.database.engine import Deployment, Engine, WriteTransaction
    from convexity.database.tables import Schema
    from convexity.functions.registry import Function
    from convexity.scheduler.cron_jobs import DeployedJob
    from convexity.server.components import ComponentDefinition
    from convexity.server.cron_jobs import CronJob, Crons
    from convexity.server.http_router import HttpRouter, Route
    from convexity.server.schema import SchemaDefinition
    from convexity.values import Fields

T = TypeVar("T")

SYSTEM_FUNCTIONS: Final = (
    deployment.FUNCTIONS,
    documents.FUNCTIONS,
    cron_jobs.FUNCTIONS,
    environment.FUNCTIONS,
)
"""Groups of functions that only admins can call."""
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
        schema: The compiled tables.
        site: Which HTTP action answers which request.
        declared_variables: Validators of the environment variables that functions may read.
        tokens: What knows the issuers of bearer tokens.
        admin_key_hint: How to find the admin key, for the message that one was made.
    """

    engine: Engine
    runner: Runner
    metrics: Metrics
    app_metrics: AppMetrics
    queries: QueryCache
    variables: Variables
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
        variables: Fields = MappingProxyType({}),
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
            variables: The compiled validators of the environment variables it declares.
            project: Name of the project.
            folder: Where relative paths of the settings start.
            environment: Where the settings come from.
        """
        self.project = project
        self.schema = schema
        application = DeployedComponent(
            path="",
            app=app,
            schema=schema,
            definition=definition,
            functions=tuple(functions),
            crons=crons,
            jobs=tuple(jobs),
            router=router,
            routes=tuple(routes),
        )
        self._deployed = (application, *components)
        self.site = Site(self._deployed)
        self.declared_variables = variables
        self._folder = folder
        self._environment = environment
        self.tokens = TokenVerifier(auth.providers if auth is not None else ())
        self._logs = LogCapture(
            {
                handler.__module__.split(".")[0]
                for component in self._deployed
                for handler in (
                    *(function.registered.handler for function in component.functions),
                    *(route.handler.handler for route in component.routes),
                )
            }
        )
        self._scheduler: SchedulerService | None = None
        self._cleaner: FileCleaner
        self._at_work: set[asyncio.Task[Any]] = set()
        self._deadline: float | None = None

    async def start(self) -> None:
        """Open the database, deploy the schema and begin to serve.

        Raises:
            StartError: the settings cannot be used, what was imported differs from what was
                compiled, documents do not match the schema, or the database cannot be opened.
        """
        self._deadline = None
        try:
            self.configure()
            check_drift(self._deployed)
            check_variable_drift(self._deployed[0].app, self.declared_variables)
            engine = self._make_engine()
            application, *mounted = self._deployed
            deployment = await engine.start(
                application.schema, {component.path: component.schema for component in mounted}
            )
        except (SettingsError, ConvexityError) as error:
            raise StartError(str(error)) from error
        self.engine = engine
        try:
            self.admin_key = self.settings.admin_key or await self._kept_admin_key()
            secret = await self._kept(_UPLOAD_SECRET, secrets.token_hex(32))
            self.variables = await self._variables(deployment.catalogs[""])
        except ConvexityError as error:
            await engine.close()
            raise StartError(str(error)) from error
        files = await self._open_files(bytes.fromhex(secret))
        self._processes = WorkerPool(self._folder, self.settings.process_workers)
        self.runner = Runner(
            engine,
            self._components(deployment),
            files,
            self._function_settings(),
            self._processes,
            variables=self.variables,
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
        self.metrics = Metrics()
        self.metrics.watch_queries(self.queries)
        engine.on_group(self.metrics.committed)
        self.app_metrics = AppMetrics()
        self.runner.calls.executions.on_execution(self.metrics.executed)
        self.runner.calls.executions.on_execution(self.app_metrics.executed)
        if server_log.is_json():
            self.runner.calls.executions.on_execution(log_execution)
        self._logs.start()
        await self._start_services(jobs)
        functions = (f for component in self._deployed for f in component.functions)
        if any(function.runtime == "process" for function in functions):
            self._processes.warm()

    def _make_engine(self) -> Engine:
        return open_engine(self.settings.database, self.settings.data_folder)

    def _function_settings(self) -> FunctionSettings:
        return FunctionSettings()

    async def _start_services(self, jobs: Mapping[Component, Sequence[DeployedJob]]) -> None:
        """Begin with what nobody asks for."""
        calls = self.runner.calls
        self._scheduler = SchedulerService(calls, self.engine.claims(SCHEDULER), jobs=jobs)
        self._scheduler.start()
        self._cleaner = FileCleaner(calls.files, calls.databases(), self.engine.lock("cleaner"))
        self._cleaner.start()

    def configure(self) -> None:
        """Read the settings, and let the server's log look as they say.

        Raises:
            SettingsError: a setting cannot be used.
        """
        self.settings = Settings.from_environment(self._environment, self._folder)
        server_log.configure(
            self.settings.log_format, is_captured=lambda: current_logs.get() is not None
        )

    def begin_stop(self, deadline: float) -> None:
        """Start no scheduled function any more; what runs may go on until ``deadline``.

        Args:
            deadline: By the clock of the event loop.
        """
        self._deadline = deadline
        if self._scheduler is not None:
            self._scheduler.begin_stop()

    @property
    def is_stopping(self) -> bool:
        """Whether requests should go elsewhere."""
        return self._deadline is not None

    async def stop(self) -> None:
        """Let running functions end within the time of the settings, then close the database."""
        if self._scheduler is not None:
            clock = asyncio.get_running_loop().time
            if self._deadline is None:
                self.begin_stop(clock() + self.settings.shutdown_time)
            deadline = self._deadline or 0.0
            if self._at_work:
                await asyncio.wait(self._at_work, timeout=max(0.0, deadline - clock()))
        for task in self._at_work:
            task.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)
        if self._scheduler is not None:
            await self.queries.close()
            await self._scheduler.stop(grace=max(0.0, deadline - clock()))
            await self._processes.close()
            self.variables.close()
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

    def _system_functions(self, component: DeployedComponent) -> Mapping[str, Function]:
        """The system functions that tell of a component."""
        mounts = mounted_components(self._deployed[0].app)
        return merged(
            SYSTEM_FUNCTIONS,
            Deployed(
                functions=component.functions,
                routes=component.routes,
                schema=component.schema,
                has_schema=component.definition is not None,
                components={path: mount.env for path, mount in mounts.items()},
                cloud_url=self.settings.cloud_url,
                site_url=self.settings.site_url,
            ),
        )

    def _process_variables(self) -> Mapping[str, str]:
        """What functions find in ``env`` where nothing is stored."""
        return {
            **self._environment,
            "CONVEX_CLOUD_URL": self.settings.cloud_url,
            "CONVEX_SITE_URL": self.settings.site_url,
        }

    async def _variables(self, catalog: Catalog) -> Variables:
        """The values of environment variables, if all that are declared have one.

        Raises:
            StartError: some are missing, or not as declared.
        """
        process = self._process_variables()
        async with self.engine.snapshot() as snapshot:
            stored = await stored_values(snapshot, catalog)
        problems = [
            problem
            for name, validator in self.declared_variables.items()
            if (problem := variable_problem(name, stored.get(name, process.get(name)), validator))
        ]
        if problems:
            await self.engine.close()
            raise StartError(
                "\n  ".join(("environment variables are missing or wrong:", *problems))
            )
        return Variables(self.engine, catalog, process, stored)

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
                system=self._system_functions(component).values(),
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
            server_log.say(
                f"An admin key was made and is kept in the database; {self.admin_key_hint}."
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
            StartError: where they lie, or the database, cannot be used; the database is closed
                again.
        """
        try:
            writers = await self.engine.writers()
        except (OSError, ConvexityError) as error:
            await self.engine.close()
            raise StartError(f"the database cannot be used: {error}") from error
        try:
            store = open_store(self.settings.storage)
        except (OSError, ValueError) as error:
            writers.close()
            await self.engine.close()
            raise StartError(
                f"the storage of files, {self.settings.storage}, cannot be used: {error}"
            ) from error
        return FileStorage(store, writers=writers, secret=secret, address=self.settings.cloud_url)
