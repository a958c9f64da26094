"""Whether a function asks who calls it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.usage.coroutines import never_awaited
from convexity_compiler.rules.usage.mentions import mentions
from convexity_compiler.rules.usage.reach import function_use
from convexity_compiler.rules.usage.values import Handle
from convexity_compiler.summary.expressions import Attribute, Call, Name

if TYPE_CHECKING:
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse

_GUARD: Final = (
    r"^_*(require|check|assert|ensure|verify|validate|authori[sz]e|authenticate|can|has|must|guard"
    r"|current_user|get_current|get_user|get_auth|load_user|viewer|session)(_|$)|_(owner|access)$"
)
"""Names of functions that decide on access (after EP ``require-access-control``), unless the
setting ``access-control-pattern`` says otherwise."""


def is_guarded(project: LinkedProject, use: FunctionUse) -> bool:
    """Whether a function, or one that it calls, reads the identity or calls a guard by its name.

    A guard whose coroutine is never awaited lets everyone pass, and does not count.
    """
    guard = _pattern(project.config.access_control_pattern or _GUARD)
    waiting, seen = [use], {id(use)}
    while waiting:
        current = waiting.pop()
        never_run = {id(entry.call) for entry in never_awaited(project, current)}
        if _asks(current, never_run, guard):
            return True
        for call in mentions(project, current).calls:
            if id(call.call) in never_run:
                continue
            inner = function_use(project, call.module, call.name)
            if inner is not None and id(inner) not in seen:
                seen.add(id(inner))
                waiting.append(inner)
    return False


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


def _asks(use: FunctionUse, never_run: set[int], guard: re.Pattern[str]) -> bool:
    """Whether the function itself asks; calls of ``never_run`` decide nothing."""
    dropped = {
        id(place.node.function)
        for place in use.calls
        if isinstance(place.node, Call) and id(place.node) in never_run
    }
    for place in use.places:
        node = place.node
        if isinstance(node, Attribute) and node.name == "auth" and id(place.parent) not in dropped:
            owner = use.scope.value(node.value)
            if isinstance(owner, Handle) and not owner.path:
                return True
        if isinstance(node, Call) and id(node) not in never_run:
            function = node.function
            name = function.name if isinstance(function, Attribute) else None
            if isinstance(function, Name):
                name = function.id
            if name is not None and guard.search(name):
                return True
    return False
