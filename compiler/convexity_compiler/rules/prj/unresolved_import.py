"""PRJ020."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.prj.requirements import (
    are_installed,
    distribution_names,
    is_importable,
    is_provided,
)
from convexity_compiler.rules.usage.public_names import GENERATED, PUBLIC
from convexity_compiler.rules.usage.tables import nearest_name
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from convexity_compiler.config import Config
    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.summary.model import ImportSummary, ModuleSummary

_RUNTIME = frozenset({"convexity", "fastapi", "httpx", "orjson", "pydantic", "typing_extensions"})
"""Packages that every backend has, whether or not they are installed beside the compiler."""


class UnresolvedImport(Rule):
    """A module imports what a built backend does not have.

    ## What it does

    Finds imports at the top of a module that are neither of the standard library, nor of the
    functions folder, nor of a package that is installed or required in pyproject.toml. Imports
    under `try`, `if` and in functions are left alone. Where a required package is not installed, so
    that nobody knows what it provides, only files and folders beside the functions folder count.
    Finds also names that `convexity.server` and `convexity.values` do not have.

    ## Why is this bad?

    `convexity build` carries the functions folder and the names of the required packages, nothing
    else: the backend would not start.

    ## Example

    ```python
    # convex/prices.py
    from shared.money import rounded
    ```

    ## Use instead

    ```python
    # convex/prices.py, with shared/ moved to convex/shared/
    from .shared.money import rounded
    ```

    ## Fix safety

    Registrars and contexts are imported from the project's own `_generated.server`; the fix writes
    that, and is safe.

    ## References

    - [Deploy](../guides/deploy.md): what a built backend contains.
    """

    name = "unresolved-import"
    code = "PRJ020"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the unconditional imports of every module."""
        config = project.config
        environment = _Environment(config)
        for module in project.own_modules:
            path = module.module
            statements = {
                (entry.level, entry.module, entry.span.line): entry
                for entry in reversed(module.imports)
                if entry.scope == "module"
            }
            for entry in statements.values():
                found = (
                    _way_out(config, path, entry)
                    if entry.is_relative
                    else environment.missing(entry.module.partition(".")[0])
                )
                if found is not None:
                    location = Location(path, entry.span)
                    yield self.finding(project, location, found[0], help=found[1])
            for entry in module.imports:
                if entry.scope == "module" and _is_no_name(entry):
                    yield self._no_name(project, module, entry)

    def _no_name(
        self, project: LinkedProject, module: ModuleSummary, entry: ImportSummary
    ) -> Diagnostic:
        name = entry.name or ""
        dots = "." * (module.module.count("/") + 1)
        if name in GENERATED:
            remedy = (
                f"write `from {dots}_generated.server import {name}`: it is made for the project"
            )
            fix = _generated_fix(project, module, entry, f"{dots}_generated.server")
        else:
            nearest = nearest_name(name, sorted(PUBLIC[entry.module]))
            remedy = f"did you mean `{nearest}`?" if nearest else ""
            fix = None
        return self.finding(
            project,
            Location(module.module, entry.span),
            f"`{entry.module}` has no name `{name}`",
            help=remedy,
            fix=fix,
        )


def _is_no_name(entry: ImportSummary) -> bool:
    known = PUBLIC.get(entry.module) if not entry.is_relative else None
    return known is not None and entry.name not in (None, "*", *known)


def _generated_fix(
    project: LinkedProject, module: ModuleSummary, entry: ImportSummary, source: str
) -> Fix | None:
    """Return the change of a statement of one line that imports nothing else."""
    line = entry.span.line
    written = re.match(rf"from ({re.escape(entry.module)}) import (?!\()", module.lines[line - 1])
    beside = [other.name for other in module.imports if other.span.line == line]
    if written is None or not GENERATED.issuperset(beside):
        return None
    place = Span(line, written.start(1) + 1, line, written.end(1) + 1)
    edit = replace_text(project, module.module, place, source)
    return Fix(title=f"import from `{source}`", applicability="safe", edits=(edit,))


def _way_out(config: Config, path: str, entry: ImportSummary) -> tuple[str, str] | None:
    """Return message and remedy when a relative import leaves the functions folder."""
    # A component may import from the folder around it, which a build carries too.
    around = config.functions.count("/") - config.carried_folder.count("/")
    if entry.level <= path.count("/") + 1 + around:
        return None
    dots = "." * entry.level
    return (
        f"`{dots}{entry.module}` lies outside of the functions folder `{config.functions}`,"
        " which is all that a build carries",
        "move it into the functions folder",
    )


class _Environment:
    """What absolute imports of a project find; each package is looked for once."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._known = sys.stdlib_module_names | _RUNTIME | set(config.functions.split("/"))
        self._found: dict[str, tuple[str, str] | None] = {}

    def missing(self, package: str) -> tuple[str, str] | None:
        """Return message and remedy for a top-level package that a backend would not have."""
        if package in self._known:
            return None
        if package not in self._found:
            self._found[package] = self._look_for(package)
        return self._found[package]

    def _look_for(self, package: str) -> tuple[str, str] | None:
        required = distribution_names(self._config.dependencies)
        folder = self._config.functions
        if is_provided(package, required):
            return None
        if _stands_in(self._config.root, package):
            return (
                f"`{package}` stands beside the functions folder `{folder}`,"
                " which is all that a build carries",
                f"move it into `{folder}` and import it with a dot, `from .{package} import ...`",
            )
        if is_importable(package) or not are_installed(required):
            return None
        return (
            f"`{package}` is neither installed nor required in pyproject.toml",
            "add the package that provides it to `[project] dependencies` in pyproject.toml",
        )


def _stands_in(root: Path, package: str) -> bool:
    return (root / f"{package}.py").is_file() or any((root / package).glob("*.py"))
