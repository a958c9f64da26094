"""PRJ015."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.link.symbols import ProjectModule
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.summary.model import ImportSummary, ModuleSummary


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

    ## Fix safety

    The fix names what the module uses of another module of the project. It is unsafe: names that
    are only read from outside, or put together at run time, are missing then.

    ## References

    - PEP 8, *Imports*: wildcard imports should be avoided.
    """

    name = "star-import"
    code = "PRJ015"
    category = "style"
    severity = "warning"
    fixable = True

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
                        fix=_fix(project, module, entry),
                    )


def _fix(project: LinkedProject, module: ModuleSummary, entry: ImportSummary) -> Fix | None:
    """Import by name; None where the names are not known, or none of them is used."""
    source = project.resolver.imported_module(module.module, entry)
    if not isinstance(source, ProjectModule) or source.path not in project.modules:
        return None
    namespace = project.resolver.namespace(source.path)
    own = project.resolver.namespace(module.module).bindings
    used = sorted(
        name
        for name in namespace.bindings
        if name in module.words and name not in own and not name.startswith("_")
    )
    if not used or namespace.star_imports or "__all__" in namespace.bindings:
        return None
    edit = replace_text(project, module.module, entry.span, ", ".join(used))
    return Fix(title="import the names that are used", applicability="unsafe", edits=(edit,))
