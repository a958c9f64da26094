"""CRN005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.crn.cron_expression import cron_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class InvalidCronExpression(Rule):
    """A cron expression does not say when.

    ## What it does

    Checks that an expression has five fields (minute, hour, day of month, month, day of week), that
    each is in range, and that some day matches.

    ## Why is this bad?

    The job would never run, and the backend refuses it.

    ## Example

    ```python
    # convex/crons.py
    from datetime import timedelta

    from convexity.server import cron_jobs

    from ._generated.api import internal

    crons = cron_jobs()
    crons.cron("tidy", "0 24 * * *", internal.tasks.tidy)


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
    crons.cron("tidy", "0 0 * * *", internal.tasks.tidy)


    # convex/tasks.py
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...
    ```

    ## References

    - crontab(5); `cron_jobs/types.rs` of get-convex/convex-backend.
    """

    name = "invalid-cron-expression"
    code = "CRN005"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the expression of every job."""
        for job in project.crons:
            problem = None if job.expression is None else cron_problem(job.expression)
            if problem is not None:
                yield self.finding(
                    project,
                    job.schedule_location or job.location,
                    f"the cron expression `{job.expression}` {problem}",
                    help="write minute, hour, day of month, month and day of week:"
                    ' `"30 6 * * 1"` is every Monday at 6:30 UTC',
                )
