"""What runs actions outside of the server; its implementation is ``convexity.processes``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol

from convexity.errors import NotAvailableError
from convexity.functions.names import display_path

if TYPE_CHECKING:
    from convexity.functions.catalog import CompiledFunction
    from convexity.functions.contexts import ActionCtx
    from convexity.functions.invocation import Invocation


class ActionProcesses(Protocol):
    """Runs actions of ``runtime="process"``."""

    async def run(
        self,
        compiled: CompiledFunction,
        invocation: Invocation,
        ctx: ActionCtx,
        arguments: Mapping[str, Any],
    ) -> Any:
        """Run an action and return its checked result; see :func:`invoke`."""
        ...


class _NoProcesses:
    async def run(
        self,
        compiled: CompiledFunction,
        invocation: Invocation,
        ctx: ActionCtx,
        arguments: Mapping[str, Any],
    ) -> NoReturn:
        del invocation, ctx, arguments
        raise NotAvailableError(
            f"{display_path(compiled.function.path)} needs a worker process, and there are none "
            "here: only a built backend has them"
        )


NO_PROCESSES: Final[ActionProcesses] = _NoProcesses()
"""Refuses every action."""
