"""GEN006."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.config import did_you_mean
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.gen.generated_imports import (
    DATA_MODEL,
    NAMES,
    generated_imports,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.gen.generated_imports import GeneratedImport


class UnknownGeneratedName(Rule):
    """A name is imported that the generated code will not have.

    ## What it does

    Compares what is imported from `_generated` with the tables, documents and functions of the
    project. Where one of those cannot be evaluated, types of the data model are not judged.

    ## Why is this bad?

    The import fails, or hides that a table or function has another name now.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(users=define_table(name=v.string()))


    # convex/messages.py
    from ._generated.data_model import UserDoc
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
      types*](../reference/language.md#3-names-of-generated-types).
    """

    name = "unknown-generated-name"
    code = "GEN006"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the names that imports name."""
        for entry in generated_imports(project):
            if entry.module == DATA_MODEL:
                yield from self._type(project, entry)
            elif entry.module in NAMES:
                yield from self._one_of(project, entry, NAMES[entry.module])
            elif not entry.module:
                yield from self._one_of(project, entry, frozenset({DATA_MODEL, *NAMES}))

    def _one_of(
        self, project: LinkedProject, entry: GeneratedImport, names: frozenset[str]
    ) -> Iterator[Diagnostic]:
        if entry.name is not None and entry.name not in names and not entry.name.startswith("_"):
            module = f"_generated.{entry.module}".rstrip(".")
            yield self.finding(
                project,
                entry.location,
                f"`{module}` has no `{entry.name}`{did_you_mean(entry.name, names)}",
                help=f"it has {', '.join(f'`{name}`' for name in sorted(names))}",
            )

    def _type(self, project: LinkedProject, entry: GeneratedImport) -> Iterator[Diagnostic]:
        generated = project.generated
        if entry.name is None or generated.has(entry.name) or not generated.is_complete:
            return
        same = generated.replacement(entry.name)
        nearest = "" if same else did_you_mean(entry.name, generated.names)
        yield self.finding(
            project,
            entry.location,
            f"`_generated.data_model` will have no `{entry.name}`{nearest}",
            help=f"write `{same}`: it describes the same object"
            if same
            else "types are named after tables, and after functions that take or return objects",
        )
