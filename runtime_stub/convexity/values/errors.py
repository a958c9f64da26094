"""Exceptions that belong to values themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convexity.values.value import Value


class ConvexError(Exception):
    """A failure that the client should read: its data reaches the client unredacted.

    Any other exception that leaves a function is a bug, and redacted in production.
    """

    data: Value

    def __init__(self, data: Value, /) -> None:
        """Take any Convex value as data: a message or a structure for the client to inspect."""
        super().__init__(data)
        self.data = data

    def __str__(self) -> str:
        if isinstance(self.data, str):
            return self.data
        return json.dumps(self.data, separators=(",", ":"), ensure_ascii=False, default=repr)


class ValidationError(ValueError):
    """A value does not match its validator.

    Attributes:
        path: Place of the offending value inside the whole, such as ``.author.name`` or
            ``.tags[2]``; empty for the whole value.
    """

    path: str

    def __init__(self, message: str, /, *, path: str = "") -> None:
        """Take the whole message, which already names the path."""
        super().__init__(message)
        self.path = path
