"""The endpoints that export and import documents, as streams."""

from __future__ import annotations

import re
import tempfile
from typing import IO, TYPE_CHECKING, Final

import orjson

from convexity.admin.archive_layout import TablePlace
from convexity.admin.export import ExportedComponent, export_zip
from convexity.admin.import_plan import ImportProblemsError
from convexity.admin.import_run import MODES, ImportMode, import_documents
from convexity.admin.import_source import FORMATS, Source, SourceError
from convexity.http.admin_access import query_parameter, require_admin, required_component
from convexity.http.endpoints import Answer, Endpoint, Handler, StreamedAnswer
from convexity.http.errors import ClientGoneError, RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    from starlette.types import Receive, Scope

    from convexity.backend import Backend

    T = TypeVar("T", bound=str)

_NOT_FOR_FILE_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]+")


def transfer_endpoints(backend: Backend) -> dict[str, Endpoint]:
    """Endpoints by path."""
    return {
        "/api/export/zip": Endpoint({"GET": _export(backend)}),
        "/api/import": Endpoint({"POST": _import(backend)}),
    }


def _export(backend: Backend) -> Handler:
    """All documents of the schema's tables, or of one, at one time."""

    async def handle(scope: Scope, _receive: Receive) -> StreamedAnswer:
        await require_admin(scope, backend)
        wanted = query_parameter(scope, "tableName")
        if wanted:
            place = _place(scope, backend, wanted)
            exported = [_exported(backend, place.component, [place.table], with_files=False)]
        else:
            exported = [
                _exported(backend, component.path, with_files=True)
                for component in backend.runner.components
            ]
        project = _NOT_FOR_FILE_NAMES.sub("-", backend.project).strip("-.") or "backend"
        headers = [
            (b"content-type", b"application/zip"),
            (b"content-disposition", f'attachment; filename="{project}.zip"'.encode()),
            (b"cache-control", b"no-store"),
        ]
        return StreamedAnswer(200, headers, export_zip(backend.engine, exported))

    return handle


def _exported(
    backend: Backend, component: str, tables: Sequence[str] = (), *, with_files: bool
) -> ExportedComponent:
    """What is exported of a component; all its tables unless some are named."""
    catalog = backend.runner.components.find(component).database
    return ExportedComponent(
        component=component,
        catalog=catalog,
        tables=tables or sorted(table.name for table in catalog.user_tables),
        files=backend.runner.calls.files if with_files else None,
    )


def _import(backend: Backend) -> Handler:
    """Documents of a file; all are imported, or none."""

    async def handle(scope: Scope, receive: Receive) -> Answer:
        await require_admin(scope, backend)
        folder = backend.settings.data_folder
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder, prefix="import-") as file:
            # Clients read a refusal only after they have sent everything.
            await _receive_into(file, receive)
            source, mode = _described(scope, backend, file)
            try:
                done = await import_documents(backend.runner.calls, source, mode)
            except (ImportProblemsError, SourceError) as error:
                reason = f"Nothing was imported.\n{error}"
                raise RequestError(400, "ImportFailed", reason) from None
        return Answer(orjson.dumps({"numWritten": done.written, "numDeleted": done.deleted}))

    return handle


def _described(scope: Scope, backend: Backend, file: IO[bytes]) -> tuple[Source, ImportMode]:
    """What a request wants to be done with a file.

    Raises:
        RequestError: it does not say, or cannot be done.
    """
    file_format = _choice(scope, "format", FORMATS, "zip")
    mode = _choice(scope, "mode", MODES, "requireEmpty")
    table = query_parameter(scope, "tableName") or None
    if (table is None) != (file_format == "zip"):
        reason = "names its tables itself" if table else "needs a `tableName`"
        raise RequestError(400, "BadQueryArgs", f"A file of format {file_format} {reason}.")
    place = None if table is None else _place(scope, backend, table)
    validators = {
        TablePlace(component.path, table.name): table.table.validator
        for component in backend.runner.components
        for table in component.database.user_tables
    }
    return Source(file=file, format=file_format, table=place, validators=validators), mode


async def _receive_into(file: IO[bytes], receive: Receive) -> None:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        file.write(message.get("body", b""))
        more = message.get("more_body", False)


def _choice(scope: Scope, name: str, known: Sequence[T], default: T) -> T:
    given = query_parameter(scope, name)
    for choice in known:
        if given == choice:
            return choice
    if not given:
        return default
    raise RequestError(400, "BadQueryArgs", f"`{name}` must be one of {', '.join(known)}.")


def _place(scope: Scope, backend: Backend, table: str) -> TablePlace:
    """The table that a request names, of the component that it names, or of the application.

    Raises:
        RequestError: there is none.
    """
    component = required_component(backend, query_parameter(scope, "componentPath"))
    tables = sorted(table.name for table in component.database.user_tables)
    if table not in tables:
        known = ", ".join(tables) or "none"
        raise RequestError(
            404, "TableNotFound", f"There is no table {table!r} in the schema; there are: {known}."
        )
    return TablePlace(component.path, table)
