"""Backends for tests: a project is imported once, each test gets a database of its own."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import secrets
import shutil
import sys
import tempfile
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

import apsw

from convexity.backend import Backend
from convexity.database.file_writers import OnlyWriter
from convexity.database.sqlite import SqliteEngine
from convexity.functions.disclosure import printable
from convexity.functions.environment import BUILT_IN_VARIABLES
from convexity.functions.settings import FunctionSettings
from convexity.http import create_app
from convexity.project_folder import make_importable, project_root
from convexity.storage.files import FileStorage
from convexity.storage.memory_store import MemoryStore
from convexity.testing.clock import FakeClock
from convexity.testing.compilation import CompilationError, compiled
from convexity.testing.faults import Faults
from convexity.testing.scheduling import TestScheduler
from convexity.testing.tester import BASE_URL

if TYPE_CHECKING:
    from convexity.functions.components import Component
    from convexity.functions.invocation import Call
    from convexity.functions.registry import Function
    from convexity.http.app import BackendApp
    from convexity.scheduler.cron_jobs import DeployedJob
    from convexity.server.deployed import DeployedComponent

_DATABASE: Final = "app.db"
_TEMPORARY: Final = Path("/dev/shm")
"""A folder in memory where there is one; the semantics are those of any file."""


class Project:
    """A compiled project, imported from where its sources are."""

    def __init__(self, root: Path) -> None:
        """Compile the project at ``root`` if need be, and import it.

        Raises:
            CompilationError: it cannot be compiled.
            Exception: whatever its modules raise when they are imported.
        """
        self.root = root
        folder = compiled(root)
        make_importable(root)
        self.tables = _imported(folder, "tables")
        self.functions = _imported(folder, "functions")
        self.components: tuple[DeployedComponent, ...] = ()
        if (folder / "components").is_dir():
            self.components = _imported(folder, "components").COMPONENTS
        self._directory = _temporary_folder()
        self._template = Path(self._directory.name) / _DATABASE
        """A database to which the schema was deployed, without documents."""

    def copy_template(self, target: Path) -> None:
        """Make a database with the schema, if there was one before to copy."""
        if self._template.exists():
            shutil.copyfile(self._template, target)

    def keep_template(self, database: Path) -> None:
        """Take the first database, to which the schema was just deployed, as the template."""
        if not self._template.exists():
            connection = apsw.Connection(str(database))
            connection.execute("VACUUM INTO ?", (str(self._template),))
            connection.close()


class TestBackend(Backend):
    """A backend of one test, on a temporary database, in which nothing runs by itself."""

    __test__ = False

    def __init__(self, project: Project, start: datetime) -> None:
        """Make a folder for it; nothing is opened yet."""
        self.faults = Faults()
        self.clock = FakeClock(start, self._run_until)
        self._deployed_at = start
        self.secret = f"test|{secrets.token_hex(16)}"
        self._project = project
        self._directory = _temporary_folder()
        folder = Path(self._directory.name)
        project.copy_template(folder / _DATABASE)
        functions = project.functions
        super().__init__(
            project.tables.SCHEMA,
            [self._testable(function) for function in functions.FUNCTIONS],
            definition=functions.DEFINITION,
            auth=functions.AUTH,
            router=functions.ROUTER,
            routes=functions.ROUTES,
            crons=functions.CRONS,
            jobs=functions.JOBS,
            app=functions.APP,
            components=[self._testable_component(mounted) for mounted in project.components],
            project=project.root.name,
            folder=folder,
            environment={
                "DATABASE_URL": f"sqlite:///{folder / _DATABASE}",
                "CONVEX_CLOUD_URL": BASE_URL,
                "CONVEX_SITE_URL": BASE_URL,
                "CONVEXITY_ADMIN_KEY": self.secret,
            },
        )
        self.scheduler: TestScheduler
        self.log_lines: list[str] = []
        self._app: BackendApp | None = None
        self._starting: asyncio.Task[None] | None = None

    async def started(self) -> None:
        """Return when it is started, which the first call does.

        Raises:
            RuntimeError: it was started in another event loop.
        """
        if self._starting is None:
            self._starting = asyncio.create_task(self.start())
        elif self._starting.get_loop() is not asyncio.get_running_loop():
            raise RuntimeError(
                "a backend of a test belongs to one event loop: make it in the test that uses it, "
                "or use fixtures of the scope of the loop"
            )
        await asyncio.shield(self._starting)

    @property
    def app(self) -> BackendApp:
        """What answers requests."""
        if self._app is None:
            self._app = create_app(self)
        return self._app

    def take_logs(self, call: Call) -> None:
        """Keep what a call logged, and show it where the test's own output is."""
        self.log_lines += call.logs.lines
        for line in call.logs.lines:
            sys.stdout.write(f"{printable(line)}\n")

    def discard(self) -> None:
        """Close and delete everything, with or without an event loop."""
        engine = getattr(self, "engine", None)
        if isinstance(engine, SqliteEngine):
            self._logs.stop()
            self.runner.calls.files.discard()
            engine.discard()
        self._directory.cleanup()

    def _process_variables(self) -> Mapping[str, str]:
        addresses = dict.fromkeys(BUILT_IN_VARIABLES, BASE_URL)
        return ChainMap(addresses, os.environ)

    def _make_engine(self) -> SqliteEngine:
        database = Path(self.settings.database)
        return SqliteEngine(database, clock=self.clock.nanoseconds, is_temporary=True)

    def _function_settings(self) -> FunctionSettings:
        return FunctionSettings(clock=self.clock.now, conflict_backoff=0)

    async def _open_files(self, secret: bytes) -> FileStorage:
        store = self.faults.storage(MemoryStore())
        return FileStorage(store, writers=OnlyWriter(), secret=secret, address=BASE_URL)

    async def _start_services(self, jobs: Mapping[Component, Sequence[DeployedJob]]) -> None:
        self._project.keep_template(Path(self.settings.database))
        self.scheduler = TestScheduler(self.runner.calls, self.clock, jobs)
        await self.scheduler.start(self._deployed_at)

    async def _run_until(self, end: datetime) -> None:
        await self.started()
        await self.scheduler.run_until(end)

    def _testable_component(self, component: DeployedComponent) -> DeployedComponent:
        return replace(component, functions=tuple(map(self._testable, component.functions)))

    def _testable(self, function: Function) -> Function:
        """``function``, which fails when the test wants it, and runs in this process."""
        registered = function.registered
        wrapped = type(registered)(
            self.faults.wrapped(function, registered.handler),
            kind=registered.kind,
            visibility=registered.visibility,
            args=registered.args,
            returns=registered.returns,
            name=registered.name,
            runtime="server",
        )
        return replace(function, registered=wrapped, runtime="server")


_projects: Final[dict[Path, Project]] = {}


def imported_project(start: Path) -> Project:
    """The project around a folder, imported when it is first asked for.

    Raises:
        CompilationError: there is none, or it cannot be compiled.
    """
    root = project_root(start.resolve())
    if root is None:
        raise CompilationError(
            f"there is no project around {start}: no folder `convex` with modules, and no "
            "pyproject.toml with [tool.convexity]"
        )
    if root not in _projects:
        _projects[root] = Project(root)
    return _projects[root]


def _imported(folder: Path, name: str) -> ModuleType:
    """Import a generated module under a name of its own: projects have equal ones."""
    qualified = f"_convexity_testing_{folder.name}_{name}"
    package = folder / name
    is_package = package.is_dir()
    spec = importlib.util.spec_from_file_location(
        qualified,
        package / "__init__.py" if is_package else folder / f"{name}.py",
        submodule_search_locations=[str(package)] if is_package else None,
    )
    assert spec is not None and spec.loader is not None  # noqa: PT018 - it is a file
    module = importlib.util.module_from_spec(spec)
    sys.modules[qualified] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[qualified]
        raise
    return module


def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    memory = _TEMPORARY if os.access(_TEMPORARY, os.W_OK) else None
    return tempfile.TemporaryDirectory(prefix="convexity-test-", dir=memory)
