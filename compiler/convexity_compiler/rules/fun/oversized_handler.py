"""FUN021."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.walk import nodes
from convexity_compiler.summary.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


_LIMIT: Final = 50


class OversizedHandler(Rule):
    """A registered function has more than 50 statements.

    ## What it does

    Counts the statements of registered functions, those in blocks and functions inside them too. As
    all rules of severity `info`, it runs only when it is selected, or in the profile `all`.

    ## Why is this bad?

    Its parts cannot be called from other functions, nor tested by themselves.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["oversized-handler"]

    # convex/messages.py
    @query(args={}, returns=v.null())
    async def ping(ctx: QueryCtx) -> None:
        print(0)
        print(1)
        print(2)
        print(3)
        print(4)
        print(5)
        print(6)
        print(7)
        print(8)
        print(9)
        print(10)
        print(11)
        print(12)
        print(13)
        print(14)
        print(15)
        print(16)
        print(17)
        print(18)
        print(19)
        print(20)
        print(21)
        print(22)
        print(23)
        print(24)
        print(25)
        print(26)
        print(27)
        print(28)
        print(29)
        print(30)
        print(31)
        print(32)
        print(33)
        print(34)
        print(35)
        print(36)
        print(37)
        print(38)
        print(39)
        print(40)
        print(41)
        print(42)
        print(43)
        print(44)
        print(45)
        print(46)
        print(47)
        print(48)
        print(49)
        print(50)
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["oversized-handler"]

    # convex/messages.py
    def report(numbers: list[int]) -> None:
        for number in numbers:
            print(number)


    @query(args={}, returns=v.null())
    async def ping(ctx: QueryCtx) -> None:
        report([1, 2, 3])
    ```

    ## References

    - Convex best practices, *Use helper functions to write shared code*.
    """

    name = "oversized-handler"
    code = "FUN021"
    category = "pedantic"
    severity = "info"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Count statements."""
        for function in (*project.functions, *project.http_actions):
            count = sum(isinstance(node, Statement) for node in nodes(function.definition))
            if count > _LIMIT:
                yield self.finding(
                    project,
                    function.location,
                    f"`{function.definition.name}` has {count} statements",
                    help="move parts of it to helpers that take the context",
                )
