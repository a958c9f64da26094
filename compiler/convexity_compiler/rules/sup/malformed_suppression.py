"""SUP007."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.config import nearest
from convexity_compiler.diagnostics.directives import VERBS
from convexity_compiler.diagnostics.model import Edit, Fix
from convexity_compiler.rules.comments import CommentRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.rules.comments import Review


class MalformedSuppression(CommentRule):
    """A comment to convexity begins with a word that means nothing to it.

    ## What it does

    Finds comments that begin with `convexity:` and go on with a word like `ignore`,
    `file-ignore`, `disable` or `enable`, or with any word and rules in brackets.

    ## Why is this bad?

    Such a comment silences nothing.

    ## Example

    ```python
    @query  # convexity: ignroe[bare-registration] an example
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## Use instead

    ```python
    @query  # convexity: ignore[bare-registration] an example
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## Fix safety

    The nearest word takes the place of the unknown one, where one is near: it silences what the
    comment was meant for. `disable` and `file-ignore` reach far; with these the fix is unsafe.

    ## References

    - [Suppressions](../reference/suppressions.md)
    """

    name = "malformed-suppression"
    code = "SUP007"
    severity = "warning"
    fixable = True

    def review(self, review: Review) -> Iterator[Diagnostic]:
        """Look at the verbs of directives."""
        for directive in review.directives:
            if directive.is_known:
                continue
            verb = nearest(directive.verb, VERBS)
            fix = None
            if verb is not None:
                edit = Edit(path=directive.path, span=directive.verb_span, text=verb)
                title = f"replace with `{verb}`"
                is_narrow = verb in ("ignore", "enable")
                fix = Fix(
                    title=title, applicability="safe" if is_narrow else "unsafe", edits=(edit,)
                )
            yield self.file_finding(
                directive.path,
                directive.verb_span,
                f"`{directive.verb}` means nothing to convexity",
                label=f"did you mean `{verb}`?" if verb else "",
                help=fix.title
                if fix
                else f"use one of {', '.join(f'`{known}`' for known in VERBS)}",
                fix=fix,
            )
