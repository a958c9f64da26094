"""Uploading and serving stored files (wire-protocol 4)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

import orjson

from convexity.http.byte_ranges import UnsatisfiableError, requested_range
from convexity.http.endpoints import Answer, Endpoint, Handler, StreamedAnswer
from convexity.http.errors import ClientGoneError, RequestError
from convexity.http.headers import header
from convexity.storage.byte_store import MissingBytesError
from convexity.storage.content import check_content_type
from convexity.storage.database import Database, read
from convexity.storage.files import DigestMismatchError
from convexity.storage.rows import find_file, parse_key
from convexity.storage.tokens import UploadTokenError
from convexity.values.limits import FILE_CACHE_AGE_DAYS, MAX_HTTP_REQUEST_TIME

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

    from convexity.backend import Backend
    from convexity.storage.files import FileStorage
    from convexity.storage.rows import StoredFile

UPLOAD_PATH: Final = "/api/storage/upload"
FILES_PREFIX: Final = "/api/storage/"
"""Below this path every file has its own."""

_DIGEST: Final = "sha-256"
_CACHE: Final = b"private, max-age=%d" % (FILE_CACHE_AGE_DAYS * 86_400)
_PDF: Final = "application/pdf"


def storage_endpoints(backend: Backend) -> dict[str, Endpoint]:
    """Endpoints by path; that of :data:`FILES_PREFIX` serves all paths below."""
    return {
        UPLOAD_PATH: Endpoint({"POST": _upload(backend)}),
        FILES_PREFIX: Endpoint({"GET": _serve(backend)}),
    }


def _upload(backend: Backend) -> Handler:
    async def handle(scope: Scope, receive: Receive) -> Answer:
        calls = backend.runner.calls
        parameters = parse_qs(scope["query_string"].decode("latin-1"))
        tokens = parameters.get("token")
        if not tokens:
            raise RequestError(400, "BadQueryArgs", "`token` is missing: use the URL as it is.")
        component = parameters.get("component", [""])[0]
        try:
            calls.files.tokens.check(tokens[0], calls.clock(), component)
        except UploadTokenError as error:
            raise RequestError(401, error.code, error.message) from None
        content_type = _content_type(scope)
        sha256 = _announced_digest(scope)
        try:
            file = await calls.files.receive(
                _database(backend, component),
                _body(receive),
                content_type=content_type,
                sha256=sha256,
            )
        except DigestMismatchError as error:
            raise RequestError(400, "Sha256Mismatch", f"{error}.") from None
        return Answer(orjson.dumps({"storageId": file}))

    return handle


def _database(backend: Backend, component: str) -> Database:
    """The tables of the component that a URL names, by its path.

    Raises:
        RequestError: 404: nothing is mounted there.
    """
    found = backend.runner.components.by_path.get(component)
    if found is None:
        raise RequestError(404, "ComponentNotFound", f"There is no component {component!r}.")
    return backend.runner.calls.database(found)


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    """The pieces of a request's body.

    Raises:
        ClientGoneError: the client closed the connection.
        RequestError: 408: it has sent nothing for as long as a request may take.
    """
    more = True
    while more:
        try:
            async with asyncio.timeout(MAX_HTTP_REQUEST_TIME):
                message = await receive()
        except TimeoutError:
            raise RequestError(
                408, "RequestTimeout", f"Nothing was sent for {MAX_HTTP_REQUEST_TIME:g} s."
            ) from None
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _content_type(scope: Scope) -> str | None:
    text = header(scope, b"content-type")
    try:
        return None if text is None else check_content_type(text)
    except ValueError as error:
        raise _bad_header("Content-Type", str(error)) from None


def _announced_digest(scope: Scope) -> bytes | None:
    """The SHA-256 digest in a ``Digest`` header."""
    text = header(scope, b"digest")
    if text is None:
        return None
    for part in text.split(","):
        algorithm, _, value = part.strip().partition("=")
        if algorithm.lower() == _DIGEST:
            try:
                digest = base64.b64decode(value, validate=True)
            except ValueError:  # no base64, or not even ASCII
                break
            if len(digest) == hashlib.sha256().digest_size:
                return digest
    raise _bad_header("Digest", f"{text!r} is not `{_DIGEST}=` and a digest in base64")


def _bad_header(name: str, reason: str) -> RequestError:
    return RequestError(400, "BadHeader", f"The header `{name}` cannot be read: {reason}.")


def _serve(backend: Backend) -> Handler:
    async def handle(scope: Scope, _receive: Receive) -> StreamedAnswer:
        calls = backend.runner.calls
        key = parse_key(scope["path"].partition("/storage/")[2].strip("/"))
        if key is None:
            raise RequestError(
                400,
                "InvalidStoragePath",
                "The path of a file ends in its UUID: use the URL that ctx.storage.get_url gives.",
            )
        parameters = parse_qs(scope["query_string"].decode("latin-1"))
        database = _database(backend, parameters.get("component", [""])[0])
        file = await read(database, lambda transaction: find_file(transaction, key))
        if file is None:
            raise _not_found(key)
        return _answer(calls.files, file, scope)

    return handle


def _not_found(key: str) -> RequestError:
    return RequestError(404, "FileNotFound", f"There is no file {key}; it may have been deleted.")


def _answer(files: FileStorage, file: StoredFile, scope: Scope) -> StreamedAnswer:
    etag = f'"{file.sha256}"'
    headers = _headers(file, etag)
    if etag in (header(scope, b"if-none-match") or ""):
        return StreamedAnswer(304, headers)
    wanted = header(scope, b"range")
    if header(scope, b"if-range") not in (None, etag):
        wanted = None
    try:
        part = requested_range(wanted, file.size)
    except UnsatisfiableError:
        whole = b"bytes */%d" % file.size
        return StreamedAnswer(416, [(b"content-range", whole), (b"content-length", b"0")])
    start, stop = part or (0, file.size)
    headers.append((b"content-length", b"%d" % (stop - start)))
    if part is None:
        headers.append((b"digest", f"{_DIGEST}={file.sha256}".encode()))
    else:
        headers.append((b"content-range", b"bytes %d-%d/%d" % (start, stop - 1, file.size)))
    if file.content_type is not None:
        headers.append((b"content-type", file.content_type.encode("latin-1")))
    content = None if start == stop else _content(files, file, start, stop)
    return StreamedAnswer(200 if part is None else 206, headers, content)


def _headers(file: StoredFile, etag: str) -> list[tuple[bytes, bytes]]:
    """Headers of every answer that tells of the file.

    What somebody uploaded is shown, but must not act in the name of the backend's address: browsers
    do not guess its type, and run no script of it. They show no PDF that is confined so, and none
    of its scripts reaches the page.
    """
    headers = [
        (b"cache-control", _CACHE),
        (b"accept-ranges", b"bytes"),
        (b"etag", etag.encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    media_type = (file.content_type or "").partition(";")[0].strip().lower()
    if media_type != _PDF:
        headers.append((b"content-security-policy", b"sandbox"))
    return headers


async def _content(
    files: FileStorage, file: StoredFile, start: int, stop: int
) -> AsyncGenerator[bytes, None]:
    try:
        async with aclosing(files.read(file, start, stop)) as pieces:
            async for piece in pieces:
                yield piece
    except MissingBytesError:
        raise _not_found(file.key) from None
