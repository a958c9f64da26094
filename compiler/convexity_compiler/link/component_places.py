"""Where the definition of a component is: in the functions folder, or in a package."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from convexity_compiler.discover import COMPONENT_FILE, ModuleFile
from convexity_compiler.link.symbols import namespace_of
from convexity_compiler.records import record
from convexity_compiler.summary.model import ImportSummary
from convexity_compiler.summary.sources import read_sources
from convexity_compiler.summary.summarise import summarise_text

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_IMPORTS: Final = 8
"""Modules that hand a component on, one to the next."""


@record
class ComponentPlace:
    """The folder of a component."""

    root: Path
    """Folder that imports start from: the project, or where packages are installed."""
    folder: str
    """Relative to ``root``, with slashes."""

    @property
    def package(self) -> str:
        """Name of the outermost package."""
        return self.folder.partition("/")[0]


def find_component(source: str, root: Path) -> ComponentPlace | None:
    """Return the place of a component; None when it cannot be found.

    Args:
        source: Dotted import path of its definition: ``counters.convex_config.component``, or of
            a name under which another module hands it on.
        root: Root of the project that uses it.

    """
    for _ in range(_MOST_IMPORTS):
        module, _, name = source.rpartition(".")
        found = _module_file(module, root)
        if found is None:
            return None
        base, file = found
        if file.name == COMPONENT_FILE:
            folder = file.parent.relative_to(base).as_posix()
            return ComponentPlace(root=base, folder=folder)
        handed_on = _origin(module, name, file)
        if handed_on is None:
            return None
        source = handed_on
    return None


def _module_file(module: str, root: Path) -> tuple[Path, Path] | None:
    """Where a module is, and the folder that its import starts from; nothing is imported."""
    path = module.replace(".", "/")
    for base in _bases(module.partition(".")[0], root):
        for file in (base / f"{path}.py", base / path / "__init__.py"):
            if module and file.is_file():
                return base, file
    return None


def _bases(package: str, root: Path) -> Iterator[Path]:
    yield root
    yield from (Path(folder or ".").resolve() for folder in sys.path)
    try:
        spec = importlib.util.find_spec(package) if package else None
    except (ImportError, ValueError):
        return
    locations = () if spec is None else spec.submodule_search_locations or ()
    yield from (Path(location).parent for location in locations)


def _origin(module: str, name: str, file: Path) -> str | None:
    """The dotted path that a module imports ``name`` from."""
    is_package = file.name == "__init__.py"
    (source,) = read_sources([ModuleFile(path=file.name, module=module, file=file)], {})
    summary = summarise_text(source.text, file.name, source.digest)
    bound = namespace_of(summary).runtime(name)
    entry = bound[-1].definition if bound else None
    if not isinstance(entry, ImportSummary) or entry.name is None:
        return None
    if not entry.level:
        return f"{entry.module}.{entry.name}"
    package = module.split(".")
    dropped = entry.level - is_package
    package = package[: len(package) - dropped] if dropped else package
    return ".".join((*package, *filter(None, entry.module.split(".")), entry.name))
