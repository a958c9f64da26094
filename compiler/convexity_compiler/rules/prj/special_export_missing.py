"""PRJ007."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.local_names import local_names
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import TOP_OF_FILE, Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.walk import nodes, top_level_nodes
from convexity_compiler.summary.expressions import Name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, SpecialExport


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

    ## Fix safety

    The fix gives the value the name under which it is looked for, in the whole module. It is
    unsafe: other modules may import the old name.

    ## References

    - Convex guidelines, *Cron guidelines*, *Http endpoint syntax*, *Schema guidelines*; there the
      default export plays this part.
    """

    name = "special-export-missing"
    code = "PRJ007"
    fixable = True
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
                fix=_fix(project, export),
            )


def _fix(project: LinkedProject, export: SpecialExport) -> Fix | None:
    """Rename the value; None where the new name is taken, or the old one means several things."""
    old, new = export.candidate_name, export.name
    module = project.modules[export.module]
    bound = project.resolver.bound(export.module, old or "")
    if old is None or new in module.words or len(bound) != 1:
        return None
    if any(old in local_names(function) for function in module.functions):
        return None
    everything = chain(top_level_nodes(module), *map(nodes, module.functions))
    places = {node.span for node in everything if isinstance(node, Name) and node.id == old}
    edits = tuple(replace_text(project, export.module, span, new) for span in sorted(places))
    return Fix(title=f"rename `{old}` to `{new}`", applicability="unsafe", edits=edits)
