"""PRJ007."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import TOP_OF_FILE, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class SpecialExportMissing(Rule):
    """A special file lacks the name it must export.

    ## What it does

    Expects `schema` in schema.py, `http` in http.py, `crons` in crons.py, `app` (or `component`)
    in convex_config.py and `auth` in auth_config.py.

    ## Why is this bad?

    These files are found by their names, and so is what they export. Under another name it is not
    loaded.

    ## Example

    ```python
    # convex/crons.py
    from convexity.server import cron_jobs

    jobs = cron_jobs()
    ```

    ## Use instead

    ```python
    # convex/crons.py
    from convexity.server import cron_jobs

    crons = cron_jobs()
    ```

    ## References

    - Convex guidelines, *Cron guidelines*, *Http endpoint syntax*, *Schema guidelines*; there the
      default export plays this part.
    """

    name = "special-export-missing"
    code = "PRJ007"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the exports of the special files that exist."""
        for export in project.special_exports:
            module = project.modules[export.module]
            if export.found or module.problem is not None:
                continue
            remedy = f"write `{export.name} = {export.constructor}(...)`"
            if export.candidate_name:
                remedy = f"rename `{export.candidate_name}` to `{export.name}`"
            yield self.finding(
                project,
                export.candidate or Location(export.module, TOP_OF_FILE),
                f"`{module.path}` does not export `{export.name}`",
                help=remedy,
            )
