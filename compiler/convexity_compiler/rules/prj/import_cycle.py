"""PRJ013."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.special_files import SCHEMA
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.import_cycles import cycle_labels, cycle_text, import_cycles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class ImportCycle(Rule):
    """Modules need each other while they are imported.

    ## What it does

    Finds modules that import each other in a circle, where one of them needs a name of another one
    that is not bound yet when the import begins there. Imports under `if TYPE_CHECKING:` and in
    functions are silent, and so is `from . import module` while nothing at the top level uses it.

    ## Why is this bad?

    Whether it works depends on which module is imported first: "cannot import name ... (most likely
    due to a circular import)".

    ## Example

    ```python
    # convex/users.py
    from .teams import team_of

    ROLES = ("owner", "member")


    # convex/teams.py
    from .users import ROLES


    def team_of(role: str) -> int:
        return ROLES.index(role)
    ```

    ## Use instead

    ```python
    # convex/users.py
    from .roles import ROLES
    from .teams import team_of

    # convex/teams.py
    from .roles import ROLES


    def team_of(role: str) -> int:
        return ROLES.index(role)


    # convex/roles.py
    ROLES = ("owner", "member")
    ```

    ## References

    - Convex docs, *Error messages*: a validator is undefined when modules import each other.
    """

    name = "import-cycle"
    code = "PRJ013"
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the cycles that schema.py is not part of."""
        for cycle in import_cycles(project):
            if all(edge.module != SCHEMA.module for edge in cycle):
                yield self.finding(
                    project,
                    cycle[0].location,
                    f"modules import each other: {cycle_text(cycle)}",
                    help="move what both need into a module of its own, or import types under"
                    " `if TYPE_CHECKING:`",
                    labels=cycle_labels(project, cycle, cycle[0]),
                )
