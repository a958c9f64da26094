"""SUP002."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.config import nearest
from convexity_compiler.diagnostics.model import TYPE_CHECKER, Edit, Fix
from convexity_compiler.rules.comments import CommentRule
from convexity_compiler.rules.registry import is_rule, rule_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.rules.comments import Review


class UnknownRuleInSuppression(CommentRule):
    """A comment names a rule that does not exist.

    ## What it does

    Finds names and codes in comments of convexity that belong to no rule.

    ## Why is this bad?

    Such a comment silences nothing.

    ## Example

    ```python
    # convexity: file-ignore[unbounded-colect] few documents
    ```

    ## Use instead

    ```python
    # convexity: file-ignore[unbounded-collect] few documents
    items = 0
    ```

    ## Fix safety

    The nearest name takes the place of the unknown one, where one is near: it silences what the
    comment was meant for.

    ## References

    - [Suppressions](../reference/suppressions.md)
    """

    name = "unknown-rule-in-suppression"
    code = "SUP002"
    severity = "warning"
    fixable = True

    def review(self, review: Review) -> Iterator[Diagnostic]:
        """Look up the rules of every directive."""
        for directive in review.directives:
            for rule in directive.rules:
                if is_rule(rule.text) or rule.text.startswith(TYPE_CHECKER):
                    continue
                suggestion = nearest(rule.text, rule_names())
                fix = None
                if suggestion is not None:
                    edit = Edit(path=directive.path, span=rule.span, text=suggestion)
                    title = f"replace with `{suggestion}`"
                    fix = Fix(title=title, applicability="safe", edits=(edit,))
                yield self.file_finding(
                    directive.path,
                    rule.span,
                    f"there is no rule `{rule.text}`",
                    label=f"did you mean `{suggestion}`?" if suggestion else "",
                    help=fix.title if fix else "`convexity rules` lists all rules",
                    fix=fix,
                )
