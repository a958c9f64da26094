"""PRJ019."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from convexity_compiler.rules.base import TOP_OF_FILE, Rule
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject

_CLIENT = "convex"
"""Name of the client on PyPI, and of the package that it installs."""
_SETTINGS = "pyproject.toml"


class ShadowedClientPackage(Rule):
    """The functions folder hides the client package `convex`.

    ## What it does

    Finds projects that depend on the package `convex` and have their functions in a folder of the
    same name at the root.

    ## Why is this bad?

    For a script that runs from the root of the project, `import convex` means the folder, so that
    `from convex import ConvexClient` fails.

    ## Example

    ```python
    # pyproject.toml
    [project]
    name = "shop"
    dependencies = ["convex>=0.7"]
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [project]
    name = "shop"
    dependencies = ["convex>=0.7"]

    [tool.convexity]
    functions = "backend"
    ```

    ## References

    - [The language, *Packages*](../reference/language.md#packages).
    """

    name = "shadowed-client-package"
    code = "PRJ019"
    scope = "project"
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Compare the folder with the requirements of the project."""
        config = project.config
        if config.functions != _CLIENT:
            return
        for requirement in config.dependencies:
            name = re.match(r"[\w.-]+", requirement)
            if name is not None and name[0].lower() == _CLIENT:
                yield self.file_finding(
                    _SETTINGS,
                    _place(config.root / _SETTINGS, requirement),
                    "the functions folder `convex` hides the package `convex` from scripts that"
                    " run here",
                    help='rename the folder, and say so: `[tool.convexity] functions = "backend"`',
                )


def _place(settings: Path, requirement: str) -> Span:
    """Where a requirement is written; the top of the file when it is not written as it is read."""
    for number, line in enumerate(settings.read_text(encoding="utf-8").splitlines(), start=1):
        for quote in ('"', "'"):
            column = line.find(f"{quote}{requirement}{quote}")
            if column >= 0:
                return Span(number, column + 1, number, column + len(requirement) + 3)
    return TOP_OF_FILE
