"""VAL010."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from convexity.values import UnionValidator

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.span import Span
from convexity_compiler.summary.expressions import Starred

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.summary.expressions import Call, Expr


class DegenerateUnion(Rule):
    """A union has one member, or one twice.

    ## What it does

    Finds `v.union(...)` with a single member, and members that are the same as one before.

    ## Why is this bad?

    It says no more than its members, and reads as if it did.

    ## Example

    ```python
    @query(args={"value": v.union(v.string())}, returns=v.null())
    async def take(ctx: QueryCtx, value: Any) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={"value": v.string()}, returns=v.null())
    async def take(ctx: QueryCtx, value: Any) -> None: ...
    ```

    ## Fix safety

    The fix leaves the union or the repetition out, and is safe: the same values pass.

    ## References

    - Convex, *Unions*: a union lets through what one of several types does.
    """

    name = "degenerate-union"
    code = "VAL010"
    category = "style"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every union."""
        for use in project.validator_uses:
            if use.name != "union" or use.call is None or use.call.keywords:
                continue
            arguments = use.call.arguments
            if not isinstance(use.validator, UnionValidator) or not arguments:
                continue
            if any(isinstance(argument, Starred) for argument in arguments):
                continue
            members = use.validator.members
            if len(members) == 1 and len(arguments) == 1:
                yield self._found(project, use.location.module, use.call, arguments, "one member")
            elif len(members) == len(arguments):
                kept = [
                    argument
                    for position, argument in enumerate(arguments)
                    if members.index(members[position]) == position
                ]
                if len(kept) < len(arguments):
                    module = use.location.module
                    yield self._found(project, module, use.call, kept, "a member twice")

    def _found(
        self,
        project: LinkedProject,
        module: str,
        call: Call,
        kept: Sequence[Expr],
        fault: str,
    ) -> Diagnostic:
        texts = [project.text_of(Location(module, entry.span)) for entry in kept]
        text = texts[0] if len(texts) == 1 else ""
        if not text:
            opening = Span(*call.span[:2], *call.arguments[0].span[:2])
            text = f"{project.text_of(Location(module, opening))}{', '.join(texts)})"
        edit = replace_text(project, module, call.span, text)
        return self.finding(
            project,
            Location(module, call.span),
            f"the union has {fault}",
            help="leave it out",
            fix=Fix(title="simplify the union", applicability="safe", edits=(edit,))
            if "\n" not in text and "#" not in text
            else None,
        )
