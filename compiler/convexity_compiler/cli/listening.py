"""The sockets of ``convexity dev``, which outlive the servers that take connections from them."""

from __future__ import annotations

import socket

from convexity_compiler.cli.errors import CommandError

_LOOPBACK = ("127.0.0.1", "::1")
_BACKLOG = 2048
"""Connections that wait while one server gives way to the next."""


def listen(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen; ``localhost`` is the loopback of IPv4 and, if any, of IPv6.

    Raises CommandError when the address is taken or none of this machine.
    """
    first, *others = _LOOPBACK if host == "localhost" else (host,)
    try:
        sockets = [_listener(first, port)]
    except OSError as error:
        raise CommandError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}",
            help_text="stop the program that listens there, or choose another --port or --host",
        ) from None
    for address in others:
        try:
            sockets.append(_listener(address, port))
        except OSError:
            continue
    return sockets


def _listener(address: str, port: int) -> socket.socket:
    family, kind, protocol, _, place = socket.getaddrinfo(
        address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(place)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
