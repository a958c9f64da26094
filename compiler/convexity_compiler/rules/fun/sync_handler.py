"""FUN004."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import insert_before
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedFunction, LinkedProject

_KEYWORD = "def "


class SyncHandler(Rule):
    """A handler is a plain `def`.

    ## What it does

    Finds registered functions, HTTP actions among them, that are not `async def`.

    ## Why is this bad?

    The backend awaits every handler, and everything a context offers is awaited in turn.

    ## Example

    ```python
    @query(args={}, returns=v.string())
    def greeting(ctx: QueryCtx) -> str:
        return "hello"
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.string())
    async def greeting(ctx: QueryCtx) -> str:
        return "hello"
    ```

    ## Fix safety

    The fix writes `async def`, and is safe: nothing may call a registered function directly.

    ## References

    - [The language, *Contexts*](../reference/language.md#contexts): everything that touches the
      engine is awaited.
    """

    name = "sync-handler"
    code = "FUN004"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every registered function."""
        for function in (*project.functions, *project.http_actions):
            if not function.definition.is_async:
                yield self.finding(
                    project,
                    function.location,
                    f"handler `{function.definition.name}` is not async",
                    help=f"write `async def {function.definition.name}`",
                    fix=_fix(project, function),
                )


def _fix(project: LinkedProject, function: LinkedFunction) -> Fix | None:
    line, column, *_ = function.location.span
    before = project.modules[function.module].lines[line - 1][: column - 1]
    if not before.endswith(_KEYWORD):
        return None
    column -= len(_KEYWORD)
    edit = insert_before(project, function.module, Span(line, column, line, column), "async ")
    return Fix(title="make it `async def`", applicability="safe", edits=(edit,))
