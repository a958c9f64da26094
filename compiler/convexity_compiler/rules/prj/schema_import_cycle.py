"""PRJ012."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.special_files import SCHEMA
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.import_cycles import cycle_labels, cycle_text, import_cycles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class SchemaImportCycle(Rule):
    """A module that schema.py imports needs the schema while it is imported.

    ## What it does

    Finds imports that lead from schema.py back to it, where a module needs a name of another one
    that is not bound yet. Imports under `if TYPE_CHECKING:` and in functions are silent.

    ## Why is this bad?

    The compiler reads validators without running them and does not mind; the backend imports the
    modules, and does not start: "cannot import name ... (most likely due to a circular import)".

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    from .profiles import profile

    schema = define_schema(users=define_table(profile))

    # convex/profiles.py
    from convexity.values import v

    from .schema import schema

    profile = v.object(name=v.string())
    user_id = schema.id("users")
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    from .profiles import profile

    schema = define_schema(users=define_table(profile))

    # convex/profiles.py
    from convexity.values import v

    profile = v.object(name=v.string())
    user_id = v.id("users")
    ```

    ## References

    - Convex's ESLint plugin, `no-schema-import-cycle`.
    """

    name = "schema-import-cycle"
    code = "PRJ012"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the cycles that schema.py is part of."""
        for cycle in import_cycles(project):
            back = next((edge for edge in cycle if edge.target == SCHEMA.module), None)
            if back is not None:
                yield self.finding(
                    project,
                    back.location,
                    f"the schema imports itself: {cycle_text(cycle)}",
                    label="needs the schema",
                    help='write `v.id("<table>")`, or move what needs the schema into a module that'
                    " schema.py does not import",
                    labels=cycle_labels(project, cycle, back),
                )
