"""CRN003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class InvalidCronName(Rule):
    """The name of a cron job cannot be stored.

    ## What it does

    Finds names that are empty or hold anything but printable ASCII.

    ## Why is this bad?

    The name is shown in logs and on the dashboard, and is the key of the job; the backend refuses
    others.

    ## Example

    ```python
    # convex/crons.py
    from datetime import timedelta

    from convexity.server import cron_jobs

    from ._generated.api import internal

    crons = cron_jobs()
    crons.interval("Aufräumen", timedelta(hours=2), internal.tasks.tidy)


    # convex/tasks.py
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...
    ```

    ## Use instead

    ```python
    # convex/crons.py
    from datetime import timedelta

    from convexity.server import cron_jobs

    from ._generated.api import internal

    crons = cron_jobs()
    crons.interval("tidy", timedelta(hours=2), internal.tasks.tidy)


    # convex/tasks.py
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...
    ```

    ## References

    - `src/server/cron.ts` of get-convex/convex-js; `cron_jobs/types.rs` of get-convex/convex-
      backend.
    """

    name = "invalid-cron-name"
    code = "CRN003"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the name of every job."""
        for job in project.crons:
            name = job.name
            if name is not None and not (name and name.isascii() and name.isprintable()):
                yield self.finding(
                    project,
                    job.name_location or job.location,
                    f"`{name}` is no name for a cron job" if name else "the cron job has no name",
                    help="use printable ASCII characters",
                )
