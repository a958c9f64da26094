"""CRN006."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.crn.cron_expression import cron_problem
from convexity_compiler.rules.editing import replace_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedCron, LinkedProject


class TopOfHourCron(Rule):
    """A job runs when all others do.

    ## What it does

    Finds cron expressions whose minute is 0.

    ## Why is this bad?

    Jobs of many projects run at the full hour, and so do those of the services they call: it is the
    moment when these are slowest, and refuse most.

    ## Example

    ```python
    # convex/crons.py
    from convexity.server import cron_jobs

    from ._generated.api import internal

    crons = cron_jobs()
    crons.cron("tidy", "0 3 * * *", internal.tasks.tidy)


    # convex/tasks.py
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...
    ```

    ## Use instead

    ```python
    # convex/crons.py
    from convexity.server import cron_jobs

    from ._generated.api import internal

    crons = cron_jobs()
    crons.cron("tidy", "17 3 * * *", internal.tasks.tidy)


    # convex/tasks.py
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...
    ```

    ## Fix safety

    The fix writes a minute that is made from the name of the job, and is unsafe: the job runs at
    another time.

    ## References

    - Convex's ESLint plugin, `no-top-of-hour-crons`.
    """

    name = "top-of-hour-cron"
    code = "CRN006"
    category = "performance"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the minute of every cron expression."""
        for job in project.crons:
            if job.expression is None or job.schedule_location is None:
                continue
            fields = job.expression.split()
            if fields[:1] not in (["0"], ["00"]) or cron_problem(job.expression) is not None:
                continue
            spread = " ".join((str(_minute(job)), *fields[1:]))
            yield self.finding(
                project,
                job.schedule_location,
                "the job runs at the full hour, when most others do",
                help=f'choose another minute: "{spread}"',
                fix=_fix(project, job, spread),
            )


def _minute(job: LinkedCron) -> int:
    """Return a minute from 5 to 54 that is always the same for a name."""
    return 5 + sum(ord(character) for character in job.name or "") % 50


def _fix(project: LinkedProject, job: LinkedCron, spread: str) -> Fix | None:
    place = job.schedule_location
    if place is None or project.text_of(place)[:1] not in ("'", '"'):
        return None
    edit = replace_text(project, place.module, place.span, f'"{spread}"')
    return Fix(title=f'use "{spread}"', applicability="unsafe", edits=(edit,))
