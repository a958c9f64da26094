"""QRY014."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import Query
from convexity_compiler.span import Span
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse


class FirstElementOfCollect(Rule):
    """One element of a list of documents is all that is used.

    ## What it does

    Finds `[0]` and `[-1]` on what `collect` or `take` gives, in place.

    ## Why is this bad?

    All the other documents are read for nothing, and where there is none the call fails.

    ## Example

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return (await ctx.db.query("messages").order("desc").take(10))[0]
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.db.query("messages").order("desc").first()
    ```

    ## Fix safety

    For the first document, the fix uses `.first()`. It is unsafe: where there is none, `first`
    gives None, and the index raises an error.

    ## References

    - Convex guidelines, *Query guidelines*: "Use `.unique()` to get a single document from a
      query."
    """

    name = "first-element-of-collect"
    code = "QRY014"
    words = frozenset({"collect", "take"})
    category = "performance"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what is taken out of lists."""
        for use in functions(project):
            for place in use.places:
                taken = place.parent
                if place.role != "subscripted" or not isinstance(taken, e.Subscript):
                    continue
                method = _list_method(use, place.node)
                position = _position(taken.index)
                if method is None or position is None:
                    continue
                yield self.finding(
                    project,
                    Location(use.module, taken.span),
                    f"one document of those that `{method.name}` reads is used",
                    help="use `.first()`, or `.unique()` where there is one at most"
                    if position == 0
                    else 'use `.first()` with the other order: `.order("desc")` for the last',
                    fix=_fix(project, use.module, place.node, method, taken)
                    if position == 0
                    else None,
                )


def _list_method(use: FunctionUse, node: e.Expr) -> e.Attribute | None:
    """The last step of a query that gives a list, when an expression awaits one."""
    if not isinstance(node, e.Await) or not isinstance(node.value, e.Call):
        return None
    method = node.value.function
    if (
        isinstance(method, e.Attribute)
        and method.name in ("collect", "take")
        and isinstance(use.scope.value(method.value), Query)
    ):
        return method
    return None


def _position(index: e.Expr) -> int | None:
    match index:
        case e.Constant(value=0):
            return 0
        case e.Unary(operator="-", operand=e.Constant(value=1)):
            return -1
        case _:
            return None


def _fix(
    project: LinkedProject, module: str, awaited: e.Expr, method: e.Attribute, taken: e.Subscript
) -> Fix | None:
    before = Span(*taken.span[:2], *awaited.span[:2])
    behind = Span(*awaited.span[2:], *taken.span[2:])
    texts = ["".join(project.text_of(Location(module, span)).split()) for span in (before, behind)]
    if texts != ["(", ")[0]"]:
        return None
    _, _, line, column = taken.span
    following = project.modules[module].lines[line - 1][column - 1 : column]
    # A chain that goes on needs the parentheses.
    opening, closing = ("(", ")") if following and following in ".[(" else ("", "")
    call = method.name_span.through(awaited.span)
    return Fix(
        title="use `.first()`",
        applicability="unsafe",
        edits=(
            replace_text(project, module, before, opening),
            replace_text(project, module, call, "first()"),
            replace_text(project, module, behind, closing),
        ),
    )
