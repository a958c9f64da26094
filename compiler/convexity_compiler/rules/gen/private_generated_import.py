"""GEN005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.gen.generated_imports import generated_imports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


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

    ## References

    - [The language, *Names of generated
      types*](../reference/language.md#3-names-of-generated-types):
      nothing but the names in `__all__` is public.
    """

    name = "private-generated-import"
    code = "GEN005"

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
                )
