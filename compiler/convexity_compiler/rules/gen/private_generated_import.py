"""GEN005."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.discover import GENERATED_FOLDER
from convexity_compiler.records import replace
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.gen.generated_imports import DATA_MODEL, NAMES, generated_imports
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.gen.generated_imports import GeneratedImport

_STATEMENT = re.compile(rf"from \.*(?:\w+\.)*({GENERATED_FOLDER}\.[\w.]+)\s+import\b")


class PrivateGeneratedImport(Rule):
    """Something below the public generated modules is imported.

    ## What it does

    Finds imports from modules of `_generated` whose names begin with an underscore, such as
    `_generated._tables` and `_generated._api`.

    ## Why is this bad?

    They are stubs, which exist for type checkers only, so that the import fails at run time. How
    types are spread over them may change with any version.

    ## Example

    ```python
    from ._generated._tables import UsersDoc
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(users=define_table(name=v.string()))


    # convex/messages.py
    from ._generated.data_model import UsersDoc
    ```

    ## Fix safety

    The fix imports the name from the public module that has it, and is safe: the import fails as it
    is.

    ## References

    - [The language, *Names of generated
      types*](../reference/language.md#3-names-of-generated-types):
      nothing but the names in `__all__` is public.
    """

    name = "private-generated-import"
    code = "GEN005"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the modules that imports name."""
        for entry in generated_imports(project):
            path = [part for part in (*entry.module.split("."), entry.name or "") if part]
            if path and path[0].startswith("_"):
                yield self.finding(
                    project,
                    entry.location,
                    f"`_generated.{path[0]}` is private",
                    help="import types from `_generated.data_model`, references from"
                    " `_generated.api`, and the rest from `_generated.server`",
                    fix=_fix(project, entry),
                )


def _fix(project: LinkedProject, entry: GeneratedImport) -> Fix | None:
    """Return the fix that names the public module, if that has all names of the statement."""
    module, span = entry.location
    public = {DATA_MODEL: project.generated.names, **NAMES}
    line = span.line
    while line > 0:
        statement = _STATEMENT.match(project.modules[module].lines[line - 1])
        if statement is not None:
            break
        line -= 1
    else:
        return None
    together = {
        other.name
        for other in project.modules[module].imports
        if other.module.endswith(statement[1]) and other.name is not None
    }
    known = next((source for source, names in public.items() if names >= together), None)
    if known is None:
        return None
    place = Span(line, statement.start(1) + 1, line, statement.end(1) + 1)
    edit = replace_text(project, module, place, f"{GENERATED_FOLDER}.{known}")
    return Fix(
        title=f"import it from `{GENERATED_FOLDER}.{known}`",
        applicability="safe",
        edits=(replace(edit, shared=True),),  # all names of the statement want it
    )
