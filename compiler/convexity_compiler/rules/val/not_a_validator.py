"""VAL001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import insert_after

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


_WITHOUT_ARGUMENTS = frozenset({"any", "boolean", "bytes", "int64", "null", "number", "string"})
_TYPES = {
    "str": "v.string()",
    "float": "v.number()",
    "int": "v.number()",
    "bool": "v.boolean()",
    "bytes": "v.bytes()",
    "None": "v.null()",
    "list": "v.array(...)",
    "dict": "v.object(...)",
    "Any": "v.any()",
}


class NotAValidator(Rule):
    """A value stands where a validator is due.

    ## What it does

    Finds types, values and constructors that are not called, such as `str`, `None` and `v.string`.

    ## Why is this bad?

    Validators are objects that check and describe values at run time; a type cannot do that.

    ## Example

    ```python
    @query(args={"name": v.string}, returns=v.null())
    async def greet(ctx: QueryCtx, name: str) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={"name": v.string()}, returns=v.null())
    async def greet(ctx: QueryCtx, name: str) -> None: ...
    ```

    ## Fix safety

    The fix adds the parentheses of constructors without arguments, and is safe.

    ## References

    - Convex guidelines, *Validators*.
    """

    name = "not-a-validator"
    code = "VAL001"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Report what linking met."""
        for failure in project.unresolved:
            source = " ".join(failure.source.split())
            if failure.kind == "uncalled_validator":
                fix = None
                if source.rpartition(".")[2] in _WITHOUT_ARGUMENTS:
                    edit = insert_after(
                        project, failure.location.module, failure.location.span, "()"
                    )
                    fix = Fix(title="call it", applicability="safe", edits=(edit,))
                yield self.finding(
                    project,
                    failure.location,
                    f"`{source}` is a constructor, not a validator",
                    help=f"call it: `{source}()`" if fix else "call it with what it validates",
                    fix=fix,
                )
            elif failure.kind == "not_a_validator":
                known = _TYPES.get(source)
                yield self.finding(
                    project,
                    failure.location,
                    f"`{source}` is not a validator",
                    help=f"write `{known}`" if known else failure.accepted,
                )
