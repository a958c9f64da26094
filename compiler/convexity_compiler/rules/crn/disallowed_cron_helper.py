"""CRN001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.span import Span
from convexity_compiler.summary.expressions import Attribute, Constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedCron, LinkedProject

_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_EXPRESSIONS = {
    "hourly": "{0} * * * *",
    "daily": "{1} {0} * * *",
    "weekly": "{2} {1} * * {0}",
    "monthly": "{2} {1} {0} * *",
}
"""Cron expression of each helper; the numbers are places among its arguments behind the name."""
_ARGUMENTS = {"hourly": 1, "daily": 2, "weekly": 3, "monthly": 3}


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
    count = _ARGUMENTS[job.method]
    given = job.call.arguments[1 : 1 + count]
    values = [argument.value for argument in given if isinstance(argument, Constant)]
    if len(values) != count:
        return None
    parts: list[int] = []
    for value in values:
        if isinstance(value, str) and value in _WEEKDAYS:
            parts.append(_WEEKDAYS.index(value))
        elif isinstance(value, int) and not isinstance(value, bool):
            parts.append(value)
        else:
            return None
    return _EXPRESSIONS[job.method].format(*parts)


def _fix(project: LinkedProject, job: LinkedCron, expression: str) -> Fix | None:
    if not isinstance(job.call.function, Attribute):
        return None
    count = _ARGUMENTS[job.method]
    times = Span(*job.call.arguments[1].span[:2], *job.call.arguments[count].span[2:])
    module = job.location.module
    return Fix(
        title=f'use `crons.cron(..., "{expression}", ...)`',
        applicability="safe",
        edits=(
            replace_text(project, module, job.call.function.name_span, "cron"),
            replace_text(project, module, times, f'"{expression}"'),
        ),
    )
