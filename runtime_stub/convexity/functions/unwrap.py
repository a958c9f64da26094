"""The one error that counts when several were raised at once."""

from __future__ import annotations

import asyncio

from convexity.errors import ControlFlow
from convexity.functions.tasks import TaskScope


def decisive_error(error: BaseException, tasks: TaskScope) -> BaseException:
    """What a function failed with: groups are unwrapped (``language.md`` section 1).

    A signal to the runtime goes first, then the error of the task that was started first.
    Cancelled tasks of a group do not count, unless nothing else happened.
    """
    if not isinstance(error, BaseExceptionGroup):
        return error
    leaves = list(_leaves(error))
    for leaf in leaves:
        if isinstance(leaf, ControlFlow):
            return leaf
    failures = [leaf for leaf in leaves if not isinstance(leaf, asyncio.CancelledError)]
    return tasks.first_of(failures or leaves)


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    leaves: list[BaseException] = []
    for error in group.exceptions:
        leaves.extend(_leaves(error) if isinstance(error, BaseExceptionGroup) else (error,))
    return leaves
