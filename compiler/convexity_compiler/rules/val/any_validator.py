"""VAL009."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class AnyValidator(Rule):
    """A validator lets everything through.

    ## What it does

    Finds `v.any()`. As all rules of severity `info`, it runs only when it is selected, or in the
    profile `all`.

    ## Why is this bad?

    Nothing is checked, and a type checker sees `Any`.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["any-validator"]

    # convex/messages.py
    @query(args={"value": v.any()}, returns=v.null())
    async def take(ctx: QueryCtx, value: Any) -> None: ...
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["any-validator"]

    # convex/messages.py
    @query(args={"value": v.string()}, returns=v.null())
    async def take(ctx: QueryCtx, value: Any) -> None: ...
    ```

    ## References

    - Convex best practices, *Use argument validators*.
    """

    name = "any-validator"
    code = "VAL009"
    category = "pedantic"
    severity = "info"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every use of ``v.any``."""
        for use in project.validator_uses:
            if use.name == "any":
                yield self.finding(
                    project,
                    use.location,
                    "`v.any()` checks nothing",
                    help="describe what is expected",
                )
