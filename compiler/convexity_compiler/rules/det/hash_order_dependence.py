"""DET004."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.kinds import TRANSACTIONS, is_always
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse

_LISTING: Final = frozenset({"builtins.list", "builtins.tuple", "builtins.enumerate"})
_SETS: Final = frozenset({"builtins.set", "builtins.frozenset"})
_HASHES: Final = {
    "builtins.hash": "the hash of text is another one in every process",
    "builtins.id": "the address of an object is another one in every process",
}


class HashOrderDependence(Rule):
    """A result depends on the order of a set.

    ## What it does

    Finds `list(...)` and `tuple(...)` of a set, and `hash(...)` and `id(...)`, in queries and
    mutations and in helpers that take their context.

    ## Why is this bad?

    Text is hashed with a salt of the process: sets of it have another order after each start, and
    in each of several processes. The same query gives other results, and a list that is stored
    changes for nothing.

    ## Example

    ```python
    @query(args={"names": v.array(v.string())}, returns=v.array(v.string()))
    async def unique(ctx: QueryCtx, names: list[str]) -> list[str]:
        return list(set(names))
    ```

    ## Use instead

    ```python
    @query(args={"names": v.array(v.string())}, returns=v.array(v.string()))
    async def unique(ctx: QueryCtx, names: list[str]) -> list[str]:
        return sorted(set(names))
    ```

    ## Fix safety

    The fix writes `sorted` for `list`, and is unsafe: not everything can be sorted.

    ## References

    - Python, *PYTHONHASHSEED*.
    """

    name = "hash-order-dependence"
    code = "DET004"
    category = "suspicious"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the calls of queries, mutations and helpers that take their context."""
        for use in functions(project):
            if not is_always(use, TRANSACTIONS):
                continue
            for place in use.calls:
                call = place.node
                if not isinstance(call, e.Call) or len(call.arguments) != 1:
                    continue
                name = use.scope.qualified_name(call.function) or ""
                location = Location(use.module, call.span)
                if name in _HASHES:
                    yield self.finding(
                        project, location, _HASHES[name], help="use `hashlib`, or the value itself"
                    )
                elif name in _LISTING and _is_set(use, call.arguments[0]):
                    yield self.finding(
                        project,
                        location,
                        "the order of a set is another one in every process",
                        help="write `sorted(...)`, or keep the order with `dict.fromkeys(...)`",
                        fix=_fix(project, use, call) if name == "builtins.list" else None,
                    )


def _is_set(use: FunctionUse, expression: e.Expr) -> bool:
    match use.scope.constant(expression):
        case e.Call(function=function, arguments=(_, *_)):
            return use.scope.qualified_name(function) in _SETS
        case e.Opaque(kind="Set") | e.Comprehension(kind="set"):
            return True
        case _:
            return False


def _fix(project: LinkedProject, use: FunctionUse, call: e.Call) -> Fix:
    edit = replace_text(project, use.module, call.function.span, "sorted")
    return Fix(title="use `sorted`", applicability="unsafe", edits=(edit,))
