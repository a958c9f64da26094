"""Function paths in requests."""

from __future__ import annotations

from convexity.errors import FunctionPathError
from convexity.functions import paths
from convexity.http.errors import RequestError


def parse_path(text: str) -> str:
    """Canonical path of a function, ``dir/module:name``.

    Raises:
        RequestError: 400 ``BadConvexFunctionIdentifier``.
    """
    try:
        return paths.parse_path(text)
    except FunctionPathError as error:
        raise RequestError(400, "BadConvexFunctionIdentifier", str(error)) from None
