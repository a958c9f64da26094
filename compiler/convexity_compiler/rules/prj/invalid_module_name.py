"""PRJ004."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import TOP_OF_FILE, Rule
from convexity_compiler.rules.naming import suggested_identifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class InvalidModuleName(Rule):
    """A file or folder has a name that cannot be imported.

    ## What it does

    Finds Python files in the functions folder with a part of their path that is no identifier: a
    dash, a space, a second dot, a keyword, a letter outside ASCII.

    ## Why is this bad?

    Such a module can be neither imported nor addressed, and its functions are skipped.

    ## Example

    ```python
    # convex/chat-rooms.py
    @query(args={}, returns=v.null())
    async def rooms(ctx: QueryCtx) -> None: ...
    ```

    ## Use instead

    ```python
    # convex/chat_rooms.py
    @query(args={}, returns=v.null())
    async def rooms(ctx: QueryCtx) -> None: ...
    ```

    ## References

    - Convex guidelines, *Function references*: a file's path is part of every reference.
    """

    name = "invalid-module-name"
    code = "PRJ004"
    scope = "project"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Report what discovery met."""
        for invalid in project.files.invalid_names:
            yield self.file_finding(
                f"{project.config.functions}/{invalid.path}",
                TOP_OF_FILE,
                f"module name `{invalid.part}` {invalid.reason}",
                help=f"rename it, to `{suggested_identifier(invalid.part, 'module')}` perhaps",
            )
