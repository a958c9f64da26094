"""VAL006."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.val.refused import refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class NonStringRecordKey(Rule):
    """The keys of a record are no strings.

    ## What it does

    Finds `v.record(...)` whose keys are neither `v.string()` nor `v.id(...)`, nor a union of these.

    ## Why is this bad?

    A record has open keys, and keys are strings. The validator is refused.

    ## Example

    ```python
    @query(args={"value": v.record(v.number(), v.string())}, returns=v.null())
    async def take(ctx: QueryCtx, value: Any) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={"value": v.record(v.string(), v.string())}, returns=v.null())
    async def take(ctx: QueryCtx, value: Any) -> None: ...
    ```

    ## References

    - `InvalidRecordType` in get-convex/convex-backend.
    """

    name = "non-string-record-key"
    code = "VAL006"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the records that were refused."""
        for failure in refused(project, "record"):
            yield self.finding(
                project,
                failure.location,
                "the keys of a record are strings or ids",
                help="write `v.string()` for the key; a fixed set of keys is a `v.object(...)`",
            )
