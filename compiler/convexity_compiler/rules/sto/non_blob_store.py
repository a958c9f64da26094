"""STO003."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import insert_after
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse

_TEXT: Final = frozenset({"json.dumps", "builtins.str", "builtins.repr", "base64.b64encode.decode"})
_OTHERS: Final = {"pathlib.Path": "a path", "builtins.open": "a file", "io.StringIO": "a file"}


class NonBlobStore(Rule):
    """Something other than bytes is stored as a file.

    ## What it does

    Finds text, numbers, dicts, lists, paths and open files that are given to `ctx.storage.store`.

    ## Why is this bad?

    Files are bytes: the call fails.

    ## Example

    ```python
    from ._generated.server import ActionCtx, action


    @action(args={}, returns=v.null())
    async def save(ctx: ActionCtx) -> None:
        await ctx.storage.store("hello", content_type="text/plain")
    ```

    ## Use instead

    ```python
    from ._generated.server import ActionCtx, action


    @action(args={}, returns=v.null())
    async def save(ctx: ActionCtx) -> None:
        await ctx.storage.store("hello".encode(), content_type="text/plain")
    ```

    ## Fix safety

    The fix encodes text as UTF-8, and is unsafe: another encoding may be meant.

    ## References

    - Convex guidelines, *File storage guidelines*: "You must convert all items to/from a `Blob`
      when using Convex storage."
    """

    name = "non-blob-store"
    code = "STO003"
    words = frozenset({"storage"})
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what is stored."""
        for use in functions(project):
            for site in use.context_calls:
                if site.owner.path != ("storage",) or site.method.name != "store":
                    continue
                for argument in site.call.arguments[:1]:
                    what = _what(use, use.scope.constant(argument))
                    if what is None:
                        continue
                    yield self.finding(
                        project,
                        Location(use.module, argument.span),
                        f"{what} is no file content",
                        help="pass bytes: `text.encode()`, `json.dumps(value).encode()`",
                        fix=_fix(project, use, argument) if what == "text" else None,
                    )


def _what(use: FunctionUse, value: e.Expr) -> str | None:
    match value:
        case e.Constant(value=bytes()):
            return None
        case e.Constant(value=str()) | e.FormattedString():
            return "text"
        case e.Constant():
            return "a plain value"
        case e.Dict() | e.Comprehension(kind="dict"):
            return "a dict"
        case e.List() | e.Tuple() | e.Comprehension(kind="list"):
            return "a list"
        case e.Call(function=function):
            name = use.scope.qualified_name(function) or ""
            return "text" if name in _TEXT else _OTHERS.get(name)
        case _:
            return None


def _fix(project: LinkedProject, use: FunctionUse, argument: e.Expr) -> Fix:
    edit = insert_after(project, use.module, argument.span, ".encode()")
    return Fix(title="encode the text", applicability="unsafe", edits=(edit,))
