"""CRN001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.writing.removals import remove_item
from convexity_compiler.summary.expressions import Attribute, Constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedCron, LinkedProject
    from convexity_compiler.summary.expressions import Expr

_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_EXPRESSIONS = {
    "hourly": "{0} * * * *",
    "daily": "{1} {0} * * *",
    "weekly": "{2} {1} * * {0}",
    "monthly": "{2} {1} {0} * *",
}
"""Cron expression of each helper; the numbers are places among its arguments behind the name."""
_RANGES = {
    "hourly": (range(60),),
    "daily": (range(24), range(60)),
    "weekly": (range(7), range(24), range(60)),
    "monthly": (range(1, 32), range(24), range(60)),
}
"""What the arguments behind the name may be; days of the week are counted from Sunday."""


class DisallowedCronHelper(Rule):
    """A job is declared with `hourly`, `daily`, `weekly` or `monthly`.

    ## What it does

    Finds these methods of `crons`.

    ## Why is this bad?

    `interval` and `cron` say the same in two forms that everyone knows. The helpers add four more.

    ## Example

    ```python
    # convex/crons.py
    from convexity.server import cron_jobs

    from ._generated.api import internal

    crons = cron_jobs()
    crons.daily("tidy", 6, 30, internal.tasks.tidy)
    ```

    ## Use instead

    ```python
    # convex/crons.py
    from convexity.server import cron_jobs

    from ._generated.api import internal

    crons = cron_jobs()
    crons.cron("tidy", "30 6 * * *", internal.tasks.tidy)
    ```

    ## Fix safety

    The fix writes the cron expression of the same times, and is safe.

    ## References

    - Convex guidelines, *Cron guidelines*: "Do NOT use the `crons.hourly`, `crons.daily`, or
      `crons.weekly` helpers".
    """

    name = "disallowed-cron-helper"
    code = "CRN001"
    category = "style"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every job."""
        for job in project.crons:
            if job.method not in _EXPRESSIONS:
                continue
            expression = _expression(job)
            yield self.finding(
                project,
                job.location,
                f"`crons.{job.method}` is not to be used",
                help=f'use `crons.cron(..., "{expression}", ...)`'
                if expression
                else "use `crons.interval` or `crons.cron`",
                fix=_fix(project, job, expression) if expression else None,
            )


def _expression(job: LinkedCron) -> str | None:
    """Return the cron expression of a job whose times are literals in range."""
    ranges = _RANGES[job.method]
    given = job.call.arguments[1 : 1 + len(ranges)]
    values = [_number(argument) for argument in given]
    if len(values) != len(ranges) or any(
        value not in allowed for value, allowed in zip(values, ranges, strict=True)
    ):
        return None
    return _EXPRESSIONS[job.method].format(*values)


def _number(argument: Expr) -> int | None:
    value = argument.value if isinstance(argument, Constant) else None
    if isinstance(value, str) and value in _WEEKDAYS:
        return _WEEKDAYS.index(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _fix(project: LinkedProject, job: LinkedCron, expression: str) -> Fix | None:
    if not isinstance(job.call.function, Attribute):
        return None
    first, *others = job.call.arguments[1 : 1 + len(_RANGES[job.method])]
    module = job.location.module
    return Fix(
        title=f'use `crons.cron(..., "{expression}", ...)`',
        applicability="safe",
        edits=(
            replace_text(project, module, job.call.function.name_span, "cron"),
            replace_text(project, module, first.span, f'"{expression}"'),
            *(remove_item(project, Location(module, other.span)) for other in others),
        ),
    )
