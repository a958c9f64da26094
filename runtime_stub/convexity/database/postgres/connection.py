"""How connections are opened, and what their failures mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import asyncpg  # type: ignore[import-untyped]

from convexity.database.postgres.address import OPTIONS
from convexity.database.postgres.vector_search import register
from convexity.errors import DefinitionError, OverloadedError

if TYPE_CHECKING:
    from convexity.database.postgres.address import PostgresAddress

Connection: TypeAlias = asyncpg.Connection

OLDEST_VERSION: Final = 14
"""Of PostgreSQL: older ones get no more repairs from its makers."""
LOCK_TIMEOUT: Final = 15.0
"""Seconds to wait for another process's lock (wire-protocol 10, system time of a transaction)."""
_STATEMENTS_CACHED: Final = 2048
_KEEPALIVE: Final = 10
"""Seconds of silence after which both sides ask whether the other one is still there."""

LOST: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InternalClientError,
    OSError,
)
"""What is raised when a connection is gone, or the server goes; a timeout is an ``OSError``."""

_OF_ANOTHER: Final = (asyncpg.DuplicatePreparedStatementError, asyncpg.InvalidSQLStatementNameError)
"""What is raised when a session has the prepared statements of another connection."""

_SETTINGS: Final = {
    # What is read is found through indexes. Plans are made once, when nothing is known of a table
    # yet, so that they must not depend on how large it was then.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
    "client_encoding": "UTF8",
    "standard_conforming_strings": "on",
    "tcp_keepalives_idle": f"{_KEEPALIVE}",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "2",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "lock_timeout": f"{LOCK_TIMEOUT:.0f}s",
}


async def connect(address: PostgresAddress, **settings: str) -> Connection:
    """Open a connection.

    Args:
        address: Of the database.
        settings: Of the session, beside those that all have.

    Raises:
        DefinitionError: the server refuses, and will go on to do so.
        OverloadedError: the server cannot be reached, or takes no connections now.
    """
    with _explained(address):
        connection: Connection = await asyncpg.connect(
            address.dsn,
            timeout=address.connect_timeout,
            statement_cache_size=_STATEMENTS_CACHED,
            max_cached_statement_lifetime=0,
        )
        try:
            own = {"statement_timeout": f"{address.statement_timeout * 1000:.0f}"}
            if address.search_path:
                own["search_path"] = address.search_path
            wanted = {**_SETTINGS, **own, **settings}
            await connection.fetch(
                "SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) "
                "AS wanted (name, value)",
                list(wanted),
                list(wanted.values()),
            )
            await register(connection)
        except BaseException:
            connection.terminate()
            raise
    return connection


def check_server(connection: Connection, address: PostgresAddress) -> None:
    """Make sure that the server can do what is asked of it.

    Raises:
        DefinitionError: it cannot.
    """
    version = connection.get_server_version()
    if version.major < OLDEST_VERSION:
        raise DefinitionError(
            f"the server of {address.shown} is PostgreSQL {version.major}; "
            f"version {OLDEST_VERSION} or newer is needed"
        )
    encoding = getattr(connection.get_settings(), "server_encoding", "UTF8")
    if encoding != "UTF8":
        raise DefinitionError(
            f"the database {address.shown} has the encoding {encoding}, which cannot hold every "
            "text; create one with: CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0"
        )


async def check_session(connection: Connection, address: PostgresAddress) -> None:
    """Make sure that a connection has a session of its own, which keeps its locks.

    Raises:
        DefinitionError: a pooler lends it one for each transaction.
    """
    other = await connect(address)
    try:
        with _explained(address):
            for _ in range(3):
                # A pooler gives the session that it got back last.
                mine = await connection.fetchval("SELECT pg_backend_pid()")
                if mine == await other.fetchval("SELECT pg_backend_pid()"):
                    raise DefinitionError(_no_sessions(address))
    finally:
        other.terminate()


def lock_key(schema: str, purpose: str) -> int:
    """Number of an advisory lock: one for each purpose, in each SQL schema of a database."""
    digest = blake2b(f"convexity {schema} {purpose}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@contextmanager
def failures() -> Iterator[None]:
    """Say what a failed statement means for who called a function.

    Raises:
        OverloadedError: the connection is gone, or the server has no room or no time.
    """
    try:
        yield
    except asyncpg.QueryCanceledError as error:
        raise OverloadedError(f"the database took too long: {error}") from error
    except asyncpg.InsufficientResourcesError as error:
        raise OverloadedError(f"the database has no room: {error}") from error
    except LOST as error:
        raise OverloadedError(f"the connection to the database was lost: {error}") from error


@contextmanager
def _explained(address: PostgresAddress) -> Iterator[None]:
    where = f"PostgreSQL at {address.shown}"
    try:
        yield
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise DefinitionError(
            f"{where} refuses the user: {_text(error)}. Check user and password in the address; "
            "special characters in them must be percent-encoded"
        ) from error
    except _OF_ANOTHER as error:
        raise DefinitionError(_no_sessions(address)) from error
    except asyncpg.UndefinedObjectError as error:
        options = ", ".join(OPTIONS)
        raise DefinitionError(
            f"{where}: {_text(error)}. What follows '?' in the address is one of {options}, or an "
            "option of PostgreSQL"
        ) from error
    except asyncpg.InvalidCatalogNameError as error:
        raise DefinitionError(
            f"{where}: {_text(error)}. Create it with: CREATE DATABASE name, "
            "or name another one in the address"
        ) from error
    except (asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError) as error:
        raise OverloadedError(
            f"{where} takes no connections now: {_text(error)}. If that stays so, lower the "
            "option pool_size of the address or raise max_connections of the server"
        ) from error
    except (asyncpg.exceptions.ClientConfigurationError, ValueError) as error:
        raise DefinitionError(
            f"the address {address.shown} cannot be used: {_text(error)}"
        ) from error
    except TimeoutError as error:
        raise OverloadedError(
            f"{where} did not answer within {address.connect_timeout:g} s: check host and port in "
            "the address, and whether a firewall lies between"
        ) from error
    except LOST as error:
        raise OverloadedError(
            f"{where} cannot be reached: {_text(error)}. Check that it runs, and host and port in "
            "the address; special characters in user and password must be percent-encoded"
        ) from error


def _no_sessions(address: PostgresAddress) -> str:
    return (
        f"{address.shown} is a pooler that lends a session for each transaction, but locks and "
        "notifications belong to a session. Set pool_mode = session in pgbouncer, or name the "
        "address of the server itself"
    )


def _text(error: Any) -> str:
    return str(error).rstrip(".")
