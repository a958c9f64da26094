"""From the bytes of a file to its text."""

from __future__ import annotations

import io
import tokenize

from convexity_compiler.span import Span
from convexity_compiler.summary.model import Problem


def decode_source(source: bytes) -> str | Problem:
    """Decode a Python file by its BOM or encoding cookie, with line ends as ``\\n``.

    Returns the problem and its place when the encoding is unknown, the bytes do not fit it, or
    the text has null characters, which the parser refuses.
    """
    encoding = "utf-8"
    try:
        head = b"".join(source.split(b"\n", 2)[:2])
        if not head.isascii() or b"coding" in head:  # else nothing tells of another one
            encoding = tokenize.detect_encoding(io.BytesIO(source).readline)[0]
        text = source.decode(encoding)
    except SyntaxError as error:
        return Problem(Span(1, 1, 1, 1), "encoding", str(error.msg))
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        column = len(source[: error.start].rpartition(b"\n")[2].decode(encoding, "replace")) + 1
        byte = source[error.start]
        message = f"byte 0x{byte:02x} is not valid {encoding}; save the file as UTF-8"
        return Problem(Span(line, column, line, column + 1), "encoding", message)
    except (LookupError, ValueError) as error:
        message = f"cannot be decoded as {encoding}: {error}; save the file as UTF-8"
        return Problem(Span(1, 1, 1, 1), "encoding", message)
    return normalise_text(text)


def normalise_text(text: str) -> str | Problem:
    """Give a decoded text line ends of ``\\n``; the problem when it has null characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    null = text.find("\0")
    if null >= 0:
        line = text.count("\n", 0, null) + 1
        column = null - text.rfind("\n", 0, null)
        message = "null character in the source; the file may be binary or UTF-16"
        return Problem(Span(line, column, line, column + 1), "encoding", message)
    return text
