"""CTX002."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.capabilities import is_only
from convexity_compiler.rules.usage.functions import functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class StorageWriteOutsideAction(Rule):
    """A file is written where files cannot be written.

    ## What it does

    Finds `ctx.storage.store` and `ctx.storage.get` outside actions, and `generate_upload_url` and
    `delete` in queries.

    ## Why is this bad?

    Only actions handle the bytes of files, and queries change nothing. The call fails.

    ## Example

    ```python
    @mutation(args={"data": v.bytes()}, returns=v.null())
    async def upload(ctx: MutationCtx, data: bytes) -> None:
        await ctx.storage.store(data)
    ```

    ## Use instead

    ```python
    from ._generated.server import ActionCtx, action


    @action(args={"data": v.bytes()}, returns=v.null())
    async def upload(ctx: ActionCtx, data: bytes) -> None:
        await ctx.storage.store(data)
    ```

    ## References

    - [The language, section 4](../reference/language.md#4-public-names):
      `StorageReader`, `StorageWriter` and `StorageActionWriter`.
    """

    name = "storage-write-outside-action"
    code = "CTX002"
    words = frozenset({"storage"})

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the calls on storages."""
        for use in functions(project):
            for site in use.context_calls:
                if site.owner.path == ("storage",) and (
                    (
                        site.method.name in ("generate_upload_url", "delete")
                        and is_only(site.owner, "query")
                    )
                    or (
                        site.method.name in ("store", "get")
                        and is_only(site.owner, "query", "mutation")
                    )
                ):
                    yield self.finding(
                        project,
                        Location(use.module, site.method.span),
                        f"`storage.{site.method.name}` does not exist in this kind of function",
                        help="do it in an action, and pass the id on to a mutation"
                        if site.method.name in ("store", "get")
                        else "do it in a mutation or an action",
                    )
