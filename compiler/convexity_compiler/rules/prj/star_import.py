"""PRJ015."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class StarImport(Rule):
    """A module imports all names of another one.

    ## What it does

    Finds `from module import *` in the functions folder.

    ## Why is this bad?

    Which names a module has, and which of them are registered functions, can no longer be read from
    it.

    ## Example

    ```python
    from math import *


    def area(radius: float) -> float:
        return pi * radius**2
    ```

    ## Use instead

    ```python
    from math import pi


    def area(radius: float) -> float:
        return pi * radius**2
    ```

    ## References

    - PEP 8, *Imports*: wildcard imports should be avoided.
    """

    name = "star-import"
    code = "PRJ015"
    category = "style"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the imports of every module."""
        for module in project.own_modules:
            for entry in module.imports:
                if entry.name == "*":
                    source = "." * entry.level + entry.module
                    yield self.finding(
                        project,
                        Location(module.module, entry.span),
                        f"all names of `{source}` are imported",
                        help="import the names that are used",
                    )
