"""Tables of the platform itself that functions can read through ``db.system``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal, NotRequired, TypedDict

from convexity.database.tables import Index, Table
from convexity.values import UNSET, Id, v
from convexity.values import Table as TableMarker
from convexity.values.ordering import encode_key
from convexity.values.storage_names import component_storage


class StorageDoc(TypedDict):
    """A stored file."""

    _id: Id[Storage]
    _creationTime: float
    contentType: NotRequired[str | None]
    sha256: str
    size: float


class Storage(TableMarker[StorageDoc]):
    """Marker of the table of stored files."""

    __table_name__ = "_storage"


class ScheduledFunctionState(TypedDict):
    """Progress of a scheduled function; ``error`` only when it failed."""

    kind: Literal["pending", "inProgress", "success", "failed", "canceled"]
    error: NotRequired[str]


class ScheduledFunctionsDoc(TypedDict):
    """A scheduled function; times are milliseconds since the epoch."""

    _id: Id[ScheduledFunctions]
    _creationTime: float
    name: str
    args: list[Any]
    scheduledTime: float
    completedTime: NotRequired[float]
    state: ScheduledFunctionState


class ScheduledFunctions(TableMarker[ScheduledFunctionsDoc]):
    """Marker of the table of scheduled functions."""

    __table_name__ = "_scheduled_functions"


def _by_creation_time(document: Mapping[str, Any]) -> bytes:
    return encode_key((document["_creationTime"], document["_id"]))


def _by_state(document: Mapping[str, Any]) -> bytes:
    return encode_key(
        (
            document["state"]["kind"],
            document["scheduledTime"],
            document["_creationTime"],
            document["_id"],
        )
    )


def _by_completed_time(document: Mapping[str, Any]) -> bytes:
    return encode_key(
        (document.get("completedTime", UNSET), document["_creationTime"], document["_id"])
    )


def _by_key(document: Mapping[str, Any]) -> bytes:
    return encode_key((document["key"], document["_creationTime"], document["_id"]))


def _by_file(document: Mapping[str, Any]) -> bytes:
    return encode_key(
        (document["state"].get("file", UNSET), document["_creationTime"], document["_id"])
    )


def _by_state_kind(document: Mapping[str, Any]) -> bytes:
    return encode_key((document["state"]["kind"], document["_creationTime"], document["_id"]))


def _by_next_time(document: Mapping[str, Any]) -> bytes:
    return encode_key((document["nextTime"], document["_creationTime"], document["_id"]))


def _by_name(document: Mapping[str, Any]) -> bytes:
    return encode_key((document["name"], document["_creationTime"], document["_id"]))


STORAGE_TABLE: Final = Table(
    name="_storage",
    validator=v.object(
        contentType=v.optional(v.nullable(v.string())), sha256=v.string(), size=v.number()
    ),
    storage="_storage",
    indexes=(
        Index(
            name="by_creation_time",
            fields=("_creationTime",),
            storage="_storage__by_creation_time",
            key=_by_creation_time,
        ),
    ),
)

SCHEDULED_FUNCTIONS_TABLE: Final = Table(
    name="_scheduled_functions",
    validator=v.object(
        name=v.string(),
        args=v.array(v.any()),
        scheduledTime=v.number(),
        completedTime=v.optional(v.number()),
        state=v.union(
            v.object(kind=v.literal("pending", "inProgress", "success", "canceled")),
            v.object(kind=v.literal("failed"), error=v.string()),
        ),
    ),
    storage="_scheduled_functions",
    indexes=(
        Index(
            name="by_creation_time",
            fields=("_creationTime",),
            storage="_scheduled_functions__by_creation_time",
            key=_by_creation_time,
        ),
        Index(
            name="by_state",
            fields=("state.kind", "scheduledTime"),
            storage="_scheduled_functions__by_state",
            key=_by_state,
        ),
        Index(
            name="by_completed_time",
            fields=("completedTime",),
            storage="_scheduled_functions__by_completed_time",
            key=_by_completed_time,
        ),
    ),
)

CRON_JOBS_TABLE: Final = Table(
    name="_cron_jobs",
    validator=v.object(
        name=v.string(),
        function=v.string(),
        args=v.array(v.any()),
        schedule=v.union(
            v.object(type=v.literal("interval"), seconds=v.number()),
            v.object(type=v.literal("cron"), expression=v.string()),
        ),
        nextTime=v.number(),
        lastRun=v.optional(
            v.object(time=v.number(), scheduledFunction=v.id("_scheduled_functions"))
        ),
        lastLog=v.optional(
            v.object(
                scheduledFunction=v.id("_scheduled_functions"),
                scheduledTime=v.number(),
                seconds=v.number(),
                logLines=v.array(v.string()),
                isTruncated=v.boolean(),
                result=v.optional(v.string()),
                error=v.optional(v.string()),
            )
        ),
    ),
    storage="_cron_jobs",
    indexes=(
        Index(
            name="by_creation_time",
            fields=("_creationTime",),
            storage="_cron_jobs__by_creation_time",
            key=_by_creation_time,
        ),
        Index(
            name="by_next_time",
            fields=("nextTime",),
            storage="_cron_jobs__by_next_time",
            key=_by_next_time,
        ),
    ),
)

ENVIRONMENT_VARIABLES_TABLE: Final = Table(
    name="_environment_variables",
    validator=v.object(name=v.string(), value=v.string()),
    storage="_environment_variables",
    indexes=(
        Index(
            name="by_creation_time",
            fields=("_creationTime",),
            storage="_environment_variables__by_creation_time",
            key=_by_creation_time,
        ),
        Index(
            name="by_name",
            fields=("name",),
            storage="_environment_variables__by_name",
            key=_by_name,
        ),
    ),
    is_hidden=True,
)

FILES_TABLE: Final = Table(
    name="_files",
    validator=v.object(
        key=v.string(),
        state=v.union(
            v.object(kind=v.literal("uploading"), writer=v.string()),
            v.object(kind=v.literal("stored"), file=v.id("_storage")),
            v.object(kind=v.literal("discarded")),
        ),
    ),
    storage="_files",
    indexes=(
        Index(
            name="by_creation_time",
            fields=("_creationTime",),
            storage="_files__by_creation_time",
            key=_by_creation_time,
        ),
        Index(name="by_key", fields=("key",), storage="_files__by_key", key=_by_key),
        Index(name="by_file", fields=("state.file",), storage="_files__by_file", key=_by_file),
        Index(
            name="by_state",
            fields=("state.kind",),
            storage="_files__by_state",
            key=_by_state_kind,
        ),
    ),
    is_hidden=True,
)
"""What may lie in the byte store, and why.

A row is there before the first byte is written and until the last is deleted: ``key`` names the
bytes, in URLs too, and ``writer`` the process that writes them.
"""

PUBLIC_SYSTEM_TABLES: Final = (SCHEDULED_FUNCTIONS_TABLE, STORAGE_TABLE)
"""Those whose documents are part of the language: ``schema.doc("_storage")``."""

SYSTEM_TABLES: Final = (
    *PUBLIC_SYSTEM_TABLES,
    CRON_JOBS_TABLE,
    ENVIRONMENT_VARIABLES_TABLE,
    FILES_TABLE,
)
"""Those of the application; their numbers are in
:data:`convexity.values.ids.SYSTEM_TABLE_NUMBERS`."""


def system_tables(component: str) -> tuple[Table, ...]:
    """The system tables of a component, which has its own of each.

    Args:
        component: path of the component; empty for the application.
    """
    if not component:
        return SYSTEM_TABLES
    return tuple(
        replace(
            table,
            component=component,
            storage=component_storage(component, table.storage),
            indexes=tuple(
                replace(index, storage=component_storage(component, index.storage))
                for index in table.indexes
            ),
        )
        for table in SYSTEM_TABLES
    )
