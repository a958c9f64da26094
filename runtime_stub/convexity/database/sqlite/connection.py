"""How connections to the database file are opened."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

import apsw

from convexity.database.sqlite import text_search, vector_search
from convexity.errors import DefinitionError, OverloadedError

LOCK_TIMEOUT: Final = 15.0
"""Seconds to wait for another process's lock (wire-protocol 10, system time of a transaction)."""

STORAGE_FORMAT: Final = 5
"""Number of the layout of tables in the file, kept as its ``user_version``; a change of the layout
raises it."""

_STATEMENTS_CACHED: Final = 1024
_PAGE_CACHE_KIB: Final = 32 * 1024
_MAPPED_SIZE: Final = 2**36
"""Bytes of the file that readers see in memory instead of reading them page by page, which halves
the time of searches that go through many vectors. It is a size of addresses, not of memory."""
_PAGES_PER_CHECKPOINT: Final = 4_000
"""Pages of the write-ahead log after which a commit also moves them into the database, four times
SQLite's default: each time, a commit waits for two further syncs."""
_WAL_SIZE_LIMIT: Final = 64 * 2**20
"""Bytes to which the write-ahead log shrinks again after a long reader made it grow."""


def open_writer(path: Path) -> apsw.Connection:
    """The connection that writes; it creates the file and its folder when missing.

    A commit is on disk when it returns: ``synchronous=FULL`` syncs the write-ahead log each time.

    Raises:
        DefinitionError: the file is no database, not one of ours, or cannot be written.
        OverloadedError: another process keeps it locked.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    try:
        connection = apsw.Connection(str(path), statementcachesize=_STATEMENTS_CACHED)
        _configure(connection)
        check_format(connection)
        _enter_wal_mode(connection, path)
    except (apsw.NotADBError, apsw.CantOpenError, apsw.ReadOnlyError) as error:
        raise DefinitionError(
            f"{path} cannot be used as SQLite database ({error}); point DATABASE_URL to a file "
            "that this process may create or write"
        ) from error
    connection.pragma("synchronous", "FULL")
    connection.pragma("journal_size_limit", _WAL_SIZE_LIMIT)
    connection.wal_autocheckpoint(_PAGES_PER_CHECKPOINT)
    if is_new:
        _sync_folder(path.parent)
    return connection


def open_reader(path: Path) -> apsw.Connection:
    """A connection that only reads."""
    connection = apsw.Connection(str(path), statementcachesize=_STATEMENTS_CACHED)
    _configure(connection)
    connection.pragma("query_only", 1)
    connection.pragma("mmap_size", _MAPPED_SIZE)
    return connection


def check_format(connection: apsw.Connection) -> None:
    """Make sure that the file is empty, or one that this runtime can read; nothing is changed.

    Raises:
        DefinitionError: another version of the runtime, or another program, wrote it.
    """
    found = connection.pragma("user_version")
    if found == STORAGE_FORMAT:
        return
    names = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_schema")}
    if names:
        writer = (
            f"another version of convexity, in storage format {found}; this one reads and writes "
            f"format {STORAGE_FORMAT}"
            if "_convexity_meta" in names
            else "another program"
        )
        raise DefinitionError(
            f"the database {connection.filename} was written by {writer}. Nothing was changed: "
            "point DATABASE_URL to another file, or run what wrote this one"
        )


def _configure(connection: apsw.Connection) -> None:
    connection.set_busy_timeout(int(LOCK_TIMEOUT * 1000))
    connection.pragma("cache_size", -_PAGE_CACHE_KIB)
    connection.pragma("temp_store", "MEMORY")
    text_search.register(connection)
    vector_search.register(connection)


def _enter_wal_mode(connection: apsw.Connection, path: Path) -> None:
    """SQLite does not wait for locks while it changes the journal mode, so this does."""
    deadline = time.monotonic() + LOCK_TIMEOUT
    while True:
        try:
            mode = connection.pragma("journal_mode", "WAL")
        except apsw.BusyError as error:
            if time.monotonic() > deadline:
                raise OverloadedError(
                    f"another process has locked {path} for {LOCK_TIMEOUT:.0f} s"
                ) from error
            time.sleep(0.01)
            continue
        if mode != "wal":
            raise OverloadedError(
                f"{path} does not support SQLite's write-ahead log (its mode stays {mode!r}): "
                "put the database on a local file system"
            )
        return


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
