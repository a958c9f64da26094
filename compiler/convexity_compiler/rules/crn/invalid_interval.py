"""CRN004."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


_SHORTEST = timedelta(seconds=1)


class InvalidInterval(Rule):
    """The interval of a cron job is none that can be kept.

    ## What it does

    Finds intervals that are not a whole number of seconds, at least one.

    ## Why is this bad?

    The scheduler counts in seconds; the backend refuses other intervals.

    ## Example

    ```python
    # convex/crons.py
    from datetime import timedelta

    from convexity.server import cron_jobs

    from ._generated.api import internal

    crons = cron_jobs()
    crons.interval("tidy", timedelta(milliseconds=500), internal.tasks.tidy)


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
    crons.interval("tidy", timedelta(seconds=1), internal.tasks.tidy)


    # convex/tasks.py
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...
    ```

    ## References

    - `src/server/cron.ts` of get-convex/convex-js; `cron_jobs/types.rs` of get-convex/convex-
      backend.
    """

    name = "invalid-interval"
    code = "CRN004"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the interval of every job."""
        for job in project.crons:
            interval = job.interval
            if interval is None or (interval >= _SHORTEST and not interval.microseconds):
                continue
            problem = "too short" if interval < _SHORTEST else "no whole number of seconds"
            yield self.finding(
                project,
                job.schedule_location or job.location,
                f"the interval of {interval.total_seconds():g} seconds is {problem}",
                help="write whole seconds, minutes or hours: `timedelta(minutes=5)`",
            )
