"""FUN020."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class UndocumentedPublicFunction(Rule):
    """A public function has no docstring.

    ## What it does

    Finds public queries, mutations and actions without a docstring. As all rules of severity
    `info`, it runs only when it is selected, or in the profile `all`.

    ## Why is this bad?

    The docstring is copied into the generated references, and an editor shows it where the function
    is called.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["undocumented-public-function"]

    # convex/messages.py
    @query(args={}, returns=v.null())
    async def ping(ctx: QueryCtx) -> None:
        print("ping")
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["undocumented-public-function"]

    # convex/messages.py
    @query(args={}, returns=v.null())
    async def ping(ctx: QueryCtx) -> None:
        "Answer, so that a client knows that the backend is there."
        print("ping")
    ```

    ## References

    - [The language, `_generated.api`](../reference/language.md#4-public-names).
    """

    name = "undocumented-public-function"
    code = "FUN020"
    category = "pedantic"
    severity = "info"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at public functions."""
        for function in project.functions:
            if function.visibility == "public" and not function.definition.docstring:
                yield self.finding(
                    project,
                    function.location,
                    f"`{function.definition.name}` has no docstring",
                    help="say in a sentence what it does",
                )
