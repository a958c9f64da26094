"""GEN001."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from convexity_compiler.discover import GENERATED_FOLDER
from convexity_compiler.rules.gen.freshness import FreshnessRule, generated_changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.project import LinkedProject


class StaleGeneratedCode(FreshnessRule):
    """A generated file is missing, or is not what `codegen` would write now.

    ## What it does

    Generates the references in memory and compares them with the files in `_generated`. That takes
    as long as `convexity codegen`, so the rule runs only with `convexity check --generated`, or
    where it is selected.

    ## Why is this bad?

    Type checkers and editors then see functions and tables that are not those of the project.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["stale-generated-code"]

    # convex/ping.py
    PONG = "pong"
    ```

    ## Use instead

    ```python
    # $ convexity codegen
    # 9 of 9 files written.
    ```

    ## References

    - [Typing](../guides/typing.md)
    """

    name = "stale-generated-code"
    code = "GEN001"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at files that are missing or out of date."""
        folder = f"{project.config.functions}/{GENERATED_FOLDER}"
        if not (project.config.root / folder).exists():
            for change in islice(generated_changes(project), 1):
                yield self.stale(change, f"`{folder}` is missing", "run `convexity codegen`")
            return
        for change in generated_changes(project):
            if change.state == "missing":
                yield self.stale(change, "generated file is missing", "run `convexity codegen`")
            elif change.state == "stale":
                yield self.stale(
                    change,
                    "generated file is out of date: this line would change",
                    "run `convexity codegen`",
                )
