"""PRJ003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import TOP_OF_FILE, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class ReservedModulePath(Rule):
    """A module lies in a folder that belongs to the framework.

    ## What it does

    Finds Python files under `_deps` or `_system` in the functions folder.

    ## Why is this bad?

    Paths below these names are the framework's own; your functions there would not be served.

    ## Example

    ```python
    # convex/_system/reports.py
    @query(args={}, returns=v.null())
    async def daily(ctx: QueryCtx) -> None: ...
    ```

    ## Use instead

    ```python
    # convex/reports.py
    @query(args={}, returns=v.null())
    async def daily(ctx: QueryCtx) -> None: ...
    ```

    ## References

    - `crates/convex/sync_types/src/module_path.rs` of get-convex/convex-backend.
    """

    name = "reserved-module-path"
    code = "PRJ003"
    scope = "project"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Report what discovery met."""
        for path in project.files.reserved:
            folder = path.split("/", 1)[0]
            yield self.file_finding(
                f"{project.config.functions}/{path}",
                TOP_OF_FILE,
                f"folder `{folder}` belongs to the framework",
                help="move the module to another folder",
            )
