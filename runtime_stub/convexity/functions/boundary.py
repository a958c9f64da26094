"""What of an error passes from one component to another (language.md section 1, "Errors")."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from convexity.errors import FunctionTimeoutError, RemoteFunctionError, TransactionLimitError
from convexity.functions.failure import function_error
from convexity.values import ConvexError
from convexity.values.compiled import dumps, loads

if TYPE_CHECKING:
    from convexity.functions.catalog import CompiledFunction

_OF_THE_CALLER: Final = (FunctionTimeoutError, TransactionLimitError)
"""Errors about limits that the caller set, or shares."""


@contextmanager
def boundary(compiled: CompiledFunction) -> Iterator[None]:
    """Run a function of another component.

    Raises:
        ConvexError: it raised one; this one has a copy of the data.
        RemoteFunctionError: it failed with anything else.
    """
    try:
        yield
    except ConvexError as error:
        copy = ConvexError(loads(dumps(error.data)))
        raise copy.with_traceback(error.__traceback__) from error
    except _OF_THE_CALLER:
        raise
    except Exception as error:
        failed = RemoteFunctionError(
            f"{compiled.qualified_path} failed: {function_error(error).message}",
            name=compiled.qualified_path,
        )
        raise failed.with_traceback(error.__traceback__) from error
