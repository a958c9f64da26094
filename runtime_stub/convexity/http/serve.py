"""``python main.py``: serve a backend with uvicorn."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from uvicorn.config import LOGGING_CONFIG

from convexity import server_log
from convexity.backend import StartError
from convexity.http.app import SITE_PORT
from convexity.http.connection import Connection
from convexity.http.graceful import FIRST_REQUEST_TIME, GracefulServer, Workers
from convexity.http.http_actions import PREFIX
from convexity.http.socket_protocol import SocketProtocol
from convexity.settings import DEFAULT_PORT, SettingsError
from convexity.values.limits import MAX_SOCKET_MESSAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity.http.app import BackendApp

_LOOPBACK: Final = ("127.0.0.1", "::1")
_WILDCARDS: Final = ("0.0.0.0", "::")
_BACKLOG: Final = 2048
_MAX_PORT: Final = 65535
_INTERRUPTED: Final = 130
"""Exit status of a program that ended by Ctrl-C, as shells count."""
_SOCKET_SILENCE: Final = 100
"""Seconds that a socket gets to answer a ping of the WebSocket protocol; there is one every 20 s.
A client is taken for gone after 120 s (wire-protocol 3.10)."""
_WORKER_SILENCE: Final = 60
"""Seconds after which a worker that gives no sign of life is replaced: on a busy machine one takes
long to import the project, and a function may hold the interpreter."""


CONNECTIONS: Final[dict[str, Any]] = {
    "http": Connection,
    "ws": SocketProtocol,
    "access_log": False,
    "ws_max_size": MAX_SOCKET_MESSAGE_SIZE,
    "ws_ping_timeout": _SOCKET_SILENCE,
    "ws_per_message_deflate": False,
}
"""Settings of uvicorn for connections."""


class _Server(GracefulServer):
    """Says where it listens, which uvicorn does not for sockets that are given to it."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application and listen."""
        await super().startup(sockets)
        if self.started and sockets:
            _announce(*sockets[0].getsockname()[:2])


class _Successor(GracefulServer):
    """Takes connections from sockets that another server takes over when this one stops."""

    linger = FIRST_REQUEST_TIME
    # Its parent ends it, and Ctrl-C reaches both.
    ignored = frozenset({signal.SIGINT})


def serve(
    app: BackendApp,
    location: str,
    arguments: Sequence[str] | None = None,
    *,
    sockets: list[socket.socket] | None = None,
) -> None:
    """Serve until told to end, then exit with 0, or with 130 after Ctrl-C.

    The exit status is 1 when the backend does not start.

    Args:
        app: The application.
        location: ``module:attribute`` under which worker processes import it.
        arguments: Command line; default, that of the process.
        sockets: Bound sockets of one who says where they listen; default, new ones for the host
            and the port of the command line.
    """
    options = _parser(app.title).parse_args(arguments)
    if options.show_admin_key:
        sys.exit(asyncio.run(_show_admin_key(app)))
    # What is wrong with the settings is said when the backend starts.
    with contextlib.suppress(SettingsError):
        app.backend.configure()
    server_type = _Successor if sockets else _Server
    try:
        sockets = sockets or _listen(options.host, options.port)
    except OSError as error:
        place = f"{options.host}, port {options.port}"
        sys.exit(
            _refuse(
                f"cannot listen on {place}: {error.strerror or error}; stop the program that"
                " listens there, or choose another --port or --host"
            )
        )
    port = sockets[0].getsockname()[1]
    try:
        site_sockets = _listen_for_site(app, options.host, options.site_port, port)
    except OSError as error:
        place = f"{options.host}, site port {options.site_port}"
        sys.exit(
            _refuse(
                f"cannot listen on {place}: {error.strerror or error}; stop the program that"
                " listens there, or choose another --site-port"
            )
        )
    site_port = site_sockets[0].getsockname()[1] if site_sockets else None
    _set_addresses(options.host, port, site_port)
    if site_port is not None:
        os.environ[SITE_PORT] = str(site_port)
        app.site_port = site_port
        server_log.say(f"HTTP actions answer at {os.environ['CONVEX_SITE_URL']}")
    sockets = [*sockets, *site_sockets]
    if options.workers == 1:
        sys.exit(_run(app, sockets, server_type))
    sys.exit(_serve_with_workers(app, location, sockets, options.workers))


def _parser(project: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=f"Serve the backend {project}.".replace("%", "%%"),
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--host", default="localhost", help="address to listen on")
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help="port of the API")
    parser.add_argument(
        "--site-port",
        type=_port,
        help="port that carries the HTTP actions alone; default, the next after --port",
    )
    parser.add_argument("--workers", type=_count, default=1, help="number of processes")
    parser.add_argument(
        "--show-admin-key", action="store_true", help="print the admin key and exit"
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= _MAX_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: expected 0 to {_MAX_PORT}")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes: expected 1 to 256")
    return int(text)


def _listen_for_site(
    app: BackendApp, host: str, wanted: int | None, port: int
) -> list[socket.socket]:
    """Sockets for the HTTP actions, if there are any; none when the default port is taken.

    Raises:
        OSError: the port that was asked for is taken.
    """
    if not app.backend.site.routes:
        return []
    if wanted is not None:
        return _listen(host, wanted)
    if port < _MAX_PORT:
        try:
            return _listen(host, port + 1)
        except OSError as error:
            reason = error.strerror or str(error)
    else:
        reason = "there is no such port"
    server_log.say(
        f"HTTP actions have no port of their own: {port + 1}: {reason}; choose one with "
        f"--site-port. They answer at port {port}, below {PREFIX}/."
    )
    return []


def _set_addresses(host: str, port: int, site_port: int | None) -> None:
    """Tell functions under which addresses they are reached, unless the environment does.

    Without a port of their own, HTTP actions are reached where the functions are.
    """
    name = "127.0.0.1" if host in ("localhost", *_WILDCARDS) else host
    if ":" in name:
        name = f"[{name}]"
    for variable, number in (("CONVEX_CLOUD_URL", port), ("CONVEX_SITE_URL", site_port or port)):
        if not os.environ.get(variable):
            os.environ[variable] = f"http://{name}:{number}"


async def _show_admin_key(app: BackendApp) -> int:
    try:
        await app.backend.start()
    except StartError as error:
        return _refuse(str(error))
    sys.stdout.write(f"{app.backend.admin_key}\n")
    await app.backend.stop()
    return 0


def _run(app: BackendApp, sockets: list[socket.socket], server_type: type[uvicorn.Server]) -> int:
    config = _config(app, workers=1)
    server = server_type(config)
    # The server exits by itself when the backend does not start, with a status of its own.
    with contextlib.suppress(SystemExit):
        try:
            server.run(sockets=sockets)
        except KeyboardInterrupt:  # raised again when the server has stopped
            return _INTERRUPTED
    return 0 if server.started else 1


def _announce(address: str, port: int) -> None:
    url = f"http://{f'[{address}]' if ':' in address else address}:{port}"
    server_log.say(f"Serving at {url}; the functions are described at {url}/docs")


def _serve_with_workers(
    app: BackendApp, location: str, sockets: list[socket.socket], workers: int
) -> int:
    try:
        asyncio.run(_try_start(app))
    except StartError as error:
        return _refuse(str(error))
    _announce(*sockets[0].getsockname()[:2])
    config = _config(location, workers=workers)
    Workers(config, sockets).run()
    return 0


def _config(app: BackendApp | str, *, workers: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        workers=workers,
        backlog=_BACKLOG,
        log_config=None if server_log.is_json() else LOGGING_CONFIG,
        timeout_worker_healthcheck=_WORKER_SILENCE,
        **CONNECTIONS,
    )


async def _try_start(app: BackendApp) -> None:
    """Deploy the schema before there are workers, which would be started over and over.

    Raises:
        StartError: the backend refuses to start.
    """
    await app.backend.start()
    await app.backend.stop()


def _listen(host: str, port: int) -> list[socket.socket]:
    """Sockets for ``host``; ``localhost`` is the loopback of IPv4 and, where there is one, IPv6."""
    first, *others = _LOOPBACK if host == "localhost" else (host,)
    sockets = [_bound(first, port)]
    for address in others:
        try:
            sockets.append(_bound(address, sockets[0].getsockname()[1]))
        except OSError:
            continue
    return sockets


def _bound(address: str, port: int) -> socket.socket:
    family, kind, protocol, _, place = socket.getaddrinfo(
        address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(place)
    except OSError:
        bound.close()
        raise
    return bound


def _refuse(reason: str) -> int:
    server_log.complain(f"The backend does not start: {reason}")
    return 1
