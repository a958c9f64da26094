"""SUP001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.comments import CommentRule
from convexity_compiler.rules.sup.removal import without_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.directives import Directive, RuleMention
    from convexity_compiler.diagnostics.model import Diagnostic, Edit
    from convexity_compiler.rules.comments import Review


class UnusedSuppression(CommentRule):
    """A comment silences a rule that finds nothing there.

    ## What it does

    Finds the rules in `ignore`, `file-ignore` and `disable` comments that have no finding on the
    lines of the comment, or whose findings a narrower comment silences. Rules that do not run are
    left alone.

    ## Why is this bad?

    The comment says that something is wrong where nothing is, and silences whatever goes wrong
    there later.

    ## Example

    ```python
    @query(args={}, returns=v.null())
    async def ping(ctx: QueryCtx) -> None:
        print("pong")  # convexity: ignore[unbounded-collect] few documents
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.null())
    async def ping(ctx: QueryCtx) -> None:
        print("pong")
    ```

    ## Fix safety

    Comments only are removed; what the comment says besides goes with it.

    ## References

    - [Suppressions](../reference/suppressions.md)
    """

    name = "unused-suppression"
    code = "SUP001"
    category = "style"
    severity = "warning"
    fixable = True

    def review(self, review: Review) -> Iterator[Diagnostic]:
        """Look at suppressions that silenced nothing, those of one directive together."""
        unused: dict[Directive, list[RuleMention]] = {}
        ends: dict[tuple[Directive, RuleMention], Directive] = {}
        for suppressions in review.suppressions.values():
            for entry in suppressions:
                if entry not in review.used and review.ran(entry.rule.text):
                    unused.setdefault(entry.directive, []).append(entry.rule)
                    if entry.end is not None:
                        ends[entry.directive, entry.rule] = entry.end
        for directive, rules in unused.items():
            edits = [without_rules(directive, rules, review.lines[directive.path])]
            edits += _without_ends(
                [(rule, ends[directive, rule]) for rule in rules if (directive, rule) in ends],
                review,
            )
            everything = len(rules) == len(directive.rules)
            title = "remove the comment" if everything else "remove it from the comment"
            yield self.file_finding(
                directive.path,
                directive.span if everything else rules[0].span,
                f"{_listed(rules)} finds nothing here that this comment could silence",
                help=title,
                fix=Fix(title=title, applicability="safe", edits=tuple(edits)),
            )


def _without_ends(ended: list[tuple[RuleMention, Directive]], review: Review) -> Iterator[Edit]:
    """Take the rules out of the ``enable`` comments that end them."""
    for directive in dict.fromkeys(end for _, end in ended):
        texts = {rule.text.lower() for rule, end in ended if end == directive}
        rules = [rule for rule in directive.rules if rule.text.lower() in texts]
        yield without_rules(directive, rules, review.lines[directive.path])


def _listed(rules: list[RuleMention]) -> str:
    texts = [f"`{rule.text}`" for rule in rules]
    return texts[0] if len(texts) == 1 else f"none of {', '.join(texts)}"
