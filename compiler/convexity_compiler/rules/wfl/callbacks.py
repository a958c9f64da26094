"""References that are given as ``on_complete``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.mentions import origin
from convexity_compiler.summary.expressions import Attribute, Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import LinkedProject, ReferencePath
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.summary.expressions import Expr

Starter: TypeAlias = Literal["workflow", "workpool"]

_KEYWORD: Final = "on_complete"
_STARTERS: Final[dict[str, Starter]] = {
    "convexity.components.workflow.WorkflowManager": "workflow",
    "convexity.components.workpool.Workpool": "workpool",
}


class Callback(NamedTuple):
    """A function that is called when a workflow or a piece of work is done."""

    use: FunctionUse
    """Where it is given."""
    starter: Starter
    expression: Expr
    reference: ReferencePath


def callbacks(project: LinkedProject) -> Iterator[Callback]:
    """Yield the references that are given as ``on_complete`` to workflows and pools."""
    for use in functions(project):
        if _KEYWORD not in project.modules[use.module].text:
            continue
        for place in use.calls:
            call = place.node
            if not isinstance(call, Call) or not isinstance(call.function, Attribute):
                continue
            given = call.keyword(_KEYWORD)
            if given is None:
                continue
            starter = _STARTERS.get(origin(project, use, call.function.value) or "")
            reference = use.scope.reference(given.value)
            if starter is not None and reference is not None:
                yield Callback(use, starter, given.value, reference)
