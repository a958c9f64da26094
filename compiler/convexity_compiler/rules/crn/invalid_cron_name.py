"""CRN003."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, Location


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

    ## Fix safety

    The fix takes accents from letters and leaves out what is not ASCII. It is unsafe: a job under
    another name is another job.

    ## References

    - `src/server/cron.ts` of get-convex/convex-js; `cron_jobs/types.rs` of get-convex/convex-
      backend.
    """

    name = "invalid-cron-name"
    code = "CRN003"
    fixable = True
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
                    fix=_fix(project, job.name_location, name),
                )


def _fix(project: LinkedProject, place: Location | None, name: str) -> Fix | None:
    if place is None or not project.text_of(place).startswith(("'", '"')):
        return None
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    written = " ".join("".join(filter(str.isprintable, plain.replace("\n", " "))).split())
    others = {job.name for job in project.crons}
    if not written or written in others:
        return None
    edit = replace_text(project, place.module, place.span, json.dumps(written))
    return Fix(title=f"call it `{written}`", applicability="unsafe", edits=(edit,))
