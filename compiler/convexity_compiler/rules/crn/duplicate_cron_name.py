"""CRN002."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule, label_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedCron, LinkedProject


class DuplicateCronName(Rule):
    """Two cron jobs have the same name.

    ## What it does

    Finds names that come twice in crons.py.

    ## Why is this bad?

    A job is known by its name: of two with the same one only one could run.

    ## Example

    ```python
    # convex/crons.py
    from datetime import timedelta

    from convexity.server import cron_jobs

    from ._generated.api import internal

    crons = cron_jobs()
    crons.interval("tidy", timedelta(hours=2), internal.tasks.tidy)
    crons.cron("tidy", "30 6 * * *", internal.tasks.tidy)


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
    crons.interval("tidy often", timedelta(hours=2), internal.tasks.tidy)
    crons.cron("tidy daily", "30 6 * * *", internal.tasks.tidy)


    # convex/tasks.py
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...
    ```

    ## References

    - `src/server/cron.ts` of get-convex/convex-js; `cron_jobs/types.rs` of get-convex/convex-
      backend.
    """

    name = "duplicate-cron-name"
    code = "CRN002"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look for names that come twice."""
        seen: dict[str, LinkedCron] = {}
        for job in project.crons:
            if job.name is None:
                continue
            first = seen.setdefault(job.name, job)
            if first is not job:
                yield self.finding(
                    project,
                    job.name_location or job.location,
                    f"there are two cron jobs called `{job.name}`",
                    help="give each job a name of its own",
                    labels=(
                        label_at(project, first.name_location or first.location, "the first one"),
                    ),
                )
