"""PRJ017."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject

_TEST: Final = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|conftest)$|(^|/)tests?/")


class TestInFunctionsDir(Rule):
    """A test registers functions of the backend.

    ## What it does

    Finds registered functions in `test_*.py`, `*_test.py`, `conftest.py` and in folders named
    `test` or `tests` below the functions folder.

    ## Why is this bad?

    Every module of the functions folder is part of the backend: the functions of the test would be
    part of its API.

    ## Example

    ```python
    # convex/test_messages.py
    @mutation(args={}, returns=v.null())
    async def fill(ctx: MutationCtx) -> None:
        await ctx.db.insert("messages", {})
    ```

    ## Use instead

    ```python
    # convex/fixtures.py
    @internal_mutation(args={}, returns=v.null())
    async def fill(ctx: MutationCtx) -> None:
        await ctx.db.insert("messages", {})
    ```

    ## References

    - Convex's bundler leaves out files with several dots, so that `messages.test.ts` is no module.
    """

    name = "test-in-functions-dir"
    code = "PRJ017"
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the modules of registered functions."""
        for function in (*project.functions, *project.http_actions):
            if _TEST.search(function.module):
                yield self.finding(
                    project,
                    function.location,
                    f"`{function.name}` of a test is part of the backend",
                    help="move the test out of the functions folder, or rename the module",
                    labels=(
                        label_at(
                            project,
                            Location(function.module, function.registration.span),
                            "registered here",
                        ),
                    ),
                )
