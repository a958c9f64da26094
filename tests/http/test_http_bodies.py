"""Bodies on their way in: the limit, chunks, clients that go away."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from convexity.values.limits import MAX_HTTP_BODY_SIZE

from tests.support.backends import Server

JSON = {"Content-Type": "application/json"}
HEAD = b'{"path":"values:echo","args":{"value":"'
TAIL = b'"}}'
MEBIBYTE = 2**20


def of_size(size: int) -> bytes:
    return HEAD + b"x" * (size - len(HEAD) - len(TAIL)) + TAIL


def in_chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), MEBIBYTE):
        yield body[start : start + MEBIBYTE]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_a_mebibyte_is_ordinary(wire: Server, chunked: bool):
    body = of_size(MEBIBYTE)
    content = in_chunks(body) if chunked else body
    response = wire.client.post("/api/query", content=content, headers=JSON)
    assert len(response.json()["value"]) == MEBIBYTE - len(HEAD) - len(TAIL)


@pytest.mark.parametrize("chunked", [False, True])
def test_the_limit_itself_is_allowed(wire: Server, chunked: bool):
    body = of_size(MAX_HTTP_BODY_SIZE)
    content = in_chunks(body) if chunked else body
    response = wire.client.post("/api/query", content=content, headers=JSON)
    assert response.status_code == 200
    # The arguments that such a body holds are above their own limit.
    assert "are too large" in response.json()["errorMessage"]


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [MAX_HTTP_BODY_SIZE + 1, 3 * MAX_HTTP_BODY_SIZE])
def test_a_larger_body_is_refused(wire: Server, size: int, chunked: bool):
    body = of_size(size)
    content = in_chunks(body) if chunked else body
    response = wire.client.post("/api/query", content=content, headers=JSON)
    assert response.status_code == 400
    assert response.json()["code"] == "BadJsonBody"
    assert str(MAX_HTTP_BODY_SIZE) in response.json()["message"]
    assert wire.call("query", "values:echo", value=1) == 1


def test_a_body_without_end_is_refused(wire: Server):
    chunk = b"100000\r\n" + b"x" * MEBIBYTE + b"\r\n"
    with socket.create_connection(("127.0.0.1", wire.port), timeout=60) as connection:
        connection.sendall(
            b"POST /api/query HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        sent = 0
        try:
            while sent < 40 * MAX_HTTP_BODY_SIZE:
                connection.sendall(chunk)
                sent += MEBIBYTE
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert sent < 40 * MAX_HTTP_BODY_SIZE
    assert wire.call("query", "values:echo", value=1) == 1


@pytest.mark.parametrize(
    "sent",
    [b"", HEAD, of_size(500)[:-1]],
    ids=["nothing", "the start", "all but the end"],
)
def test_a_client_that_goes_away_leaves_no_trace(wire: Server, sent: bytes):
    with socket.create_connection(("127.0.0.1", wire.port), timeout=60) as connection:
        connection.sendall(
            b"POST /api/query HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 500\r\n\r\n" + sent
        )
    assert wire.call("query", "values:echo", value=1) == 1
    assert "Traceback" not in wire.log.read_text()


def test_a_body_in_single_bytes(wire: Server):
    body = HEAD + "ü€𝄞".encode() + TAIL
    content = (bytes([byte]) for byte in body)
    response = wire.client.post("/api/query", content=content, headers=JSON)
    assert response.json()["value"] == "ü€𝄞"


def test_echo_returns_the_body(wire: Server):
    body = bytes(range(256))
    response = wire.client.post("/echo", content=body, headers={"Content-Type": "image/png"})
    assert response.content == body
    assert response.headers["content-type"] == "image/png"
