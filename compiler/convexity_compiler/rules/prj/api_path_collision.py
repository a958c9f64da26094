"""PRJ005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Label
from convexity_compiler.records import replace
from convexity_compiler.rules.base import TOP_OF_FILE, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class ApiPathCollision(Rule):
    """A module and a folder share a name.

    ## What it does

    Finds modules `a.py` beside a folder `a` with modules.

    ## Why is this bad?

    `api.a` would be a module and a folder at once, and Python imports the folder: the functions of
    the module would be gone.

    ## Example

    ```python
    # convex/users.py
    @query(args={}, returns=v.null())
    async def everyone(ctx: QueryCtx) -> None: ...


    # convex/users/admins.py
    @query(args={}, returns=v.null())
    async def admins(ctx: QueryCtx) -> None: ...
    ```

    ## Use instead

    ```python
    # convex/users/all.py
    @query(args={}, returns=v.null())
    async def everyone(ctx: QueryCtx) -> None: ...


    # convex/users/admins.py
    @query(args={}, returns=v.null())
    async def admins(ctx: QueryCtx) -> None: ...
    ```

    ## References

    - `buildApiTree` in `codegen_templates/component_api.ts` of get-convex/convex-js.
    """

    name = "api-path-collision"
    code = "PRJ005"
    scope = "project"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Compare module paths with folders."""
        folders: dict[str, str] = {}
        for file in project.files.modules:
            parts = file.module.split("/")
            for depth in range(1, len(parts)):
                folders.setdefault("/".join(parts[:depth]), file.path)
        for file in project.files.modules:
            inside = folders.get(file.module)
            if inside is None:
                continue
            functions = project.config.functions
            found = self.file_finding(
                f"{functions}/{file.path}",
                TOP_OF_FILE,
                f"`{file.path}` and the folder `{file.module}` share a name",
                help=f"rename one of them, or move the module into the folder `{file.module}`",
            )
            label = Label(
                path=f"{functions}/{inside}", span=TOP_OF_FILE, message="a module of the folder"
            )
            yield replace(found, labels=(label,))
