"""WFL015."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.numbers import arithmetic
from convexity_compiler.rules.walk import top_level_nodes
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject

_CLASS: Final = "RetryBehavior"
_ORIGINS: Final = frozenset(
    {f"convexity.components.{name}.{_CLASS}" for name in ("workflow", "workpool")}
)
_LEAST: Final = {
    "max_attempts": (1.0, "a step is tried at least once"),
    "base": (1.0, "the wait does not get shorter with each attempt"),
    "initial_backoff": (0.0, "a wait is not negative"),
    "initial_backoff_ms": (0.0, "a wait is not negative"),
}
"""Least value of each option, and the reason (agent-workflow.md B1)."""


class InvalidRetryPolicy(Rule):
    """A policy of retries cannot be followed.

    ## What it does

    Looks at the numbers in `RetryBehavior(...)`: `max_attempts` and `base` are 1 or more, and
    `initial_backoff` is not negative.

    ## Why is this bad?

    The component refuses the policy when the step starts, and the workflow fails.

    ## Example

    ```python
    from convexity.components.workpool import RetryBehavior

    ONCE = RetryBehavior(max_attempts=0)
    ```

    ## Use instead

    ```python
    from convexity.components.workpool import RetryBehavior

    ONCE = RetryBehavior(max_attempts=1)
    ```

    ## References

    - Workflow component, *Specifying retry behavior*.
    """

    name = "invalid-retry-policy"
    code = "WFL015"
    words = frozenset({"RetryBehavior"})

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the policies, in functions and outside."""
        for use in functions(project):
            if _CLASS in project.modules[use.module].text:
                for place in use.calls:
                    call = place.node
                    if (
                        isinstance(call, e.Call)
                        and use.scope.qualified_name(call.function) in _ORIGINS
                    ):
                        yield from self._policy(project, use.module, call)
        for module in project.own_modules:
            if _CLASS in module.text:
                for node in top_level_nodes(module):
                    if (
                        isinstance(node, e.Call)
                        and project.resolver.qualified_name(module.module, node.function)
                        in _ORIGINS
                    ):
                        yield from self._policy(project, module.module, node)

    def _policy(self, project: LinkedProject, module: str, call: e.Call) -> Iterator[Diagnostic]:
        for keyword in call.keywords:
            least, reason = _LEAST.get(keyword.name or "", (None, ""))
            value = _amount(keyword.value)
            if least is not None and value is not None and value < least:
                yield self.finding(
                    project,
                    Location(module, keyword.value.span),
                    f"`{keyword.name}` is too small: {reason}",
                    help=f"`{keyword.name}` is {least:g} or more",
                )


def _amount(value: e.Expr) -> float | None:
    """Return a number, or that of the one keyword of ``timedelta(...)``."""
    match value:
        case e.Call(function=function, arguments=(), keywords=(keyword,)):
            name = getattr(function, "name", getattr(function, "id", ""))
            return arithmetic(keyword.value) if name == "timedelta" else None
        case e.Unary(operator="-", operand=e.Call() as operand):
            found = _amount(operand)
            return None if found is None else -found
        case _:
            return arithmetic(value)
